/* graph: a net as tensors that are computed from tensors (--emit=graph, --emit=train-graph).
 *
 * A value is one tensor. It is *uniform* (one copy: parameters, gradients, settings) or *varying* (one for each sample; the batch is
 * implicit). What a node computes is written as *nests*: affine loops around one scalar expression. A convolution is
 *
 *   y[o,h,w] = sum over c,p,q of  x[c, h+p, w+q] * k[o,c,p,q]
 *
 * From a nest everything else is derived mechanically: its gradients (the same loops with the roles of the accesses exchanged),
 * its cost, its receptive field, its schedule. Nodes are numbered in topological order: inputs precede their users.
 *
 * Semantics of a nest. For each point of the free axes, the body is evaluated at each point of the reduced axes, in ascending order,
 * the last axis running fastest, and combined. A point at which any access lies outside its tensor does not count: it adds nothing
 * to a sum and takes no part in a maximum; where there is no reduction the element becomes `otherwise`. A uniform node that reads
 * varying values sums over all samples of the batch too, in one of two orders (node.order).
 *
 * A recurrence is a run of nodes that are computed together, step by step along their first dimension (time). Each of its nests has
 * that dimension of the result as an axis of its own, and reads nodes of the recurrence at the same step. Only a *delay* may read a
 * node that follows it, and it reads the step before (after, in a recurrence that descends); at the first step it is zero. So the
 * whole sequence is an ordinary tensor to everybody else, and the gradient of a recurrence is another one that runs the other way.
 *
 * Everything lives in the graph's arena.
 */
#ifndef NETC_GRAPH_GRAPH_H
#define NETC_GRAPH_GRAPH_H

#include "compiler/support/shape.h"
#include "compiler/support/source.h"
#include "compiler/support/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef int32_t node_id;

#define NO_NODE ((node_id) - 1)

enum { MAX_AXES = 10, MAX_ACCESSES = 12 };

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

/* offset + sum of factor[i] * axis i, over the axes of a nest. */
struct index {
    int64_t offset;
    int64_t factor[MAX_AXES];
};

enum function {
#define FUNCTION(id, name, arity) FUNCTION_##id,
#include "compiler/graph/functions.def"
#undef FUNCTION
};

enum expr_kind { EXPR_CONSTANT, EXPR_ACCESS, EXPR_INDEX, EXPR_RANDOM, EXPR_FUNCTION };

struct expr {
    enum expr_kind kind;
    double constant;
    int access;             /* number of the access in its nest */
    struct index index;     /* EXPR_INDEX: an index as a number; RANDOM: the element that the number belongs to */
    uint32_t stream;        /* RANDOM */
    enum function function;
    const struct expr *arg[3]; /* FUNCTION; RANDOM: both halves of the sample's index */
};

/* ---- Nests --------------------------------------------------------------------------------------------------------- */

struct access {
    node_id of;
    struct index dim[MAX_RANK];    /* as many as the tensor has */
};

enum combine { COMBINE_NONE, COMBINE_SUM, COMBINE_MAX, COMBINE_ARGMAX };

struct nest {
    int axis_count, free_count;    /* axes 0 … free_count - 1 are free, the others are reduced */
    int64_t extent[MAX_AXES];
    const char *axis_name[MAX_AXES];
    struct index out[MAX_RANK];    /* where a point of the free axes stands in the result: one to one */
    int in_count;
    struct access in[MAX_ACCESSES];
    const struct expr *body;
    enum combine combine;          /* NONE exactly if nothing is reduced. ARGMAX: the number of the first greatest point, counted
                                      over the whole reduced space */
    double otherwise;
};

/* ---- Nodes --------------------------------------------------------------------------------------------------------- */

enum node_kind {
    NODE_INPUT,        /* varying, given with each batch */
    NODE_PARAMETER,    /* uniform, trained */
    NODE_STATE,        /* uniform, kept from step to step (momentum) */
    NODE_SETTING,      /* uniform, rank 0, given at run time (learning rate) */
    NODE_VIEW,         /* the same elements in the same order, another shape */
    NODE_COMPUTE
};

enum initializer {
    INIT_DEFAULT,
    INIT_HE_NORMAL,
    INIT_HE_UNIFORM,
    INIT_XAVIER_NORMAL,
    INIT_XAVIER_UNIFORM,
    INIT_LECUN_NORMAL,
    INIT_NORMAL,
    INIT_UNIFORM,
    INIT_ZEROS,
    INIT_ONES,
    INIT_CONSTANT,
    INIT_ORTHOGONAL,
    INIT_VALUES
};

/* Facts about a parameter. */
struct parameter {
    enum initializer init;
    double init_value;            /* std, bound or constant */
    const double *init_data;      /* INIT_VALUES: all elements */
    const bool *connected;        /* [dim 0 * dim 1], or NULL: all. What is not starts at zero and does not count */
    int64_t fan_in, fan_out;
    int64_t matrices;             /* that lie one after the other along dim 0, each with a start of its own: gates. 0: one */
    bool is_weight;               /* regularised by default: weights of conv, dense and recurrent layers */
    bool is_statistic;            /* kept by the layer, not trained: a running mean */
    node_id l1, l2;                 /* settings with λ, or NO_NODE */
    node_id gradient;               /* set by differentiate */
};

/* The order of a sum over samples. */
enum sample_order {
    ORDER_LANES,     /* each lane over the reduced axes, then the lanes of a block by a fixed tree, then the blocks, ascending */
    ORDER_SAMPLES    /* one sum: over the blocks, in a block over the reduced axes, at each of their points over the samples */
};

struct node {
    enum node_kind kind;
    bool uniform;
    struct shape shape;
    const char *name;               /* "c1.weight", "tanh1"; gradients: "c1.weight'". Unique among inputs, parameters, states */
    const char *op_name;           /* "conv"; of a gradient: the operator it comes from */
    struct span at;
    int layer;                      /* index into graph.layer, or -1 */
    int number;                     /* INPUT, SETTING: its index; else 0 */
    bool no_gradient;               /* nothing flows back through this node */
    bool backward;                  /* added by differentiation or the update */
    node_id view_of;                  /* VIEW */
    node_id inference;                /* what stands for this node outside training (dropout, batch statistics), or NO_NODE */
    struct parameter *parameter;    /* PARAMETER */
    enum sample_order order;        /* COMPUTE, uniform, of varying values */
    int nest_count;                 /* COMPUTE: each covers a part of the result; parts do not overlap; the rest is zero */
    const struct nest *nest;
    const struct nest *scatter;     /* COMPUTE, of graph_add_scatter: the same as one nest, whence gradients follow; or NULL */
    int recurrence;                 /* index into graph.recurrence, or -1 */
    bool delay;                     /* COMPUTE, of graph_add_delay */
};

/* Nodes first … last are computed step by step along dimension 0. */
struct recurrence {
    node_id first, last;
    int64_t steps;
    bool descending;
};

/* A call of a block, and the call of the block that it stands in. */
struct block_call {
    struct span at;
    const struct block_call *outer;    /* or NULL */
};

/* A layer as the user wrote it: a row of `netc summary`. Its nodes carry its index. */
struct layer {
    const char *name;       /* "stage1.0.conv2" */
    const char *op_name;
    struct span at;
    node_id result;
    const char *text;       /* "conv(6, 5x5)", as written, but with the values of what was computed; or NULL */
    const struct block_call *call;    /* of the block that it stands in, or NULL */
    const char *formula;    /* how a window made the sizes, with its numbers, for messages; or NULL */
};

struct graph_input {
    node_id v;
    const char *name;
    bool is_class;      /* an integer 0 … classes - 1 */
    int64_t classes;    /* 0: unbounded */
    bool is_weight;     /* the sample's weight in the mean: "netrt.weight" */
    bool is_index;      /* the sample's index in the data set: "netrt.index" */
};

/* Whether the runtime fills an input without data. */
static inline bool input_is_runtime(const struct graph_input *in)
{
    return in->is_weight || in->is_index;
}

struct graph_output {
    const char *name;
    node_id v;
    struct span at;
};

/* What the run says, not the user: the seed and the epoch. */
enum runtime_scalar { RUNTIME_NONE, RUNTIME_SEED, RUNTIME_EPOCH };

struct graph_setting {
    const char *name;                    /* "train.optimizer.lr" */
    node_id v;
    double initial, minimum, maximum;    /* maximum may be INFINITY */
    enum runtime_scalar fact;
    int half;                            /* of a fact: which sixteen bits, the lowest first */
};

/* After a step, `target` (parameter or state) takes the value of `source`. */
struct graph_update {
    node_id target, source;
};

enum { SEED_HALVES = 4, EPOCH_HALVES = 2 };

/* What random numbers are drawn from besides their element and their stream. Whole numbers come in halves of words, sixteen
 * bits, so that they are exact in every precision. */
struct graph_random {
    node_id index;                                     /* the input "netrt.index": two halves */
    node_id seed[SEED_HALVES], epoch[EPOCH_HALVES];    /* settings */
    VEC(uint32_t) stream;                            /* those in use */
};

struct field_cache;

struct graph {
    struct arena *arena;
    const char *name;
    VEC(struct node) node;
    VEC(struct layer) layer;
    VEC(struct graph_input) input;
    VEC(struct graph_output) output;
    VEC(struct graph_setting) setting;
    VEC(struct graph_update) update;
    VEC(struct recurrence) recurrence;
    bool in_recurrence;             /* nodes that are added belong to the last one */
    node_id loss;                     /* varying, rank 0: each sample's loss, without penalty; NO_NODE: none */
    node_id weight;                   /* the input "netrt.weight", or NO_NODE */
    struct graph_random *random;    /* NULL: nothing is drawn */
    struct field_cache *field_cache;      /* what graph_receptive_field has found out; nodes are never renumbered */
};

/* How many elements of a parameter are trained, connections considered. */
int64_t parameter_elements(const struct node *n);

/* ---- Building ------------------------------------------------------------------------------------------------------ */

struct graph *graph_create(struct arena *a, const char *name);

static inline struct node *graph_node(const struct graph *g, node_id v)
{
    return &g->node.at[v];
}

node_id graph_add_input(struct graph *g, const char *name, const struct shape *shape, bool is_class, struct span at);
/* The input "netrt.weight", each sample's weight in a mean over the batch: 1/n, and 0 in dead lanes. Added on first use. */
node_id graph_sample_weight(struct graph *g);
node_id graph_add_parameter(struct graph *g, const char *name, const struct shape *shape, struct span at);
node_id graph_add_state(struct graph *g, const char *name, const struct shape *shape);
node_id graph_add_setting(struct graph *g, const char *name, double initial, double minimum, double maximum);

/* Marks the nodes that a node reads, or shows; all that marked nodes are computed from. `marked` is by value. */
void node_mark_reads(const struct node *n, bool *marked);
void graph_mark_sources(const struct graph *g, bool *marked);

/* Same elements, other shape. Returns `v` itself if the shape is the same. */
node_id graph_add_view(struct graph *g, node_id v, const struct shape *shape);

/* `v` as a result of the net: itself, or a copy called `name` where it shows an input. Results are read where kernels leave
 * them. */
node_id graph_add_result(struct graph *g, node_id v, const char *name, struct span at);

/* Outside training `v` is replaced by `by`, an earlier node of the same shape. */
void graph_set_inference(struct graph *g, node_id v, node_id by);

/* The graph as it is outside training: a copy with the same numbers in which every read of a replaced node reads its replacement.
 * Without updates; nodes that nothing needs any more stay. */
struct graph *graph_for_inference(const struct graph *g);

/* A node of one nest. Its name and place are those of the current layer (graph_begin_layer). Uniform if all inputs are, or if
 * `over_samples` asks for the sum over the batch. Axes of extent 1 are dropped from the nest. */
node_id graph_add_compute(struct graph *g, const char *op_name, const struct shape *shape, const struct nest *nest,
                          bool over_samples);
node_id graph_add_parts(struct graph *g, const char *op_name, const struct shape *shape, int count, const struct nest nests[],
                        bool over_samples);

/* What a nest adds up at places of the result. Access 0 of `nest`, which the body does not read and whose `of` is NO_NODE, says
 * at which place of `shape` each point of all axes adds its body; a point outside does not count. The node gathers: its parts
 * are the nests that nest_invert_access finds. Returns NO_NODE where no point reaches the result. */
node_id graph_add_scatter(struct graph *g, const char *op_name, const struct shape *shape, const struct nest *nest);

/* Nodes added until graph_end_recurrence are computed together, step by step along their first dimension of size `steps`. */
void graph_begin_recurrence(struct graph *g, int64_t steps, bool descending);
void graph_end_recurrence(struct graph *g);

/* A node of the current recurrence: the step before of a value of this shape, zero at the first step. The value is named later, by
 * graph_set_delayed, before the recurrence ends. */
node_id graph_add_delay(struct graph *g, const struct shape *shape);
void graph_set_delayed(struct graph *g, node_id delay, node_id of);

/* The axis of a nest of a recurrence that is the step; -1 where there is a single one. */
int nest_timestep_axis(const struct nest *n);

/* Nodes added until graph_end_layer belong to this layer. Layers do not nest. */
void graph_begin_layer(struct graph *g, const char *name, const char *op_name, const char *text, struct span at);
void graph_end_layer(struct graph *g, node_id result);

/* Keeps the call of the block that the current layer stands in, made by graph_block_call, or NULL. */
void graph_set_call(struct graph *g, const struct block_call *call);
const struct block_call *graph_block_call(struct graph *g, struct span at, const struct block_call *outer);

/* Keeps the formula of the current layer's sizes, where there is one. */
void graph_set_formula(struct graph *g, const char *formula);

/* ---- Making nests (nest.c) ----------------------------------------------------------------------------------------- */

struct index index_constant(int64_t offset);
struct index index_axis(int axis, int64_t factor);
struct index index_add(struct index a, struct index b);
bool index_is_constant(const struct index *i);

/* The number, in row-major order, of the element that stands at these indices. */
struct index index_of_element(const struct shape *s, const struct index dim[]);

/* Whether an expression draws a random number. */
bool expr_draws(const struct expr *e);

/* Adds an axis and returns its number. Free axes first, then reduced ones. */
int nest_add_axis(struct nest *n, const char *name, int64_t extent, bool reduced);

/* Adds an access and returns an expression that reads it. Indices follow as one struct index per dimension. */
const struct expr *nest_read(struct graph *g, struct nest *n, node_id of, const struct index dim[]);

const struct expr *expr_constant(struct graph *g, double c);
const struct expr *expr_index(struct graph *g, struct index i);

/* A number uniform in [0, 1), a multiple of 2^-23, that is a function of the seed, the epoch, the sample's index in the data
 * set, the stream and the element alone (random.c). Adds the accesses of the sample's index. */
const struct expr *expr_random(struct graph *g, struct nest *n, uint32_t stream, struct index element);

/* A stream for a layer of this name. Another layer of the graph never has the same. */
uint32_t graph_add_stream(struct graph *g, const char *layer);

const struct expr *expr_unary(struct graph *g, enum function f, const struct expr *a);
const struct expr *expr_binary(struct graph *g, enum function f, const struct expr *a, const struct expr *b);
const struct expr *expr_select(struct graph *g, const struct expr *condition, const struct expr *yes, const struct expr *no);

/* One element from one element: identity axes over `shape`; the result of `v`'s element through `f`. */
node_id graph_add_unary(struct graph *g, const char *op_name, enum function f, node_id v);

/* a f b with NumPy's broadcasting; `shape` is the broadcast shape. */
node_id graph_add_binary(struct graph *g, const char *op_name, enum function f, node_id a, node_id b, const struct shape *shape);

/* a f constant (or constant f a). */
node_id graph_add_scaled(struct graph *g, const char *op_name, enum function f, node_id a, double constant, bool constant_first);

/* Whether the shapes broadcast (NumPy's rule), and to what. */
bool shape_broadcast(const struct shape *a, const struct shape *b, struct shape *result);

/* A nest's loops seen from one of its accesses: nests whose result is indexed like access `to` of `n`, and whose body is that of
 * `n`, summed over every axis that `to` does not fix. One nest for each residue modulo the strides that anything reaches. Where
 * an access that the body does not read may lie outside its tensor it stays, as a condition.
 *
 * With y[o,h] = sum over c,p of x[c, 2h+p] * k[o,c,p], seen from x: for each residue r of i modulo 2
 *   dx[c, 2i'+r] = sum over o,p' of dy[o, i'-p'] * k[o,c, 2p'+r]. */
struct nest_list {
    struct nest *at;
    size_t count, capacity;    /* a vec */
};

void nest_invert_access(struct graph *g, const struct nest *n, int to, struct nest_list *out);

/* Whether two nests cover places of a result of this rank that are shown to be apart: other ranges in a dimension, or other
 * residues of their common step. */
bool nests_are_disjoint(const struct nest *a, const struct nest *b, int rank);

/* Whether nests that are apart reach every element of a result of this shape. */
bool nests_cover(const struct nest nests[], int count, const struct shape *shape);

/* Whether a uniform node sums over samples. */
bool node_sums_samples(const struct graph *g, const struct node *n);

/* The smallest and the greatest value of an index over the axes of its nest. */
void index_range(const struct nest *n, const struct index *i, int64_t *low, int64_t *high);

/* Whether an access of a nest, or any of them, lies outside its tensor at some point. */
bool access_may_be_out_of_bounds(const struct graph *g, const struct nest *n, const struct access *a);
bool nest_may_be_out_of_bounds(const struct graph *g, const struct nest *n);

/* A tensor's rows, what dimensions 0 and 1 fix, of which some hold zeros for good: no nest of it reaches them (zeros.c). */
struct nest_rows {
    int axis[2];           /* the axis of the nest that alone makes the dimension's index, or -1: there is a single one */
    int64_t count[2];
    const bool *filled;    /* [count 0 * count 1] */
};

/* Whether what an access reads has such rows, and the nest runs over all rows. Their products need not be computed. */
bool nest_find_rows(const struct graph *g, const struct nest *n, int access, struct nest_rows *r);

/* The share of a nest's products that is computed, 1 where it reads no such rows. */
double nest_share_of_products(const struct graph *g, const struct nest *n);

/* Multiply-adds of a node for one sample, padding included: products under a sum, all axes, without those by a row of zeros. */
double node_multiply_adds(const struct graph *g, node_id v);

/* ---- Looking at graphs --------------------------------------------------------------------------------------------- */

/* Whether the graph keeps this header's promises; says which is broken on `out`. */
bool graph_verify(const struct graph *g, FILE *out);

/* Of that what holds for the graph as a whole and costs next to nothing: names that are unique, tables and updates that refer to
 * nodes of the right kind. */
bool graph_verify_tables(const struct graph *g, FILE *out);

void graph_print(const struct graph *g, FILE *out);

/* "he_normal" */
const char *initializer_name(enum initializer init);

/* For each spatial axis of `v` the number of input elements along it that can influence one element, padding counted. Returns the
 * number of spatial axes (0: every element sees the whole input). */
int graph_receptive_field(const struct graph *g, node_id v, int64_t field[MAX_RANK]);

#endif

/* graph: a net as tensors that are computed from tensors (--emit=graph, --emit=train-graph).
 *
 * A node is one tensor. It is *uniform* (one copy: parameters, gradients, settings) or *varying* (one for each sample; the batch is
 * implicit), as in ispc. What it computes is written as nests (nest.h), from which all else is derived mechanically: gradients (the
 * same loops with the roles of the accesses exchanged), costs, receptive fields, schedules. Nodes are numbered in topological
 * order: inputs precede their users. A uniform node that reads varying ones sums over all samples of the batch too, in an
 * order of its own (node.order).
 *
 * A recurrence is a range of nodes that are computed together, timestep by timestep along their first dimension. Each of their nests
 * has that dimension of the result as an axis of its own, and reads nodes of the recurrence at the same timestep. Only a *delay* may
 * read a node that follows it, and it reads the timestep before (after, in a recurrence that descends); at the first one it is zero.
 * So the whole sequence is an ordinary tensor to everybody else, and the gradient of a recurrence is another one that runs the other
 * way.
 *
 * build.h makes graphs, query.h asks for what follows from them, inspect.h prints and verifies them. All lives in the graph's arena.
 */
#ifndef NETC_GRAPH_GRAPH_H
#define NETC_GRAPH_GRAPH_H

#include "compiler/graph/nest.h"
#include "compiler/support/source.h"
#include "compiler/support/vec.h"

#include <stddef.h>

struct arena;

enum node_kind {
    NODE_INPUT,        /* varying, given with each batch */
    NODE_PARAMETER,    /* uniform, trained */
    NODE_STATE,        /* uniform, kept from step to step (momentum) */
    NODE_SETTING,      /* uniform, rank 0, given at run time (learning rate) */
    NODE_VIEW,         /* the same elements in the same order, another shape */
    NODE_COMPUTE
};

/* Rows of netrt/words.def, which says what they mean. */
enum initializer {
    INIT_DEFAULT,
#define INITIALIZER(id, word, sees, argument, called, doc) INIT_##id,
#include "runtime/include/netrt/words.def"
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
};

/* The order of a sum over samples, in which it is nested as nest.sum says. */
enum sample_order {
    ORDER_LANES,      /* each lane over the reduced axes, then the lanes of a block by a fixed tree, then the blocks, ascending */
    ORDER_SAMPLES,    /* one sum: over the blocks, in a block over the reduced axes, at each of their points over the samples */
    ORDER_ROWS        /* the same without partial sums: terms are added in memory, to the row that each of them chooses */
};

struct node {
    enum node_kind kind;
    bool uniform;
    struct shape shape;
    const char *name;               /* "c1.weight", "tanh1"; gradients: "c1.weight'". Unique among inputs, parameters, states */
    const char *op_name;            /* "conv"; of a gradient: the operator it comes from */
    struct span at;
    int layer;                      /* index into graph.layer, or -1 */
    int number;                     /* INPUT, SETTING: its index; else 0 */
    bool of_parameters;             /* a parameter, or computed from parameters alone */
    bool no_gradient;               /* nothing flows back through this node */
    bool backward;                  /* added by differentiation or the update */
    node_id view_of;                /* VIEW */
    node_id inference;              /* what stands for this node outside training (dropout, batch statistics), or NO_NODE */
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
    bool has_loss;      /* of a class: a loss compares with it */
    bool ignores;       /* labels that are `ignored`, a class or a number beside them, do not count in its losses and metrics */
    int64_t ignored;
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
struct objective;

struct graph {
    struct arena *arena;
    const char *name;
    const struct sources *sources;    /* that spans point into; NULL: none do */
    VEC(struct node) node;
    VEC(struct layer) layer;
    VEC(struct graph_input) input;
    VEC(struct graph_output) output;
    VEC(struct graph_setting) setting;
    VEC(struct graph_update) update;    /* of what layers keep in training: statistics. Those of an objective are its own */
    VEC(struct recurrence) recurrence;
    bool in_recurrence;             /* nodes that are added belong to the last one */
    VEC(struct objective *) objective;    /* what is learnt (objective.h); none: the net predicts */
    node_id weight;                   /* the input "netrt.weight", or NO_NODE */
    struct graph_random *random;    /* NULL: nothing is drawn */
    struct field_cache *field_cache;      /* what graph_receptive_field has found out; nodes are never renumbered */
};

static inline struct node *graph_node(const struct graph *g, node_id v)
{
    return &g->node.at[v];
}

/* The accesses of a node, nest by nest:
 *
 *     for (struct access_iterator i = node_accesses(n); access_next(&i);)
 *         mark(i.access->of);
 */
struct access_iterator {
    const struct nest *nest;
    int nests_left;
    int number;    /* of the access in its nest */
    const struct access *access;
};

static inline struct access_iterator node_accesses(const struct node *n)
{
    return (struct access_iterator){n->nest, n->nest_count, -1, NULL};
}

static inline bool access_next(struct access_iterator *i)
{
    for (; i->nests_left > 0; i->nests_left--, i->nest++, i->number = -1)
        if (++i->number < i->nest->in_count) {
            i->access = &i->nest->in[i->number];
            return true;
        }
    return false;
}

#endif

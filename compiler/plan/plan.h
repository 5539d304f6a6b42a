/* plan: which nodes share a kernel, when each kernel runs, and where each value stands.
 *
 * A kernel is one *anchor* (a contraction, another reduction or plain element-wise work) and the *fused nodes* that are computed from
 * it while its results are in registers. All fused nodes are seen through one grid of *tiles*: along each dimension a fused node has
 * `per_tile` elements per tile (a 2x2 pool: the pool has 1, the convolution before it 2). Dimensions of size 1 do not count: a
 * tensor's *core* is its other dimensions.
 */
#ifndef NETC_PLAN_PLAN_H
#define NETC_PLAN_PLAN_H

#include "compiler/analysis/access.h"
#include "compiler/analysis/form.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct arena;
struct loop_module;
struct objective;

enum { RANDOM_WORDS = 4 };    /* random numbers that one evaluation of the generator gives */

enum kernel_kind {
    KERNEL_BLOCK,      /* varying results: runs on each lane block */
    KERNEL_SAMPLES,    /* sums over the samples: one result for the batch */
    KERNEL_UNIFORM     /* from uniform values only */
};

struct fused_node {
    node_id v;
    bool stored;                /* somebody outside the kernel reads it */
    int64_t per_tile[MAX_RANK]; /* elements per tile, by core dimension */
};

struct plan_kernel {
    const char *name;                       /* a C identifier, unique in training and evaluation */
    const char *subject;                    /* the value that it computes: "batchnorm1.mean"; NULL: a block kernel */
    enum kernel_kind kind;
    enum form form;                         /* of the anchor's first nest; or UPDATE, RECURRENCE */
    int rank;                               /* core dimensions */
    int64_t tiles[MAX_RANK];
    VEC(struct fused_node) fused;           /* the anchor first, then in the order of the graph */
    int phase;
    bool early;                             /* reads parameters and settings alone: it can run before anything else */
    /* RECURRENCE, ROWS: these run one after the other at each timestep, or at each row. */
    int part_count;
    const struct plan_kernel *part;
    const struct recurrence *recurrence;    /* of a recurrence and of its parts, else NULL; `rank` and `tiles` do not count */
    int row_count;                          /* ROWS: dimensions that the loops over rows run over; `tiles` are their extents */
    int row_dim[MAX_RANK];
};

/* Where a value stands. */
enum place_kind { PLACE_NONE, PLACE_UNIFORM, PLACE_BLOCK, PLACE_INPUT, PLACE_SETTING };

struct plan_place {
    enum place_kind kind;
    int64_t offset;     /* bytes; INPUT, SETTING: the index */
    int64_t reals;      /* of one lane block where there is one per block */
    int first, last;    /* BLOCK: the kernels between which it lives; last INT_MAX: to the end of the step */
};

/* A second copy of a value, as [pixel][sample][channel] in each lane block, for sums along channels (batch_gemm.h). */
struct plan_transposed {
    node_id root;
    int64_t channels, pixels;
    bool channels_last;    /* in the value itself: [pixel][channel] rather than [channel][pixel] */
    bool in_panels;        /* every reader runs along all channels: they may be stored in panels */
    int host;              /* the block kernel that makes it, when it is done with its own work */
    int next_of_root;      /* another copy of the same value, or -1 */
    int next_of_host;      /* the next that the same kernel makes, or -1 */
    struct plan_place place;
};

struct plan_phase {
    const char *name;
    int first, count;    /* kernels */
};

/* Of a graph without an objective there is the forward pass as it is outside training, and nothing else.
 *
 * For a net that is the same in training and outside, evaluation runs some of training's kernels; for others it has a plan of its
 * own, with the same places for parameters, outputs and the loss. */
struct plan {
    struct graph *graph;
    const struct objective *objective;    /* what training is of, as the graph has it; NULL: the net predicts alone */
    bool is_inference;                    /* the graph is a copy in which replacements are read */
    int precision;                        /* bytes of a real */
    int64_t batch;                        /* most samples of a step */
    VEC(struct graph_update) update;      /* all that a step of training changes */
    bool unfused;                         /* each node has a kernel of its own, which tests ask for: the bits are the same */
    const struct nest_form **form;        /* by value: one for each of its nests */
    VEC(struct plan_kernel) kernel;       /* in the order in which they run */
    VEC(struct plan_phase) phase;
    int evaluate_phases;                  /* evaluation runs so many, and of them only kernels that `evaluated` marks */
    bool *evaluated;
    int checked;                          /* phases after which the loss is there to be checked; 0: there is none */
    VEC(struct plan_transposed) transposed;
    int *copy_of;                         /* by value (roots): the first of its copies in `transposed`, or -1 */
    int *copy_by;                         /* by kernel: the first of those that it makes, or -1 */
    struct plan_place *place;             /* by value; that of a view is its root's */
    int *kernel_of;                       /* by value (roots): the kernel that computes it, or -1 */
    bool *updates;                        /* by value (roots): whether a parameter or a state takes it after a step */
    node_id last_gradient;                /* what follows it are the optimizer's rules; NO_NODE: nothing is trained */
    int64_t uniform_bytes, block_bytes;
    struct plan *evaluation;              /* NULL: training's own kernels */
};

/* Groups nodes into kernels and phases and gives every materialised value its place (--emit=kernels, --emit=memory). */
struct plan_options {
    size_t objective;    /* which of the graph's, where it has any */
    int precision;       /* bytes of a real */
    int64_t batch;
    bool unfused;        /* as struct plan says */
};

struct plan *pass_plan(struct graph *g, const struct plan_options *options, struct arena *arena);

/* Whether a kernel's name matches a pattern ('*' and '?'); prints those that do, or all where `pattern` is NULL. `loops`: what
 * pass_lower made of the plan, for the register tiles; NULL: these are left out. */
bool plan_has_kernel(const struct plan *plan, const char *pattern);
void plan_print_kernels(const struct plan *plan, const struct loop_module *loops, const char *pattern, FILE *out);
void plan_print_memory(const struct plan *plan, FILE *out);
bool plan_verify(const struct plan *plan, FILE *out);

/* Bytes that a trainer takes in all, to the byte what it maps: parameters, states and gradients, activations of a full batch, and
 * the batches of inputs, of which there are plan_input_bytes. */
int64_t plan_memory_bytes(const struct plan *plan);
int64_t plan_input_bytes(const struct plan *plan);

/* Values that the runtime reads when a program has run: outputs, predictions of metrics, the loss. The i-th root, or NO_NODE
 * after the last. */
node_id plan_result(const struct plan *p, size_t i);

/* The root of a layer's result, outside training of what stands in for it there. */
node_id plan_layer_result(const struct plan *p, int layer);

const struct fused_node *plan_fused_node(const struct plan_kernel *k, node_id v);

/* The accesses of a kernel's fused nodes, one fused node after the other:
 *
 *     for (struct kernel_access_iterator i = kernel_accesses(p, k); kernel_access_next(&i);)
 *         ... i.in.access, i.fused->v, i.root ...
 */
struct kernel_access_iterator {
    const struct plan *plan;
    const struct plan_kernel *kernel;
    const struct fused_node *fused;
    struct access_iterator in;
    node_id root;    /* of what is read */
};

struct kernel_access_iterator kernel_accesses(const struct plan *p, const struct plan_kernel *k);
bool kernel_access_next(struct kernel_access_iterator *i);

/* Whether a kernel reads a value, whatever view shows it; whether it overwrites a parameter or a state. */
bool plan_kernel_reads(const struct plan *p, const struct plan_kernel *k, node_id root);
bool plan_kernel_updates(const struct plan *p, const struct plan_kernel *k);

/* What a nest of a node was recognised as; whether any is a gather or a scatter, which have kernels of their own; the form of a
 * kernel whose fused nodes are known. (forms.c) */
const struct nest_form *plan_form_of_nest(const struct plan *p, node_id v, const struct nest *n);
bool plan_moves_rows(const struct plan *p, node_id v);
enum form plan_form_of_kernel(const struct plan *p, const struct plan_kernel *k);

/* Whether a value is one number that all elements of a kernel's tensors share: a setting, or computed from settings. */
bool plan_is_number(const struct plan *p, const struct plan_kernel *k, node_id v);

/* Lane blocks of a full batch. */
int64_t plan_blocks(const struct plan *p);

/* The work of a kernel, for one sample where samples matter (node_work); bytes that it reads and writes, of one lane block where it
 * works on blocks. (cost.c) */
struct work kernel_work(const struct plan *p, const struct plan_kernel *k);
double kernel_bytes(const struct plan *p, const struct plan_kernel *k);

/* "117600 multiply-adds a sample; 442560 bytes a lane block; 8.5 operations a byte": a multiply-add counts as two operations. */
const char *kernel_cost_text(const struct plan *p, const struct plan_kernel *k, struct arena *a);

/* The steps of pass_plan, in order. */
void plan_match_forms(struct plan *p, struct arena *arena); /* of nodes */
void plan_fuse(struct plan *p, struct arena *arena); /* kernels, fused nodes */
void plan_join_recurrences(struct plan *p, struct arena *arena); /* one kernel for each recurrence */
void plan_join_rows(struct plan *p, struct arena *arena); /* one kernel for those that share rows */
void plan_phases(struct plan *p, struct arena *arena); /* order of kernels, phases, programs */
void plan_transposes(struct plan *p, struct arena *arena); /* copies along channels */
void plan_memory(struct plan *p, struct arena *arena); /* places */

/* Makes kernels the parts of one. (recurrences.c) */
void plan_add_parts(struct plan_kernel *k, const struct plan_kernel parts[], int count, struct arena *arena);

/* Names the kernels of both programs, when all else of them is known. (kernel_names.c) */
void plan_name_kernels(struct plan *p, struct arena *arena);

/* The copy that a sum along channels reads. */
const struct plan_transposed *plan_transposed_of(const struct plan *p, node_id v);

/* "c1: conv(6, 5x5) -> tanh -> s2: avgpool(2x2)"; " ..." stands for the rest of what is long. */
const char *plan_title(const struct plan *p, const struct plan_kernel *k, struct arena *arena);

#endif

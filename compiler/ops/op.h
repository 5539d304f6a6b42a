/* op: the table of operators. Each operator is one file of this folder and one row of ops.def.
 *
 * An operator checks its inputs and arguments, says in the field's formulas what is wrong with them, and adds nodes to the graph.
 * It knows no gradient, no layout and no schedule: those follow from its nests (graph.h).
 */
#ifndef NETC_OPS_OP_H
#define NETC_OPS_OP_H

#include "compiler/graph/graph.h"
#include "compiler/graph/objective.h"
#include "compiler/ops/literal.h"
#include "compiler/support/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Parameters ---------------------------------------------------------------------------------------------------- */

enum param_type {
    PARAM_INT,         /* or one of `choices`, if there are any */
    PARAM_REAL,        /* an integer is taken too */
    PARAM_BOOL,
    PARAM_SIZES,       /* an integer for all spatial axes, or a size with one number for each: kernel, stride, dilation */
    PARAM_PADDING,     /* PARAM_SIZES, `same`, `valid`, [[begin, end], …], or [begin, end] of a signal */
    PARAM_SHAPE,       /* an integer or a size, as a shape: reshape(size(-1, 7)) */
    PARAM_AXES,        /* an integer or a list of them: op_axes */
    PARAM_INITIALIZER, /* he_normal, normal(0.1), constant(1) … */
    PARAM_VALUES,      /* nested lists of numbers: weight=, bias=; or one of `choices`, if there are any */
    PARAM_NUMBER_OR_VALUES, /* a number that stands for all elements, or nested lists of numbers */
    PARAM_LIST,        /* any list, which the operator reads; or one of `choices`, if there are any */
    PARAM_NAME,        /* one of `choices` */
    PARAM_STRING,      /* a path or a pattern */
    PARAM_NUMBERS      /* a number, or a list of at least one: in sections */
};

struct param {
    const char *name;
    enum param_type type;
    bool required;
    double fallback;            /* INT, REAL, BOOL, SIZES */
    const char *fallback_text;  /* for the manual, where the default is no number */
    double min, max;            /* INT, REAL, each of SIZES and VALUES; both 0: any */
    bool above_min;             /* min itself is excluded */
    const char *const *choices; /* NAME, INT, LIST, VALUES: ends with NULL; the first is the default */
};

/* A checked argument. */
struct op_arg {
    const struct literal *literal;    /* as given, or NULL: the default */
    struct span at;                   /* of the argument; of the call where it was left out */
    int64_t integer;                  /* INT; NAME: index of the choice */
    double real;                      /* INT, REAL */
    bool boolean;
    struct shape sizes;               /* SIZES: rank 0 and dim[0] for an integer; SHAPE */
    enum initializer init;            /* INITIALIZER, with `real` */
    node_id tensor;                     /* VALUES: stands for the parameter (op_tie); else NO_NODE */
};

/* ---- Calls --------------------------------------------------------------------------------------------------------- */

enum { MAX_PARAMS = 20, MAX_NAMED_INPUTS = 2 };

struct op;
struct interner;
struct shared_parameters;

/* An operator in an application of shared parameters. */
struct op_shared {
    struct shared_parameters *set;    /* what earlier applications made, which this one takes */
    const char *name;                 /* what the operator's parameters are called below: "encoder.conv1" */
    struct span at;                   /* the application */
};

struct op_call {
    const struct op *op;
    struct graph *graph;
    struct diags *diags;
    struct span at;               /* the call */
    const char *name;             /* full name of the layer: "stage1.0.conv2" */
    const struct op_shared *shared;    /* NULL: its parameters are its own, called below its name */
    int in_count;
    const node_id *in;              /* the tensors, branches or piped tensor first */
    const struct span *in_at;     /* where each was written */
    struct op_arg arg[MAX_PARAMS];    /* by number, as op_param counts them */
    bool f32;                     /* numbers that f32 does not hold get a warning */
    node_id named_in[MAX_NAMED_INPUTS];    /* by op->named_inputs: tensors that are given by name; NO_NODE: it is not */
    struct span named_at[MAX_NAMED_INPUTS];
    size_t wanted_results;        /* how many the statement binds; 1 within a pipe */
    VEC(node_id) results;           /* an operator that may have several pushes all of them here, in order; else empty */
    node_id counted_sum, count;     /* a loss that is a mean over what counts, of op_add_counted_mean; else NO_NODE */
};

enum op_kind {
    OP_LAYER,        /* one row of the summary; takes tensors */
    OP_LOSS,         /* prediction and target; result: rank 0, each sample's loss */
    OP_JOIN          /* also `f { | chain | chain }`: concat, add, mul */
};

struct op {
    const char *name;
    enum op_kind kind;
    const struct param *params;
    int param_count;
    int min_inputs, max_inputs;
    const char *const *named_inputs;    /* tensors that may be given by name (state = h); ends with NULL. NULL: none */
    bool has_more_results;         /* than its output, for a statement that binds several */
    bool has_weights;              /* takes l1= l2= frozen= init= weight= bias= too (op_weight_params) */
    bool relu_like;                /* an activation that wants he_uniform before it */
    bool transparent;              /* initialisation looks through it: norms, pools, identity, flatten */
    enum op_prediction predicts;   /* a loss */
    bool wants_class;              /* a loss whose target is a class for each vector along the prediction's first axis */
    /* Checks and builds; returns false after at least one diag_error. `*result` is the (first) result. */
    bool (*build)(struct op_call *call, node_id *result);
    /* How many samples a batch must have for a layer with a result of this shape to learn from it; NULL: one. */
    int64_t (*least_batch)(const struct shape *result);
    const char *doc;               /* Markdown for the reference manual: signature, formula, examples */
    const char *example;           /* a complete net for the manual, compiled by the tests */
};

extern const struct op *const ops[];    /* in the order of ops.def, NULL at the end */

const struct op *op_find(const char *name);

/* Parameters that every operator with weights takes besides its own; they follow its own in op_call.arg. */
enum { WEIGHT_L1, WEIGHT_L2, WEIGHT_FROZEN, WEIGHT_INIT, WEIGHT_WEIGHT, WEIGHT_BIAS, WEIGHT_PARAM_COUNT };
extern const struct param op_weight_params[WEIGHT_PARAM_COUNT];

/* The i-th parameter of an operator, its own first, then those common to operators with weights; how many there are. */
const struct param *op_param(const struct op *op, int i);
int op_param_count(const struct op *op);

/* Matches arguments to parameters: position, then name; types, ranges, choices; defaults. `names[i]` NULL: positional.
 * Reports each fault at its argument, with the nearest spelling. Fills call->arg. (arguments.c) */
bool op_check_arguments(struct op_call *call, size_t count, const char *const names[], const struct span name_at[],
                        const struct literal *const literals[]);

/* What the applications of shared parameters have in common, empty at first. (parameters.c) */
struct shared_parameters *shared_parameters_create(struct arena *a, struct interner *names);

/* Gives weight= or bias= of a call whose other arguments are checked a tensor that stands for the parameter. Reports one that depends
 * on anything but parameters; op_add_parameter compares shapes. (parameters.c) */
bool op_tie(struct op_call *call, const char *name, node_id tensor, struct span at);

/* Warns of the first number in `l`, if any, that f32 would hold as infinity or as zero. `at`: where to say it. (arguments.c) */
void op_warn_beyond_f32(struct diags *ds, const struct literal *l, struct span at);

/* The earliest node from which `v` has its sizes, from dimension `first` on: what a message about them points at. (op.c) */
const struct node *op_origin_node(const struct graph *g, node_id v, int first);

/* ---- For operators (op.c) ------------------------------------------------------------------------------------------ */

static inline const struct shape *op_shape(const struct op_call *c, int i)
{
    return &graph_node(c->graph, c->in[i])->shape;
}

/* Reports "NAME: wants an image CxHxW or a signal CxL, got 784" unless the rank of input `i` is within bounds. */
bool op_want_rank(struct op_call *c, int i, int min, int max, const char *wanted);

/* A parameter of this layer: "LAYER.suffix". A weight takes init=, weight=, l1= and l2=, and its default is INIT_DEFAULT; what is
 * no weight takes the values of bias=, and its default is zeros. frozen= keeps gradients from both. Where the layer's parameters are
 * shared it is the one that an earlier application made; where weight= or bias= is a tensor it is that, which is no NODE_PARAMETER
 * then. Returns NO_NODE after an error. (parameters.c) */
node_id op_add_parameter(struct op_call *c, const char *suffix, const struct shape *shape, bool is_weight, int64_t fan_in,
                         int64_t fan_out);

/* The numbers of a SIZES argument, one for each of `rank` spatial axes. */
bool op_spatial(struct op_call *c, int arg, int rank, int64_t sizes[]);

/* ---- Windows (window.c): what convolutions and pools share ---------------------------------------------------------- */

/* Along each spatial axis: output = floor((n + begin + end - dilation*(kernel - 1) - 1) / stride) + 1, or ceil.
 * Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", relationships 6 and 15. */
struct window {
    int rank;
    int64_t in[3], out[3], kernel[3], stride[3], dilation[3], begin[3], end[3];
};

/* Which arguments hold what; -1: the operator has none and takes 1 (0 for padding). */
struct window_args {
    int kernel, stride, padding, dilation, ceil;
    bool stride_is_kernel; /* the default stride */
};

/* Fills the window for the last `rank` axes of input 0; reports impossible sizes with the formula and its numbers, and warns of
 * borders that a stride leaves unused. */
bool window_infer(struct op_call *c, const struct window_args *args, struct window *w);

/* The index of input row (or column) `i` that output `out_axis` sees through tap `tap_axis`. */
struct index window_index(const struct window *w, int i, int out_axis, int tap_axis);

#endif

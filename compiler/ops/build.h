/* build: what the operators of this folder share when they check and build. */
#ifndef NETC_OPS_BUILD_H
#define NETC_OPS_BUILD_H

#include "compiler/graph/build.h"
#include "compiler/graph/query.h"
#include "compiler/ops/op.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* A parameter's `max` where there is none. */
#define NO_MAXIMUM INFINITY

/* Branches and tensors that one join takes at most. */
enum { MAX_BRANCHES = 1024 };

/* Classes that a label can tell apart: whole numbers that f32 holds exactly. */
#define MOST_CLASSES 16777216

/* Whether an argument was given, and not as the choice that stands for its absence (`none`). */
bool op_is_given(const struct op_arg *a);

/* Numbers of an argument that is a number (rank 0) or nested lists, row after row. */
struct table {
    struct shape shape;
    const double *values;
};

/* Reads such an argument, or reports lists of different lengths. As a uniform tensor of constants. (table.c) */
bool op_read_table(struct op_call *c, int arg, struct table *t);
node_id op_add_table(struct op_call *c, const char *op_name, const struct table *t);

/* Whether a result of this shape stays within the language's limits; else reports the shape. */
bool op_want_size(struct op_call *c, const struct shape *result);

/* An axis argument as 0 … rank - 1; -1 is the last. Reports any other at the argument. */
bool op_axis(struct op_call *c, int arg, int rank, int *axis);

/* The axes that a PARAM_AXES argument lists, as a mark for each of `rank`; reports what is no axis, or is listed twice. */
bool op_axes(struct op_call *c, int arg, int rank, bool taken[]);

/* Whether the axis was said where it must be: rank 2 is a signal CxL to some, a sequence TxF to others. */
bool op_want_axis(struct op_call *c, int arg);

/* Input `i` as it was written where that is a name ("skip"), else "branch 2", or "the input" where it is the only one. */
const char *op_input_name(const struct op_call *c, int i);

/* The name of an axis that runs over dimension `d` of a tensor of this rank. */
const char *op_axis_name(int rank, int d);

/* Axis names for the spatial dimensions of a tensor of `rank` spatial axes, and for the taps of a window over it. */
const char *op_space_name(int rank, int i);
const char *op_tap_name(int i);

/* x f p, where dimension i of p stands along dimension dims[i] of x. */
node_id op_add_along(struct op_call *c, const char *op_name, enum function f, node_id x, node_id p, const int dims[]);

/* Replaces `x` by x + b, where b is a new parameter "bias" along dimension `dim`, unless the argument `bias_arg` says false. */
bool op_add_bias(struct op_call *c, int bias_arg, int dim, node_id *x);

/* A norm's weight: "LAYER.suffix", ones at first. It takes init=, weight=, l1= and l2=, and is not regularised by default. */
node_id op_add_gain(struct op_call *c, const char *suffix, const struct shape *shape);

/* What a layer keeps and does not train: "LAYER.suffix". */
node_id op_add_statistic(struct op_call *c, const char *suffix, const struct shape *shape, enum initializer init);

/* A parameter that is called as its layer: "LAYER". It takes init=, weight=, l1=, l2= and frozen=, starts as normal(0.02), and is not
 * regularised by default. */
node_id op_add_free(struct op_call *c, const struct shape *shape);

/* Reports bias= of an operator that has a weight alone. */
bool op_want_no_bias(struct op_call *c);

/* Reports any argument that is meant for parameters which `cause` ("affine = false") leaves out. */
bool op_want_no_parameters(struct op_call *c, const char *cause);

/* x^p of a positive x (for p = 0 … 4 in whole numbers, of any x). (power.c) */
const struct expr *op_expr_power(struct graph *g, const struct expr *x, double p);

/* Sets of elements that share a mean: along dimension d there are `runs[d]` runs of `length[d]` elements each, and a set is what
 * lies in one run of every dimension. (normalize.c) */
struct statistic {
    int rank;
    int64_t segments[MAX_RANK], length[MAX_RANK];
};

/* Input 0, each set of it less its mean and divided by its deviation: (x - m) / sqrt(v + eps). */
node_id op_add_normalized(struct op_call *c, const struct statistic *s, double eps);

/* Replaces x by x * weight + bias, new parameters along `count` dimensions of x, ascending, unless the argument says false. */
bool op_add_affine(struct op_call *c, int affine_arg, const int dims[], int count, node_id *x);

/* Input 0 [C…] normalised over each of `groups` equal runs of its channels, with all their places; then weight [C] and bias [C]. */
bool op_add_channel_norm(struct op_call *c, int64_t groups, int eps_arg, int affine_arg, node_id *result);

/* Where the sizes of input `i` from dimension `first` on come from: the layer after which no other changed them. */
struct span op_origin(const struct op_call *c, int i, int first);

/* Says where input `i` comes from, beside the latest error. */
void op_note_input(struct op_call *c, int i);

/* "main 32x16x16, skip 16x32x32": all inputs with their shapes, or the first few. */
const char *op_inputs_text(const struct op_call *c);

/* x [C, space…] combined over its space: [C]. */
node_id op_add_over_space(struct op_call *c, const char *op_name, node_id x, enum combine combine);

/* Gives the nest free axes over the shape of x, which are also the result's, and reads x there. */
const struct expr *op_begin_elementwise(struct op_call *c, node_id x, struct nest *n);

/* y = formula(x), element by element. */
node_id op_add_elementwise(struct op_call *c, const char *op_name, node_id x,
                           const struct expr *(*formula)(const struct op_call *c, const struct expr *x));

/* Whether there is a random number for each element of this shape; else reports the shape. (random.c) */
bool op_want_drawable(struct op_call *c, const struct shape *shape);

/* y[i] = formula(r[i], x[i]), element by element of input 0, with this layer's random numbers, uniform in [0, 1); outside training
 * the input. (random.c) */
typedef const struct expr *drawn_formula(const struct op_call *c, const struct expr *random, const struct expr *x);
node_id op_add_drawn(struct op_call *c, const char *op_name, drawn_formula *formula);

/* Input 0 again, to stand for a layer's result outside training. (random.c) */
node_id op_add_outside(struct op_call *c);

/* Fills all of the window but `out` from the arguments; `same` as for a convolution. (window.c) */
bool window_read(struct op_call *c, const struct window_args *args, struct window *w);

/* The numbers of a PADDING argument that is a list: a pair [begin, end] for each of `rank` spatial axes, or the pair itself where
 * there is one. (window.c) */
bool op_pairs(struct op_call *c, int arg, int rank, int64_t begin[], int64_t end[]);

/* Whether the groups divide the channels of input 0 and the filters; else reports which they do not. (convolution.c) */
bool op_want_groups(struct op_call *c, int groups_arg, int64_t filters);

/* The inputs that one output sees and the outputs that one input reaches, apart from the taps. */
struct fans {
    int64_t in, out;
};

/* A new parameter "weight" [outer, inner, kernel…]; `space` spatial axes. NO_NODE after an error. (convolution.c) */
node_id op_add_kernels(struct op_call *c, const int64_t kernel[], int space, int64_t outer, int64_t inner, struct fans fans);

/* The convolution of input 0 with kernels [filters, C/groups, k…]: y [filters, w->out…]. (convolution.c) */
node_id op_add_contraction(struct op_call *c, const struct window *w, node_id kernels, const struct shape *y, int64_t groups);

/* The channels that each filter sees as [filters * C] truths, and their number; NULL after an error. (connections.c) */
const bool *op_read_connections(struct op_call *c, int arg, int64_t filters, int64_t *count);

/* The kernels [filters, C, k…] where filter and channel are connected, else zero. (connections.c) */
node_id op_add_connected(struct op_call *c, node_id kernels, const bool connected[]);

/* Reports a pooling window that may lie wholly in the padding: its maximum and its mean are undefined. (window.c) */
bool window_want_contact(struct op_call *c, int padding_arg, const struct window *w);

/* [channels, w->out…] (window.c) */
struct shape window_shape(const struct window *w, int64_t channels);

/* Adds the free axes of the window's output and the reduced axes of its taps, and the indices of the input under them. `at` gets
 * the output's own indices. The axes follow those that the nest has; between the two calls an operator may add reduced axes of its
 * own. */
void window_add_space(const struct window *w, struct nest *n, int axis[], struct index at[]);
void window_add_taps(const struct window *w, struct nest *n, const int axis[], struct index input[]);

/* ---- What losses share (target.c): input 0 is the prediction, input 1 the target -------------------------------------- */

/* Whether the target has the prediction's shape, axes of size 1 apart, and is no class: else reports why, with `reason` for a
 * class. */
bool op_want_target(struct op_call *c, const char *reason);

/* One element of the prediction and of the target as a term of the loss. */
typedef const struct expr *target_formula(const struct op_call *c, const struct expr *x, const struct expr *t);

/* The sum of formula(x, t) over all elements, and their mean (named by the operator). `prediction` may stand for input 0. */
node_id op_add_target_sum(struct op_call *c, const char *op_name, node_id prediction, target_formula *formula);
node_id op_add_target_mean(struct op_call *c, const char *sum, node_id prediction, target_formula *formula);

/* Whether the prediction is a vector of scores [K] or, with `places`, a sequence [K,T] or an image [K,H,W] of them. */
bool op_want_scores(struct op_call *c, bool places);

/* Whether the target is a class for each place of the scores; it becomes one of as many as there are scores. `ignore`: the label that
 * does not count, or NULL. All losses of a label leave out the same. */
bool op_want_label(struct op_call *c, const struct op_arg *ignore);

/* Free axes over the places of the scores, a reduced one over the classes; `at` is where the nest stands in the scores. Returns the
 * shape of the places. op_is_label: whether it stands at the label's class. */
struct shape op_begin_over_classes(struct op_call *c, struct nest *n, struct index at[]);
const struct expr *op_is_label(struct op_call *c, struct nest *n, const struct index at[]);

/* scores[label] at each place. */
node_id op_add_score_of_label(struct op_call *c, node_id scores);

/* The mean over all places of the cross-entropy of the scores and the label. (cross_entropy.c) */
node_id op_add_cross_entropy(struct op_call *c, node_id scores, double smoothing);

/* A mean over the batch in which each sample counts `count`: (sum of `sum`) / (sum of `count`), both one number a sample. The call
 * remembers them. (counted_mean.c) */
node_id op_add_counted_mean(struct op_call *c, node_id sum, node_id count);

/* max(log p, -100) of a probability. */
const struct expr *op_expr_log_probability(struct graph *g, const struct expr *p);

/* log_softmax of `x` (softmax.c). */
node_id op_add_log_softmax(struct op_call *c, node_id x, int axis);

/* What softmax over the first axis (softmax.c) and sigmoid (activation.c) made `v` of; NO_NODE where they did not. */
node_id op_scores_of_softmax(const struct graph *g, node_id v);
node_id op_scores_of_sigmoid(const struct graph *g, node_id v);

/* Warns where a loss of logits gets what a softmax or a sigmoid, `activation`, made of `scores` (NO_NODE: it did not): the loss
 * contains it. `other`: the loss that takes probabilities. (target.c) */
void op_warn_of_probabilities(struct op_call *c, node_id scores, const char *activation, const char *other);

#endif

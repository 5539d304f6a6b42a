/* sum, mean, max, min: one number from all along one or several axes, which are removed.
 *
 *   y[…] = sum over k of  x[…,k,…]               mean: divided by the sizes of the axes; max: the greatest; min: the smallest
 *
 * Of equal greatest elements the first passes the gradient on, and so it is with the smallest. NaN is greater than all, and smaller.
 *
 * Source: PyTorch, `torch.sum`, `torch.mean`, `torch.max`.
 */
#include "compiler/ops/build.h"

enum { AXIS, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [AXIS] = {.name = "axis", .type = PARAM_AXES, .required = true},
};

/* `x` combined over the axes; *extent is how many elements make one. Returns NO_NODE after an error. */
static node_id add_reduced(struct op_call *c, node_id x, enum combine combine, const char *op_name, int64_t *extent)
{
    struct index at[MAX_RANK];
    struct nest n = {.combine = combine};
    struct shape to = {0};
    bool taken[MAX_RANK];

    if (!op_want_rank(c, 0, 1, MAX_RANK, "a tensor with at least one axis") || !op_axes(c, AXIS, op_shape(c, 0)->rank, taken))
        return NO_NODE;
    const struct shape from = *op_shape(c, 0);
    for (int d = 0; d < from.rank; d++) {
        if (taken[d])
            continue;
        at[d] = n.out[to.rank] = index_axis(nest_add_axis(&n, op_axis_name(from.rank, d), from.dim[d], false), 1);
        to.dim[to.rank++] = from.dim[d];
    }
    *extent = 1;
    for (int d = 0; d < from.rank; d++) {
        if (!taken[d])
            continue;
        at[d] = index_axis(nest_add_axis(&n, op_axis_name(from.rank, d), from.dim[d], true), 1);
        *extent *= from.dim[d];
    }
    n.body = nest_read(c->graph, &n, x, at);
    return graph_add_compute(c->graph, op_name, &to, &n, false);
}

static bool sum_build(struct op_call *c, node_id *result)
{
    int64_t extent;

    *result = add_reduced(c, c->in[0], COMBINE_SUM, "sum", &extent);
    return *result != NO_NODE;
}

static bool mean_build(struct op_call *c, node_id *result)
{
    int64_t extent;
    const node_id sum = add_reduced(c, c->in[0], COMBINE_SUM, "sum", &extent);

    if (sum == NO_NODE)
        return false;
    *result = graph_add_scaled(c->graph, "mean", FUNCTION_MULTIPLY, sum, 1 / (double)extent, false);
    return true;
}

static bool max_build(struct op_call *c, node_id *result)
{
    int64_t extent;

    *result = add_reduced(c, c->in[0], COMBINE_MAX, "max", &extent);
    return *result != NO_NODE;
}

/* -max(-x) */
static bool min_build(struct op_call *c, node_id *result)
{
    const node_id negated = graph_add_unary(c->graph, "negate", FUNCTION_NEGATE, c->in[0]);
    int64_t extent;
    const node_id greatest = add_reduced(c, negated, COMBINE_MAX, "max", &extent);

    if (greatest == NO_NODE)
        return false;
    *result = graph_add_unary(c->graph, "min", FUNCTION_NEGATE, greatest);
    return true;
}

const struct op op_sum = {
    .name = "sum",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = sum_build,
    .doc = "`sum(axis)`\n\n"
           "The sum of all elements along an axis, or a list of axes, which are removed: `sum(axis = 0)` of `TxF` is `F`, and "
           "`sum(axis = [1, 2])` of `CxHxW` is `C`. Negative ones count from the end.\n",
    .example = "net bag {\n"
               "    input words: 12x8;\n"
               "    output y = words -> dense(4) -> sum(axis = 0);\n"
               "}\n",
};

const struct op op_mean = {
    .name = "mean",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = mean_build,
    .doc = "`mean(axis)`\n\n"
           "The mean of all elements along an axis, or a list of axes, which are removed: `mean(axis = 0)` of `TxF` is `F`, and "
           "`mean(axis = [1, 2])` of `CxHxW` is `C`. Negative ones count from the end.\n",
    .example = "net averaged {\n"
               "    input words: 12x8;\n"
               "    output y = words -> dense(4) -> mean(axis = 0);\n"
               "}\n",
};

const struct op op_max = {
    .name = "max",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = max_build,
    .doc =
        "`max(axis)`\n\n"
        "The greatest element along an axis, or a list of axes, which are removed. Of equal ones the first passes the gradient on. The "
        "axis is given by name: `max(x, 0)` is the greater of x and 0, element by element ([tensors](#tensors)).\n",
    .example = "net strongest {\n"
               "    input words: 12x8;\n"
               "    output y = words -> dense(4) -> max(axis = 0);\n"
               "}\n",
};

const struct op op_min = {
    .name = "min",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = min_build,
    .doc =
        "`min(axis)`\n\n"
        "The smallest element along an axis, or a list of axes, which are removed. Of equal ones the first passes the gradient on. The "
        "axis is given by name: `min(x, 0)` is the smaller of x and 0, element by element ([tensors](#tensors)).\n",
    .example = "net weakest {\n"
               "    input words: 12x8;\n"
               "    output y = words -> dense(4) -> min(axis = 0);\n"
               "}\n",
};

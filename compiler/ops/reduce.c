/* sum, mean, max: one number from all along an axis, which is removed.
 *
 *   y[…] = sum over k of  x[…,k,…]               mean: divided by the size of the axis; max: the greatest
 *
 * Of equal greatest elements the first passes the gradient on. NaN is greater than all.
 *
 * Source: PyTorch, `torch.sum`, `torch.mean`, `torch.max`.
 */
#include "compiler/ops/build.h"

enum { AXIS, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [AXIS] = {.name = "axis", .type = PARAM_INT, .required = true},
};

/* Input 0 combined over the axis; *extent is the axis's size. Returns NO_NODE after an error. */
static node_id add_reduced(struct op_call *c, enum combine combine, const char *op_name, int64_t *extent)
{
    struct index at[MAX_RANK];
    struct nest n = {.combine = combine};
    struct shape to = {0};
    int axis;

    if (!op_want_rank(c, 0, 1, MAX_RANK, "a tensor with at least one axis") || !op_axis(c, AXIS, op_shape(c, 0)->rank, &axis))
        return NO_NODE;
    const struct shape from = *op_shape(c, 0);
    for (int d = 0; d < from.rank; d++) {
        if (d == axis)
            continue;
        at[d] = n.out[to.rank] = index_axis(nest_add_axis(&n, op_axis_name(from.rank, d), from.dim[d], false), 1);
        to.dim[to.rank++] = from.dim[d];
    }
    at[axis] = index_axis(nest_add_axis(&n, op_axis_name(from.rank, axis), from.dim[axis], true), 1);
    n.body = nest_read(c->graph, &n, c->in[0], at);
    *extent = from.dim[axis];
    return graph_add_compute(c->graph, op_name, &to, &n, false);
}

static bool sum_build(struct op_call *c, node_id *result)
{
    int64_t extent;

    *result = add_reduced(c, COMBINE_SUM, "sum", &extent);
    return *result != NO_NODE;
}

static bool mean_build(struct op_call *c, node_id *result)
{
    int64_t extent;
    const node_id sum = add_reduced(c, COMBINE_SUM, "sum", &extent);

    if (sum == NO_NODE)
        return false;
    *result = graph_add_scaled(c->graph, "mean", FUNCTION_MULTIPLY, sum, 1 / (double)extent, false);
    return true;
}

static bool max_build(struct op_call *c, node_id *result)
{
    int64_t extent;

    *result = add_reduced(c, COMBINE_MAX, "max", &extent);
    return *result != NO_NODE;
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
           "The sum of all elements along an axis, which is removed: `sum(axis = 0)` of `TxF` is `F`.\n",
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
           "The mean of all elements along an axis, which is removed: `mean(axis = 0)` of `TxF` is `F`.\n",
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
        "The greatest element along an axis, which is removed. Of equal ones the first passes the gradient on. `max` of numbers is "
        "the value function.\n",
    .example = "net strongest {\n"
               "    input words: 12x8;\n"
               "    output y = words -> dense(4) -> max(axis = 0);\n"
               "}\n",
};

/* softmax, log_softmax: scores along an axis as probabilities that sum to 1, or as their logarithms.
 *
 *   softmax       y[k] = exp(x[k] - m) / sum over j of  exp(x[j] - m)             m = max over j of  x[j]
 *   log_softmax   y[k] = x[k] - m - log(sum over j of  exp(x[j] - m))
 *
 * m changes nothing but the range of exp, so no gradient flows through it.
 */
#include "compiler/ops/build.h"

#include <string.h>

enum { AXIS, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [AXIS] = {.name = "axis", .type = PARAM_INT, .fallback = 0},
};

/* x combined over the axis, which remains with size 1. */
static node_id add_combined(struct op_call *c, const char *op_name, node_id x, int axis, enum combine combine)
{
    const struct shape from = graph_node(c->graph, x)->shape;
    struct shape to = from;
    struct nest n = {.combine = combine};
    struct index at[MAX_RANK] = {0};

    for (int d = 0; d < from.rank; d++)
        if (d != axis)
            at[d] = n.out[d] = index_axis(nest_add_axis(&n, op_axis_name(from.rank, d), from.dim[d], false), 1);
    at[axis] = index_axis(nest_add_axis(&n, op_axis_name(from.rank, axis), from.dim[axis], true), 1);
    to.dim[axis] = 1;
    n.body = nest_read(c->graph, &n, x, at);
    return graph_add_compute(c->graph, op_name, &to, &n, false);
}

/* x - m, which is never positive. */
static node_id add_shifted(struct op_call *c, node_id x, int axis)
{
    const struct shape shape = graph_node(c->graph, x)->shape;
    const node_id greatest = add_combined(c, "max", x, axis, COMBINE_MAX);

    graph_node(c->graph, greatest)->no_gradient = true;
    return graph_add_binary(c->graph, "shifted", FUNCTION_SUBTRACT, x, greatest, &shape);
}

/* Whether the input has the axis that is asked for. */
static bool read_axis(struct op_call *c, int *axis)
{
    return op_want_rank(c, 0, 1, MAX_RANK, "a tensor with at least one axis") && op_want_axis(c, AXIS) &&
           op_axis(c, AXIS, op_shape(c, 0)->rank, axis);
}

static bool softmax_build(struct op_call *c, node_id *result)
{
    int axis;

    if (!read_axis(c, &axis))
        return false;
    const struct shape shape = *op_shape(c, 0);
    const node_id exponential = graph_add_unary(c->graph, "exp", FUNCTION_EXP, add_shifted(c, c->in[0], axis));
    const node_id sum = add_combined(c, "sum", exponential, axis, COMBINE_SUM);
    *result = graph_add_binary(c->graph, "softmax", FUNCTION_DIVIDE, exponential, sum, &shape);
    return true;
}

/* The nodes of softmax_build, from the last to the first. */
node_id op_scores_of_softmax(const struct graph *g, node_id v)
{
    const struct node *quotient = graph_node(g, v);

    if (quotient->kind != NODE_COMPUTE || quotient->layer < 0 || g->layer.at[quotient->layer].result != v ||
        strcmp(g->layer.at[quotient->layer].op_name, "softmax") != 0)
        return NO_NODE;
    const struct node *exponential = graph_node(g, quotient->nest->in[0].of), *sum = graph_node(g, quotient->nest->in[1].of);
    const struct node *shifted = graph_node(g, exponential->nest->in[0].of);
    for (int d = 1; d < quotient->shape.rank; d++)
        if (sum->shape.dim[d] != quotient->shape.dim[d])
            return NO_NODE;
    return sum->shape.dim[0] == 1 ? shifted->nest->in[0].of : NO_NODE;
}

node_id op_add_log_softmax(struct op_call *c, node_id x, int axis)
{
    const struct shape shape = graph_node(c->graph, x)->shape;
    const node_id shifted = add_shifted(c, x, axis), exponential = graph_add_unary(c->graph, "exp", FUNCTION_EXP, shifted);
    const node_id sum = add_combined(c, "sum", exponential, axis, COMBINE_SUM);
    const node_id logarithm = graph_add_unary(c->graph, "log", FUNCTION_LOG, sum);

    return graph_add_binary(c->graph, "log_softmax", FUNCTION_SUBTRACT, shifted, logarithm, &shape);
}

static bool log_softmax_build(struct op_call *c, node_id *result)
{
    int axis;

    if (!read_axis(c, &axis))
        return false;
    *result = op_add_log_softmax(c, c->in[0], axis);
    return true;
}

const struct op op_softmax = {
    .name = "softmax",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = softmax_build,
    .doc = "`softmax(axis=0)`\n\n"
           "Scores along an axis as probabilities that sum to 1.\n\n"
           "    y[k] = exp(x[k]) / sum over j of exp(x[j])\n\n"
           "Rank 2 wants `axis=`. Train on the scores themselves with `cross_entropy`, which contains the softmax.\n",
    .example = "net classifier {\n"
               "    input x: 8;\n"
               "    output probabilities = x -> dense(3) -> softmax;\n"
               "}\n",
};

const struct op op_log_softmax = {
    .name = "log_softmax",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = log_softmax_build,
    .doc = "`log_softmax(axis=0)`\n\n"
           "The logarithms of softmax's probabilities, exact where these vanish.\n\n"
           "    y[k] = x[k] - log(sum over j of exp(x[j]))\n\n"
           "Rank 2 wants `axis=`.\n",
    .example = "net classifier {\n"
               "    input x: 8;\n"
               "    output logarithms = x -> dense(3) -> log_softmax;\n"
               "}\n",
};

/* lrn: each element divided by a power of the squares of its neighbours in other channels.
 *
 *   y[c] = x[c] / (k + alpha/n * sum over j of x[j]^2)^beta        j = c - floor(n/2) … c + floor((n - 1)/2), where it is a channel
 *
 *   x, y [C,H,W] or [C,L]
 *
 * alpha is divided by n as in PyTorch; the paper does without.
 *
 * Source: Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Convolutional Neural Networks" (2012), section 3.3;
 * PyTorch, `torch.nn.LocalResponseNorm`.
 */
#include "compiler/ops/build.h"

enum { SIZE, ALPHA, BETA, K, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [SIZE] = {.name = "size", .type = PARAM_INT, .fallback = 5, .min = 1, .max = NO_MAXIMUM},
    [ALPHA] = {.name = "alpha", .type = PARAM_REAL, .fallback = 1e-4, .min = 0, .max = NO_MAXIMUM},
    [BETA] = {.name = "beta", .type = PARAM_REAL, .fallback = 0.75, .min = 0, .max = NO_MAXIMUM},
    [K] = {.name = "k", .type = PARAM_REAL, .fallback = 1, .min = 0, .max = NO_MAXIMUM, .above_min = true},
};

/* The sum of the squares of the neighbours. Those beyond the first and the last channel are not read. */
static node_id add_squares(struct op_call *c, const struct shape *shape)
{
    const int64_t size = c->arg[SIZE].integer;
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK] = {0};

    for (int d = 0; d < shape->rank; d++)
        at[d] = n.out[d] = index_axis(nest_add_axis(&n, op_axis_name(shape->rank, d), shape->dim[d], false), 1);
    at[0] = index_add(at[0], index_axis(nest_add_axis(&n, "j", size, true), 1));
    at[0] = index_add(at[0], index_constant(-(size / 2)));
    const struct expr *x = nest_read(c->graph, &n, c->in[0], at);
    n.body = expr_binary(c->graph, FUNCTION_MULTIPLY, x, x);
    return graph_add_compute(c->graph, "squares", shape, &n, false);
}

static bool lrn_build(struct op_call *c, node_id *result)
{
    struct graph *g = c->graph;
    struct nest n = {0};

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL"))
        return false;
    const struct shape shape = *op_shape(c, 0);
    const node_id squares = add_squares(c, &shape);
    const struct expr *x = op_begin_elementwise(c, c->in[0], &n), *sum = nest_read(g, &n, squares, n.out);
    const struct expr *share = expr_constant(g, c->arg[ALPHA].real / (double)c->arg[SIZE].integer);
    const struct expr *base =
        expr_binary(g, FUNCTION_ADD, expr_binary(g, FUNCTION_MULTIPLY, sum, share), expr_constant(g, c->arg[K].real));
    n.body = expr_binary(g, FUNCTION_DIVIDE, x, op_expr_power(g, base, c->arg[BETA].real));
    *result = graph_add_compute(g, "lrn", &shape, &n, false);
    return true;
}

const struct op op_lrn = {
    .name = "lrn",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = lrn_build,
    .doc = "`lrn(size=5, alpha=1e-4, beta=0.75, k=1)`\n\n"
           "Local response normalisation: divides each element by a power of the squares of its neighbours in other channels.\n\n"
           "    y[c] = x[c] / (k + alpha/n * sum over j of x[j]^2)^beta\n\n"
           "`j` runs over the `n = size` channels from c - floor(n/2) on, those that exist. `alpha` is divided by `size`, as in "
           "PyTorch; the paper does without. The input is an image `CxHxW` or a signal `CxL`.\n",
    .example = "net responses {\n"
               "    input image: 3x32x32;\n"
               "    output y = image -> conv(16, 5x5) -> relu -> lrn(5, alpha = 1e-3) -> maxpool(2x2);\n"
               "}\n",
};

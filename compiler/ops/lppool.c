/* lppool: the p-norm of the elements under each window.
 *
 *   y[c,h,w] = (sum over i,j of  |x[c, h*s_h + i - top, w*s_w + j - left]|^p)^(1/p)
 *
 *   x [C,H,W]   y [C,H',W'],   H' = floor((H + top + bottom - (P - 1) - 1)/s_h) + 1, or ceil
 *
 * Padding adds nothing. Where all elements are 0 the norm has no gradient, and none flows. PyTorch leaves out the absolute value,
 * which differs where p is odd; and it scales a partial window up to a whole one, which the formula does not.
 *
 * Source: PyTorch, `torch.nn.LPPool2d` (the formula, and the gradient at 0).
 */
#include "compiler/ops/build.h"

enum { KERNEL, STRIDE, PADDING, CEIL, POWER, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [KERNEL] = {.name = "kernel", .type = PARAM_SIZES, .required = true, .min = 1, .max = NO_MAXIMUM},
    [STRIDE] = {.name = "stride", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [PADDING] = {.name = "padding", .type = PARAM_PADDING, .fallback = 0, .min = 0, .max = NO_MAXIMUM},
    [CEIL] = {.name = "ceil", .type = PARAM_BOOL},
    [POWER] = {.name = "power", .type = PARAM_REAL, .fallback = 2, .min = 1, .max = 64},
};

/* x^p, and 0 at 0: neither a logarithm nor the derivative of a root meets 0. */
static const struct expr *expr_power_or_zero(struct graph *g, const struct expr *x, double p)
{
    const struct expr *zero = expr_constant(g, 0), *positive = expr_binary(g, FUNCTION_LESS, zero, x);
    const struct expr *safe = expr_select(g, positive, x, expr_constant(g, 1));

    return expr_select(g, positive, op_expr_power(g, safe, p), zero);
}

static const struct expr *expr_magnitude(struct graph *g, const struct expr *x, double p)
{
    if (p == 2 || p == 4)
        return op_expr_power(g, x, p);
    const struct expr *absolute = expr_unary(g, FUNCTION_ABSOLUTE, x);
    return p <= 4 && p == floor(p) ? op_expr_power(g, absolute, p) : expr_power_or_zero(g, absolute, p);
}

static node_id add_sum(struct op_call *c, const struct window *w, const struct shape *y)
{
    struct nest n = {.combine = COMBINE_SUM};
    struct index x[MAX_RANK];
    int space[3];

    n.out[0] = x[0] = index_axis(nest_add_axis(&n, "c", y->dim[0], false), 1);
    window_add_space(w, &n, space, &n.out[1]);
    window_add_taps(w, &n, space, &x[1]);
    n.body = expr_magnitude(c->graph, nest_read(c->graph, &n, c->in[0], x), c->arg[POWER].real);
    return graph_add_compute(c->graph, "sum", y, &n, false);
}

static const struct expr *root(const struct op_call *c, const struct expr *sum)
{
    return expr_power_or_zero(c->graph, sum, 1 / c->arg[POWER].real);
}

static bool lppool_build(struct op_call *c, node_id *result)
{
    static const struct window_args args = {
        .kernel = KERNEL, .stride = STRIDE, .padding = PADDING, .dilation = -1, .ceil = CEIL, .stride_is_kernel = true};
    struct window w;

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL") || !window_infer(c, &args, &w))
        return false;
    const struct shape y = window_shape(&w, op_shape(c, 0)->dim[0]);
    if (!op_want_size(c, &y))
        return false;
    *result = add_sum(c, &w, &y);
    if (c->arg[POWER].real != 1)
        *result = op_add_elementwise(c, "root", *result, root);
    return true;
}

const struct op op_lppool = {
    .name = "lppool",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = lppool_build,
    .doc = "`lppool(kernel, stride=kernel, padding=0, ceil=false, power=2)`\n\n"
           "The p-norm, `p = power`, of the elements under each window of an image `CxHxW` or a signal `CxL`.\n\n"
           "    y[c,h,w] = (sum over i,j of |x[c, h*s + i - top, w*s + j - left]|^p)^(1/p)\n\n"
           "Sizes follow conv's formula; `ceil = true` keeps a last, partial window that begins inside the input. Padding adds "
           "nothing. Where all elements are 0 no gradient flows. PyTorch leaves out the absolute value, which differs where p is "
           "odd, and scales a partial window up to a whole one.\n",
    .example = "net norms {\n"
               "    input image: 1x30x30;\n"
               "    output y = image -> lppool(2x2) -> lppool(3, power = 4, stride = 2);\n"
               "}\n",
};

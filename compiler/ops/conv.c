/* conv: cross-correlation of a sample's channels with learned kernels, zero padding.
 *
 *   y[o,h,w] = b[o] + sum over c,p,q of  x[c, h*s_h + p*d_h - top, w*s_w + q*d_w - left] * k[o,c,p,q]
 *
 *   x [C,H,W]   k [O,C/G,P,Q]   b [O]   y [O,H',W'],   H' = floor((H + top + bottom - d_h*(P - 1) - 1)/s_h) + 1
 *
 * With G groups the channels and the filters are split into G equal runs, and run g of the filters sees run g of the channels.
 * Signals [C,L] in one dimension less.
 *
 * Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", relationship 6; PyTorch, `torch.nn.Conv2d`
 * (groups, layout of the weights).
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { FILTERS, KERNEL, STRIDE, PADDING, DILATION, GROUPS, BIAS, CONNECTIONS, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [FILTERS] = {.name = "filters", .type = PARAM_INT, .required = true, .min = 1, .max = NO_MAXIMUM},
    [KERNEL] = {.name = "kernel", .type = PARAM_SIZES, .required = true, .min = 1, .max = NO_MAXIMUM},
    [STRIDE] = {.name = "stride", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [PADDING] = {.name = "padding", .type = PARAM_PADDING, .fallback = 0, .min = 0, .max = NO_MAXIMUM},
    [DILATION] = {.name = "dilation", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [GROUPS] = {.name = "groups", .type = PARAM_INT, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [BIAS] = {.name = "bias", .type = PARAM_BOOL, .fallback = 1},
    [CONNECTIONS] = {.name = "connections", .type = PARAM_LIST},
};

static bool check_arguments(struct op_call *c)
{
    const int64_t filters = c->arg[FILTERS].integer, groups = c->arg[GROUPS].integer, channels = op_shape(c, 0)->dim[0];

    if (c->arg[CONNECTIONS].literal != NULL)
        return diag_error(c->diags, c->arg[CONNECTIONS].at, DIAG_SETTING_NOT_BUILT, "conv: connections= is not built yet");
    if (channels % groups != 0)
        return diag_error(c->diags, c->arg[GROUPS].at, DIAG_GROUPS, "conv: %" PRId64 " groups do not divide %" PRId64 " channels",
                          groups, channels);
    if (filters % groups != 0)
        return diag_error(c->diags, c->arg[GROUPS].at, DIAG_GROUPS, "conv: %" PRId64 " groups do not divide %" PRId64 " filters",
                          groups, filters);
    return true;
}

/* The kernels, [filters, C/groups, k…]. Fans as PyTorch counts them from the weight's shape: groups narrow the one, not the other. */
static value add_kernels(struct op_call *c, const struct window *w)
{
    const int64_t filters = c->arg[FILTERS].integer, groups = c->arg[GROUPS].integer;
    struct shape shape = {.rank = w->rank + 2, .dim = {filters, op_shape(c, 0)->dim[0] / groups}};
    int64_t taps = 1;

    for (int i = 0; i < w->rank; i++)
        shape.dim[i + 2] = w->kernel[i];
    if (!op_want_size(c, &shape))
        return NO_VALUE;
    for (int i = 0; i < w->rank; i++)
        taps *= w->kernel[i];
    return op_add_parameter(c, "weight", &shape, true, shape.dim[1] * taps, filters * taps);
}

static value add_contraction(struct op_call *c, const struct window *w, value kernels, const struct shape *y)
{
    const int64_t groups = c->arg[GROUPS].integer, channels = op_shape(c, 0)->dim[0] / groups;
    const int64_t filters = c->arg[FILTERS].integer / groups;
    struct nest n = {.combine = COMBINE_SUM};
    struct index x[MAX_RANK], k[MAX_RANK];
    int space[3];

    const int g = nest_add_axis(&n, "g", groups, false), o = nest_add_axis(&n, "o", filters, false);
    n.out[0] = k[0] = index_add(index_axis(g, filters), index_axis(o, 1));
    window_add_space(w, &n, space, &n.out[1]);
    const int channel = nest_add_axis(&n, "c", channels, true), first_tap = n.axis_count;
    x[0] = index_add(index_axis(g, channels), index_axis(channel, 1));
    window_add_taps(w, &n, space, &x[1]);
    k[1] = index_axis(channel, 1);
    for (int i = 0; i < w->rank; i++)
        k[i + 2] = index_axis(first_tap + i, 1);

    const struct expr *pixel = nest_read(c->graph, &n, c->in[0], x);
    n.body = expr_binary(c->graph, FUNCTION_MULTIPLY, pixel, nest_read(c->graph, &n, kernels, k));
    return graph_add_compute(c->graph, "conv", y, &n, false);
}

static bool conv_build(struct op_call *c, value *result)
{
    static const struct window_args args = {
        .kernel = KERNEL, .stride = STRIDE, .padding = PADDING, .dilation = DILATION, .ceil = -1};
    struct shape y = {.dim = {c->arg[FILTERS].integer}};
    struct window w;

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL") || !check_arguments(c) || !window_infer(c, &args, &w))
        return false;
    y.rank = w.rank + 1;
    for (int i = 0; i < w.rank; i++)
        y.dim[i + 1] = w.out[i];
    if (!op_want_size(c, &y))
        return false;

    const value kernels = add_kernels(c, &w);
    if (kernels == NO_VALUE)
        return false;
    *result = add_contraction(c, &w, kernels, &y);
    return op_add_bias(c, BIAS, 0, result);
}

const struct op op_conv = {
    .name = "conv",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .build = conv_build,
    .doc =
        "`conv(filters, kernel, stride=1, padding=0, dilation=1, groups=1, bias=true)`\n\n"
        "Convolution (cross-correlation) of an image `CxHxW` or a signal `CxL` with learned kernels.\n\n"
        "    y[o,h,w] = b[o] + sum over c,p,q of x[c, h*s + p*d - top, w*s + q*d - left] * k[o,c,p,q]\n\n"
        "Each spatial axis of n becomes floor((n + p_begin + p_end - d*(k - 1) - 1)/s) + 1. `padding` is a number, a size, `same` "
        "(out = ceil(n/s)), `valid`, or a list `[[begin, end], ...]`. With `groups = G`, each G-th of the filters sees its own "
        "G-th of the channels.\n\n"
        "Parameters: `weight` [filters, C/groups, k...], `bias` [filters].\n",
    .example = "net edges {\n"
               "    input image: 3x32x32;\n"
               "    output maps = image -> conv(16, 3x3, padding = same) -> conv(32, 3, stride = 2, padding = 1, groups = 4);\n"
               "}\n",
};

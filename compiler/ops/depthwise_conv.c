/* depthwise_conv: a convolution in which each filter sees one channel.
 *
 *   y[c*M + m, h, w] = b[c*M + m] + sum over p,q of  x[c, h*s_h + p*d_h - top, w*s_w + q*d_w - left] * k[c*M + m, 0, p, q]
 *
 *   x [C,H,W]   k [C*M,1,P,Q]   b [C*M]   y [C*M,H',W'],   M = multiplier, sizes as conv's
 *
 * Source: PyTorch, `torch.nn.Conv2d` with groups = in_channels (layout of the weights, order of the filters).
 */
#include "compiler/ops/build.h"

enum { KERNEL, MULTIPLIER, STRIDE, PADDING, DILATION, BIAS, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [KERNEL] = {.name = "kernel", .type = PARAM_SIZES, .required = true, .min = 1, .max = NO_MAXIMUM},
    [MULTIPLIER] = {.name = "multiplier", .type = PARAM_INT, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [STRIDE] = {.name = "stride", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [PADDING] = {.name = "padding", .type = PARAM_PADDING, .fallback = 0, .min = 0, .max = NO_MAXIMUM},
    [DILATION] = {.name = "dilation", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [BIAS] = {.name = "bias", .type = PARAM_BOOL, .fallback = 1},
};

static bool depthwise_conv_build(struct op_call *c, node_id *result)
{
    static const struct window_args args = {
        .kernel = KERNEL, .stride = STRIDE, .padding = PADDING, .dilation = DILATION, .ceil = -1};
    struct window w;
    int64_t filters;

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL"))
        return false;
    const int64_t channels = op_shape(c, 0)->dim[0];
    if (!checked_multiply(channels, c->arg[MULTIPLIER].integer, &filters))
        return diag_error(c->diags, c->arg[MULTIPLIER].at, DIAG_TENSOR_SIZE,
                          "depthwise_conv: the number of filters exceeds 64 bits");
    if (!window_infer(c, &args, &w))
        return false;
    const struct shape y = window_shape(&w, filters);
    if (!op_want_size(c, &y))
        return false;
    const node_id kernels = op_add_kernels(c, w.kernel, w.rank, filters, 1, (struct fans){1, filters});
    if (kernels == NO_NODE)
        return false;
    *result = op_add_contraction(c, &w, kernels, &y, channels);
    return op_add_bias(c, BIAS, 0, result);
}

const struct op op_depthwise_conv = {
    .name = "depthwise_conv",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .build = depthwise_conv_build,
    .doc = "`depthwise_conv(kernel, multiplier=1, stride=1, padding=0, dilation=1, bias=true)`\n\n"
           "Convolution (cross-correlation) of each channel of an image `CxHxW` or a signal `CxL` with `multiplier` kernels of its "
           "own: conv with `groups` = C and C*multiplier filters.\n\n"
           "    y[c*M + m, h, w] = b[c*M + m] + sum over p,q of x[c, h*s + p*d - top, w*s + q*d - left] * k[c*M + m, 0, p, q]\n\n"
           "Sizes and `padding` are conv's. With a 1x1 conv behind it, it makes a separable convolution.\n\n"
           "Parameters: `weight` [C*multiplier, 1, k...], `bias` [C*multiplier].\n",
    .example = "net separable {\n"
               "    input image: 8x32x32;\n"
               "    output maps = image -> depthwise_conv(3x3, padding = same) -> relu -> conv(16, 1x1);\n"
               "}\n",
};

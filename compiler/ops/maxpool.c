/* maxpool: the greatest element under each window; padding never wins.
 *
 *   y[c,h,w] = max over p,q of  x[c, h*s_h + p*d_h - top, w*s_w + q*d_w - left]
 *
 *   x [C,H,W]   y [C,H',W'],   H' = floor((H + top + bottom - d_h*(P - 1) - 1)/s_h) + 1, or ceil
 *
 * Source: PyTorch, `torch.nn.MaxPool2d`.
 */
#include "compiler/ops/build.h"

enum { KERNEL, STRIDE, PADDING, DILATION, CEIL, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [KERNEL] = {.name = "kernel", .type = PARAM_SIZES, .required = true, .min = 1, .max = NO_MAXIMUM},
    [STRIDE] = {.name = "stride", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [PADDING] = {.name = "padding", .type = PARAM_PADDING, .fallback = 0, .min = 0, .max = NO_MAXIMUM},
    [DILATION] = {.name = "dilation", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [CEIL] = {.name = "ceil", .type = PARAM_BOOL},
};

static bool maxpool_build(struct op_call *c, node_id *result)
{
    static const struct window_args args = {
        .kernel = KERNEL, .stride = STRIDE, .padding = PADDING, .dilation = DILATION, .ceil = CEIL, .stride_is_kernel = true};
    struct nest n = {.combine = COMBINE_MAX};
    struct index x[MAX_RANK];
    struct window w;
    int space[3];

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL") || !window_infer(c, &args, &w) ||
        !window_want_contact(c, PADDING, &w))
        return false;
    const struct shape y = window_shape(&w, op_shape(c, 0)->dim[0]);
    if (!op_want_size(c, &y))
        return false;

    n.out[0] = x[0] = index_axis(nest_add_axis(&n, "c", y.dim[0], false), 1);
    window_add_space(&w, &n, space, &n.out[1]);
    window_add_taps(&w, &n, space, &x[1]);
    n.body = nest_read(c->graph, &n, c->in[0], x);
    *result = graph_add_compute(c->graph, "maxpool", &y, &n, false);
    return true;
}

const struct op op_maxpool = {
    .name = "maxpool",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = maxpool_build,
    .doc =
        "`maxpool(kernel, stride=kernel, padding=0, dilation=1, ceil=false)`\n\n"
        "The greatest element under each window of an image `CxHxW` or a signal `CxL`. Padding takes no part.\n\n"
        "    y[c,h,w] = max over p,q of x[c, h*s + p*d - top, w*s + q*d - left]\n\n"
        "Sizes follow conv's formula; `ceil = true` keeps a last, partial window that begins inside the input. Of equal elements "
        "the first in row order passes the gradient on.\n",
    .example = "net halved {\n"
               "    input image: 3x32x32;\n"
               "    output y = image -> maxpool(2x2) -> maxpool(3, stride = 2, padding = 1);\n"
               "}\n",
};

/* conv_transpose, also called deconv: what a convolution does to gradients, as a layer of its own.
 *
 *   y[o, h*s_h + p*d_h - top, w*s_w + q*d_w - left]  +=  x[c,h,w] * k[c,o,p,q]        over all c,h,w,p,q; and b[o] once
 *
 *   x [C,H,W]   k [C,O/G,P,Q]   b [O]   y [O,H',W'],   H' = (H - 1)*s_h - top - bottom + d_h*(P - 1) + output_padding + 1
 *
 * With G groups the channels and the filters are split into G equal runs, and run g of the channels adds to run g of the filters.
 * `padding` takes away from the output; `same` makes H' = H*s_h. Signals [C,L] in one dimension less.
 *
 * Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", relationship 14; PyTorch,
 * `torch.nn.ConvTranspose2d` (layout of the weights, output_padding); TensorFlow, `tf.nn.conv_transpose` (same).
 */
#include "compiler/graph/invert_access.h"
#include "compiler/ops/build.h"

#include <inttypes.h>
#include <string.h>

enum { FILTERS, KERNEL, STRIDE, PADDING, OUTPUT_PADDING, DILATION, GROUPS, BIAS, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [FILTERS] = {.name = "filters", .type = PARAM_INT, .required = true, .min = 1, .max = NO_MAXIMUM},
    [KERNEL] = {.name = "kernel", .type = PARAM_SIZES, .required = true, .min = 1, .max = NO_MAXIMUM},
    [STRIDE] = {.name = "stride", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [PADDING] = {.name = "padding", .type = PARAM_PADDING, .fallback = 0, .min = 0, .max = NO_MAXIMUM},
    [OUTPUT_PADDING] = {.name = "output_padding", .type = PARAM_SIZES, .fallback = 0, .min = 0, .max = NO_MAXIMUM},
    [DILATION] = {.name = "dilation", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [GROUPS] = {.name = "groups", .type = PARAM_INT, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [BIAS] = {.name = "bias", .type = PARAM_BOOL, .fallback = 1},
};

/* ---- Sizes --------------------------------------------------------------------------------------------------------- */

/* More rows than the stride or the dilation steps over belong to another input. Source: PyTorch's check of output_padding. */
static bool want_narrow_output_padding(struct op_call *c, const struct window *w, const int64_t extra[])
{
    for (int i = 0; i < w->rank; i++)
        if (extra[i] >= w->stride[i] && extra[i] >= w->dilation[i])
            return diag_error(c->diags, c->arg[OUTPUT_PADDING].at, DIAG_OUTPUT_PADDING,
                              "%s: output_padding %" PRId64 " is not below the stride %" PRId64 " or the dilation %" PRId64,
                              c->op->name, extra[i], w->stride[i], w->dilation[i]);
    return true;
}

/* The rows that all taps of all inputs reach, and output_padding. */
static bool measure(const struct window *w, int i, int64_t extra, int64_t *rows)
{
    int64_t steps, taps;

    return checked_multiply(w->in[i] - 1, w->stride[i], &steps) && checked_multiply(w->dilation[i], w->kernel[i] - 1, &taps) &&
           checked_add(steps, taps, &steps) && checked_add(steps, extra, &steps) && checked_add(steps, 1, rows);
}

static bool report_padding(struct op_call *c, const struct window *w, int i, int64_t extra)
{
    diag_error(c->diags, c->arg[PADDING].at, DIAG_OUTPUT_PADDING,
               "%s: the padding leaves nothing of the output: (%" PRId64 " - 1)*%" PRId64 " - %" PRId64 " - %" PRId64 " + %" PRId64
               "*(%" PRId64 " - 1) + %" PRId64 " + 1 = %" PRId64,
               c->op->name, w->in[i], w->stride[i], w->begin[i], w->end[i], w->dilation[i], w->kernel[i], extra, w->out[i]);
    op_note_input(c, 0);
    return false;
}

static bool is_same(const struct op_call *c)
{
    const struct literal *l = c->arg[PADDING].literal;

    return l != NULL && l->kind == LITERAL_NAME && strcmp(l->as.string, "same") == 0;
}

/* Takes away what makes n*stride rows, the odd one at the end; where the kernel is narrower than the stride, adds it there. */
static void pad_same(struct window *w, int i, int64_t rows)
{
    const int64_t excess = rows - w->in[i] * w->stride[i];

    w->begin[i] = excess > 0 ? excess / 2 : 0;
    w->end[i] = excess - w->begin[i];
}

static bool infer(struct op_call *c, struct window *w)
{
    static const struct window_args args = {
        .kernel = KERNEL, .stride = STRIDE, .padding = PADDING, .dilation = DILATION, .ceil = -1};
    int64_t extra[3];

    *w = (struct window){0};
    if (!window_read(c, &args, w) || !op_spatial(c, OUTPUT_PADDING, w->rank, extra) || !want_narrow_output_padding(c, w, extra))
        return false;
    for (int i = 0; i < w->rank; i++) {
        int64_t rows;
        if (!measure(w, i, extra[i], &rows) || w->in[i] > INT64_MAX / w->stride[i])
            return diag_error(c->diags, c->at, DIAG_TENSOR_SIZE, "%s: the size of the output exceeds 64 bits", c->op->name);
        if (is_same(c))
            pad_same(w, i, rows);
        if (!checked_add(rows, -w->begin[i], &w->out[i]) || !checked_add(w->out[i], -w->end[i], &w->out[i]) || w->out[i] < 1)
            return report_padding(c, w, i, extra[i]);
    }
    return true;
}

/* ---- Nodes --------------------------------------------------------------------------------------------------------- */

static node_id add_transpose(struct op_call *c, const struct window *w, node_id kernels, const struct shape *y)
{
    const int64_t groups = c->arg[GROUPS].integer, filters = y->dim[0] / groups, channels = op_shape(c, 0)->dim[0] / groups;
    struct nest n = {.in_count = 1, .combine = COMBINE_SUM};
    struct index x[MAX_RANK], k[MAX_RANK], *to = n.in[0].dim;

    n.in[0].of = NO_NODE;
    const int g = nest_add_axis(&n, "g", groups, false), channel = nest_add_axis(&n, "c", channels, false);
    x[0] = k[0] = index_add(index_axis(g, channels), index_axis(channel, 1));
    for (int i = 0; i < w->rank; i++)
        x[i + 1] = index_axis(nest_add_axis(&n, op_space_name(w->rank, i), w->in[i], false), 1);
    const int first_space = n.axis_count - w->rank, o = nest_add_axis(&n, "o", filters, true);
    to[0] = index_add(index_axis(g, filters), index_axis(o, 1));
    k[1] = index_axis(o, 1);
    for (int i = 0; i < w->rank; i++) {
        const int tap = nest_add_axis(&n, op_tap_name(i), w->kernel[i], true);
        to[i + 1] = window_index(w, i, first_space + i, tap);
        k[i + 2] = index_axis(tap, 1);
    }
    const struct expr *pixel = nest_read(c->graph, &n, c->in[0], x);
    n.body = expr_binary(c->graph, FUNCTION_MULTIPLY, pixel, nest_read(c->graph, &n, kernels, k));
    return graph_add_scatter(c->graph, "conv_transpose", y, &n);
}

static bool conv_transpose_build(struct op_call *c, node_id *result)
{
    const int64_t filters = c->arg[FILTERS].integer, groups = c->arg[GROUPS].integer;
    struct window w;

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL") || !op_want_groups(c, GROUPS, filters) || !infer(c, &w))
        return false;
    const struct shape y = window_shape(&w, filters);
    if (!op_want_size(c, &y))
        return false;

    const int64_t channels = op_shape(c, 0)->dim[0];
    const node_id kernels =
        op_add_kernels(c, w.kernel, w.rank, channels, filters / groups, (struct fans){filters / groups, channels});
    if (kernels == NO_NODE)
        return false;
    *result = add_transpose(c, &w, kernels, &y);
    /* Where the padding takes away all that the input reaches, the bias alone is left; without one, zeros. */
    if (*result == NO_NODE)
        *result = graph_add_constant(c->graph, "conv_transpose", &y, 0);
    return op_add_bias(c, BIAS, 0, result);
}

const struct op op_conv_transpose = {
    .name = "conv_transpose",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .build = conv_transpose_build,
    .doc =
        "`conv_transpose(filters, kernel, stride=1, padding=0, output_padding=0, dilation=1, groups=1, bias=true)`\n\n"
        "Transposed convolution of an image `CxHxW` or a signal `CxL`: each input adds its kernel, scaled, to the output around its "
        "place.\n\n"
        "    y[o, h*s + p*d - top, w*s + q*d - left] += x[c,h,w] * k[c,o,p,q]   over all c,h,w,p,q; and b[o] once\n\n"
        "Each spatial axis of n becomes (n - 1)*s - p_begin - p_end + d*(k - 1) + output_padding + 1. `padding` takes away from the "
        "output; `same` makes n*s. `output_padding` adds at the end, less than the stride or the dilation.\n\n"
        "Parameters: `weight` [C, filters/groups, k...], `bias` [filters].\n",
    .example = "net generator {\n"
               "    input z: 16x7x7;\n"
               "    output image = z -> conv_transpose(8, 4x4, stride = 2, padding = 1) -> relu\n"
               "        -> conv_transpose(1, 3x3, stride = 2, padding = 1, output_padding = 1) -> tanh;\n"
               "}\n",
};

const struct op op_deconv = {
    .name = "deconv",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .build = conv_transpose_build,
    .doc = "`deconv(filters, kernel, stride=1, padding=0, output_padding=0, dilation=1, groups=1, bias=true)`\n\n"
           "Another name of `conv_transpose`.\n",
    .example = "net wider {\n"
               "    input x: 4x8x8;\n"
               "    output y = x -> deconv(2, 2x2, stride = 2);\n"
               "}\n",
};

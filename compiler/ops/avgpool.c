/* avgpool: the mean of the elements under each window.
 *
 *   y[c,h,w] = (sum over p,q of  x[c, h*s_h + p - top, w*s_w + q - left]) / count(h,w)
 *
 *   x [C,H,W]   y [C,H',W'],   H' = floor((H + top + bottom - (P - 1) - 1)/s_h) + 1, or ceil
 *
 * count is the number of elements under the window: those of the input, or with count_include_pad those of the padded input. It is
 * less than P*Q where the window overhangs.
 *
 * Source: PyTorch, `torch.nn.AvgPool2d`.
 */
#include "compiler/ops/build.h"

enum { KERNEL, STRIDE, PADDING, CEIL, COUNT_INCLUDE_PAD, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [KERNEL] = {.name = "kernel", .type = PARAM_SIZES, .required = true, .min = 1, .max = NO_MAXIMUM},
    [STRIDE] = {.name = "stride", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [PADDING] = {.name = "padding", .type = PARAM_PADDING, .fallback = 0, .min = 0, .max = NO_MAXIMUM},
    [CEIL] = {.name = "ceil", .type = PARAM_BOOL},
    [COUNT_INCLUDE_PAD] = {.name = "count_include_pad", .type = PARAM_BOOL},
};

/* What counts along axis `i`: windows count their elements in low <= place < high. */
struct counted {
    int64_t low, high;
};

static struct counted counted_along(const struct op_call *c, const struct window *w, int i)
{
    const bool padding = c->arg[COUNT_INCLUDE_PAD].boolean;

    return (struct counted){padding ? -w->begin[i] : 0, w->in[i] + (padding ? w->end[i] : 0)};
}

/* Whether the first and the last window, hence all, count all of their elements. */
static bool is_full(const struct op_call *c, const struct window *w, int i)
{
    const struct counted in = counted_along(c, w, i);

    return -w->begin[i] >= in.low && (w->out[i] - 1) * w->stride[i] - w->begin[i] + w->kernel[i] <= in.high;
}

static const struct expr *expr_clamp(struct graph *g, struct index at, int64_t bound, bool is_upper)
{
    const struct expr *index = expr_index(g, at), *limit = expr_constant(g, (double)bound);
    const struct expr *beyond =
        is_upper ? expr_binary(g, FUNCTION_LESS, limit, index) : expr_binary(g, FUNCTION_LESS, index, limit);

    return expr_select(g, beyond, limit, index);
}

/* min(begin + k, high) - max(begin, low) of the window at `axis`, along axis `i`. */
static const struct expr *expr_count(struct op_call *c, const struct window *w, int i, int axis)
{
    const struct counted in = counted_along(c, w, i);
    const struct index first = index_add(index_axis(axis, w->stride[i]), index_constant(-w->begin[i]));
    const struct index end = index_add(first, index_constant(w->kernel[i]));

    if (is_full(c, w, i))
        return expr_constant(c->graph, (double)w->kernel[i]);
    return expr_binary(c->graph, FUNCTION_SUBTRACT, expr_clamp(c->graph, end, in.high, true),
                       expr_clamp(c->graph, first, in.low, false));
}

static node_id add_sum(struct op_call *c, const struct window *w, const struct shape *y)
{
    struct nest n = {.combine = COMBINE_SUM};
    struct index x[MAX_RANK];
    int space[3];

    n.out[0] = x[0] = index_axis(nest_add_axis(&n, "c", y->dim[0], false), 1);
    window_add_space(w, &n, space, &n.out[1]);
    window_add_taps(w, &n, space, &x[1]);
    n.body = nest_read(c->graph, &n, c->in[0], x);
    return graph_add_compute(c->graph, "sum", y, &n, false);
}

static node_id add_division(struct op_call *c, const struct window *w, node_id sum, const struct shape *y)
{
    struct nest n = {0};
    int space[3];

    n.out[0] = index_axis(nest_add_axis(&n, "c", y->dim[0], false), 1);
    window_add_space(w, &n, space, &n.out[1]);
    const struct expr *count = expr_count(c, w, 0, space[0]);
    for (int i = 1; i < w->rank; i++)
        count = expr_binary(c->graph, FUNCTION_MULTIPLY, count, expr_count(c, w, i, space[i]));
    n.body = expr_binary(c->graph, FUNCTION_DIVIDE, nest_read(c->graph, &n, sum, n.out), count);
    return graph_add_compute(c->graph, "mean", y, &n, false);
}

static bool avgpool_build(struct op_call *c, node_id *result)
{
    static const struct window_args args = {
        .kernel = KERNEL, .stride = STRIDE, .padding = PADDING, .dilation = -1, .ceil = CEIL, .stride_is_kernel = true};
    struct window w;
    double elements = 1;
    bool full = true;

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL") || !window_infer(c, &args, &w) ||
        !window_want_contact(c, PADDING, &w))
        return false;
    const struct shape y = window_shape(&w, op_shape(c, 0)->dim[0]);
    for (int i = 0; i < w.rank; i++) {
        elements *= (double)w.kernel[i];
        full = full && is_full(c, &w, i);
    }
    if (!op_want_size(c, &y))
        return false;
    const node_id sum = add_sum(c, &w, &y);
    *result = full ? graph_add_scaled(c->graph, "mean", FUNCTION_MULTIPLY, sum, 1 / elements, false) : add_division(c, &w, sum, &y);
    return true;
}

const struct op op_avgpool = {
    .name = "avgpool",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = avgpool_build,
    .doc = "`avgpool(kernel, stride=kernel, padding=0, ceil=false, count_include_pad=false)`\n\n"
           "The mean of the elements under each window of an image `CxHxW` or a signal `CxL`.\n\n"
           "    y[c,h,w] = (sum over p,q of x[c, h*s + p - top, w*s + q - left]) / count(h,w)\n\n"
           "`count` is the number of input elements under the window; with `count_include_pad = true` padding counts too. Sizes "
           "follow conv's formula; `ceil = true` keeps a last, partial window that begins inside the input.\n",
    .example = "net smoothed {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> avgpool(2x2) -> avgpool(3, stride = 2, padding = 1);\n"
               "}\n",
};

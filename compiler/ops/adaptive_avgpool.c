/* adaptive_avgpool: the means over bins that cut the input into as many places as are asked for.
 *
 *   y[c,i,j] = mean of x[c,h,w]        floor(i*H/H') <= h < ceil((i + 1)*H/H'),   floor(j*W/W') <= w < ceil((j + 1)*W/W')
 *
 *   x [C,H,W]   y [C,H',W']
 *
 * Neighbouring bins overlap where H' does not divide H, and their lengths differ. A bin is a product of a run of rows and a run of
 * columns, so its mean is the mean along one axis of the means along the other.
 *
 * Source: PyTorch, `torch.nn.AdaptiveAvgPool2d` (start_index, end_index of its AdaptivePooling.h).
 */
#include "compiler/ops/build.h"

enum { SIZE, PARAM_COUNT };

/* Far beyond any use, and small enough for products with sizes of tensors. */
enum { MOST_BINS = 65536 };

static const struct param params[PARAM_COUNT] = {
    [SIZE] = {.name = "size", .type = PARAM_SIZES, .required = true, .min = 1, .max = MOST_BINS},
};

/* Bins `first` … `first + count - 1`: of one length, their starts one step apart. */
struct bins {
    int64_t first, count, start, step, length;
};

static int64_t bin_start(int64_t i, int64_t n, int64_t out)
{
    return i * n / out;
}

static int64_t bin_length(int64_t i, int64_t n, int64_t out)
{
    return ((i + 1) * n + out - 1) / out - bin_start(i, n, out);
}

/* As many bins from `first` on as have one length and one step. */
static struct bins bins_from(int64_t first, int64_t n, int64_t out)
{
    struct bins b = {.first = first, .count = 1, .start = bin_start(first, n, out), .length = bin_length(first, n, out)};

    while (first + b.count < out && bin_length(first + b.count, n, out) == b.length) {
        const int64_t step = bin_start(first + b.count, n, out) - bin_start(first + b.count - 1, n, out);
        if (b.count > 1 && step != b.step)
            break;
        b.step = step;
        b.count++;
    }
    return b;
}

/* The mean of each of some bins along dimension `d` of x. */
static void make_means(struct op_call *c, node_id x, int d, const struct bins *b, struct nest *n)
{
    const struct shape shape = graph_node(c->graph, x)->shape;
    struct index at[MAX_RANK] = {0};

    for (int k = 0; k < shape.rank; k++)
        n->out[k] = at[k] = index_axis(nest_add_axis(n, op_axis_name(shape.rank, k), k == d ? b->count : shape.dim[k], false), 1);
    n->out[d].offset = b->first;
    at[d].factor[d] = b->step;
    at[d] = index_add(at[d], index_axis(nest_add_axis(n, op_tap_name(d - 1), b->length, true), 1));
    at[d].offset = b->start;
    n->combine = COMBINE_SUM;
    n->body =
        expr_binary(c->graph, FUNCTION_MULTIPLY, nest_read(c->graph, n, x, at), expr_constant(c->graph, 1 / (double)b->length));
}

/* x with dimension `d` cut into `out` bins. */
static node_id add_means(struct op_call *c, node_id x, int d, int64_t out)
{
    struct shape shape = graph_node(c->graph, x)->shape;
    VEC(struct nest) parts = {0};

    const int64_t n = shape.dim[d];
    if (n == out)
        return x;
    for (int64_t i = 0; i < out;) {
        const struct bins b = bins_from(i, n, out);
        struct nest part = {0};
        make_means(c, x, d, &b, &part);
        vec_push(c->graph->arena, &parts, part);
        i += b.count;
    }
    shape.dim[d] = out;
    return graph_add_parts(c->graph, "mean", &shape, (int)parts.count, parts.at, false);
}

static bool adaptive_avgpool_build(struct op_call *c, node_id *result)
{
    int64_t out[3];

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL"))
        return false;
    struct shape y = *op_shape(c, 0);
    if (!op_spatial(c, SIZE, y.rank - 1, out))
        return false;
    for (int i = 1; i < y.rank; i++)
        y.dim[i] = out[i - 1];
    if (!op_want_size(c, &y))
        return false;
    *result = c->in[0];
    for (int i = 1; i < y.rank; i++)
        *result = add_means(c, *result, i, y.dim[i]);
    return true;
}

const struct op op_adaptive_avgpool = {
    .name = "adaptive_avgpool",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = adaptive_avgpool_build,
    .doc = "`adaptive_avgpool(size)`\n\n"
           "The means over `size` bins of an image `CxHxW` or a signal `CxL`, whatever its own size.\n\n"
           "    y[c,i,j] = mean of x[c,h,w],   floor(i*H/H') <= h < ceil((i + 1)*H/H')   and so for w\n\n"
           "Bins of an axis that `size` does not divide overlap and differ in length; with more bins than elements, elements are "
           "repeated.\n",
    .example = "net pooled {\n"
               "    input image: 3x30x32;\n"
               "    output y = image -> conv(8, 3x3) -> relu -> adaptive_avgpool(7x7) -> flatten -> dense(10);\n"
               "}\n",
};

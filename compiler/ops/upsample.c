/* upsample: images and signals made larger by a whole number along each spatial axis.
 *
 *   nearest    y[c, s*h + a] = x[c,h]                                      0 <= a < s
 *   bilinear   y[c, s*h + a] = sum over t in 0, 1, 2 of  x[c, h + t - 1] * weight(h, a, t)
 *              weight = max(0, 1 - |place - (h + t - 1)|),  place = (s*h + a + 1/2)/s - 1/2, kept between 0 and H - 1
 *
 * along each axis in turn. `place` is where the centre of the result's element lies between the centres of the input's; it is never
 * more than one from h, so three elements are enough.
 *
 *   x [C,H,W] or [C,L]   y [C,s*H,s'*W]
 *
 * Source: PyTorch, `torch.nn.Upsample` (align_corners=False; bilinear of a signal is its `linear`).
 */
#include "compiler/ops/build.h"

enum { SCALE, MODE, PARAM_COUNT };

static const char *const modes[] = {"nearest", "bilinear", NULL};

enum { NEAREST, BILINEAR };

static const struct param params[PARAM_COUNT] = {
    [SCALE] = {.name = "scale", .type = PARAM_SIZES, .required = true, .min = 1, .max = NO_MAXIMUM},
    [MODE] = {.name = "mode", .type = PARAM_NAME, .choices = modes},
};

/* ---- nearest ------------------------------------------------------------------------------------------------------- */

static node_id add_repeated(struct op_call *c, const int64_t scale[], const struct shape *y)
{
    const struct shape x = *op_shape(c, 0);
    struct index at[MAX_RANK] = {0};
    struct nest n = {0};

    at[0] = n.out[0] = index_axis(nest_add_axis(&n, "c", x.dim[0], false), 1);
    for (int d = 1; d < x.rank; d++) {
        const int h = nest_add_axis(&n, op_axis_name(x.rank, d), x.dim[d], false);
        const int a = nest_add_axis(&n, op_tap_name(d - 1), scale[d - 1], false);
        at[d] = index_axis(h, 1);
        n.out[d] = index_add(index_axis(h, scale[d - 1]), index_axis(a, 1));
    }
    n.body = nest_read(c->graph, &n, c->in[0], at);
    return graph_add_compute(c->graph, "upsample", y, &n, false);
}

/* ---- bilinear ------------------------------------------------------------------------------------------------------ */

/* `index` kept between 0 and `limit`. */
static const struct expr *expr_between(struct graph *g, struct index index, int64_t limit)
{
    const struct expr *i = expr_index(g, index), *zero = expr_constant(g, 0), *most = expr_constant(g, (double)limit);
    const struct expr *low = expr_select(g, expr_binary(g, FUNCTION_LESS, i, zero), zero, i);

    return expr_select(g, expr_binary(g, FUNCTION_LESS, most, i), most, low);
}

/* weight(h, a, t), all of it counted in 1/(2s), so that everything up to the last product is a whole number. */
static const struct expr *expr_weight(struct graph *g, int64_t s, int64_t size, int h, int a, int t)
{
    const struct index row = index_axis(h, 2 * s);
    const struct index place = index_add(index_add(row, index_axis(a, 2)), index_constant(1 - s));
    const struct index tap = index_add(index_add(row, index_axis(t, 2 * s)), index_constant(-2 * s));
    const struct expr *apart = expr_binary(g, FUNCTION_SUBTRACT, expr_between(g, place, 2 * s * (size - 1)), expr_index(g, tap));
    const struct expr *near =
        expr_binary(g, FUNCTION_SUBTRACT, expr_constant(g, 2 * (double)s), expr_unary(g, FUNCTION_ABSOLUTE, apart));

    return expr_binary(g, FUNCTION_MULTIPLY, expr_unary(g, FUNCTION_RELU, near), expr_constant(g, 1 / (2 * (double)s)));
}

/* x made s times larger along dimension `along`. */
static node_id add_interpolated(struct op_call *c, node_id x, int along, int64_t s)
{
    struct shape y = graph_node(c->graph, x)->shape;
    const int64_t size = y.dim[along];
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK] = {0};
    int h = 0;

    for (int d = 0; d < y.rank; d++) {
        const int axis = nest_add_axis(&n, op_axis_name(y.rank, d), y.dim[d], false);
        at[d] = n.out[d] = index_axis(axis, 1);
        h = d == along ? axis : h;
    }
    const int a = nest_add_axis(&n, "a", s, false), t = nest_add_axis(&n, "t", 3, true);
    n.out[along] = index_add(index_axis(h, s), index_axis(a, 1));
    at[along] = index_add(index_add(at[along], index_axis(t, 1)), index_constant(-1));
    const struct expr *element = nest_read(c->graph, &n, x, at);
    n.body = expr_binary(c->graph, FUNCTION_MULTIPLY, element, expr_weight(c->graph, s, size, h, a, t));
    y.dim[along] = s * size;
    return graph_add_compute(c->graph, "upsample", &y, &n, false);
}

/* ---- Building ------------------------------------------------------------------------------------------------------ */

static bool upsample_build(struct op_call *c, node_id *result)
{
    int64_t scale[MAX_RANK] = {0};

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL") || !op_spatial(c, SCALE, op_shape(c, 0)->rank - 1, scale))
        return false;
    struct shape y = *op_shape(c, 0);
    for (int d = 1; d < y.rank; d++)
        if (!checked_multiply(y.dim[d], scale[d - 1], &y.dim[d]))
            return diag_error(c->diags, c->arg[SCALE].at, DIAG_TENSOR_SIZE, "upsample: the size of the result exceeds 64 bits");
    if (!op_want_size(c, &y))
        return false;
    *result = c->in[0];
    if (shape_equal(&y, op_shape(c, 0)))
        return true;
    if (c->arg[MODE].integer == NEAREST) {
        *result = add_repeated(c, scale, &y);
        return true;
    }
    for (int d = 1; d < y.rank; d++)
        if (scale[d - 1] > 1)
            *result = add_interpolated(c, *result, d, scale[d - 1]);
    return true;
}

const struct op op_upsample = {
    .name = "upsample",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = upsample_build,
    .doc = "`upsample(scale, mode=nearest)`\n\n"
           "Makes an image `CxHxW` or a signal `CxL` `scale` times larger along each spatial axis; `scale` is a whole number or a "
           "size. `nearest` repeats elements, `bilinear` interpolates between their centres (PyTorch's `align_corners=False`).\n",
    .example = "net decoder {\n"
               "    input code: 4x8x8;\n"
               "    output y = code -> upsample(2) -> conv(4, 3x3, padding = same) -> upsample(2x3, mode = bilinear);\n"
               "}\n",
};

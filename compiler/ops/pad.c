/* pad, crop: rows and columns added at the borders, or taken away.
 *
 *   pad    y[c,h,w] = x[c, h - top, w - left] where that is inside x, else value        H' = H + top + bottom
 *   crop   y[c,h,w] = x[c, h + top, w + left]                                           H' = H - top - bottom
 *
 *   x [C,H,W] or [C,L]
 *
 * Source: PyTorch, `torch.nn.functional.pad` (constant); Keras, `Cropping2D`.
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { AMOUNT, VALUE, PAD_PARAM_COUNT, CROP_PARAM_COUNT = VALUE };

static const struct param params[PAD_PARAM_COUNT] = {
    [AMOUNT] = {.name = "p", .type = PARAM_PADDING, .required = true, .min = 0, .max = NO_MAXIMUM},
    [VALUE] = {.name = "value", .type = PARAM_REAL},
};

/* What is added or taken at either end of each spatial axis. */
struct borders {
    int64_t begin[MAX_RANK], end[MAX_RANK];
};

static bool read_borders(struct op_call *c, struct borders *b)
{
    const struct literal *l = c->arg[AMOUNT].literal;

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL"))
        return false;
    const int rank = op_shape(c, 0)->rank - 1;
    if (l->kind == LITERAL_NAME)
        return diag_error(c->diags, c->arg[AMOUNT].at, DIAG_ARGUMENT_TYPE,
                          "%s: p takes an integer, a size or [[begin, end], ...], not %s: there is no kernel to follow",
                          c->op->name, l->as.string);
    if (l->kind == LITERAL_LIST)
        return op_pairs(c, AMOUNT, rank, b->begin, b->end);
    if (!op_spatial(c, AMOUNT, rank, b->begin))
        return false;
    for (int i = 0; i < rank; i++)
        b->end[i] = b->begin[i];
    return true;
}

/* y[c,h,w] = x[c, h + shift, w + shift'] where that is inside x, else `otherwise`. */
static node_id add_shifted(struct op_call *c, const struct shape *y, const int64_t shift[], double otherwise)
{
    struct nest n = {.otherwise = otherwise};
    struct index at[MAX_RANK];

    for (int d = 0; d < y->rank; d++) {
        at[d] = n.out[d] = index_axis(nest_add_axis(&n, op_axis_name(y->rank, d), y->dim[d], false), 1);
        if (d > 0)
            at[d] = index_add(at[d], index_constant(shift[d - 1]));
    }
    n.body = nest_read(c->graph, &n, c->in[0], at);
    return graph_add_compute(c->graph, c->op->name, y, &n, false);
}

/* ---- pad ----------------------------------------------------------------------------------------------------------- */

static bool pad_build(struct op_call *c, node_id *result)
{
    struct borders b = {0};

    if (!read_borders(c, &b))
        return false;
    struct shape y = *op_shape(c, 0);
    for (int i = 0; i + 1 < y.rank; i++) {
        int64_t *size = &y.dim[i + 1];
        if (!checked_add(*size, b.begin[i], size) || !checked_add(*size, b.end[i], size))
            return diag_error(c->diags, c->arg[AMOUNT].at, DIAG_TENSOR_SIZE, "pad: the size of the result exceeds 64 bits");
        b.begin[i] = -b.begin[i];
    }
    if (!op_want_size(c, &y))
        return false;
    *result = shape_equal(&y, op_shape(c, 0)) ? c->in[0] : add_shifted(c, &y, b.begin, c->arg[VALUE].real);
    return true;
}

const struct op op_pad = {
    .name = "pad",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PAD_PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = pad_build,
    .doc =
        "`pad(p, value=0)`\n\n"
        "Adds `p` rows and columns of `value` at each border of an image `CxHxW` or a signal `CxL`. `p` is an integer, a size with "
        "a number for each spatial axis, or a list `[[begin, end], ...]`, of a signal `[begin, end]`.\n",
    .example = "net framed {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> pad(2) -> conv(6, 5x5) -> pad([[0, 1], [0, 1]], value = -1);\n"
               "}\n",
};

/* ---- crop ---------------------------------------------------------------------------------------------------------- */

static bool report_empty(struct op_call *c, const struct borders *b, int i)
{
    const struct shape *in = op_shape(c, 0);
    char text[SHAPE_TEXT];

    diag_error(c->diags, c->arg[AMOUNT].at, DIAG_CROP,
               "crop: nothing is left of the %" PRId64 " places of axis %d of %s: %" PRId64 " - %" PRId64 " - %" PRId64
               " is less than 1",
               in->dim[i + 1], i + 1, shape_text(in, text), in->dim[i + 1], b->begin[i], b->end[i]);
    op_note_input(c, 0);
    return false;
}

static bool crop_build(struct op_call *c, node_id *result)
{
    struct borders b = {0};

    if (!read_borders(c, &b))
        return false;
    struct shape y = *op_shape(c, 0);
    for (int i = 0; i + 1 < y.rank; i++) {
        const int64_t size = y.dim[i + 1];
        if (b.begin[i] >= size || b.end[i] >= size - b.begin[i])
            return report_empty(c, &b, i);
        y.dim[i + 1] = size - b.begin[i] - b.end[i];
    }
    *result = shape_equal(&y, op_shape(c, 0)) ? c->in[0] : add_shifted(c, &y, b.begin, 0);
    return true;
}

const struct op op_crop = {
    .name = "crop",
    .kind = OP_LAYER,
    .params = params,
    .param_count = CROP_PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = crop_build,
    .doc = "`crop(p)`\n\n"
           "Takes `p` rows and columns away at each border of an image `CxHxW` or a signal `CxL`. `p` is an integer, a size with "
           "a number for each spatial axis, or a list `[[begin, end], ...]`, of a signal `[begin, end]`.\n",
    .example = "net inner {\n"
               "    input image: 3x32x32;\n"
               "    output y = image -> conv(4, 3x3, padding = 1) -> crop(2) -> crop([[0, 1], [1, 0]]);\n"
               "}\n",
};

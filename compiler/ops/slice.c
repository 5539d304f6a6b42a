/* slice, split: a part of a tensor along an axis, or equal parts of all of it.
 *
 *   slice   y[…,k,…] = x[…, begin + k, …],                 0 <= k < end - begin
 *   split   y_i[…,k,…] = x[…, i*n + k, …],                 0 <= k < n, n = size / parts
 *
 * Source: PyTorch, `torch.narrow`, `torch.chunk`; Keras, `ops.split`.
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { BEGIN, END, SLICE_AXIS, SLICE_PARAM_COUNT };

static const struct param slice_params[SLICE_PARAM_COUNT] = {
    [BEGIN] = {.name = "begin", .type = PARAM_INT, .required = true},
    [END] = {.name = "end", .type = PARAM_INT, .required = true},
    [SLICE_AXIS] = {.name = "axis", .type = PARAM_INT, .fallback = 0},
};

enum { PARTS, SPLIT_AXIS, SPLIT_PARAM_COUNT };

/* As many as a join takes. */
static const struct param split_params[SPLIT_PARAM_COUNT] = {
    [PARTS] = {.name = "parts", .type = PARAM_INT, .required = true, .min = 1, .max = MAX_BRANCHES},
    [SPLIT_AXIS] = {.name = "axis", .type = PARAM_INT, .fallback = 0},
};

/* Places begin … end - 1 of input 0 along the axis. */
static node_id add_part(struct op_call *c, const char *op_name, int axis, int64_t begin, int64_t end)
{
    struct shape y = *op_shape(c, 0);
    struct index at[MAX_RANK];
    struct nest n = {0};

    y.dim[axis] = end - begin;
    for (int d = 0; d < y.rank; d++)
        at[d] = n.out[d] = index_axis(nest_add_axis(&n, op_axis_name(y.rank, d), y.dim[d], false), 1);
    at[axis] = index_add(at[axis], index_constant(begin));
    n.body = nest_read(c->graph, &n, c->in[0], at);
    return graph_add_compute(c->graph, op_name, &y, &n, false);
}

/* ---- slice --------------------------------------------------------------------------------------------------------- */

/* A place between the elements, 0 … size; negative ones count from the end. */
static bool read_place(struct op_call *c, int arg, int axis, int64_t *place)
{
    const int64_t given = c->arg[arg].integer, size = op_shape(c, 0)->dim[axis];
    char text[SHAPE_TEXT];

    *place = given < 0 ? given + size : given;
    if (given >= -size && given <= size)
        return true;
    diag_error(c->diags, c->arg[arg].at, DIAG_INDEX_RANGE, "slice: %s %" PRId64 " is beyond axis %d of %s, which has %" PRId64,
               op_param(c->op, arg)->name, given, axis, shape_text(op_shape(c, 0), text), size);
    op_note_input(c, 0);
    return false;
}

static bool slice_build(struct op_call *c, node_id *result)
{
    int64_t begin, end;
    int axis;

    if (!op_want_rank(c, 0, 1, MAX_RANK, "a tensor with at least one axis") ||
        !op_axis(c, SLICE_AXIS, op_shape(c, 0)->rank, &axis) || !read_place(c, BEGIN, axis, &begin) ||
        !read_place(c, END, axis, &end))
        return false;
    if (begin >= end)
        return diag_error(c->diags, c->arg[END].at, DIAG_INDEX_RANGE,
                          "slice: nothing lies from %" PRId64 " to %" PRId64 ": end is the first place that is left out", begin,
                          end);
    *result = begin == 0 && end == op_shape(c, 0)->dim[axis] ? c->in[0] : add_part(c, "slice", axis, begin, end);
    return true;
}

const struct op op_slice = {
    .name = "slice",
    .kind = OP_LAYER,
    .params = slice_params,
    .param_count = SLICE_PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = slice_build,
    .doc =
        "`slice(begin, end, axis=0)`\n\n"
        "The places `begin` to `end - 1` along an axis. Negative numbers count from the end: `slice(-1, 12)` of `12xF` is its last "
        "row, as `1xF`.\n",
    .example = "net first_half {\n"
               "    input x: 8;\n"
               "    output y = x -> slice(0, 4) -> dense(2);\n"
               "}\n",
};

/* ---- split --------------------------------------------------------------------------------------------------------- */

static bool report_parts(struct op_call *c, int axis)
{
    const struct shape *in = op_shape(c, 0);
    char text[SHAPE_TEXT];

    diag_error(c->diags, c->arg[PARTS].at, DIAG_PARTS, "split: %" PRId64 " parts do not divide the %" PRId64 " of axis %d of %s",
               c->arg[PARTS].integer, in->dim[axis], axis, shape_text(in, text));
    op_note_input(c, 0);
    diag_hint(c->diags, "slice takes parts of any size");
    return false;
}

static bool split_build(struct op_call *c, node_id *result)
{
    const int64_t parts = c->arg[PARTS].integer;
    int axis;

    if (!op_want_rank(c, 0, 1, MAX_RANK, "a tensor with at least one axis") || !op_axis(c, SPLIT_AXIS, op_shape(c, 0)->rank, &axis))
        return false;
    const int64_t size = op_shape(c, 0)->dim[axis];
    if (size % parts != 0)
        return report_parts(c, axis);
    for (int64_t i = 0; i < parts; i++) {
        const node_id part = parts == 1 ? c->in[0] : add_part(c, "part", axis, i * (size / parts), (i + 1) * (size / parts));
        vec_push(c->graph->arena, &c->results, part);
    }
    *result = c->results.at[0];
    return true;
}

const struct op op_split = {
    .name = "split",
    .kind = OP_LAYER,
    .params = split_params,
    .param_count = SPLIT_PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = split_build,
    .doc = "`split(parts, axis=0)`\n\n"
           "Equal parts along an axis, as so many results: `a, b = split(x, 2);`.\n",
    .example = "net halves {\n"
               "    input image: 4x8x8;\n"
               "    left, right = image -> split(2);\n"
               "    output y = concat((left -> conv(4, 3x3, padding = 1)), right);\n"
               "}\n",
};

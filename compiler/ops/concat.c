/* concat: tensors one after the other along an axis; the other sizes are equal.
 *
 *   y[…, begin_i + k, …] = x_i[…, k, …]        begin_i = the sizes of x_1 … x_(i-1) along the axis
 */
#include "compiler/ops/build.h"

enum { AXIS, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [AXIS] = {.name = "axis", .type = PARAM_INT, .fallback = 0},
};

static bool agree(const struct shape *a, const struct shape *b, int axis)
{
    if (a->rank != b->rank)
        return false;
    for (int d = 0; d < a->rank; d++)
        if (d != axis && a->dim[d] != b->dim[d])
            return false;
    return true;
}

static bool report_branches(struct op_call *c, int axis, int other)
{
    diag_error(c->diags, c->at, DIAG_BRANCHES, "concat: the branches differ beyond axis %d: %s", axis, op_inputs_text(c));
    op_note_input(c, 0);
    op_note_input(c, other);
    return false;
}

/* One part of the result: input `i`, from place `begin` along the axis. */
static struct nest copy_to(struct op_call *c, int i, int axis, int64_t begin)
{
    const struct shape *from = op_shape(c, i);
    struct nest n = {0};
    struct index at[MAX_RANK];

    for (int d = 0; d < from->rank; d++)
        at[d] = n.out[d] = index_axis(nest_add_axis(&n, op_axis_name(from->rank, d), from->dim[d], false), 1);
    n.out[axis] = index_add(n.out[axis], index_constant(begin));
    n.body = nest_read(c->graph, &n, c->in[i], at);
    return n;
}

static bool concat_build(struct op_call *c, node_id *result)
{
    struct shape y = *op_shape(c, 0);
    struct nest *parts = arena_array(c->graph->arena, struct nest, (size_t)c->in_count);
    int axis;

    if (!op_want_rank(c, 0, 1, MAX_RANK, "tensors with at least one axis") || !op_axis(c, AXIS, y.rank, &axis))
        return false;
    y.dim[axis] = 0;
    for (int i = 0; i < c->in_count; i++) {
        if (!agree(op_shape(c, 0), op_shape(c, i), axis))
            return report_branches(c, axis, i);
        parts[i] = copy_to(c, i, axis, y.dim[axis]);
        y.dim[axis] += op_shape(c, i)->dim[axis];
    }
    if (!op_want_size(c, &y))
        return false;
    *result = c->in_count == 1 ? c->in[0] : graph_add_parts(c->graph, "concat", &y, c->in_count, parts, false);
    return true;
}

const struct op op_concat = {
    .name = "concat",
    .kind = OP_JOIN,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = MAX_BRANCHES,
    .build = concat_build,
    .doc = "`concat(a, b, ..., axis=0)` or `concat(axis=0) { | chain | chain }`\n\n"
           "Tensors one after the other along an axis; their other sizes are equal. Images are joined by channels.\n",
    .example =
        "net inception {\n"
        "    input x: 3x8x8;\n"
        "    output y = x -> concat { | conv(4, 1x1) | conv(8, 3x3, padding = same) | maxpool(3, stride = 1, padding = 1) };\n"
        "}\n",
};

/* add, mul: branches or tensors of one shape, element by element.
 *
 *   y = x_1 + x_2 + …        y = x_1 * x_2 * …        from the left
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

/* Of two images, where one has as many times more channels as the other is larger along both sides, or any other relation that a
 * strided 1x1 convolution mends: says how. */
static void hint_projection(struct op_call *c, int first, int other)
{
    const struct shape *a = op_shape(c, first), *b = op_shape(c, other);
    const bool first_is_goal = a->dim[1] != b->dim[1] ? a->dim[1] < b->dim[1] : a->dim[0] > b->dim[0];
    const int small = first_is_goal ? first : other, large = first_is_goal ? other : first;
    const struct shape *to = op_shape(c, small), *from = op_shape(c, large);

    if (to->dim[0] < from->dim[0])
        return;
    const int64_t stride = (from->dim[1] - 1) / to->dim[1] + 1;
    if ((from->dim[1] - 1) / stride + 1 != to->dim[1] || (from->dim[2] - 1) / stride + 1 != to->dim[2])
        return;
    const char *step = stride == 1 ? "" : arena_printf(c->diags->arena, ", stride = %" PRId64, stride);
    diag_hint(c->diags, "project %s: conv(%" PRId64 ", 1x1%s, bias = false)", op_input_name(c, large), to->dim[0], step);
}

static bool report_branches(struct op_call *c, enum function f, int other)
{
    const struct shape *a = op_shape(c, 0), *b = op_shape(c, other);
    struct shape wide;

    diag_error(c->diags, c->at, DIAG_BRANCHES, "%s: the branches differ: %s", c->op->name, op_inputs_text(c));
    op_note_input(c, 0);
    op_note_input(c, other);
    if (f == FUNCTION_ADD && a->rank == 3 && b->rank == 3)
        hint_projection(c, 0, other);
    else if (shape_broadcast(a, b, &wide))
        diag_hint(c->diags, "the operator %s broadcasts", f == FUNCTION_ADD ? "+" : "*");
    return false;
}

static bool join(struct op_call *c, enum function f, node_id *result)
{
    for (int i = 1; i < c->in_count; i++)
        if (!shape_equal(op_shape(c, 0), op_shape(c, i)))
            return report_branches(c, f, i);

    const struct shape shape = *op_shape(c, 0);
    *result = c->in[0];
    for (int i = 1; i < c->in_count; i++)
        *result = graph_add_binary(c->graph, c->op->name, f, *result, c->in[i], &shape);
    return true;
}

static bool add_build(struct op_call *c, node_id *result)
{
    return join(c, FUNCTION_ADD, result);
}

static bool mul_build(struct op_call *c, node_id *result)
{
    return join(c, FUNCTION_MULTIPLY, result);
}

const struct op op_add = {
    .name = "add",
    .kind = OP_JOIN,
    .min_inputs = 2,
    .max_inputs = MAX_BRANCHES,
    .build = add_build,
    .doc = "`add(a, b, ...)` or `add { | chain | chain }`\n\n"
           "The sum of tensors of one shape, element by element.\n",
    .example = "net residual {\n"
               "    input x: 8x4x4;\n"
               "    output y = x -> add { | conv(8, 3x3, padding = 1) | identity } -> relu;\n"
               "}\n",
};

const struct op op_mul = {
    .name = "mul",
    .kind = OP_JOIN,
    .min_inputs = 2,
    .max_inputs = MAX_BRANCHES,
    .build = mul_build,
    .doc = "`mul(a, b, ...)` or `mul { | chain | chain }`\n\n"
           "The product of tensors of one shape, element by element.\n",
    .example = "net gated {\n"
               "    input x: 16;\n"
               "    output y = x -> mul { | dense(8) -> sigmoid | dense(8) };\n"
               "}\n",
};

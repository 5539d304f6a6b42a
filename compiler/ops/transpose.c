/* transpose: the axes in another order.
 *
 *   y[i_0, i_1, …] = x[…]  with  i_k  along axis  axes[k]  of x;   y has the sizes  x.shape[axes[0]], x.shape[axes[1]], …
 *
 * Source: PyTorch, `torch.permute`; NumPy, `numpy.transpose`.
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { AXES, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [AXES] = {.name = "axes", .type = PARAM_LIST, .required = true},
};

static bool report_count(struct op_call *c, size_t count)
{
    char text[SHAPE_TEXT];

    diag_error(c->diags, c->arg[AXES].at, DIAG_AXIS, "transpose: %zu %s listed, the tensor %s has %d", count,
               count == 1 ? "axis is" : "axes are", shape_text(op_shape(c, 0), text), op_shape(c, 0)->rank);
    diag_hint(c->diags, "list every axis once, in the order that the result has them: axes = [1, 0] exchanges two");
    return false;
}

/* The axes as 0 … rank - 1, each once. */
static bool read_axes(struct op_call *c, int axes[MAX_RANK])
{
    const struct literal *list = c->arg[AXES].literal;
    const int rank = op_shape(c, 0)->rank;
    bool seen[MAX_RANK] = {false};

    if (list->as.list.count != (size_t)rank)
        return report_count(c, list->as.list.count);
    for (int i = 0; i < rank; i++) {
        const struct literal *l = list->as.list.at[i];
        if (l->kind != LITERAL_INT)
            return diag_error(c->diags, l->at, DIAG_ARGUMENT_TYPE, "transpose: an axis is an integer, not %s",
                              literal_kind_text(l->kind));
        const int64_t axis = l->as.integer < 0 ? l->as.integer + rank : l->as.integer;
        if (axis < 0 || axis >= rank)
            return diag_error(c->diags, l->at, DIAG_AXIS, "transpose: there is no axis %" PRId64 ": the tensor has %d, from 0",
                              l->as.integer, rank);
        if (seen[axis])
            return diag_error(c->diags, l->at, DIAG_AXIS, "transpose: axis %" PRId64 " is listed twice", l->as.integer);
        seen[axis] = true;
        axes[i] = (int)axis;
    }
    return true;
}

static bool transpose_build(struct op_call *c, node_id *result)
{
    struct index at[MAX_RANK] = {0};
    struct nest n = {0};
    int axes[MAX_RANK] = {0};

    if (!read_axes(c, axes))
        return false;
    const struct shape from = *op_shape(c, 0);
    struct shape to = from;
    for (int i = 0; i < from.rank; i++) {
        to.dim[i] = from.dim[axes[i]];
        at[axes[i]] = n.out[i] = index_axis(nest_add_axis(&n, op_axis_name(from.rank, i), to.dim[i], false), 1);
    }
    n.body = nest_read(c->graph, &n, c->in[0], at);
    *result = graph_add_compute(c->graph, "transpose", &to, &n, false);
    return true;
}

const struct op op_transpose = {
    .name = "transpose",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = transpose_build,
    .doc =
        "`transpose(axes)`\n\n"
        "The axes in another order: axis k of the result is axis `axes[k]` of the input. `transpose([1, 0])` makes `LxC` of `CxL`; "
        "negative numbers count from the last axis.\n",
    .example = "net sequence {\n"
               "    input signal: 4x20;\n"
               "    output y = signal -> conv(8, 3) -> transpose([1, 0]) -> dense(2);\n"
               "}\n",
};

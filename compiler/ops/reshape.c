/* flatten, reshape: the same elements in the same order under another shape. Nothing is computed.
 *
 *   flatten   x [C,H,W]   y [C*H*W]
 *   reshape   one size may be -1: what the others leave
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { SIZE, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [SIZE] = {.name = "size", .type = PARAM_SHAPE, .required = true},
};

static bool flatten_build(struct op_call *c, node_id *result)
{
    const struct shape flat = {.rank = 1, .dim = {shape_elements(op_shape(c, 0))}};

    *result = graph_add_view(c->graph, c->in[0], &flat);
    return true;
}

/* `known`: the sizes of `to` without the open one, if there is one. */
static bool report_elements(struct op_call *c, const struct shape *to, const struct shape *known, bool is_open)
{
    const int64_t elements = shape_elements(op_shape(c, 0));
    char from_text[SHAPE_TEXT], to_text[SHAPE_TEXT];

    diag_error(c->diags, c->arg[SIZE].at, DIAG_RESHAPE, "reshape: %" PRId64 " elements (%s) do not fit into %s", elements,
               shape_text(op_shape(c, 0), from_text), shape_text(to, to_text));
    op_note_input(c, 0);
    if (shape_is_valid(known) && is_open)
        diag_hint(c->diags, "%" PRId64 " does not divide %" PRId64, shape_elements(known), elements);
    else if (shape_is_valid(known))
        diag_hint(c->diags, "%s has %" PRId64, to_text, shape_elements(known));
    return false;
}

/* Checks each size and finds the open one, or -1. Returns false after an error. */
static bool find_open(struct op_call *c, const struct shape *to, int *open)
{
    *open = -1;
    for (int i = 0; i < to->rank; i++) {
        if (to->dim[i] >= 1)
            continue;
        if (to->dim[i] != -1)
            return diag_error(c->diags, c->arg[SIZE].at, DIAG_RESHAPE,
                              "reshape: %" PRId64 " is no size of an axis: use 1 or more, or -1", to->dim[i]);
        if (*open >= 0)
            return diag_error(c->diags, c->arg[SIZE].at, DIAG_RESHAPE, "reshape: only one size may be -1");
        *open = i;
    }
    return true;
}

static bool reshape_build(struct op_call *c, node_id *result)
{
    const int64_t elements = shape_elements(op_shape(c, 0));
    const struct shape given = c->arg[SIZE].sizes;
    struct shape to = given;
    int open;

    if (!find_open(c, &given, &open))
        return false;
    if (open >= 0)
        to.dim[open] = 1;
    if (!shape_is_valid(&to) || elements % shape_elements(&to) != 0)
        return report_elements(c, &given, &to, open >= 0);
    if (open >= 0)
        to.dim[open] = elements / shape_elements(&to);
    if (shape_elements(&to) != elements)
        return report_elements(c, &given, &to, false);
    *result = graph_add_view(c->graph, c->in[0], &to);
    return true;
}

const struct op op_flatten = {
    .name = "flatten",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = flatten_build,
    .doc = "`flatten`\n\n"
           "All elements as one vector, the last axis running fastest: `CxHxW` becomes `C*H*W`.\n",
    .example = "net classifier {\n"
               "    input image: 1x28x28;\n"
               "    output logits = image -> flatten -> dense(10);\n"
               "}\n",
};

const struct op op_reshape = {
    .name = "reshape",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = reshape_build,
    .doc = "`reshape(size)`\n\n"
           "The same elements in the same order under another shape. One size may be -1 and takes what the others leave: "
           "`reshape(size(-1, 7))`.\n",
    .example = "net rows {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> reshape(28x28) -> dense(4) -> reshape(size(-1, 2));\n"
               "}\n",
};

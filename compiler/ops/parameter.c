/* parameter: numbers that are trained and belong to no other layer, the same for all samples.
 *
 *   y = p [shape]
 *
 * It is called as the layer is: "LABEL". Its fans, for initialisers that want them, are those of a matrix [first axis, rest].
 *
 * Source: PyTorch, `torch.nn.Parameter` and `torch.nn.init`.
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { SHAPE, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [SHAPE] = {.name = "shape", .type = PARAM_SHAPE, .required = true},
};

static bool want_sizes(struct op_call *c, const struct shape *shape)
{
    for (int d = 0; d < shape->rank; d++)
        if (shape->dim[d] < 1)
            return diag_error(c->diags, c->arg[SHAPE].at, DIAG_ARGUMENT_RANGE, "parameter: a size is at least 1, got %" PRId64,
                              shape->dim[d]);
    return true;
}

static bool parameter_build(struct op_call *c, node_id *result)
{
    const struct shape shape = c->arg[SHAPE].sizes;

    if (!want_sizes(c, &shape) || !op_want_no_bias(c))
        return false;
    *result = op_add_free(c, &shape);
    return *result != NO_NODE;
}

const struct op op_parameter = {
    .name = "parameter",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .has_weights = true,
    .build = parameter_build,
    .doc =
        "`label: parameter(shape, init=normal(0.02))`\n\n"
        "A tensor of numbers that are trained, the same for all samples: positions of a sequence, a class token, a temperature. No "
        "tensor is piped into it. It is called by its label alone, in checkpoints and patterns, too; `regularize` takes it where a "
        "pattern names it. `init=`, `weight=` (nested lists: its first values), `l1=`, `l2=` and `frozen=` as for any layer.\n",
    .example = "net positions {\n"
               "    input rows: 28x28;\n"
               "    place: parameter(28x16);\n"
               "    scale: parameter(1, init = ones);\n"
               "    output y = (rows -> dense(16)) * scale + place -> tanh -> flatten -> dense(10);\n"
               "}\n",
};

/* identity: y = x. The branch that does nothing, and a place to hang a name. */
#include "compiler/ops/build.h"

static bool identity_build(struct op_call *c, node_id *result)
{
    *result = c->in[0];
    return true;
}

const struct op op_identity = {
    .name = "identity",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = identity_build,
    .doc = "`identity`\n\n"
           "Gives its input back: the branch of `add { | ... | identity }` that does nothing.\n",
    .example = "net residual {\n"
               "    input x: 8x4x4;\n"
               "    output y = x -> add { | conv(8, 3x3, padding = 1) | identity } -> relu;\n"
               "}\n",
};

/* stop_gradient: y = x, through which nothing flows back.
 *
 * Source: PyTorch, `torch.Tensor.detach`; TensorFlow, `tf.stop_gradient`.
 */
#include "compiler/ops/build.h"

static const struct expr *copy(const struct op_call *c, const struct expr *x)
{
    (void)c;
    return x;
}

static bool stop_gradient_build(struct op_call *c, node_id *result)
{
    *result = op_add_elementwise(c, "stop_gradient", c->in[0], copy);
    graph_node(c->graph, *result)->no_gradient = true;
    return true;
}

const struct op op_stop_gradient = {
    .name = "stop_gradient",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = stop_gradient_build,
    .doc =
        "`stop_gradient`\n\n"
        "Gives its input back, and nothing flows back through it: what stands before it learns nothing from what comes after, as "
        "with PyTorch's `detach`. A parameter that the loss reaches in no other way is not trained.\n",
    .example = "net straight_through {\n"
               "    input x: 8;\n"
               "    z = x -> dense(4);\n"
               "    rounded = (z -> hard_sigmoid) - z;                # in front: one function, in the gradient: another\n"
               "    output y = z + (rounded -> stop_gradient) -> dense(2);\n"
               "}\n",
};

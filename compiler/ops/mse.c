/* mse, half_mse: squared differences.
 *
 *   mse       loss = 1/n * sum over i of  (x[i] - t[i])^2
 *   half_mse  loss = 1/2 * sum over i of  (x[i] - t[i])^2
 *
 *   x [n, any shape]   t: as many numbers   loss: one number a sample
 *
 * Source: PyTorch, `torch.nn.MSELoss`; half_mse as in lectures on back-propagation.
 */
#include "compiler/ops/build.h"

static const char no_distance[] = "classes have no distance";

static const struct expr *square(const struct op_call *c, const struct expr *x, const struct expr *t)
{
    const struct expr *difference = expr_binary(c->graph, FUNCTION_SUBTRACT, x, t);

    return expr_binary(c->graph, FUNCTION_MULTIPLY, difference, difference);
}

static bool mse_build(struct op_call *c, node_id *result)
{
    if (!op_want_target(c, no_distance))
        return false;
    *result = op_add_target_mean(c, "squares", c->in[0], square);
    return true;
}

static bool half_mse_build(struct op_call *c, node_id *result)
{
    if (!op_want_target(c, no_distance))
        return false;
    const node_id squares = op_add_target_sum(c, "squares", c->in[0], square);
    *result = graph_add_scaled(c->graph, "half_mse", FUNCTION_MULTIPLY, squares, 0.5, false);
    return true;
}

const struct op op_mse = {
    .name = "mse",
    .kind = OP_LOSS,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = mse_build,
    .doc = "`mse(prediction, target)`\n\n"
           "The mean of the squared differences over all elements and the batch.\n\n"
           "    loss = 1/n * sum over i of (x[i] - t[i])^2\n",
    .example = "net autoencoder {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> flatten -> dense(16) -> tanh -> dense(784) -> reshape(1x28x28);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = mse(y, image); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

const struct op op_half_mse = {
    .name = "half_mse",
    .kind = OP_LOSS,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = half_mse_build,
    .doc = "`half_mse(prediction, target)`\n\n"
           "Half the sum of the squared differences, averaged over the batch: its gradient is x - t.\n\n"
           "    loss = 1/2 * sum over i of (x[i] - t[i])^2\n",
    .example = "net autoencoder {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> flatten -> dense(16) -> tanh -> dense(784) -> reshape(1x28x28);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = half_mse(y, image); optimizer = sgd(lr = 0.01); batch = 32; epochs = 1; }\n",
};

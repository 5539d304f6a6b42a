/* mae, huber: distances that large differences do not rule.
 *
 *   mae     loss = 1/n * sum over i of  |e[i]|                                              e[i] = x[i] - t[i]
 *   huber   loss = 1/n * sum over i of  (|e[i]| < delta ? 1/2*e[i]^2 : delta*(|e[i]| - delta/2))
 *
 *   x [n, any shape]   t: as many numbers   loss: one number a sample
 *
 * At e = 0 no gradient flows.
 *
 * Source: PyTorch, `torch.nn.L1Loss`, `torch.nn.HuberLoss`; Huber 1964, "Robust estimation of a location parameter".
 */
#include "compiler/ops/build.h"

enum { DELTA, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [DELTA] = {.name = "delta", .type = PARAM_REAL, .fallback = 1, .min = 0, .max = NO_MAXIMUM, .above_min = true},
};

static const char no_distance[] = "classes have no distance";

static const struct expr *distance(const struct op_call *c, const struct expr *x, const struct expr *t)
{
    return expr_unary(c->graph, FUNCTION_ABSOLUTE, expr_binary(c->graph, FUNCTION_SUBTRACT, x, t));
}

static const struct expr *huber(const struct op_call *c, const struct expr *x, const struct expr *t)
{
    struct graph *g = c->graph;
    const double delta = c->arg[DELTA].real;
    const struct expr *e = distance(c, x, t), *bound = expr_constant(g, delta);
    const struct expr *half = expr_binary(g, FUNCTION_MULTIPLY, expr_constant(g, 0.5), e);
    const struct expr *square = expr_binary(g, FUNCTION_MULTIPLY, half, e);
    const struct expr *beyond = expr_binary(g, FUNCTION_SUBTRACT, e, expr_constant(g, delta / 2));

    return expr_select(g, expr_binary(g, FUNCTION_LESS, e, bound), square, expr_binary(g, FUNCTION_MULTIPLY, bound, beyond));
}

static bool mae_build(struct op_call *c, node_id *result)
{
    if (!op_want_target(c, no_distance))
        return false;
    *result = op_add_target_mean(c, "distances", c->in[0], distance);
    return true;
}

static bool huber_build(struct op_call *c, node_id *result)
{
    if (!op_want_target(c, no_distance))
        return false;
    *result = op_add_target_mean(c, "distances", c->in[0], huber);
    return true;
}

const struct op op_mae = {
    .name = "mae",
    .kind = OP_LOSS,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = mae_build,
    .doc = "`mae(prediction, target)`\n\n"
           "The mean of the absolute differences over all elements and the batch.\n\n"
           "    loss = 1/n * sum over i of |x[i] - t[i]|\n",
    .example = "net autoencoder {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> flatten -> dense(16) -> tanh -> dense(784) -> reshape(1x28x28);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = mae(y, image); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

const struct op op_huber = {
    .name = "huber",
    .kind = OP_LOSS,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = huber_build,
    .doc = "`huber(prediction, target, delta=1)`\n\n"
           "Half the square of differences below `delta`, a straight line beyond: the mean over all elements and the batch.\n\n"
           "    loss = 1/n * sum over i of (|e[i]| < delta ? e[i]^2/2 : delta*(|e[i]| - delta/2)), e = x - t\n",
    .example = "net autoencoder {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> flatten -> dense(16) -> tanh -> dense(784) -> reshape(1x28x28);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = huber(y, image, delta = 0.5); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

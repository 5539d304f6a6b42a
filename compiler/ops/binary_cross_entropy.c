/* binary_cross_entropy, binary_cross_entropy_with_logits: each element is a question of its own with the answer yes or no.
 *
 *   binary_cross_entropy               loss = 1/n * sum over i of  -(t[i]*log(p[i]) + (1 - t[i])*log(1 - p[i]))
 *   binary_cross_entropy_with_logits   the same of p = 1/(1 + exp(-z)):
 *                                      1/n * sum over i of  (z[i] < 0 ? log(1 + exp(z[i])) - t[i]*z[i]
 *                                                                     : log(1 + exp(-z[i])) + (1 - t[i])*z[i])
 *
 *   p [n, any shape] probabilities   z: their logits   t: as many numbers from 0 to 1   loss: one number a sample
 *
 * Logarithms of p and 1 - p are not less than -100, so that one answer that is surely wrong does not make the loss infinite. The
 * probabilities of a sigmoid are not asked for: its input is, which is exact where they round to 0 or 1; the gradient is p - t.
 *
 * Source: PyTorch, `torch.nn.BCELoss`, `torch.nn.BCEWithLogitsLoss`.
 */
#include "compiler/ops/build.h"

static const char no_probability[] = "this loss wants a number from 0 to 1 for each element";

static const struct expr *one_minus(struct graph *g, const struct expr *x)
{
    return expr_binary(g, FUNCTION_SUBTRACT, expr_constant(g, 1), x);
}

static const struct expr *times(struct graph *g, const struct expr *a, const struct expr *b)
{
    return expr_binary(g, FUNCTION_MULTIPLY, a, b);
}

static const struct expr *of_probability(const struct op_call *c, const struct expr *p, const struct expr *t)
{
    struct graph *g = c->graph;
    const struct expr *yes = times(g, t, op_expr_log_probability(g, p));
    const struct expr *no = times(g, one_minus(g, t), op_expr_log_probability(g, one_minus(g, p)));

    return expr_unary(g, FUNCTION_NEGATE, expr_binary(g, FUNCTION_ADD, yes, no));
}

static const struct expr *of_logit(const struct op_call *c, const struct expr *z, const struct expr *t)
{
    struct graph *g = c->graph;
    const struct expr *opposite = expr_unary(g, FUNCTION_SOFTPLUS, expr_unary(g, FUNCTION_NEGATE, z));
    const struct expr *below = expr_binary(g, FUNCTION_SUBTRACT, expr_unary(g, FUNCTION_SOFTPLUS, z), times(g, t, z));
    const struct expr *above = expr_binary(g, FUNCTION_ADD, opposite, times(g, one_minus(g, t), z));

    return expr_select(g, expr_binary(g, FUNCTION_LESS, z, expr_constant(g, 0)), below, above);
}

static bool binary_cross_entropy_build(struct op_call *c, node_id *result)
{
    if (!op_want_target(c, no_probability))
        return false;
    const node_id scores = op_scores_of_sigmoid(c->graph, c->in[0]);
    *result = scores != NO_NODE ? op_add_target_mean(c, "surprise", scores, of_logit)
                                : op_add_target_mean(c, "surprise", c->in[0], of_probability);
    return true;
}

static bool binary_cross_entropy_with_logits_build(struct op_call *c, node_id *result)
{
    if (!op_want_target(c, no_probability))
        return false;
    op_warn_of_probabilities(c, op_scores_of_sigmoid(c->graph, c->in[0]), "sigmoid", "binary_cross_entropy");
    *result = op_add_target_mean(c, "surprise", c->in[0], of_logit);
    return true;
}

const struct op op_binary_cross_entropy = {
    .name = "binary_cross_entropy",
    .kind = OP_LOSS,
    .predicts = PREDICTS_BINARY_PROBABILITIES,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = binary_cross_entropy_build,
    .doc = "`binary_cross_entropy(probabilities, target)`\n\n"
           "Each element answers a question with the probability of a yes; the target is 1 for yes, 0 for no.\n\n"
           "    loss = 1/n * sum over i of -(t[i]*log(p[i]) + (1 - t[i])*log(1 - p[i]))\n\n"
           "No logarithm counts less than -100. After a `sigmoid` the loss is computed from the sigmoid's input, without\n"
           "rounding and without that bound: its gradient is p - t.\n",
    .example = "net autoencoder {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> flatten -> dense(16) -> tanh -> dense(784) -> reshape(1x28x28) -> sigmoid;\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = binary_cross_entropy(y, image); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

const struct op op_binary_cross_entropy_with_logits = {
    .name = "binary_cross_entropy_with_logits",
    .kind = OP_LOSS,
    .predicts = PREDICTS_BINARY_LOGITS,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = binary_cross_entropy_with_logits_build,
    .doc = "`binary_cross_entropy_with_logits(logits, target)`\n\n"
           "`binary_cross_entropy` of the sigmoid of the logits, exact however large they are.\n\n"
           "    loss = 1/n * sum over i of log(1 + exp(z[i])) - t[i]*z[i]\n",
    .example = "net autoencoder {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> flatten -> dense(16) -> tanh -> dense(784) -> reshape(1x28x28);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = binary_cross_entropy_with_logits(y, image); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

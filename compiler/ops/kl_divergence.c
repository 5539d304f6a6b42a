/* kl_divergence: how far the probabilities are from those of the target.
 *
 *   loss = sum over i of  t[i]*(log(t[i]) - log(p[i]))        a term is 0 where t[i] is
 *
 *   p [n, any shape] probabilities   t: as many   loss: one number a sample
 *
 * The probabilities of a softmax over the first axis are not asked for: log p is the log_softmax of its scores, which is exact
 * where a probability rounds to 0; the gradient is p - t.
 *
 * Source: PyTorch, `torch.nn.KLDivLoss` with reduction "batchmean", of log p.
 */
#include "compiler/ops/build.h"

/* t*(log(t) - log_p). Where t is 0 its logarithm is taken of 1, so that a gradient of 0 through it is no NaN. */
static const struct expr *term_of_logarithm(const struct op_call *c, const struct expr *log_p, const struct expr *t)
{
    struct graph *g = c->graph;
    const struct expr *none = expr_binary(g, FUNCTION_EQUAL, t, expr_constant(g, 0));
    const struct expr *log_t = expr_unary(g, FUNCTION_LOG, expr_select(g, none, expr_constant(g, 1), t));

    return expr_binary(g, FUNCTION_MULTIPLY, t, expr_binary(g, FUNCTION_SUBTRACT, log_t, log_p));
}

/* So is that of p. */
static const struct expr *term(const struct op_call *c, const struct expr *p, const struct expr *t)
{
    struct graph *g = c->graph;
    const struct expr *none = expr_binary(g, FUNCTION_EQUAL, t, expr_constant(g, 0));

    return term_of_logarithm(c, expr_unary(g, FUNCTION_LOG, expr_select(g, none, expr_constant(g, 1), p)), t);
}

static bool kl_divergence_build(struct op_call *c, node_id *result)
{
    if (!op_want_target(c, "this loss wants the probability of each"))
        return false;
    const node_id scores = op_scores_of_softmax(c->graph, c->in[0]);
    if (scores == NO_NODE)
        *result = op_add_target_sum(c, c->op->name, c->in[0], term);
    else
        *result = op_add_target_sum(c, c->op->name, op_add_log_softmax(c, scores, 0), term_of_logarithm);
    return true;
}

const struct op op_kl_divergence = {
    .name = "kl_divergence",
    .kind = OP_LOSS,
    .predicts = PREDICTS_PROBABILITIES,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = kl_divergence_build,
    .doc = "`kl_divergence(probabilities, target)`\n\n"
           "The Kullback-Leibler divergence of the probabilities from those of the target, averaged over the batch.\n\n"
           "    loss = sum over i of t[i]*(log(t[i]) - log(p[i])), where 0*log(0) = 0\n\n"
           "After a `softmax` over the first axis the logarithms are `log_softmax` of the softmax's input, without rounding.\n",
    .example = "net student {\n"
               "    input image: 1x28x28;\n"
               "    teacher = image -> flatten -> dense(10, frozen = true) -> softmax;\n"
               "    output y = image -> flatten -> dense(16) -> tanh -> dense(10) -> softmax;\n"
               "    output wanted = teacher;\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = kl_divergence(y, wanted); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

/* kl_divergence: how far the probabilities are from those of the target.
 *
 *   loss = sum over i of  t[i]*(log(t[i]) - log(p[i]))        a term is 0 where t[i] is
 *
 *   p [n, any shape] probabilities   t: as many   loss: one number a sample
 *
 * Source: PyTorch, `torch.nn.KLDivLoss` with reduction "batchmean", of log p.
 */
#include "compiler/ops/build.h"

/* Where t is 0 both logarithms are taken of 1, so that a gradient of 0 through them is no NaN. */
static const struct expr *term(const struct op_call *c, const struct expr *p, const struct expr *t)
{
    struct graph *g = c->graph;
    const struct expr *none = expr_binary(g, FUNCTION_EQUAL, t, expr_constant(g, 0)), *one = expr_constant(g, 1);
    const struct expr *log_t = expr_unary(g, FUNCTION_LOG, expr_select(g, none, one, t));
    const struct expr *log_p = expr_unary(g, FUNCTION_LOG, expr_select(g, none, one, p));

    return expr_binary(g, FUNCTION_MULTIPLY, t, expr_binary(g, FUNCTION_SUBTRACT, log_t, log_p));
}

static bool kl_divergence_build(struct op_call *c, value *result)
{
    if (!op_want_target(c, "this loss wants the probability of each"))
        return false;
    *result = op_add_target_sum(c, "kl_divergence", c->in[0], term);
    return true;
}

const struct op op_kl_divergence = {
    .name = "kl_divergence",
    .kind = OP_LOSS,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = kl_divergence_build,
    .doc = "`kl_divergence(probabilities, target)`\n\n"
           "The Kullback-Leibler divergence of the probabilities from those of the target, averaged over the batch.\n\n"
           "    loss = sum over i of t[i]*(log(t[i]) - log(p[i])), where 0*log(0) = 0\n",
    .example = "net student {\n"
               "    input image: 1x28x28;\n"
               "    teacher = image -> flatten -> dense(10, frozen = true) -> softmax;\n"
               "    output y = image -> flatten -> dense(16) -> tanh -> dense(10) -> softmax;\n"
               "    output wanted = teacher;\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = kl_divergence(y, wanted); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

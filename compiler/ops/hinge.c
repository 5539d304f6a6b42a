/* hinge: every other class should score less than the label by a margin of 1.
 *
 *   loss = 1/K * sum over k, k != label, of  max(0, 1 - z[label] + z[k])
 *
 *   z [K] scores   label: a class 0 … K - 1   loss: one number a sample
 *
 * Source: PyTorch, `torch.nn.MultiMarginLoss` (p = 1, margin = 1); Crammer & Singer 2001.
 */
#include "compiler/ops/build.h"

enum { SCORES, LABEL };

static node_id add_violations(struct op_call *c, node_id score)
{
    struct graph *g = c->graph;
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK];
    const struct shape places = op_begin_over_classes(c, &n, at);
    const struct expr *z = nest_read(g, &n, c->in[SCORES], at);
    const struct expr *wanted = expr_binary(g, FUNCTION_SUBTRACT, expr_constant(g, 1), nest_read(g, &n, score, &at[1]));
    const struct expr *violation = expr_unary(g, FUNCTION_RELU, expr_binary(g, FUNCTION_ADD, wanted, z));

    n.body = expr_select(g, op_is_label(c, &n, at), expr_constant(g, 0), violation);
    return graph_add_compute(g, "violations", &places, &n, false);
}

static bool hinge_build(struct op_call *c, node_id *result)
{
    if (!op_want_scores(c, false) || !op_want_label(c, NULL))
        return false;
    const double classes = (double)op_shape(c, SCORES)->dim[0];
    const node_id violations = add_violations(c, op_add_score_of_label(c, c->in[SCORES]));
    *result = graph_add_scaled(c->graph, "hinge", FUNCTION_MULTIPLY, violations, 1 / classes, false);
    return true;
}

const struct op op_hinge = {
    .name = "hinge",
    .kind = OP_LOSS,
    .predicts = PREDICTS_PLAIN,
    .min_inputs = 2,
    .max_inputs = 2,
    .wants_class = true,
    .build = hinge_build,
    .doc = "`hinge(scores, label)`\n\n"
           "For classification without probabilities: every other class should score less than the label by at least 1.\n\n"
           "    loss = 1/K * sum over k != label of max(0, 1 - z[label] + z[k])\n",
    .example = "net classifier {\n"
               "    input image: 1x28x28;\n"
               "    output scores = image -> flatten -> dense(10);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = hinge(scores, label); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

/* categorical_cross_entropy: minus the log of the probability of the label.
 *
 *   loss = -log(p[label])
 *
 *   p [K] probabilities   label: a class 0 … K - 1           loss: one number a sample
 *   p [K,T]               label [T]: a class a step          loss: the mean over the steps
 *   p [K,H,W]             label [H,W]: a class a pixel       loss: the mean over the pixels
 *
 * The logarithm is not less than -100, as in binary_cross_entropy. The probabilities of a softmax over the classes are not asked
 * for: its scores are, which is exact where a probability rounds to 0; the gradient is p - onehot(label).
 *
 * Source: PyTorch, `torch.nn.NLLLoss` of log p; the bound as in `torch.nn.BCELoss`.
 */
#include "compiler/ops/build.h"

enum { PROBABILITIES, LABEL };

static node_id add_surprise(struct op_call *c)
{
    struct graph *g = c->graph;
    const node_id p = op_add_score_of_label(c, c->in[PROBABILITIES]);
    const struct shape places = graph_node(g, p)->shape;
    struct nest n = {.combine = places.rank == 0 ? COMBINE_NONE : COMBINE_SUM};
    struct index at[MAX_RANK];

    for (int d = 0; d < places.rank; d++)
        at[d] = index_axis(nest_add_axis(&n, op_space_name(places.rank, d), places.dim[d], true), 1);
    n.body = op_expr_log_probability(g, nest_read(g, &n, p, at));
    const node_id sum = graph_add_compute(g, "surprise", &(struct shape){.rank = 0}, &n, false);
    return graph_add_scaled(g, c->op->name, FUNCTION_MULTIPLY, sum, -1 / (double)shape_elements(&places), false);
}

static bool categorical_cross_entropy_build(struct op_call *c, node_id *result)
{
    if (!op_want_scores(c, true) || !op_want_label(c, NULL))
        return false;
    const node_id scores = op_scores_of_softmax(c->graph, c->in[PROBABILITIES]);
    *result = scores != NO_NODE ? op_add_cross_entropy(c, scores, 0) : add_surprise(c);
    return true;
}

const struct op op_categorical_cross_entropy = {
    .name = "categorical_cross_entropy",
    .kind = OP_LOSS,
    .predicts = PREDICTS_PROBABILITIES,
    .min_inputs = 2,
    .max_inputs = 2,
    .wants_class = true,
    .build = categorical_cross_entropy_build,
    .doc =
        "`categorical_cross_entropy(probabilities, label)`\n\n"
        "For classification where the net itself gives probabilities: `K` of them, or `KxT` and `KxHxW` with a label for each\n"
        "step or pixel.\n\n"
        "    loss = -log(p[label])\n\n"
        "No logarithm counts less than -100. After a `softmax` over the classes this is `cross_entropy` of the softmax's input,\n"
        "without rounding and without that bound: its gradient is p - onehot(label).\n",
    .example =
        "net classifier {\n"
        "    input image: 1x28x28;\n"
        "    output probabilities = image -> flatten -> dense(10) -> softmax;\n"
        "}\n"
        "data { train = digits(1000, seed = 1); }\n"
        "train { loss = categorical_cross_entropy(probabilities, label); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

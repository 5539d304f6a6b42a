/* cross_entropy: minus the log of the probability that the softmax of the scores gives to the label.
 *
 *   loss = log(sum over k of exp(z[k] - m)) - sum over k of q[k]*(z[k] - m)        m = max over k of  z[k]
 *
 *   q[k] = (1 - smoothing)*[k = label] + smoothing/K
 *
 *   z [K] scores (logits)   label: a class 0 … K - 1           loss: one number a sample
 *   z [K,H,W]               label [H,W]: a class a pixel       loss: the mean over the pixels
 *
 * m cancels, so no gradient flows through it; what remains is softmax(z) - q. It is taken off each score: of a sum of large scores
 * nothing would be left of a small loss.
 *
 * Source: PyTorch, `torch.nn.CrossEntropyLoss`; smoothing: Szegedy et al. 2015, section 7.
 */
#include "compiler/ops/build.h"

enum { SCORES, LABEL };
enum { SMOOTHING, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [SMOOTHING] = {.name = "smoothing", .type = PARAM_REAL, .fallback = 0, .min = 0, .max = 1},
};

static node_id add_greatest(struct op_call *c, node_id scores)
{
    struct nest n = {.combine = COMBINE_MAX};
    struct index at[MAX_RANK];
    const struct shape places = op_begin_over_classes(c, &n, at);

    n.body = nest_read(c->graph, &n, scores, at);
    const node_id v = graph_add_compute(c->graph, "max", &places, &n, false);
    graph_node(c->graph, v)->no_gradient = true;
    return v;
}

/* z[k] - m */
static const struct expr *shifted(struct op_call *c, struct nest *n, node_id scores, node_id greatest, const struct index at[])
{
    const struct expr *z = nest_read(c->graph, n, scores, at);

    return expr_binary(c->graph, FUNCTION_SUBTRACT, z, nest_read(c->graph, n, greatest, &at[1]));
}

/* sum over k of exp(z[k] - m) */
static node_id add_sum_of_exponentials(struct op_call *c, node_id scores, node_id greatest)
{
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK];
    const struct shape places = op_begin_over_classes(c, &n, at);

    n.body = expr_unary(c->graph, FUNCTION_EXP, shifted(c, &n, scores, greatest, at));
    return graph_add_compute(c->graph, "sum", &places, &n, false);
}

/* sum over k of q[k]*(z[k] - m) */
static node_id add_score(struct op_call *c, node_id scores, node_id greatest, double smoothing)
{
    struct graph *g = c->graph;
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK];
    const struct shape places = op_begin_over_classes(c, &n, at);
    const double rest = smoothing / (double)op_shape(c, SCORES)->dim[0];
    const struct expr *score = shifted(c, &n, scores, greatest, at), *is_label = op_is_label(c, &n, at);

    if (smoothing == 0)
        n.body = expr_select(g, is_label, score, expr_constant(g, 0));
    else
        n.body = expr_binary(g, FUNCTION_MULTIPLY,
                             expr_select(g, is_label, expr_constant(g, 1 - smoothing + rest), expr_constant(g, rest)), score);
    return graph_add_compute(g, "score", &places, &n, false);
}

node_id op_add_cross_entropy(struct op_call *c, node_id scores, double smoothing)
{
    struct graph *g = c->graph;
    const node_id greatest = add_greatest(c, scores), sum = add_sum_of_exponentials(c, scores, greatest);
    const node_id score = add_score(c, scores, greatest, smoothing);
    const struct shape places = graph_node(g, score)->shape;
    struct nest n = {.combine = places.rank == 0 ? COMBINE_NONE : COMBINE_SUM};
    struct index at[MAX_RANK];

    for (int d = 0; d < places.rank; d++)
        at[d] = index_axis(nest_add_axis(&n, op_space_name(places.rank, d), places.dim[d], true), 1);
    const struct expr *log_sum = expr_unary(g, FUNCTION_LOG, nest_read(g, &n, sum, at));
    n.body = expr_binary(g, FUNCTION_SUBTRACT, log_sum, nest_read(g, &n, score, at));
    const node_id total = graph_add_compute(g, places.rank == 0 ? c->op->name : "pixels", &(struct shape){.rank = 0}, &n, false);
    if (places.rank == 0)
        return total;
    return graph_add_scaled(g, c->op->name, FUNCTION_MULTIPLY, total, 1 / (double)shape_elements(&places), false);
}

static bool cross_entropy_build(struct op_call *c, node_id *result)
{
    if (!op_want_scores(c, true) || !op_want_label(c))
        return false;
    op_warn_of_probabilities(c, op_scores_of_softmax(c->graph, c->in[SCORES]), "softmax", "categorical_cross_entropy");
    *result = op_add_cross_entropy(c, c->in[SCORES], c->arg[SMOOTHING].real);
    return true;
}

const struct op op_cross_entropy = {
    .name = "cross_entropy",
    .kind = OP_LOSS,
    .predicts = PREDICTS_LOGITS,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = cross_entropy_build,
    .wants_class = true,
    .doc =
        "`cross_entropy(logits, label, smoothing=0)`\n\n"
        "For classification: the scores `K` that the net gives to K classes, and the class. Contains the softmax.\n\n"
        "    loss = log(sum over k of exp(z[k])) - z[label]\n\n"
        "With `smoothing` that share of the label goes to all classes alike. Scores `KxHxW` and a label `HxW` give each pixel its\n"
        "class; the loss is the mean over the pixels.\n",
    .example = "net classifier {\n"
               "    input image: 1x28x28;\n"
               "    output logits = image -> flatten -> dense(10);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = cross_entropy(logits, label); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

/* binary_cross_entropy, binary_cross_entropy_with_logits: each element is a question of its own with the answer yes or no.
 *
 *   binary_cross_entropy               loss = 1/n * sum over i of  -(t[i]*log(p[i]) + (1 - t[i])*log(1 - p[i]))
 *   binary_cross_entropy_with_logits   the same of p = 1/(1 + exp(-z)):
 *                                      1/n * sum over i of  (z[i] < 0 ? log(1 + exp(z[i])) - t[i]*z[i]
 *                                                                     : log(1 + exp(-z[i])) + (1 - t[i])*z[i])
 *
 *   p [n, any shape] probabilities   z: their logits   t: as many numbers from 0 to 1   loss: one number a sample
 *
 * A positive weight w lets an answer of yes count w times: -w*t*log(p) - (1 - t)*log(1 - p). The mean stays one over n.
 *
 * Logarithms of p and 1 - p are not less than -100, so that one answer that is surely wrong does not make the loss infinite. The
 * probabilities of a sigmoid are not asked for: its input is, which is exact where they round to 0 or 1; the gradient is p - t.
 *
 * Source: PyTorch, `torch.nn.BCELoss`, `torch.nn.BCEWithLogitsLoss`.
 */
#include "compiler/ops/build.h"

enum { LOGITS, TARGET };
enum { POSITIVE_WEIGHT, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [POSITIVE_WEIGHT] = {.name = "positive_weight", .type = PARAM_NUMBER_OR_VALUES, .fallback = 1, .min = 0, .max = NO_MAXIMUM},
};

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

/* ---- Weights of a yes ------------------------------------------------------------------------------------------------ */

/* With a = 1 + (w - 1)*t:  z < 0 ? a*log(1 + exp(z)) - w*t*z : a*log(1 + exp(-z)) + (1 - t)*z */
static const struct expr *of_weighted_logit(struct graph *g, const struct expr *z, const struct expr *t, const struct expr *w)
{
    const struct expr *more = expr_binary(g, FUNCTION_SUBTRACT, w, expr_constant(g, 1));
    const struct expr *a = expr_binary(g, FUNCTION_ADD, expr_constant(g, 1), times(g, more, t));
    const struct expr *opposite = expr_unary(g, FUNCTION_SOFTPLUS, expr_unary(g, FUNCTION_NEGATE, z));
    const struct expr *softplus = expr_unary(g, FUNCTION_SOFTPLUS, z);
    const struct expr *below = expr_binary(g, FUNCTION_SUBTRACT, times(g, a, softplus), times(g, times(g, w, t), z));
    const struct expr *above = expr_binary(g, FUNCTION_ADD, times(g, a, opposite), times(g, one_minus(g, t), z));

    return expr_select(g, expr_binary(g, FUNCTION_LESS, z, expr_constant(g, 0)), below, above);
}

/* The weights' dimensions stand along the last ones of the logits; those of size 1 along all of one (NumPy's rule). */
static const struct expr *read_weight(struct graph *g, struct nest *n, node_id weights, const struct index at[], int rank)
{
    const struct shape *s = &graph_node(g, weights)->shape;
    struct index of[MAX_RANK];

    for (int d = 0; d < s->rank; d++)
        of[d] = s->dim[d] == 1 ? index_constant(0) : at[rank - s->rank + d];
    return nest_read(g, n, weights, of);
}

/* `weights`: a tensor, or NO_NODE: the number that was given. */
static node_id add_weighted_mean(struct op_call *c, node_id weights)
{
    struct graph *g = c->graph;
    const struct shape shape = *op_shape(c, LOGITS);
    const node_id target = graph_add_view(g, c->in[TARGET], &shape);
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK];

    for (int d = 0; d < shape.rank; d++)
        at[d] = index_axis(nest_add_axis(&n, op_axis_name(shape.rank, d), shape.dim[d], true), 1);
    const struct expr *z = nest_read(g, &n, c->in[LOGITS], at), *t = nest_read(g, &n, target, at);
    const struct expr *w =
        weights == NO_NODE ? expr_constant(g, c->arg[POSITIVE_WEIGHT].real) : read_weight(g, &n, weights, at, shape.rank);
    n.body = of_weighted_logit(g, z, t, w);
    const node_id sum = graph_add_compute(g, "surprise", &(struct shape){.rank = 0}, &n, false);
    return graph_add_scaled(g, c->op->name, FUNCTION_MULTIPLY, sum, 1 / (double)shape_elements(&shape), false);
}

static bool want_weights(struct op_call *c, struct table *weights)
{
    const struct shape *logits = op_shape(c, LOGITS);
    char got[SHAPE_TEXT], wanted[SHAPE_TEXT];
    struct shape both;

    if (!op_read_table(c, POSITIVE_WEIGHT, weights))
        return false;
    if (weights->shape.rank <= logits->rank && shape_broadcast(&weights->shape, logits, &both) && shape_equal(&both, logits))
        return true;
    diag_error(c->diags, c->arg[POSITIVE_WEIGHT].at, DIAG_FIXED_VALUES,
               "%s: positive_weight has the shape %s, and does not broadcast to that of the logits, %s", c->op->name,
               shape_text(&weights->shape, got), shape_text(logits, wanted));
    op_note_input(c, LOGITS);
    return false;
}

static bool add_weighted(struct op_call *c, node_id *result)
{
    struct table weights;
    node_id tensor = NO_NODE;

    if (c->arg[POSITIVE_WEIGHT].literal->kind == LITERAL_LIST) {
        if (!want_weights(c, &weights))
            return false;
        tensor = op_add_table(c, "positive_weight", &weights);
    }
    *result = add_weighted_mean(c, tensor);
    return true;
}

/* ---- Building ---------------------------------------------------------------------------------------------------------- */

static bool binary_cross_entropy_with_logits_build(struct op_call *c, node_id *result)
{
    if (!op_want_target(c, no_probability))
        return false;
    op_warn_of_probabilities(c, op_scores_of_sigmoid(c->graph, c->in[0]), "sigmoid", "binary_cross_entropy");
    const struct op_arg *weight = &c->arg[POSITIVE_WEIGHT];
    if (weight->literal != NULL && (weight->literal->kind == LITERAL_LIST || weight->real < 1 || weight->real > 1))
        return add_weighted(c, result);
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
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = binary_cross_entropy_with_logits_build,
    .doc =
        "`binary_cross_entropy_with_logits(logits, target, positive_weight=1)`\n\n"
        "`binary_cross_entropy` of the sigmoid of the logits, exact however large they are.\n\n"
        "    loss = 1/n * sum over i of log(1 + exp(z[i])) - t[i]*z[i]\n\n"
        "With `positive_weight` a target of 1 counts that many times, which evens out questions that are seldom answered with yes:\n"
        "one number, or nested lists that broadcast to the logits, `[4, 1, 9]` for a vector of three or `[[[4]], [[9]]]` for an\n"
        "image of two channels. The mean is still one over all elements, as in PyTorch.\n",
    .example = "net autoencoder {\n"
               "    input image: 1x28x28;\n"
               "    output y = image -> flatten -> dense(16) -> tanh -> dense(784) -> reshape(1x28x28);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = binary_cross_entropy_with_logits(y, image); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

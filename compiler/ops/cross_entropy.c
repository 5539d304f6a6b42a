/* cross_entropy: minus the log of the probability that the softmax of the scores gives to the label.
 *
 *   loss = log(sum over k of exp(z[k] - m)) + m - z[label]        m = max over k of  z[k]
 *
 *   z [K] scores (logits)   label: a class 0 … K - 1   loss: one number a sample
 *
 * m cancels, so no gradient flows through it; what remains is softmax(z) - onehot(label).
 *
 * Source: PyTorch, `torch.nn.CrossEntropyLoss`.
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { SCORES, LABEL };
enum { SMOOTHING, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [SMOOTHING] = {.name = "smoothing", .type = PARAM_REAL, .fallback = 0, .min = 0, .max = 1},
};

static const struct shape scalar = {.rank = 0};

/* The label becomes a class of as many as there are scores. */
static bool want_label(struct op_call *c)
{
    const struct node *label = graph_node(c->graph, c->in[LABEL]);
    const int64_t classes = op_shape(c, SCORES)->dim[0];
    char text[SHAPE_TEXT];

    if (label->kind != NODE_INPUT || !c->graph->input.at[label->number].is_class || label->shape.rank != 0)
        return diag_error(c->diags, c->at, DIAG_TARGET, "cross_entropy: the target must be one class a sample, got %s numbers",
                          shape_text(&label->shape, text));
    struct graph_input *input = &c->graph->input.at[label->number];
    if (input->classes != 0 && input->classes != classes)
        return diag_error(c->diags, c->at, DIAG_TARGET, "cross_entropy: %" PRId64 " scores for %s, which has %" PRId64 " classes",
                          classes, input->name, input->classes);
    input->classes = classes;
    return true;
}

static bool want_scores(struct op_call *c)
{
    if (c->arg[SMOOTHING].real != 0)
        return diag_error(c->diags, c->arg[SMOOTHING].at, DIAG_SETTING_NOT_BUILT, "cross_entropy: smoothing= is not built yet");
    if (op_shape(c, SCORES)->rank == 3)
        return diag_error(c->diags, c->at, DIAG_SETTING_NOT_BUILT, "cross_entropy: the form for each pixel is not built yet");
    return op_want_rank(c, SCORES, 1, 1, "a vector of scores, one a class");
}

static value add_greatest(struct op_call *c)
{
    const int64_t classes = op_shape(c, SCORES)->dim[0];
    struct nest n = {.combine = COMBINE_MAX};
    const struct index k = index_axis(nest_add_axis(&n, "k", classes, true), 1);

    n.body = nest_read(c->graph, &n, c->in[SCORES], &k);
    const value v = graph_add_compute(c->graph, "max", &scalar, &n, false);
    graph_node(c->graph, v)->no_gradient = true;
    return v;
}

/* sum over k of exp(z[k] - m) */
static value add_sum_of_exponentials(struct op_call *c, value greatest)
{
    struct nest n = {.combine = COMBINE_SUM};
    const struct index k = index_axis(nest_add_axis(&n, "k", op_shape(c, SCORES)->dim[0], true), 1);
    const struct expr *z = nest_read(c->graph, &n, c->in[SCORES], &k);
    const struct expr *shifted = expr_binary(c->graph, FUNCTION_SUBTRACT, z, nest_read(c->graph, &n, greatest, NULL));

    n.body = expr_unary(c->graph, FUNCTION_EXP, shifted);
    return graph_add_compute(c->graph, "sum", &scalar, &n, false);
}

/* z[label] as a sum that keeps one term: an index that varies from sample to sample is no affine index. */
static value add_score_of_label(struct op_call *c)
{
    struct nest n = {.combine = COMBINE_SUM};
    const struct index k = index_axis(nest_add_axis(&n, "k", op_shape(c, SCORES)->dim[0], true), 1);
    const struct expr *z = nest_read(c->graph, &n, c->in[SCORES], &k);
    const struct expr *label = nest_read(c->graph, &n, c->in[LABEL], NULL);
    const struct expr *is_label = expr_binary(c->graph, FUNCTION_EQUAL, label, expr_index(c->graph, k));

    n.body = expr_select(c->graph, is_label, z, expr_constant(c->graph, 0));
    return graph_add_compute(c->graph, "score", &scalar, &n, false);
}

static bool cross_entropy_build(struct op_call *c, value *result)
{
    if (!want_scores(c) || !want_label(c))
        return false;

    struct graph *g = c->graph;
    struct nest n = {0};
    const value greatest = add_greatest(c), sum = add_sum_of_exponentials(c, greatest), score = add_score_of_label(c);
    const struct expr *log_sum = expr_unary(g, FUNCTION_LOG, nest_read(g, &n, sum, NULL));
    const struct expr *log_total = expr_binary(g, FUNCTION_ADD, log_sum, nest_read(g, &n, greatest, NULL));
    n.body = expr_binary(g, FUNCTION_SUBTRACT, log_total, nest_read(g, &n, score, NULL));
    *result = graph_add_compute(g, "cross_entropy", &scalar, &n, false);
    return true;
}

const struct op op_cross_entropy = {
    .name = "cross_entropy",
    .kind = OP_LOSS,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 2,
    .max_inputs = 2,
    .build = cross_entropy_build,
    .doc = "`cross_entropy(logits, label)`\n\n"
           "For classification: the scores `K` that the net gives to K classes, and the class. Contains the softmax.\n\n"
           "    loss = log(sum over k of exp(z[k])) - z[label]\n",
    .example = "net classifier {\n"
               "    input image: 1x28x28;\n"
               "    output logits = image -> flatten -> dense(10);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = cross_entropy(logits, label); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

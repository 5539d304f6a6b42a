/* cross_entropy: minus the log of the probability that the softmax of the scores gives to the label.
 *
 *   loss = log(sum over k of exp(z[k] - m)) - sum over k of q[k]*(z[k] - m)        m = max over k of  z[k]
 *
 *   q[k] = (1 - smoothing)*[k = label] + smoothing/K
 *
 *   z [K] scores (logits)   label: a class 0 … K - 1           loss: one number a sample
 *   z [K,T]                 label [T]: a class a step          loss: the mean over the steps
 *   z [K,H,W]               label [H,W]: a class a pixel       loss: the mean over the pixels
 *
 * m cancels, so no gradient flows through it; what remains is softmax(z) - q. It is taken off each score: of a sum of large scores
 * nothing would be left of a small loss.
 *
 * With class weights w, or an ignored class, a place counts c = w[label], and 0 where it is ignored. The loss is the mean over all
 * places of the batch, weighted so; -log p[k] of a class k enters the smoothing w[k] times:
 *
 *   sum of  (1 - smoothing)*c*(-log p[label]) + smoothing/K * [not ignored] * sum over k of w[k]*(-log p[k])   /   sum of  c
 *
 * Source: PyTorch, `torch.nn.CrossEntropyLoss`; smoothing: Szegedy et al. 2015, section 7.
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { SCORES, LABEL };
enum { SMOOTHING, CLASS_WEIGHTS, IGNORE, PARAM_COUNT };

static const char *const none[] = {"none", NULL};

static const struct param params[PARAM_COUNT] = {
    [SMOOTHING] = {.name = "smoothing", .type = PARAM_REAL, .fallback = 0, .min = 0, .max = 1},
    [CLASS_WEIGHTS] = {.name = "class_weights", .type = PARAM_VALUES, .choices = none, .min = 0, .max = NO_MAXIMUM},
    [IGNORE] = {.name = "ignore", .type = PARAM_INT, .choices = none, .min = 0, .max = MOST_CLASSES},
};

/* How the places of the scores count. */
struct places {
    const struct table *weights;    /* [K], or NULL: all classes count 1 */
    node_id table;                    /* the same as a tensor */
    const struct op_arg *ignore;    /* NULL: no class is ignored */
    double smoothing;
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

/* A nest that sums over places of this shape, of which there may be a single one. */
static struct nest over_places(const struct shape *places, struct index at[])
{
    struct nest n = {.combine = places->rank == 0 ? COMBINE_NONE : COMBINE_SUM};

    for (int d = 0; d < places->rank; d++)
        at[d] = index_axis(nest_add_axis(&n, op_space_name(places->rank, d), places->dim[d], true), 1);
    return n;
}

/* What adds up over places: "pixels", "steps". */
static const char *sum_name(const struct op_call *c, const struct shape *places)
{
    return places->rank == 0 ? c->op->name : places->rank == 1 ? "steps" : "pixels";
}

node_id op_add_cross_entropy(struct op_call *c, node_id scores, double smoothing)
{
    struct graph *g = c->graph;
    const node_id greatest = add_greatest(c, scores), sum = add_sum_of_exponentials(c, scores, greatest);
    const node_id score = add_score(c, scores, greatest, smoothing);
    const struct shape places = graph_node(g, score)->shape;
    struct index at[MAX_RANK];
    struct nest n = over_places(&places, at);
    const struct expr *log_sum = expr_unary(g, FUNCTION_LOG, nest_read(g, &n, sum, at));
    n.body = expr_binary(g, FUNCTION_SUBTRACT, log_sum, nest_read(g, &n, score, at));
    const node_id total = graph_add_compute(g, sum_name(c, &places), &(struct shape){.rank = 0}, &n, false);
    if (places.rank == 0)
        return total;
    return graph_add_scaled(g, c->op->name, FUNCTION_MULTIPLY, total, 1 / (double)shape_elements(&places), false);
}

/* ---- Places that count for more or less ------------------------------------------------------------------------------ */

static const struct expr *unless_ignored(struct op_call *c, const struct places *p, const struct expr *label,
                                         const struct expr *counts)
{
    struct graph *g = c->graph;

    if (p->ignore == NULL)
        return counts;
    const struct expr *ignored = expr_binary(g, FUNCTION_EQUAL, label, expr_constant(g, p->ignore->real));
    return expr_select(g, ignored, expr_constant(g, 0), counts);
}

/* w[label] at each place, a one-hot sum. A label that is no class has no weight. */
static node_id add_weight_of_label(struct op_call *c, const struct places *p)
{
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK];
    const struct shape places = op_begin_over_classes(c, &n, at);
    const struct expr *weight = nest_read(c->graph, &n, p->table, at), *is_label = op_is_label(c, &n, at);

    n.body = expr_select(c->graph, is_label, weight, expr_constant(c->graph, 0));
    return graph_add_compute(c->graph, "weight", &places, &n, false);
}

/* How much each place counts. `weight`: w[label], or NO_NODE: 1. */
static node_id add_count(struct op_call *c, const struct places *p, node_id weight)
{
    const struct shape *scores = op_shape(c, SCORES);
    struct shape places = {.rank = scores->rank - 1};
    struct nest n = {.combine = COMBINE_NONE};

    if (p->ignore == NULL)
        return weight;
    for (int d = 0; d < places.rank; d++) {
        places.dim[d] = scores->dim[d + 1];
        n.out[d] = index_axis(nest_add_axis(&n, op_space_name(places.rank, d), places.dim[d], false), 1);
    }
    const node_id labels = graph_add_view(c->graph, c->in[LABEL], &places);
    const struct expr *label = nest_read(c->graph, &n, labels, n.out);
    const struct expr *full = weight == NO_NODE ? expr_constant(c->graph, 1) : nest_read(c->graph, &n, weight, n.out);
    n.body = unless_ignored(c, p, label, full);
    return graph_add_compute(c->graph, "counts", &places, &n, false);
}

/* sum over k of w[k]*(z[k] - m) */
static node_id add_weighted_score(struct op_call *c, const struct places *p, node_id greatest)
{
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK];
    const struct shape places = op_begin_over_classes(c, &n, at);
    const struct expr *weight = nest_read(c->graph, &n, p->table, at), *z = shifted(c, &n, c->in[SCORES], greatest, at);

    n.body = expr_binary(c->graph, FUNCTION_MULTIPLY, weight, z);
    return graph_add_compute(c->graph, "smoothed", &places, &n, false);
}

static double sum_of(const struct table *t)
{
    double sum = 0;

    for (int64_t i = 0; i < shape_elements(&t->shape); i++)
        sum += t->values[i];
    return sum;
}

/* count * (log_sum - score), and with weights and smoothing their share of all classes. What is ignored adds nothing, whatever its
 * scores are. */
static node_id add_sum_of_places(struct op_call *c, const struct places *p, node_id count)
{
    struct graph *g = c->graph;
    const bool both = p->weights != NULL && p->smoothing > 0;
    const node_id greatest = add_greatest(c, c->in[SCORES]), sum = add_sum_of_exponentials(c, c->in[SCORES], greatest);
    const node_id score = add_score(c, c->in[SCORES], greatest, both ? 0 : p->smoothing);
    const node_id smoothed = both ? add_weighted_score(c, p, greatest) : NO_NODE;
    const struct shape places = graph_node(g, score)->shape;
    const node_id labels = graph_add_view(g, c->in[LABEL], &places);
    struct index at[MAX_RANK];
    struct nest n = over_places(&places, at);
    const struct expr *log_sum = expr_unary(g, FUNCTION_LOG, nest_read(g, &n, sum, at));
    const struct expr *counts = nest_read(g, &n, count, at), *own = nest_read(g, &n, score, at);
    const struct expr *loss = expr_binary(g, FUNCTION_MULTIPLY, counts, expr_binary(g, FUNCTION_SUBTRACT, log_sum, own));

    if (both) {
        const struct expr *whole = expr_binary(g, FUNCTION_MULTIPLY, expr_constant(g, sum_of(p->weights)), log_sum);
        const struct expr *rest = expr_binary(g, FUNCTION_SUBTRACT, whole, nest_read(g, &n, smoothed, at));
        const double share = p->smoothing / (double)op_shape(c, SCORES)->dim[0];
        loss = expr_binary(g, FUNCTION_ADD, expr_binary(g, FUNCTION_MULTIPLY, expr_constant(g, 1 - p->smoothing), loss),
                           expr_binary(g, FUNCTION_MULTIPLY, expr_constant(g, share), rest));
    }
    n.body = p->ignore == NULL ? loss : unless_ignored(c, p, nest_read(g, &n, labels, at), loss);
    return graph_add_compute(g, places.rank == 0 ? "sample" : sum_name(c, &places), &(struct shape){.rank = 0}, &n, false);
}

/* The count of a sample: the sum of its places'. */
static node_id add_sample_count(struct op_call *c, node_id count)
{
    const struct shape places = graph_node(c->graph, count)->shape;
    struct index at[MAX_RANK];
    struct nest n = over_places(&places, at);

    if (places.rank == 0)
        return count;
    n.body = nest_read(c->graph, &n, count, at);
    return graph_add_compute(c->graph, "count", &(struct shape){.rank = 0}, &n, false);
}

static node_id add_counted(struct op_call *c, struct places *p)
{
    node_id weight = NO_NODE;

    if (p->weights != NULL) {
        p->table = op_add_table(c, "class_weights", p->weights);
        weight = add_weight_of_label(c, p);
    }
    const node_id count = add_count(c, p, weight);
    return op_add_counted_mean(c, add_sum_of_places(c, p, count), add_sample_count(c, count));
}

/* ---- Building ---------------------------------------------------------------------------------------------------------- */

static bool want_class_weights(struct op_call *c, struct table *weights)
{
    const int64_t classes = op_shape(c, SCORES)->dim[0];
    const struct span at = c->arg[CLASS_WEIGHTS].at;

    if (!op_read_table(c, CLASS_WEIGHTS, weights))
        return false;
    if (weights->shape.rank != 1 || weights->shape.dim[0] != classes) {
        diag_error(c->diags, at, DIAG_FIXED_VALUES,
                   "cross_entropy: class_weights wants a list of %" PRId64 " number%s, one a class", classes,
                   classes == 1 ? "" : "s");
        op_note_input(c, SCORES);
        return false;
    }
    if (!(sum_of(weights) > 0))
        return diag_error(c->diags, at, DIAG_FIXED_VALUES, "cross_entropy: class_weights are all 0: nothing counts");
    return true;
}

static bool cross_entropy_build(struct op_call *c, node_id *result)
{
    const struct op_arg *ignore = op_is_given(&c->arg[IGNORE]) ? &c->arg[IGNORE] : NULL;
    struct table weights;
    struct places p = {.ignore = ignore, .smoothing = c->arg[SMOOTHING].real};

    if (!op_want_scores(c, true) || !op_want_label(c, ignore))
        return false;
    if (op_is_given(&c->arg[CLASS_WEIGHTS])) {
        if (!want_class_weights(c, &weights))
            return false;
        p.weights = &weights;
    }
    op_warn_of_probabilities(c, op_scores_of_softmax(c->graph, c->in[SCORES]), "softmax", "categorical_cross_entropy");
    *result = p.weights == NULL && ignore == NULL ? op_add_cross_entropy(c, c->in[SCORES], p.smoothing) : add_counted(c, &p);
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
        "`cross_entropy(logits, label, smoothing=0, class_weights=none, ignore=none)`\n\n"
        "For classification: the scores `K` that the net gives to K classes, and the class. Contains the softmax.\n\n"
        "    loss = log(sum over k of exp(z[k])) - z[label]\n\n"
        "With `smoothing` that share of the label goes to all classes alike. Scores `KxHxW` and a label `HxW` give each pixel its\n"
        "class, `KxT` and `T` each step of a sequence; the loss is the mean over them. Where classes come last, as after `dense` on\n"
        "a sequence, `transpose([1, 0])` puts them first.\n\n"
        "`class_weights = [1, 2.5, …]` lets each place count as much as its label's class. `ignore = 255` is a label that does not\n"
        "count at all, one of the classes or a number beside them; metrics leave it out, too. The loss of a batch is then the\n"
        "weighted mean over what counts in it, as PyTorch's `weight` and `ignore_index`, and so is that of an epoch. A batch in\n"
        "which nothing counts has a loss of 0 and teaches nothing; a whole part of the data in which nothing counts has none (NaN).\n",
    .example = "net classifier {\n"
               "    input image: 1x28x28;\n"
               "    output logits = image -> flatten -> dense(10);\n"
               "}\n"
               "data { train = digits(1000, seed = 1); }\n"
               "train { loss = cross_entropy(logits, label); optimizer = sgd(lr = 0.1); batch = 32; epochs = 1; }\n",
};

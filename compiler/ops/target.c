/* target: what losses share: whether a target fits its prediction, sums over elements, classes at places. */
#include "compiler/ops/build.h"

#include <inttypes.h>
#include <string.h>

enum { PREDICTION, TARGET };

/* ---- Targets of the prediction's shape ------------------------------------------------------------------------------- */

bool op_want_target(struct op_call *c, const char *reason)
{
    const struct node *target = graph_node(c->graph, c->in[TARGET]);

    if (target->kind == NODE_INPUT && c->graph->input.at[target->number].is_class) {
        diag_error(c->diags, c->at, DIAG_TARGET, "%s: the target is a class, and %s", c->op->name, reason);
        diag_hint(c->diags, "cross_entropy takes a class");
        return false;
    }
    if (shape_comparable(op_shape(c, PREDICTION), &target->shape))
        return true;
    diag_error(c->diags, c->at, DIAG_TARGET, "%s: prediction and target differ: %s", c->op->name, op_inputs_text(c));
    op_note_input(c, PREDICTION);
    op_note_input(c, TARGET);
    return false;
}

node_id op_add_target_sum(struct op_call *c, const char *op_name, node_id prediction, target_formula *formula)
{
    const struct shape shape = *op_shape(c, PREDICTION);
    const node_id target = graph_add_view(c->graph, c->in[TARGET], &shape);
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK];

    for (int d = 0; d < shape.rank; d++)
        at[d] = index_axis(nest_add_axis(&n, op_axis_name(shape.rank, d), shape.dim[d], true), 1);
    const struct expr *x = nest_read(c->graph, &n, prediction, at);
    n.body = formula(c, x, nest_read(c->graph, &n, target, at));
    return graph_add_compute(c->graph, op_name, &(struct shape){.rank = 0}, &n, false);
}

node_id op_add_target_mean(struct op_call *c, const char *sum, node_id prediction, target_formula *formula)
{
    const double elements = (double)shape_elements(op_shape(c, PREDICTION));
    const node_id total = op_add_target_sum(c, sum, prediction, formula);

    return graph_add_scaled(c->graph, c->op->name, FUNCTION_MULTIPLY, total, 1 / elements, false);
}

/* ---- Targets that are classes ---------------------------------------------------------------------------------------- */

/* What wants a class each: a sample, or each of its steps or pixels. */
static struct shape places_of(const struct op_call *c)
{
    const struct shape *scores = op_shape(c, PREDICTION);
    struct shape places = {.rank = scores->rank - 1};

    for (int d = 0; d < places.rank; d++)
        places.dim[d] = scores->dim[d + 1];
    return places;
}

static bool want_places(struct op_call *c, const struct node *label)
{
    const struct shape places = places_of(c);
    char wanted[SHAPE_TEXT], got[SHAPE_TEXT];

    const bool is_class = label->kind == NODE_INPUT && c->graph->input.at[label->number].is_class;
    if (is_class && shape_equal_but_ones(&label->shape, &places))
        return true;
    if (places.rank == 0)
        diag_error(c->diags, c->at, DIAG_TARGET, "%s: the target must be one class a sample, got %s %s%s", c->op->name,
                   shape_text(&label->shape, got), is_class ? "class" : "number",
                   shape_elements(&label->shape) == 1 ? ""
                   : is_class                         ? "es"
                                                      : "s");
    else
        diag_error(c->diags, c->at, DIAG_TARGET, "%s: the target must be one class a %s, %s of them, got %s %s", c->op->name,
                   places.rank == 1 ? "step" : "pixel", shape_text(&places, wanted), shape_text(&label->shape, got),
                   is_class ? "classes" : "numbers");
    op_note_input(c, PREDICTION);
    if (places.rank == 1 && is_class && shape_elements(&label->shape) == op_shape(c, PREDICTION)->dim[0])
        diag_hint(c->diags, "the classes come first: %s -> transpose([1, 0])", op_input_name(c, PREDICTION));
    return false;
}

static const char *ignored_text(const struct op_call *c, bool ignores, int64_t ignored)
{
    return ignores ? arena_printf(c->graph->arena, "ignores the class %" PRId64, ignored) : "ignores none";
}

/* A label that another loss has taken before is read as that one reads it: metrics leave out what the losses do. */
static bool want_same_ignored(struct op_call *c, struct graph_input *label, const struct op_arg *ignore)
{
    const bool ignores = ignore != NULL;
    const int64_t ignored = ignores ? ignore->integer : 0;

    if (label->has_loss && (label->ignores != ignores || label->ignored != ignored)) {
        diag_error(c->diags, ignores ? ignore->at : c->at, DIAG_TARGET, "%s %s of %s, and another loss of it %s", c->op->name,
                   ignored_text(c, ignores, ignored), label->name, ignored_text(c, label->ignores, label->ignored));
        diag_hint(c->diags, "metrics leave out what the losses of a label do: give it to all of them");
        return false;
    }
    label->has_loss = true;
    label->ignores = ignores;
    label->ignored = ignored;
    return true;
}

bool op_want_label(struct op_call *c, const struct op_arg *ignore)
{
    const struct node *label = graph_node(c->graph, c->in[TARGET]);
    const int64_t classes = op_shape(c, PREDICTION)->dim[0];

    if (!want_places(c, label))
        return false;
    struct graph_input *input = &c->graph->input.at[label->number];
    if (input->classes != 0 && input->classes != classes) {
        diag_error(c->diags, c->at, DIAG_TARGET, "%s: %" PRId64 " scores for %s, which has %" PRId64 " classes", c->op->name,
                   classes, input->name, input->classes);
        op_note_input(c, PREDICTION);
        return false;
    }
    input->classes = classes;
    return want_same_ignored(c, input, ignore);
}

/* Scores Kx1x1 are those of a vector. */
static void take_vector(struct op_call *c)
{
    const struct shape vector = {.rank = 1, .dim = {op_shape(c, PREDICTION)->dim[0]}};
    node_id *in = arena_array(c->graph->arena, node_id, (size_t)c->in_count);

    memcpy(in, c->in, (size_t)c->in_count * sizeof *in);
    in[PREDICTION] = graph_add_view(c->graph, in[PREDICTION], &vector);
    c->in = in;
}

bool op_want_scores(struct op_call *c, bool places)
{
    const struct shape *scores = op_shape(c, PREDICTION);

    if (scores->rank > 1 && shape_elements(scores) == scores->dim[0])
        take_vector(c);
    return op_want_rank(c, PREDICTION, 1, places ? 3 : 1,
                        places ? "a vector of scores, one a class, or a sequence KxT or an image KxHxW of them"
                               : "a vector of scores, one a class");
}

struct shape op_begin_over_classes(struct op_call *c, struct nest *n, struct index at[])
{
    const struct shape places = places_of(c);

    for (int d = 0; d < places.rank; d++)
        at[d + 1] = n->out[d] = index_axis(nest_add_axis(n, op_space_name(places.rank, d), places.dim[d], false), 1);
    at[0] = index_axis(nest_add_axis(n, "k", op_shape(c, PREDICTION)->dim[0], true), 1);
    return places;
}

const struct expr *op_is_label(struct op_call *c, struct nest *n, const struct index at[])
{
    const struct shape places = places_of(c);
    const node_id label = graph_add_view(c->graph, c->in[TARGET], &places);
    return expr_binary(c->graph, FUNCTION_EQUAL, nest_read(c->graph, n, label, &at[1]), expr_index(c->graph, at[0]));
}

/* A sum that keeps one term: an index that varies from sample to sample is no affine index. */
node_id op_add_score_of_label(struct op_call *c, node_id scores)
{
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK];
    const struct shape places = op_begin_over_classes(c, &n, at);
    const struct expr *z = nest_read(c->graph, &n, scores, at);

    n.body = expr_select(c->graph, op_is_label(c, &n, at), z, expr_constant(c->graph, 0));
    return graph_add_compute(c->graph, "score", &places, &n, false);
}

/* ---- Probabilities in the place of logits ---------------------------------------------------------------------------- */

void op_warn_of_probabilities(struct op_call *c, node_id scores, const char *activation, const char *other)
{
    if (scores == NO_NODE)
        return;
    diag_warning(c->diags, c->at, DIAG_PROBABILITIES, "%s contains the %s, and %s has one already", c->op->name, activation,
                 op_input_name(c, PREDICTION));
    diag_hint(c->diags, "%s takes probabilities", other);
}

/* ---- Logarithms of probabilities ------------------------------------------------------------------------------------- */

/* Where p is 0 the logarithm is taken of 1: a gradient of 0 through log(0) would be NaN. */
const struct expr *op_expr_log_probability(struct graph *g, const struct expr *p)
{
    const struct expr *lowest = expr_constant(g, -100), *none = expr_binary(g, FUNCTION_EQUAL, p, expr_constant(g, 0));
    const struct expr *log = expr_unary(g, FUNCTION_LOG, expr_select(g, none, expr_constant(g, 1), p));
    const struct expr *cut = expr_select(g, expr_binary(g, FUNCTION_LESS, log, lowest), lowest, log);

    return expr_select(g, none, lowest, cut);
}

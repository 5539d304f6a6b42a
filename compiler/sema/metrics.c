/* metrics: reads the list, fits each metric to the loss's arguments or its own, and names them apart. */
#include "compiler/sema/metrics.h"

#include "compiler/graph/build.h"
#include "compiler/sema/evaluate.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/sections.h"
#include "compiler/sema/sema.h"
#include "compiler/sema/tables.h"
#include "compiler/sema/train.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const struct param top_params[] = {{.name = "k", .type = PARAM_INT, .required = true, .min = 1, .max = INFINITY}};

static const struct form forms[] = {
    {.op = {.name = "accuracy", .doc = "the share of samples (or pixels) whose greatest score is that of their class"},
     .kind = METRIC_ACCURACY},
    {.op = {.name = "top", .params = top_params, .param_count = 1, .doc = "the share whose class is among the k greatest scores"},
     .kind = METRIC_TOP},
    {.op = {.name = "confusion", .doc = "how often each class is taken for each other; `eval --confusion` prints the table"},
     .kind = METRIC_CONFUSION},
    {.op = {.name = "mae", .doc = "the mean of \\|x - t\\| over elements and samples"}, .kind = METRIC_MAE},
    {.op = {.name = "mse", .doc = "the mean of (x - t)² over elements and samples"}, .kind = METRIC_MSE},
    {.op = {.name = "precision"}, .not_built = true},
    {.op = {.name = "recall"}, .not_built = true},
    {.op = {.name = "f1"}, .not_built = true},
    {.op = {.name = "auc"}, .not_built = true},
    {.op = {.name = "r2"}, .not_built = true},
};
const struct section_table train_metrics = {
    .section = "train", .what = "metrics", .forms = forms, .count = sizeof forms / sizeof forms[0]};

/* The loss with the same kind of target: what a data field means depends on it. */
static const struct op *like_loss(enum metric_kind kind)
{
    return op_find(kind == METRIC_MAE || kind == METRIC_MSE ? "mse" : "cross_entropy");
}

/* ---- Arguments ------------------------------------------------------------------------------------------------------- */

/* Whether an argument names a tensor, or a field: then it is none of the metric's values. */
static bool names_tensor(struct frame *f, const struct ast_arg *a)
{
    const struct binding *b = a->value->kind == AST_NAME ? scope_find(&f->scope, a->value->as.name) : NULL;

    return a->name.text == NULL && ((b != NULL && b->operand.kind == VALUE_TENSOR) || train_is_field(f, a->value));
}

/* Splits the arguments into values, which stay a list, and at most `max` tensors. */
static struct ast_arg *split_arguments(struct frame *f, const struct ast_arg *args, const struct ast_arg *tensors[], size_t max,
                                       size_t *count)
{
    struct ast_arg *values = NULL, **end = &values;

    *count = 0;
    for (const struct ast_arg *a = args; a != NULL; a = a->next) {
        if (names_tensor(f, a)) {
            if (*count < max)
                tensors[*count] = a;
            ++*count;
            continue;
        }
        *end = arena_new(f->x->arena, struct ast_arg);
        **end = *a;
        (*end)->next = NULL;
        end = &(*end)->next;
    }
    return values;
}

static bool own_tensors(struct frame *f, const struct ast_arg *const tensors[], struct metric *m)
{
    struct sema_value prediction, target;
    const struct ast_expr *e = tensors[1]->value;

    if (!evaluate(f, tensors[0]->value, &prediction))
        return false;
    const bool ok =
        train_is_field(f, e) ? train_target(f, like_loss(m->kind), prediction.tensor, e, &target) : evaluate(f, e, &target);
    if (!ok)
        return false;
    m->of = tensors[0]->value->as.name;
    m->prediction = prediction.tensor;
    m->target = target.tensor;
    return true;
}

/* ---- Checks ---------------------------------------------------------------------------------------------------------- */

static bool check_class_metric(struct frame *f, const struct metric *m, const char *name, struct span at)
{
    const struct node *prediction = graph_node(f->x->graph, m->prediction), *target = graph_node(f->x->graph, m->target);
    char left[SHAPE_TEXT], right[SHAPE_TEXT];

    if (!f->x->graph->input.at[target->number].is_class)
        return diag_error(f->x->diags, at, DIAG_SECTION_VALUE, "%s compares classes, and %s is none", name, target->name);
    if (prediction->shape.rank == 0 ||
        shape_elements(&target->shape) * prediction->shape.dim[0] != shape_elements(&prediction->shape))
        diag_error(f->x->diags, at, DIAG_SECTION_VALUE,
                   "%s compares scores of %s with classes of %s: the first axis is that of the classes", name,
                   shape_text(&prediction->shape, left), shape_text(&target->shape, right));
    else if (m->kind == METRIC_TOP && m->k > prediction->shape.dim[0])
        diag_error(f->x->diags, at, DIAG_VALUE_RANGE, "the best %" PRId64 " of %" PRId64 " classes", m->k,
                   prediction->shape.dim[0]);
    else
        return true;
    train_note_prediction(f, m->prediction);
    return false;
}

static bool check_metric(struct frame *f, const struct metric *m, const char *name, struct span at)
{
    const struct node *prediction = graph_node(f->x->graph, m->prediction), *target = graph_node(f->x->graph, m->target);
    char left[SHAPE_TEXT], right[SHAPE_TEXT];

    if (target->kind != NODE_INPUT)
        return diag_error(f->x->diags, at, DIAG_SECTION_VALUE, "%s wants an input or a data field as target", name);
    if (m->kind != METRIC_MAE && m->kind != METRIC_MSE)
        return check_class_metric(f, m, name, at);
    if (f->x->graph->input.at[target->number].is_class || !shape_comparable(&prediction->shape, &target->shape)) {
        diag_error(f->x->diags, at, DIAG_SECTION_VALUE, "%s compares element by element: the prediction is %s, the target %s is %s",
                   name, shape_text(&prediction->shape, left), target->name,
                   f->x->graph->input.at[target->number].is_class ? "a class" : shape_text(&target->shape, right));
        train_note_prediction(f, m->prediction);
        return false;
    }
    return true;
}

/* ---- Reading --------------------------------------------------------------------------------------------------------- */

static bool read_metric(struct frame *f, const struct ast_expr *e, struct metric **result)
{
    struct metric *m = arena_new(f->x->arena, struct metric);
    struct op_arg *arg = arena_array(f->x->arena, struct op_arg, MAX_PARAMS);
    const struct ast_arg *tensors[2];
    struct ast_call call;
    const bool has_loss = f->train->terms.count > 0;
    size_t count;

    if (!sections_as_call(f, e, "a metric, such as accuracy", &call))
        return false;
    call.args = split_arguments(f, call.args, tensors, 2, &count);
    const struct form *form = sections_call(f, &call, e->at, forms, sizeof forms / sizeof forms[0], WORD_METRIC, arg);
    if (form == NULL)
        return false;
    *m = (struct metric){.kind = (enum metric_kind)form->kind,
                         .k = arg[0].integer,
                         .name = form->op.name,
                         .at = e->at,
                         .prediction = has_loss ? f->train->terms.at[0].prediction : NO_NODE,
                         .target = has_loss ? f->train->terms.at[0].target : NO_NODE};
    if (m->kind == METRIC_TOP)
        m->name = arena_printf(f->x->arena, "top%" PRId64, m->k);
    if (count != 0 && count != 2)
        return diag_error(f->x->diags, e->at, DIAG_INPUT_COUNT, "%s wants a prediction and a target, or neither", form->op.name);
    if (count == 2 && !own_tensors(f, tensors, m))
        return false;
    if (m->prediction == NO_NODE || !check_metric(f, m, form->op.name, e->at))
        return false;
    m->prediction = graph_add_result(f->x->graph, m->prediction, "prediction", e->at);
    *result = m;
    return true;
}

static bool is_alike(const struct metric *a, const struct metric *b)
{
    return a->kind == b->kind && (a->kind != METRIC_TOP || a->k == b->k);
}

/* Whether the list has another metric of this kind. */
static bool is_shared(const struct metric *list, const struct metric *m)
{
    for (; list != NULL; list = list->next)
        if (list != m && is_alike(list, m))
            return true;
    return false;
}

/* A log holds each name once: where several predictions share a metric, that of a prediction of its own is named after it. */
static bool name_metrics(struct frame *f, struct metric *list)
{
    bool ok = true;

    for (struct metric *m = list; m != NULL; m = m->next) {
        if (m->of != NULL && is_shared(list, m))
            m->name = arena_printf(f->x->arena, "%s_%s", m->name, m->of);
        for (const struct metric *before = list; before != m; before = before->next)
            if (strcmp(before->name, m->name) == 0)
                ok = diag_error(f->x->diags, m->at, DIAG_DOUBLE_KEY, "the metric %s is listed twice", m->name);
    }
    return ok;
}

bool metrics_read(struct frame *f, const struct ast_expr *e, struct metric **result)
{
    struct metric **end = result;
    bool ok = true;

    for (const struct ast_expr *i = e->kind == AST_LIST ? e->as.items : e; i != NULL; i = e->kind == AST_LIST ? i->next : NULL) {
        struct metric *m = NULL;
        if (!read_metric(f, i, &m) || m == NULL) {
            ok = false;
            continue;
        }
        *end = m;
        end = &m->next;
    }
    return name_metrics(f, *result) && ok;
}

/* targets: which data field feeds which input (grammar/REFERENCE.md, Binding to data). */
#include "compiler/sema/train.h"

#include "compiler/graph/build.h"
#include "compiler/ops/op.h"
#include "compiler/sema/data.h"
#include "compiler/sema/evaluate.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/sema.h"

#include <inttypes.h>
#include <string.h>

/* ---- Inputs of the net ----------------------------------------------------------------------------------------------- */

/* Whether a shape has one axis in front of those of a record: the batch, as other frameworks write it. */
static bool is_batch_of(const struct shape *shape, const struct shape *record)
{
    const int first = shape->rank - record->rank;

    if (first != 1)
        return false;
    for (int d = 0; d < record->rank; d++)
        if (shape->dim[d + 1] != record->dim[d])
            return false;
    return true;
}

static bool wrong_shape(struct frame *f, const struct data_section *data, const struct graph_input *input,
                        const struct shape *field, const struct data_step *source)
{
    const struct node *n = graph_node(f->x->graph, input->v);
    char wanted[SHAPE_TEXT], given[SHAPE_TEXT];

    diag_error(f->x->diags, n->at, DIAG_BINDING, "the input %s is %s, but the data are %s", input->name,
               shape_text(&n->shape, wanted), shape_text(field, given));
    if (is_batch_of(&n->shape, field))
        diag_hint(f->x->diags, "the batch is implicit: input %s: %s;", input->name, given);
    diag_note(f->x->diags, source->at, "the data come from here");
    if (data->prepare != NULL)
        diag_note(f->x->diags, data->prepare->at, "they are prepared here");
    return false;
}

/* Where the run alone knows the data, they must be what the input declares; of a vector that says nothing of channels. */
static bool check_main_shape(struct frame *f, const struct data_section *data, const struct graph_input *input)
{
    const struct node *n = graph_node(f->x->graph, input->v);
    char text[SHAPE_TEXT];
    struct shape field;
    const struct data_step *source = data_known_shape(data, &field);

    if (shape_elements(&n->shape) > INT32_MAX)
        return diag_error(f->x->diags, n->at, DIAG_TENSOR_SIZE, "records of %s have more than 2^31 - 1 elements",
                          shape_text(&n->shape, text));
    if (source == NULL)
        return n->shape.rank == 1 || data_check_channels(f->x->diags, data, &n->shape, n->at);
    const bool is_vector = n->shape.rank == 1 && shape_is_valid(&field) && shape_elements(&field) == n->shape.dim[0];
    if (!is_vector && !shape_equal_but_ones(&field, &n->shape))
        return wrong_shape(f, data, input, &field, source);
    return data_check_channels(f->x->diags, data, &field, source->at);
}

/* An input of integers takes the numbers of records as they are. */
static bool check_integers(struct frame *f, const struct data_section *data, const struct graph_input *input)
{
    const struct span at = graph_node(f->x->graph, input->v)->at;

    if (data->prepare == NULL)
        return true;
    diag_error(f->x->diags, data->prepare->at, DIAG_BINDING, "the input %s takes integers as they are: nothing prepares them",
               input->name);
    diag_note(f->x->diags, at, "the input is declared here");
    return false;
}

static bool bind_input(struct frame *f, const struct data_section *data, const struct graph_input *input, bool is_only)
{
    const struct span at = graph_node(f->x->graph, input->v)->at;
    const bool is_main = is_only || strcmp(input->name, data_fields[0]) == 0;

    if (!is_main && !data_has_field(input->name)) {
        diag_error(f->x->diags, at, DIAG_BINDING, "the data have no field %s", input->name);
        diag_hint(f->x->diags, "the fields are image and label; with several inputs each takes the field of its name");
        return false;
    }
    if (!is_main && !input->is_class)
        return diag_error(f->x->diags, at, DIAG_BINDING, "the input %s takes the labels, which are integers: declare it as int",
                          input->name);
    if (is_main && input->is_class && !check_integers(f, data, input))
        return false;
    return !is_main || check_main_shape(f, data, input);
}

size_t train_net_inputs(const struct graph *g)
{
    size_t count = 0;

    for (size_t i = 0; i < g->input.count; i++)
        count += !input_is_runtime(&g->input.at[i]);
    return count;
}

bool train_bind_inputs(struct frame *f, const struct data_section *data)
{
    const struct graph *g = f->x->graph;
    bool ok = true;

    for (size_t i = 0; i < g->input.count; i++)
        if (!input_is_runtime(&g->input.at[i]))
            ok = bind_input(f, data, &g->input.at[i], train_net_inputs(g) == 1) && ok;
    return ok;
}

/* ---- Targets of losses ----------------------------------------------------------------------------------------------- */

bool train_is_field(const struct frame *f, const struct ast_expr *e)
{
    return f->train != NULL && e->kind == AST_NAME && !evaluate_knows(f, e->as.name);
}

bool train_is_data_field(const struct frame *f, const struct ast_expr *e)
{
    return train_is_field(f, e) && data_has_field(e->as.name);
}

static bool is_main_field(const struct ast_expr *e)
{
    return strcmp(e->as.name, data_fields[0]) == 0;
}

static bool unknown_field(struct frame *f, const struct ast_expr *e)
{
    VEC(const char *) names = {0};

    for (size_t i = 0; data_fields[i] != NULL; i++)
        vec_push(f->x->arena, &names, data_fields[i]);
    for (size_t i = 0; i < f->scope.names.count; i++)
        vec_push(f->x->arena, &names, f->scope.names.at[i]);
    diag_error(f->x->diags, e->at, DIAG_BINDING, "%s is no layer, no output and no field of the data", e->as.name);
    if (!diag_hint_nearest(f->x->diags, e->as.name, names.at, names.count))
        diag_hint(f->x->diags, "the fields are image and label");
    return false;
}

void train_note_prediction(struct frame *f, node_id prediction)
{
    const struct graph *g = f->x->graph;
    const struct node *origin = op_origin_node(g, prediction, 0);
    char text[SHAPE_TEXT];

    if (!span_is_none(origin->at))
        diag_note(f->x->diags, origin->at, "the prediction, %s, comes from here",
                  shape_text(&graph_node(g, prediction)->shape, text));
}

/* The classes that the prediction can tell apart must hold the labels that the data are known to have. */
static bool check_classes(struct frame *f, const struct ast_expr *e, node_id prediction)
{
    const struct data_section *data = f->train->data;
    const int64_t classes = graph_node(f->x->graph, prediction)->shape.dim[0];
    const struct data_step *source = NULL;
    const int64_t known = data != NULL ? data_known_classes(data, &source) : 0;

    if (data == NULL || known <= classes)
        return true;
    diag_error(f->x->diags, e->at, DIAG_BINDING, "the labels are 0 ... %" PRId64 ", but the prediction has %" PRId64 " class%s",
               known - 1, classes, classes == 1 ? "" : "es");
    train_note_prediction(f, prediction);
    diag_note(f->x->diags, source->at, "the labels come from here");
    return false;
}

static bool check_class_field(struct frame *f, const struct op *loss, node_id prediction, const struct ast_expr *e)
{
    const struct shape *shape = &graph_node(f->x->graph, prediction)->shape;
    char text[SHAPE_TEXT];

    if (shape->rank == 0) {
        diag_error(f->x->diags, e->at, DIAG_BINDING, "a single number has no classes");
        train_note_prediction(f, prediction);
        return false;
    }
    if (f->train->data == NULL)
        return true;
    if (is_main_field(e))
        return diag_error(f->x->diags, e->at, DIAG_BINDING, "%s compares classes, and %s is an image", loss->name, e->as.name);
    if (shape_elements(shape) > shape->dim[0] && data_has_one_label(f->train->data)) {
        diag_error(f->x->diags, e->at, DIAG_BINDING, "one label a sample does not fit a prediction of %s", shape_text(shape, text));
        train_note_prediction(f, prediction);
        return false;
    }
    return check_classes(f, e, prediction);
}

static bool check_value_field(struct frame *f, const struct op *loss, const struct shape *prediction, const struct ast_expr *e)
{
    char text[SHAPE_TEXT];

    if (f->train->data == NULL || is_main_field(e))
        return true;
    diag_error(f->x->diags, e->at, DIAG_BINDING, "%s wants a target of %s, and %s is the number of a class", loss->name,
               shape_text(prediction, text), e->as.name);
    diag_hint(f->x->diags, "cross_entropy takes classes");
    return false;
}

bool train_target(struct frame *f, const struct op *loss, node_id prediction, const struct ast_expr *e, struct sema_value *result)
{
    struct graph *g = f->x->graph;
    struct shape shape = graph_node(g, prediction)->shape;

    if (f->train->data != NULL && !data_has_field(e->as.name))
        return unknown_field(f, e);
    if (!(loss->wants_class ? check_class_field(f, loss, prediction, e) : check_value_field(f, loss, &shape, e)))
        return false;
    if (f->train->data != NULL && f->train->net_inputs == 1 && !loss->wants_class) {
        size_t i = 0;
        while (input_is_runtime(&g->input.at[i]))
            i++;
        *result = value_tensor(g->input.at[i].v, e->at);    /* the net's only input carries the images, whatever its name */
        return true;
    }
    if (loss->wants_class) {
        const bool one = shape_elements(&shape) == shape.dim[0];    /* a sample has one class */
        memmove(shape.dim, shape.dim + 1, sizeof shape.dim - sizeof shape.dim[0]);
        shape.rank = one ? 0 : shape.rank - 1;
    }
    const node_id v = graph_add_input(g, e->as.name, &shape, loss->wants_class, e->at);
    g->input.at[g->input.count - 1].classes = loss->wants_class ? graph_node(g, prediction)->shape.dim[0] : 0;
    *result = value_tensor(v, e->at);
    scope_bind(&f->scope, e->as.name, *result, NULL);
    return true;
}

/* ---- Terms ----------------------------------------------------------------------------------------------------------- */

bool train_is_loss(const struct frame *f, node_id v)
{
    for (size_t i = f->x->losses.count; i-- > 0;)    /* it is mostly the latest */
        if (f->x->losses.at[i] == v)
            return true;
    return false;
}

void train_note_loss(struct frame *f, node_id v)
{
    vec_push(f->x->arena, &f->x->losses, v);
}

/* The mean over the batch of a weighted sum is the weighted sum of the means; of a root it is no root of a mean. */
bool train_no_sum(struct frame *f, const char *op_name, struct span at)
{
    diag_error(f->x->diags, at, DIAG_SECTION_VALUE, "%s: losses are only added and multiplied by numbers", op_name);
    diag_hint(f->x->diags, "the mean over the batch is taken last: %s would see each sample's loss, not their mean", op_name);
    return false;
}

void train_saw_loss(struct frame *f, const struct op_call *call, node_id result)
{
    if (f->train == NULL || call->op->kind != OP_LOSS)
        return;
    const struct loss_term term = {.prediction = call->in[0],
                                   .target = call->in[1],
                                   .predicts = call->op->predicts,
                                   .result = result,
                                   .sum = call->counted_sum,
                                   .count = call->count};
    vec_push(f->x->arena, &f->train->terms, term);
}

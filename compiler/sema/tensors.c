/* tensors: arithmetic between tensors, and their attributes. */
#include "compiler/sema/evaluate.h"

#include "compiler/graph/build.h"
#include "compiler/graph/query.h"
#include "compiler/ops/op.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/train.h"
#include "compiler/support/synonyms.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const struct arithmetic {
    enum ast_operator op;
    const char *name;
    enum function function;
} table[] = {
    {AST_ADD, "add", FUNCTION_ADD},           {AST_SUBTRACT, "subtract", FUNCTION_SUBTRACT},
    {AST_MULTIPLY, "mul", FUNCTION_MULTIPLY}, {AST_DIVIDE, "divide", FUNCTION_DIVIDE},
    {AST_NEGATE, "negate", FUNCTION_NEGATE},
};

static const struct arithmetic *find(enum ast_operator op)
{
    size_t i = 0;

    while (table[i].op != op)
        i++;
    return &table[i];
}

/* ---- Arithmetic ------------------------------------------------------------------------------------------------------ */

/* Where a tensor got its shape: the layer that made it. */
static void note_origin(struct frame *f, const struct sema_value *o, const char *shape)
{
    const struct span made = graph_node(f->x->graph, o->tensor)->at;

    diag_note(f->x->diags, span_is_none(made) ? o->at : made, "the shape %s comes from here", shape);
}

static bool broadcast(struct frame *f, const struct arithmetic *row, const struct sema_value *a, const struct sema_value *b,
                      struct span at, struct shape *shape)
{
    const struct shape *left = &graph_node(f->x->graph, a->tensor)->shape, *right = &graph_node(f->x->graph, b->tensor)->shape;
    char first[SHAPE_TEXT], second[SHAPE_TEXT];

    shape_text(left, first);
    shape_text(right, second);
    if (!shape_broadcast(left, right, shape)) {
        diag_error(f->x->diags, at, DIAG_BROADCAST, "%s: the shapes differ: %s and %s", ast_operator_text(row->op), first, second);
        note_origin(f, a, first);
        note_origin(f, b, second);
        return false;
    }
    if (!shape_is_valid(shape))
        return diag_error(f->x->diags, at, DIAG_TENSOR_SIZE, "%s with %s makes a tensor of more than 2^40 elements", first, second);
    return true;
}

/* A number beside a tensor. */
static bool check_number(struct frame *f, const struct sema_value *o, bool divides)
{
    if (o->kind == VALUE_TENSOR)
        return true;
    if (divides && literal_number(o->literal) == 0)
        return diag_error(f->x->diags, o->at, DIAG_DIVISION_BY_ZERO, "division by zero");
    if (f->x->f32)
        op_warn_beyond_f32(f->x->diags, o->literal, o->at);
    return true;
}

static bool is_loss(const struct frame *f, const struct sema_value *o)
{
    return o != NULL && o->kind == VALUE_TENSOR && train_is_loss(f, o->tensor);
}

/* Whether what is made of losses is a weighted sum of them. */
static bool check_losses(struct frame *f, const struct arithmetic *row, const struct sema_value *a, const struct sema_value *b,
                         struct span at)
{
    const bool first = is_loss(f, a), second = is_loss(f, b);
    const bool scaled = row->op == AST_MULTIPLY ? a->kind != VALUE_TENSOR || b->kind != VALUE_TENSOR
                                                : row->op == AST_DIVIDE && b->kind != VALUE_TENSOR;

    if ((!first && !second) || row->op == AST_ADD || row->op == AST_SUBTRACT || row->op == AST_NEGATE || scaled)
        return true;
    return train_no_sum(f, row->name, at);
}

bool tensor_arithmetic(struct frame *f, enum ast_operator op, const struct sema_value *a, const struct sema_value *b,
                       struct span at, struct sema_value *result)
{
    const struct arithmetic *row = find(b == NULL ? AST_NEGATE : op);
    struct graph *g = f->x->graph;
    struct shape shape;
    node_id v;

    const bool both = b != NULL && a->kind == VALUE_TENSOR && b->kind == VALUE_TENSOR;
    if ((both && !broadcast(f, row, a, b, at, &shape)) || !expand_count(f->x, 1, at))
        return false;
    if (b != NULL && (!check_number(f, a, false) || !check_number(f, b, op == AST_DIVIDE)))
        return false;
    if (!check_losses(f, row, a, b, at))
        return false;
    struct layer_name name;
    if (!namer_name(f->namer, NULL, row->name, at, &name))
        return false;
    graph_begin_layer(g, name.layer, row->name, NULL, at);
    if (b == NULL)
        v = graph_add_unary(g, row->name, FUNCTION_NEGATE, a->tensor);
    else if (both)
        v = graph_add_binary(g, row->name, row->function, a->tensor, b->tensor, &shape);
    else if (a->kind == VALUE_TENSOR)
        v = graph_add_scaled(g, row->name, row->function, a->tensor, literal_number(b->literal), false);
    else
        v = graph_add_scaled(g, row->name, row->function, b->tensor, literal_number(a->literal), true);
    graph_end_layer(g, v);
    if (is_loss(f, a) || is_loss(f, b))
        train_note_loss(f, v);
    *result = value_tensor(v, at);
    return true;
}

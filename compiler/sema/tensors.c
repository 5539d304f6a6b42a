/* tensors: arithmetic between tensors. */
#include "compiler/sema/evaluate.h"

#include "compiler/graph/build.h"
#include "compiler/graph/query.h"
#include "compiler/ops/op.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/train.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct arithmetic {
    enum ast_operator op;    /* of the table */
    const char *name;
    enum function function;
};

static const struct arithmetic table[] = {
    {AST_ADD, "add", FUNCTION_ADD},           {AST_SUBTRACT, "subtract", FUNCTION_SUBTRACT},
    {AST_MULTIPLY, "mul", FUNCTION_MULTIPLY}, {AST_DIVIDE, "divide", FUNCTION_DIVIDE},
    {AST_NEGATE, "negate", FUNCTION_NEGATE},  {AST_POWER, "power", FUNCTION_POWER},
};

static const struct arithmetic greater_of_two = {.name = "max", .function = FUNCTION_MAXIMUM};
static const struct arithmetic smaller_of_two = {.name = "min", .function = FUNCTION_MINIMUM};

static const struct arithmetic *find(enum ast_operator op)
{
    size_t i = 0;

    while (table[i].op != op)
        i++;
    return &table[i];
}

/* ---- Arithmetic ------------------------------------------------------------------------------------------------------ */

/* As it is written: "+", "max". */
static const char *written(const struct arithmetic *row)
{
    return row == &greater_of_two || row == &smaller_of_two ? row->name : ast_operator_text(row->op);
}

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
        diag_error(f->x->diags, at, DIAG_BROADCAST, "%s: the shapes differ: %s and %s", written(row), first, second);
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
    const enum function function = row->function;
    const bool first = is_loss(f, a), second = is_loss(f, b);
    const bool scaled = function == FUNCTION_MULTIPLY ? a->kind != VALUE_TENSOR || b->kind != VALUE_TENSOR
                                                      : function == FUNCTION_DIVIDE && b->kind != VALUE_TENSOR;

    if ((!first && !second) || function == FUNCTION_ADD || function == FUNCTION_SUBTRACT || function == FUNCTION_NEGATE || scaled)
        return true;
    return train_no_sum(f, row->name, at);
}

/* `shape`: of two tensors, broadcast. */
static node_id add_node(struct graph *g, const struct arithmetic *row, const struct sema_value *a, const struct sema_value *b,
                        const struct shape *shape)
{
    if (b == NULL)
        return graph_add_unary(g, row->name, row->function, a->tensor);
    if (a->kind != VALUE_TENSOR)
        return graph_add_scaled(g, row->name, row->function, b->tensor, literal_number(a->literal), true);
    if (b->kind != VALUE_TENSOR)
        return graph_add_scaled(g, row->name, row->function, a->tensor, literal_number(b->literal), false);
    return graph_add_binary(g, row->name, row->function, a->tensor, b->tensor, shape);
}

static bool combine(struct frame *f, const struct arithmetic *row, const struct sema_value *a, const struct sema_value *b,
                    const struct ast_name *label, struct span at, struct sema_value *result)
{
    struct graph *g = f->x->graph;
    struct shape shape;

    const bool both = b != NULL && a->kind == VALUE_TENSOR && b->kind == VALUE_TENSOR;
    if ((both && !broadcast(f, row, a, b, at, &shape)) || !expand_count(f->x, 1, at))
        return false;
    if (b != NULL && (!check_number(f, a, false) || !check_number(f, b, row->function == FUNCTION_DIVIDE)))
        return false;
    if (!check_losses(f, row, a, b, at))
        return false;
    struct layer_name name;
    if (!namer_name(f->namer, label, row->name, at, &name))
        return false;
    graph_begin_layer(g, name.layer, row->name, NULL, at);
    const node_id v = add_node(g, row, a, b, &shape);
    graph_end_layer(g, v);
    if (is_loss(f, a) || is_loss(f, b))
        train_note_loss(f, v);
    *result = value_tensor(v, at);
    return true;
}

bool tensor_arithmetic(struct frame *f, enum ast_operator op, const struct sema_value *a, const struct sema_value *b,
                       struct span at, struct sema_value *result)
{
    return combine(f, find(b == NULL ? AST_NEGATE : op), a, b, NULL, at, result);
}

bool tensor_extreme(struct frame *f, bool greatest, const struct sema_value *a, const struct sema_value *b,
                    const struct ast_name *label, struct span at, struct sema_value *result)
{
    return combine(f, greatest ? &greater_of_two : &smaller_of_two, a, b, label, at, result);
}

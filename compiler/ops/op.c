/* op: what operators check and build in the same way: ranks, sizes and axes, names and places for messages, and
 * element-wise nodes. */
#include "compiler/ops/op.h"

#include "compiler/ops/build.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define OP(name, file) extern const struct op op_##name;
#include "compiler/ops/ops.def"
#undef OP

const struct op *const ops[] = {
#define OP(name, file) &op_##name,
#include "compiler/ops/ops.def"
#undef OP
    NULL,
};

const struct op *op_find(const char *name)
{
    for (size_t i = 0; ops[i] != NULL; i++)
        if (strcmp(ops[i]->name, name) == 0)
            return ops[i];
    return NULL;
}

/* ---- Parameters ---------------------------------------------------------------------------------------------------- */

const struct param op_weight_params[WEIGHT_PARAM_COUNT] = {
    [WEIGHT_L1] = {.name = "l1", .type = PARAM_REAL, .min = 0, .max = NO_MAXIMUM},
    [WEIGHT_L2] = {.name = "l2", .type = PARAM_REAL, .min = 0, .max = NO_MAXIMUM},
    [WEIGHT_FROZEN] = {.name = "frozen", .type = PARAM_BOOL},
    [WEIGHT_INIT] = {.name = "init", .type = PARAM_INITIALIZER},
    [WEIGHT_WEIGHT] = {.name = "weight", .type = PARAM_VALUES},
    [WEIGHT_BIAS] = {.name = "bias", .type = PARAM_VALUES},
};

int op_param_count(const struct op *op)
{
    return op->param_count + (op->has_weights ? WEIGHT_PARAM_COUNT : 0);
}

const struct param *op_param(const struct op *op, int i)
{
    return i < op->param_count ? &op->params[i] : &op_weight_params[i - op->param_count];
}

/* ---- Checks that operators share ----------------------------------------------------------------------------------- */

static bool same_sizes(const struct shape *a, const struct shape *b, int first)
{
    if (a->rank != b->rank)
        return false;
    for (int d = first; d < a->rank; d++)
        if (a->dim[d] != b->dim[d])
            return false;
    return true;
}

/* The first value that varies among those that a node reads, if it has the same sizes from dimension `first` on; else NO_NODE. A
 * delay reads what follows it: sizes do not come from there. */
static node_id same_sizes_before(const struct graph *g, const struct node *n, int first)
{
    if (n->kind != NODE_COMPUTE || n->nest_count != 1 || n->delay)
        return NO_NODE;
    for (int k = 0; k < n->nest->in_count; k++) {
        const struct node *from = graph_node(g, n->nest->in[k].of);
        if (!from->uniform)
            return same_sizes(&from->shape, &n->shape, first) ? n->nest->in[k].of : NO_NODE;
    }
    return NO_NODE;
}

const struct node *op_origin_node(const struct graph *g, node_id v, int first)
{
    for (node_id from = v; from != NO_NODE; from = same_sizes_before(g, graph_node(g, from), first))
        v = from;
    return graph_node(g, v);
}

static const struct node *origin_node(const struct op_call *c, int i, int first)
{
    return op_origin_node(c->graph, c->in[i], first);
}

struct span op_origin(const struct op_call *c, int i, int first)
{
    return origin_node(c, i, first)->at;
}

/* What would give a vector the rank that is wanted. */
static void hint_rank(struct op_call *c, int i, int min, int max)
{
    const struct shape *in = op_shape(c, i);
    const struct node *origin = op_origin_node(c->graph, c->in[i], 0);

    if (in->rank == max + 1 && in->rank > 2 && origin->kind == NODE_INPUT) {
        struct shape sample = {.rank = in->rank - 1};
        char text[SHAPE_TEXT];
        memcpy(sample.dim, in->dim + 1, (size_t)sample.rank * sizeof sample.dim[0]);
        diag_hint(c->diags, "if the first axis is the batch, leave it out, it is implicit: %s", shape_text(&sample, text));
    }
    if (in->rank != 1 || min != 2)
        return;
    if (max == 3)
        diag_hint(c->diags, "reshape(1x%" PRId64 ") makes a signal of one channel", in->dim[0]);
    else
        diag_hint(c->diags, "reshape(%" PRId64 "x1) makes a sequence of single numbers", in->dim[0]);
}

bool op_want_rank(struct op_call *c, int i, int min, int max, const char *wanted)
{
    const struct shape *in = op_shape(c, i);
    char text[SHAPE_TEXT];

    if (in->rank >= min && in->rank <= max)
        return true;
    const struct span origin = op_origin(c, i, 0);
    diag_error(c->diags, c->at, DIAG_RANK, "%s: wants %s, got %s", c->op->name, wanted, shape_text(in, text));
    if (!span_is_none(origin))
        diag_note(c->diags, origin, "the size %s comes from here", text);
    hint_rank(c, i, min, max);
    return false;
}

bool op_want_size(struct op_call *c, const struct shape *result)
{
    char text[SHAPE_TEXT];

    if (shape_is_valid(result))
        return true;
    return diag_error(c->diags, c->at, DIAG_TENSOR_SIZE, "%s: a tensor of %s has more than 2^40 elements", c->op->name,
                      shape_text(result, text));
}

static bool find_axis(struct op_call *c, int64_t given, struct span at, int rank, int *axis)
{
    *axis = (int)(given < 0 ? given + rank : given);
    if (given >= -rank && given < rank)
        return true;
    return diag_error(c->diags, at, DIAG_AXIS, "%s: there is no axis %" PRId64 ": the tensor has %d, from 0", c->op->name, given,
                      rank);
}

bool op_axis(struct op_call *c, int arg, int rank, int *axis)
{
    return find_axis(c, c->arg[arg].integer, c->arg[arg].at, rank, axis);
}

bool op_axes(struct op_call *c, int arg, int rank, bool taken[])
{
    const struct literal *given = c->arg[arg].literal;
    const size_t count = given->kind == LITERAL_LIST ? given->as.list.count : 1;
    int axis;

    memset(taken, 0, (size_t)rank * sizeof taken[0]);
    for (size_t i = 0; i < count; i++) {
        const struct literal *item = given->kind == LITERAL_LIST ? given->as.list.at[i] : given;
        const struct span at = given->kind == LITERAL_LIST ? item->at : c->arg[arg].at;
        if (!find_axis(c, item->as.integer, at, rank, &axis))
            return false;
        if (taken[axis])
            return diag_error(c->diags, at, DIAG_AXIS, "%s: axis %d is listed twice", c->op->name, axis);
        taken[axis] = true;
    }
    return true;
}

bool op_want_axis(struct op_call *c, int arg)
{
    if (op_shape(c, 0)->rank != 2 || c->arg[arg].literal != NULL)
        return true;
    diag_error(c->diags, c->at, DIAG_AXIS, "%s: an input of rank 2 wants axis=", c->op->name);
    diag_hint(c->diags, "axis = 0 over the channels of a signal CxL, axis = 1 over the features of a sequence TxF");
    return false;
}

bool op_spatial(struct op_call *c, int arg, int rank, int64_t sizes[])
{
    const struct shape *given = &c->arg[arg].sizes;
    char text[SHAPE_TEXT], in[SHAPE_TEXT];

    if (given->rank != 0 && given->rank != rank)
        return diag_error(c->diags, c->arg[arg].at, DIAG_SPATIAL, "%s: %s %s has %d axes, the input %s has %d besides its channels",
                          c->op->name, op_param(c->op, arg)->name, shape_text(given, text), given->rank,
                          shape_text(op_shape(c, 0), in), rank);
    for (int i = 0; i < rank; i++)
        sizes[i] = given->dim[given->rank == 0 ? 0 : i];
    return true;
}

static bool is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return false;
    return length > 0;
}

const char *op_input_name(const struct op_call *c, int i)
{
    const struct span at = c->in_at[i];

    if (!span_is_none(at) && at.end - at.begin <= 64) {
        const char *text = c->diags->sources->file.at[at.file].text + at.begin;
        if (is_name(text, at.end - at.begin))
            return arena_copy(c->diags->arena, text, at.end - at.begin);
    }
    return c->in_count == 1 ? "the input" : arena_printf(c->diags->arena, "branch %d", i + 1);
}

/* Whether several inputs have rank 2 or more and the same channels. */
static bool same_channels(const struct op_call *c)
{
    for (int i = 0; i < c->in_count; i++)
        if (op_shape(c, i)->rank < 2 || op_shape(c, i)->dim[0] != op_shape(c, 0)->dim[0])
            return false;
    return c->in_count > 1;
}

static bool same_places(const struct op_call *c)
{
    for (int i = 0; i < c->in_count; i++)
        if (!same_sizes(op_shape(c, i), op_shape(c, 0), 1))
            return false;
    return true;
}

void op_note_input(struct op_call *c, int i)
{
    const struct node *origin = origin_node(c, i, same_channels(c) ? 1 : 0);
    const char *formula = origin->layer >= 0 && !same_places(c) ? c->graph->layer.at[origin->layer].formula : NULL;
    char text[SHAPE_TEXT];

    if (span_is_none(origin->at))
        return;
    if (formula != NULL)
        diag_note(c->diags, origin->at, "%s got its size here: %s", op_input_name(c, i), formula);
    else
        diag_note(c->diags, origin->at, "%s, %s, comes from here", op_input_name(c, i), shape_text(op_shape(c, i), text));
}

const char *op_inputs_text(const struct op_call *c)
{
    enum { SHOWN = 8 };
    const char *list = "";
    char text[SHAPE_TEXT];

    for (int i = 0; i < c->in_count && i < SHOWN; i++)
        list = arena_printf(c->diags->arena, "%s%s%s %s", list, i > 0 ? ", " : "", op_input_name(c, i),
                            shape_text(op_shape(c, i), text));
    return c->in_count > SHOWN ? arena_printf(c->diags->arena, "%s and %d more", list, c->in_count - SHOWN) : list;
}

const char *op_space_name(int rank, int i)
{
    static const char *const image[] = {"h", "w"};

    assert(i >= 0 && i < rank && rank <= 2);
    return rank == 1 ? "l" : image[i];
}

const char *op_tap_name(int i)
{
    static const char *const taps[] = {"p", "q"};

    assert(i >= 0 && i < 2);
    return taps[i];
}

const char *op_axis_name(int rank, int d)
{
    static const char *const names[MAX_RANK] = {"i", "j", "k", "l", "m", "n"};

    if (rank == 2 || rank == 3)
        return d == 0 ? "c" : op_space_name(rank - 1, d - 1);
    return names[d];
}

/* ---- Nests that operators share ------------------------------------------------------------------------------------ */

node_id op_add_along(struct op_call *c, const char *op_name, enum function f, node_id x, node_id p, const int dims[])
{
    const struct shape shape = graph_node(c->graph, x)->shape;
    struct nest n = {0};
    struct index at[MAX_RANK] = {0};
    const struct expr *left = op_begin_elementwise(c, x, &n);

    for (int d = 0; d < graph_node(c->graph, p)->shape.rank; d++)
        at[d] = n.out[dims[d]];
    n.body = expr_binary(c->graph, f, left, nest_read(c->graph, &n, p, at));
    return graph_add_compute(c->graph, op_name, &shape, &n, false);
}

node_id op_add_over_space(struct op_call *c, const char *op_name, node_id x, enum combine combine)
{
    const struct shape from = graph_node(c->graph, x)->shape;
    const struct shape to = {.rank = 1, .dim = {from.dim[0]}};
    struct nest n = {.combine = combine};
    struct index at[MAX_RANK];

    for (int d = 0; d < from.rank; d++)
        at[d] = index_axis(nest_add_axis(&n, op_axis_name(from.rank, d), from.dim[d], d > 0), 1);
    n.out[0] = at[0];
    n.body = nest_read(c->graph, &n, x, at);
    return graph_add_compute(c->graph, op_name, &to, &n, false);
}

const struct expr *op_begin_elementwise(struct op_call *c, node_id x, struct nest *n)
{
    const struct shape shape = graph_node(c->graph, x)->shape;

    for (int d = 0; d < shape.rank; d++)
        n->out[d] = index_axis(nest_add_axis(n, op_axis_name(shape.rank, d), shape.dim[d], false), 1);
    return nest_read(c->graph, n, x, n->out);
}

node_id op_add_elementwise(struct op_call *c, const char *op_name, node_id x,
                           const struct expr *(*formula)(const struct op_call *c, const struct expr *x))
{
    const struct shape shape = graph_node(c->graph, x)->shape;
    struct nest n = {0};

    n.body = formula(c, op_begin_elementwise(c, x, &n));
    return graph_add_compute(c->graph, op_name, &shape, &n, false);
}

/* nest: indices, expressions and nests, and what follows from their axes: ranges, bounds, coverage. Costs are in cost.c. */
#include "compiler/graph/nest.h"

#include "compiler/graph/build.h"
#include "compiler/graph/query.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    int arity;
} functions[] = {
#define FUNCTION(id, text, count) [FUNCTION_##id] = {text, count},
#include "compiler/graph/functions.def"
#undef FUNCTION
};

int function_arity(enum function f)
{
    return functions[f].arity;
}

const char *function_name(enum function f)
{
    return functions[f].name;
}

/* ---- Indices ------------------------------------------------------------------------------------------------------- */

struct index index_constant(int64_t offset)
{
    return (struct index){.offset = offset};
}

struct index index_axis(int axis, int64_t factor)
{
    struct index i = {0};

    assert(axis >= 0 && axis < MAX_AXES);
    i.factor[axis] = factor;
    return i;
}

struct index index_add(struct index a, struct index b)
{
    a.offset += b.offset;
    for (int i = 0; i < MAX_AXES; i++)
        a.factor[i] += b.factor[i];
    return a;
}

struct index index_of_element(const struct shape *s, const struct index dim[])
{
    struct index total = index_constant(0);

    for (int d = 0; d < s->rank; d++) {
        for (int a = 0; a < MAX_AXES; a++)
            total.factor[a] = total.factor[a] * s->dim[d] + dim[d].factor[a];
        total.offset = total.offset * s->dim[d] + dim[d].offset;
    }
    return total;
}

bool index_is_constant(const struct index *i)
{
    for (int axis = 0; axis < MAX_AXES; axis++)
        if (i->factor[axis] != 0)
            return false;
    return true;
}

void index_range(const struct nest *n, const struct index *i, int64_t *low, int64_t *high)
{
    *low = *high = i->offset;
    for (int axis = 0; axis < n->axis_count; axis++) {
        const int64_t reach = i->factor[axis] * (n->extent[axis] - 1);
        *(reach < 0 ? low : high) += reach;
    }
}

bool access_may_be_out_of_bounds(const struct graph *g, const struct nest *n, const struct access *a)
{
    const struct shape *s = &graph_node(g, a->of)->shape;

    for (int d = 0; d < s->rank; d++) {
        int64_t low, high;
        index_range(n, &a->dim[d], &low, &high);
        if (low < 0 || high >= s->dim[d])
            return true;
    }
    return false;
}

bool nest_may_be_out_of_bounds(const struct graph *g, const struct nest *n)
{
    for (int k = 0; k < n->in_count; k++)
        if (access_may_be_out_of_bounds(g, n, &n->in[k]))
            return true;
    return false;
}

/* ---- Axes and accesses --------------------------------------------------------------------------------------------- */

int nest_add_axis(struct nest *n, const char *name, int64_t extent, bool reduced)
{
    const int axis = n->axis_count;

    assert(axis < MAX_AXES && extent >= 1);
    assert(reduced || n->free_count == n->axis_count);
    n->extent[axis] = extent;
    n->axis_name[axis] = name;
    n->axis_count++;
    if (!reduced)
        n->free_count++;
    return axis;
}

const struct expr *nest_read(struct graph *g, struct nest *n, node_id of, const struct index dim[])
{
    struct expr *e = arena_new(g->arena, struct expr);

    assert(n->in_count < MAX_ACCESSES);
    *e = (struct expr){.kind = EXPR_ACCESS, .access = n->in_count};
    n->in[n->in_count].of = of;
    for (int i = 0; i < graph_node(g, of)->shape.rank; i++)
        n->in[n->in_count].dim[i] = dim[i];
    n->in_count++;
    return e;
}

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

const struct expr *expr_constant(struct graph *g, double c)
{
    struct expr *e = arena_new(g->arena, struct expr);

    *e = (struct expr){.kind = EXPR_CONSTANT, .constant = c};
    return e;
}

const struct expr *expr_index(struct graph *g, struct index i)
{
    struct expr *e = arena_new(g->arena, struct expr);

    *e = (struct expr){.kind = EXPR_INDEX, .index = i};
    return e;
}

static const struct expr *expr_function(struct graph *g, enum function f, const struct expr *a, const struct expr *b,
                                        const struct expr *c)
{
    struct expr *e = arena_new(g->arena, struct expr);

    assert(function_arity(f) == 1 + (b != NULL) + (c != NULL));
    *e = (struct expr){.kind = EXPR_FUNCTION, .function = f, .arg = {a, b, c}};
    return e;
}

const struct expr *expr_unary(struct graph *g, enum function f, const struct expr *a)
{
    return expr_function(g, f, a, NULL, NULL);
}

const struct expr *expr_binary(struct graph *g, enum function f, const struct expr *a, const struct expr *b)
{
    return expr_function(g, f, a, b, NULL);
}

const struct expr *expr_select(struct graph *g, const struct expr *condition, const struct expr *yes, const struct expr *no)
{
    return expr_function(g, FUNCTION_SELECT, condition, yes, no);
}

/* ---- Axes of extent 1 ---------------------------------------------------------------------------------------------- */

/* Where each axis goes, or -1. */
static void renumber(struct index *i, const int to[MAX_AXES])
{
    struct index kept = {.offset = i->offset};

    for (int axis = 0; axis < MAX_AXES; axis++)
        if (i->factor[axis] != 0 && to[axis] >= 0)
            kept.factor[to[axis]] = i->factor[axis];
    *i = kept;
}

static bool has_index(const struct expr *e)
{
    if (e->kind == EXPR_INDEX || e->kind == EXPR_RANDOM)
        return true;
    for (int i = 0; i < 3 && e->arg[i] != NULL; i++)
        if (has_index(e->arg[i]))
            return true;
    return false;
}

static const struct expr *renumber_body(struct graph *g, const struct expr *e, const int to[MAX_AXES])
{
    if (!has_index(e))
        return e;

    struct expr *copy = arena_new(g->arena, struct expr);
    *copy = *e;
    if (e->kind == EXPR_INDEX || e->kind == EXPR_RANDOM)
        renumber(&copy->index, to);
    for (int i = 0; i < 3 && e->arg[i] != NULL; i++)
        copy->arg[i] = renumber_body(g, e->arg[i], to);
    return copy;
}

static void forget_reduction(struct graph *g, struct nest *n)
{
    switch (n->combine) {
    case COMBINE_NONE: return;
    case COMBINE_SUM: n->otherwise = 0; break;
    case COMBINE_MAX: n->otherwise = -INFINITY; break;
    case COMBINE_ARGMAX:
        n->body = expr_constant(g, 0);
        n->in_count = 0;
        n->otherwise = 0;
        break;
    }
    n->combine = COMBINE_NONE;
}

struct nest nest_without_unit_axes(struct graph *g, const struct nest *from)
{
    struct nest n = *from;
    int to[MAX_AXES];

    n.axis_count = n.free_count = 0;
    memset(n.extent, 0, sizeof n.extent);
    memset(n.axis_name, 0, sizeof n.axis_name);
    for (int axis = 0; axis < MAX_AXES; axis++) {
        const bool kept = axis < from->axis_count && from->extent[axis] != 1;
        to[axis] = kept ? nest_add_axis(&n, from->axis_name[axis], from->extent[axis], axis >= from->free_count) : -1;
    }
    for (int d = 0; d < MAX_RANK; d++)
        renumber(&n.out[d], to);
    for (int k = 0; k < n.in_count; k++)
        for (int d = 0; d < MAX_RANK; d++)
            renumber(&n.in[k].dim[d], to);
    n.body = renumber_body(g, n.body, to);
    if (n.axis_count == n.free_count)
        forget_reduction(g, &n);
    return n;
}

/* ---- Element by element -------------------------------------------------------------------------------------------- */

/* Names of free axes: images read best as c,h,w. */
static const char *const axis_names[MAX_RANK] = {"i", "j", "k", "l", "m", "n"};
static const char *const image_axis_names[3] = {"c", "h", "w"};

/* A nest whose free axes run over `shape`. */
static struct nest nest_over(const struct shape *shape)
{
    struct nest n = {0};

    for (int d = 0; d < shape->rank; d++)
        n.out[d] = index_axis(nest_add_axis(&n, (shape->rank == 3 ? image_axis_names : axis_names)[d], shape->dim[d], false), 1);
    return n;
}

/* Reads `v` at the point of `shape`'s axes: dimensions are matched from the last; one of size 1 is read at 0 throughout. */
static const struct expr *read_broadcast(struct graph *g, struct nest *n, const struct shape *shape, node_id v)
{
    const struct shape *from = &graph_node(g, v)->shape;
    struct index dim[MAX_RANK];

    for (int d = 0; d < from->rank; d++)
        dim[d] = from->dim[d] == 1 ? index_constant(0) : index_axis(shape->rank - from->rank + d, 1);
    return nest_read(g, n, v, dim);
}

node_id graph_add_unary(struct graph *g, const char *op_name, enum function f, node_id v)
{
    const struct shape shape = graph_node(g, v)->shape;
    struct nest n = nest_over(&shape);

    n.body = expr_unary(g, f, read_broadcast(g, &n, &shape, v));
    return graph_add_compute(g, op_name, &shape, &n, false);
}

node_id graph_add_binary(struct graph *g, const char *op_name, enum function f, node_id a, node_id b, const struct shape *shape)
{
    struct nest n = nest_over(shape);
    const struct expr *left = read_broadcast(g, &n, shape, a);

    n.body = expr_binary(g, f, left, read_broadcast(g, &n, shape, b));
    return graph_add_compute(g, op_name, shape, &n, false);
}

node_id graph_add_scaled(struct graph *g, const char *op_name, enum function f, node_id a, double constant, bool constant_first)
{
    const struct shape shape = graph_node(g, a)->shape;
    struct nest n = nest_over(&shape);
    const struct expr *x = read_broadcast(g, &n, &shape, a), *c = expr_constant(g, constant);

    n.body = constant_first ? expr_binary(g, f, c, x) : expr_binary(g, f, x, c);
    return graph_add_compute(g, op_name, &shape, &n, false);
}

bool shape_broadcast(const struct shape *a, const struct shape *b, struct shape *result)
{
    const struct shape *longer = a->rank >= b->rank ? a : b, *shorter = longer == a ? b : a;
    const int missing = longer->rank - shorter->rank;

    *result = *longer;
    for (int d = 0; d < shorter->rank; d++) {
        const int64_t x = longer->dim[missing + d], y = shorter->dim[d];
        if (x != y && x != 1 && y != 1)
            return false;
        result->dim[missing + d] = x == 1 ? y : x;
    }
    return true;
}

bool nests_cover(const struct nest nests[], int count, const struct shape *shape)
{
    int64_t reached = 0;

    for (int i = 0; i < count; i++) {
        int64_t points = 1;
        for (int a = 0; a < nests[i].free_count; a++)
            points *= nests[i].extent[a];
        reached += points;
    }
    return reached == shape_elements(shape);
}

/* ---- What nests read ----------------------------------------------------------------------------------------------- */

bool match_product(const struct expr *e, int factor[2])
{
    if (e->kind != EXPR_FUNCTION || e->function != FUNCTION_MULTIPLY || e->arg[0]->kind != EXPR_ACCESS ||
        e->arg[1]->kind != EXPR_ACCESS)
        return false;
    factor[0] = e->arg[0]->access;
    factor[1] = e->arg[1]->access;
    return true;
}

bool node_sums_samples(const struct graph *g, const struct node *n)
{
    if (!n->uniform)
        return false;
    for (struct access_iterator i = node_accesses(n); access_next(&i);)
        if (!graph_node(g, i.access->of)->uniform)
            return true;
    return false;
}

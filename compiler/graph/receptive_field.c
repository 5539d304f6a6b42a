/* receptive_field: derived from the indices at which nests read: where an element at h reads s*h + d*p for p = 0 … k - 1, its
 * field is that of what it reads plus d*(k - 1) times the distance (in input elements) between neighbours there, and its own
 * neighbours lie s times as far apart. A transposed convolution of stride s brings neighbours s times closer, so distances are
 * fractions.
 *
 * Source: Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks" (2019), distill.pub, equation 2.
 */
#include "compiler/graph/field_cache.h"
#include "compiler/graph/graph.h"
#include "compiler/graph/query.h"

#include <stdlib.h>

/* How a value depends on one dimension of the input. */
struct axis_field {
    bool depends;
    int dim; /* the value's dimension that moves along the input's, or -1: none does */
    /* In input elements, divided by `over`: from the first to the last that may influence one element; from one element to the next
     * along `dim`. */
    int64_t span, stride, over;
};

struct tensor_field {
    int rank; /* of the input; of several, the greatest */
    int64_t extent[MAX_RANK];
    struct axis_field along[MAX_RANK];
};

/* One row a node, as far as the graph has been walked. */
struct field_cache {
    VEC(struct tensor_field) row;
};

struct field_cache *field_cache_create(struct arena *a)
{
    return arena_new(a, struct field_cache);
}

static int64_t multiply_saturated(int64_t a, int64_t b)
{
    int64_t product;

    return checked_multiply(a, b, &product) ? product : INT64_MAX;
}

static int64_t add_saturated(int64_t a, int64_t b)
{
    int64_t sum;

    return checked_add(a, b, &sum) ? sum : INT64_MAX;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Gives both the same denominator. */
static void make_common(struct axis_field *a, struct axis_field *b)
{
    const int64_t mine = a->over;

    if (mine == b->over)
        return;
    a->span = multiply_saturated(a->span, b->over);
    a->stride = multiply_saturated(a->stride, b->over);
    a->over = multiply_saturated(mine, b->over);
    b->span = multiply_saturated(b->span, mine);
    b->stride = multiply_saturated(b->stride, mine);
    b->over = a->over;
}

static void merge(struct axis_field *to, struct axis_field from)
{
    if (!from.depends)
        return;
    if (!to->depends) {
        *to = from;
        return;
    }
    make_common(to, &from);
    to->span = greater(to->span, from.span);
    to->stride = greater(to->stride, from.stride);
    if (to->dim < 0)
        to->dim = from.dim;
}

/* The only free axis of an index; -1: none; -2: several. */
static int free_axis(const struct nest *n, const struct index *i)
{
    int found = -1;

    for (int axis = 0; axis < n->free_count; axis++)
        if (i->factor[axis] != 0)
            found = found == -1 ? axis : -2;
    return found;
}

/* The dimension of the result that moves with a free axis. */
static int dim_of_axis(const struct node *node, const struct nest *n, int axis)
{
    for (int d = 0; axis >= 0 && d < node->shape.rank; d++)
        if (n->out[d].factor[axis] != 0)
            return d;
    return -1;
}

/* How far the reduced axes spread what one element reads. */
static int64_t spread(const struct nest *n, const struct index *i)
{
    int64_t total = 0;

    for (int axis = n->free_count; axis < n->axis_count; axis++)
        total = add_saturated(total, multiply_saturated(llabs(i->factor[axis]), n->extent[axis] - 1));
    return total;
}

/* The reach of a result through one index of one access. */
static struct axis_field field_through(const struct node *node, const struct nest *n, const struct index *i, struct axis_field from)
{
    const int axis = free_axis(n, i);
    struct axis_field to = from;

    to.dim = dim_of_axis(node, n, axis);
    to.span = add_saturated(from.span, multiply_saturated(spread(n, i), from.stride));
    if (axis >= 0)
        to.stride = multiply_saturated(from.stride, llabs(i->factor[axis]));
    return to;
}

/* An element at h adds to s*h + d*p for p = 0 … k - 1: neighbours of the result lie 1/s apart, and each hears from d*(k - 1)/s. */
static struct axis_field field_through_scatter(const struct node *node, const struct nest *n, const struct index *i,
                                               struct axis_field from)
{
    const int axis = free_axis(n, i);
    struct axis_field to = from;

    to.dim = -1;
    for (int d = 0; axis >= 0 && d < node->shape.rank; d++) {
        const struct index *place = &n->in[0].dim[d];
        const int64_t stride = llabs(place->factor[axis]);
        if (stride == 0)
            continue;
        to.dim = d;
        to.over = multiply_saturated(from.over, stride);
        to.span = add_saturated(multiply_saturated(from.span, stride), multiply_saturated(spread(n, place), from.stride));
    }
    return to;
}

static void field_of_access(const struct graph *g, const struct node *node, const struct nest *n, int k,
                            const struct tensor_field known[], struct tensor_field *to)
{
    const struct tensor_field *from = &known[n->in[k].of];

    /* What a delay reads may stand behind it, and has no row yet. */
    if (node->delay || graph_node(g, n->in[k].of)->uniform)
        return;
    to->rank = from->rank > to->rank ? from->rank : to->rank;
    for (int d = 0; d < from->rank; d++) {
        struct axis_field r = from->along[d];
        if (r.depends && r.dim >= 0 && n == node->scatter)
            r = field_through_scatter(node, n, &n->in[k].dim[r.dim], r);
        else if (r.depends && r.dim >= 0)
            r = field_through(node, n, &n->in[k].dim[r.dim], r);
        to->extent[d] = greater(to->extent[d], from->extent[d]);
        merge(&to->along[d], r);
    }
}

static void field_of_compute(const struct graph *g, const struct node *node, const struct tensor_field known[],
                             struct tensor_field *to)
{
    if (node->scatter != NULL) {
        for (int k = 1; k < node->scatter->in_count; k++)
            field_of_access(g, node, node->scatter, k, known, to);
        return;
    }
    for (struct access_iterator i = node_accesses(node); access_next(&i);)
        field_of_access(g, node, i.nest, i.number, known, to);
}

/* A node of a recurrence hears from all steps. */
static void field_over_all_timesteps(struct tensor_field *r)
{
    for (int d = 0; d < r->rank; d++)
        if (r->along[d].depends && r->along[d].dim == 0) {
            r->along[d].span = greater(r->along[d].span, multiply_saturated(r->extent[d] - 1, r->along[d].over));
            r->along[d].dim = -1;
        }
}

/* Where dimension `d` of `from` stands in `to`, if both have the same dimensions apart from those of size 1; else -1. */
static int same_dim(const struct shape *from, const struct shape *to, int d)
{
    int found = -1;

    for (int a = 0, b = 0; a < from->rank || b < to->rank;) {
        if (a < from->rank && from->dim[a] == 1)
            a++;
        else if (b < to->rank && to->dim[b] == 1)
            b++;
        else if (a == from->rank || b == to->rank || from->dim[a] != to->dim[b])
            return -1;
        else {
            found = a == d ? b : found;
            a++;
            b++;
        }
    }
    return found;
}

static void field_of_view(const struct shape *from, const struct shape *shape, struct tensor_field *to)
{
    for (int d = 0; d < to->rank; d++) {
        struct axis_field *r = &to->along[d];
        if (!r->depends || r->dim < 0)
            continue;
        const bool single = from->dim[r->dim] == 1;
        const int dim = same_dim(from, shape, r->dim);
        /* A dimension that is folded into others no longer has a place of its own. */
        if (dim < 0 && !single)
            r->span = greater(r->span, multiply_saturated(to->extent[d] - 1, r->over));
        r->dim = dim;
    }
}

static struct tensor_field fields_of(const struct graph *g, const struct node *node, const struct tensor_field known[])
{
    struct tensor_field r = {0};

    /* Dropout draws along a flat view; what it is outside training keeps the dimensions. */
    if (node->inference != NO_NODE)
        return known[node->inference];
    if (node->kind == NODE_INPUT) {
        r.rank = node->shape.rank;
        for (int d = 0; d < r.rank; d++) {
            r.extent[d] = node->shape.dim[d];
            r.along[d] = (struct axis_field){.depends = true, .dim = d, .span = 0, .stride = 1, .over = 1};
        }
    } else if (node->kind == NODE_VIEW) {
        r = known[node->view_of];
        field_of_view(&graph_node(g, node->view_of)->shape, &node->shape, &r);
    } else if (node->kind == NODE_COMPUTE && !node->uniform) {
        field_of_compute(g, node, known, &r);
        if (node->recurrence >= 0)
            field_over_all_timesteps(&r);
    }
    return r;
}

/* Whole places within a closed interval of the span's length, at most. */
static int64_t field_of(const struct axis_field *r)
{
    return r->depends ? add_saturated(r->span / r->over, 1) : 0;
}

int graph_receptive_field(const struct graph *g, node_id v, int64_t field[MAX_RANK])
{
    const int rank = graph_node(g, v)->shape.rank;

    for (size_t i = g->field_cache->row.count; i <= (size_t)v; i++) {
        const struct tensor_field found = fields_of(g, &g->node.at[i], g->field_cache->row.at);
        vec_push(g->arena, &g->field_cache->row, found);
    }

    const struct tensor_field *r = &g->field_cache->row.at[v];
    /* Tokens, and the sequence or the signal that became of them. */
    if (rank == 2 && r->rank == 1 && r->along[0].dim >= 0) {
        field[0] = field_of(&r->along[0]);
        return 1;
    }
    if (rank < 2 || rank != r->rank)
        return 0;
    /* A sequence (steps x features) keeps its steps apart where its features are mixed. */
    if (rank == 2 && r->along[0].dim == 0 && r->along[1].dim < 0) {
        field[0] = field_of(&r->along[0]);
        return 1;
    }
    if (rank == 2 && r->along[0].dim < 0 && r->along[1].dim < 0)
        return 0;
    for (int d = 1; d < rank; d++)
        field[d - 1] = field_of(&r->along[d]);
    return rank - 1;
}

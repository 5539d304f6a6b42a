/* Receptive fields, derived from the indices at which nests read: where an element at h reads s*h + d*p for p = 0 … k - 1, its field
 * is that of what it reads plus d*(k - 1) times the distance (in input elements) between neighbours there, and its own neighbours
 * lie s times as far apart.
 *
 * Source: Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks" (2019), distill.pub, equation 2.
 */
#include "compiler/graph/graph.h"
#include "compiler/graph/reach_table.h"

#include <stdlib.h>

/* How a value depends on one dimension of the input. */
struct reach {
    bool depends;
    int dim; /* the value's dimension that moves along the input's, or -1: none does */
    int64_t field; /* input elements that influence one element */
    int64_t stride; /* input elements from one element to the next along `dim` */
};

struct reaches {
    int rank; /* of the input; of several, the greatest */
    int64_t extent[MAX_RANK];
    struct reach along[MAX_RANK];
};

/* One row a node, as far as the graph has been walked. */
struct reach_table {
    VEC(struct reaches) row;
};

struct reach_table *reach_table_create(struct arena *a)
{
    return arena_new(a, struct reach_table);
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

static void merge(struct reach *to, struct reach from)
{
    if (!from.depends)
        return;
    if (!to->depends) {
        *to = from;
        return;
    }
    to->field = greater(to->field, from.field);
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
static struct reach reach_through(const struct node *node, const struct nest *n, const struct index *i, struct reach from)
{
    const int axis = free_axis(n, i);
    struct reach to = from;

    to.dim = dim_of_axis(node, n, axis);
    to.field = add_saturated(from.field, multiply_saturated(spread(n, i), from.stride));
    if (axis >= 0)
        to.stride = multiply_saturated(from.stride, llabs(i->factor[axis]));
    return to;
}

static void reach_of_compute(const struct graph *g, const struct node *node, const struct reaches known[], struct reaches *to)
{
    for (int part = 0; part < node->nest_count; part++) {
        const struct nest *n = &node->nest[part];
        for (int k = 0; k < n->in_count; k++) {
            if (graph_node(g, n->in[k].of)->uniform)
                continue;
            const struct reaches *from = &known[n->in[k].of];
            to->rank = from->rank > to->rank ? from->rank : to->rank;
            for (int d = 0; d < from->rank; d++) {
                struct reach r = from->along[d];
                if (r.depends && r.dim >= 0)
                    r = reach_through(node, n, &n->in[k].dim[r.dim], r);
                to->extent[d] = greater(to->extent[d], from->extent[d]);
                merge(&to->along[d], r);
            }
        }
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

static void reach_of_view(const struct shape *from, const struct shape *shape, struct reaches *to)
{
    for (int d = 0; d < to->rank; d++) {
        struct reach *r = &to->along[d];
        if (!r->depends || r->dim < 0)
            continue;
        const bool single = from->dim[r->dim] == 1;
        const int dim = same_dim(from, shape, r->dim);
        /* A dimension that is folded into others no longer has a place of its own. */
        if (dim < 0 && !single)
            r->field = greater(r->field, to->extent[d]);
        r->dim = dim;
    }
}

static struct reaches reach_of(const struct graph *g, const struct node *node, const struct reaches known[])
{
    struct reaches r = {0};

    if (node->kind == NODE_INPUT) {
        r.rank = node->shape.rank;
        for (int d = 0; d < r.rank; d++) {
            r.extent[d] = node->shape.dim[d];
            r.along[d] = (struct reach){.depends = true, .dim = d, .field = 1, .stride = 1};
        }
    } else if (node->kind == NODE_VIEW) {
        r = known[node->view_of];
        reach_of_view(&graph_node(g, node->view_of)->shape, &node->shape, &r);
    } else if (node->kind == NODE_COMPUTE && !node->uniform) {
        reach_of_compute(g, node, known, &r);
    }
    return r;
}

int graph_receptive_field(const struct graph *g, value v, int64_t field[MAX_RANK])
{
    const int rank = graph_node(g, v)->shape.rank;

    for (size_t i = g->reach->row.count; i <= (size_t)v; i++) {
        const struct reaches found = reach_of(g, &g->node.at[i], g->reach->row.at);
        vec_push(g->arena, &g->reach->row, found);
    }

    const struct reaches *r = &g->reach->row.at[v];
    if (rank < 2 || rank != r->rank)
        return 0;
    /* A sequence (steps x features) keeps its steps apart where its features are mixed. */
    if (rank == 2 && r->along[0].dim == 0 && r->along[1].dim < 0) {
        field[0] = r->along[0].field;
        return 1;
    }
    for (int d = 1; d < rank; d++)
        field[d - 1] = r->along[d].field;
    return rank - 1;
}

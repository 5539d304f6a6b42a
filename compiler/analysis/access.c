/* access: questions about single accesses and nodes that several rooms ask. All look at indices alone; none changes the graph. */
#include "compiler/analysis/access.h"

int index_only_axis(const struct index *i)
{
    int found = -1;

    if (i->offset != 0)
        return -1;
    for (int a = 0; a < MAX_AXES; a++) {
        if (i->factor[a] == 0)
            continue;
        if (found >= 0 || i->factor[a] != 1)
            return -1;
        found = a;
    }
    return found;
}

bool access_uses(const struct graph *g, const struct access *a, int axis)
{
    for (int d = 0; d < graph_node(g, a->of)->shape.rank; d++)
        if (a->dim[d].factor[axis] != 0)
            return true;
    return false;
}

bool access_has_window(const struct graph *g, const struct nest *n, const struct access *a)
{
    for (int d = 0; d < graph_node(g, a->of)->shape.rank; d++) {
        bool free_moves = false, reduced_moves = false;
        for (int axis = 0; axis < n->axis_count; axis++)
            if (a->dim[d].factor[axis] != 0)
                *(axis < n->free_count ? &free_moves : &reduced_moves) = true;
        if (free_moves && reduced_moves)
            return true;
    }
    return false;
}

node_id view_root(const struct graph *g, node_id v)
{
    while (graph_node(g, v)->kind == NODE_VIEW)
        v = graph_node(g, v)->view_of;
    return v;
}

int shape_core(const struct shape *s, int dim[MAX_RANK])
{
    int count = 0;

    for (int d = 0; d < s->rank; d++)
        if (s->dim[d] > 1)
            dim[count++] = d;
    return count;
}

bool node_is_covered(const struct node *n)
{
    return nests_cover(n->nest, n->nest_count, &n->shape);
}

static bool same_core(const struct shape *a, const struct shape *b)
{
    int da[MAX_RANK], db[MAX_RANK], rank = shape_core(a, da);

    if (rank != shape_core(b, db))
        return false;
    for (int r = 0; r < rank; r++)
        if (a->dim[da[r]] != b->dim[db[r]])
            return false;
    return true;
}

bool access_core(const struct graph *g, const struct access *a, struct index core[MAX_RANK], int *rank)
{
    const struct shape *seen = &graph_node(g, a->of)->shape;
    const struct shape *stored = &graph_node(g, view_root(g, a->of))->shape;
    int dim[MAX_RANK];

    *rank = shape_core(stored, dim);
    if (same_core(seen, stored)) {
        shape_core(seen, dim);
        for (int r = 0; r < *rank; r++)
            core[r] = a->dim[dim[r]];
        return true;
    }
    if (*rank != 1)
        return false;
    core[0] = index_of_element(seen, a->dim);
    return true;
}

#include "compiler/passes/access.h"

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

bool nest_is_contraction(const struct graph *g, const struct nest *n)
{
    const struct expr *b = n->body;

    if (n->combine != COMBINE_SUM || b->kind != EXPR_FUNCTION || b->function != FUNCTION_MULTIPLY ||
        b->arg[0]->kind != EXPR_ACCESS || b->arg[1]->kind != EXPR_ACCESS)
        return false;
    return graph_node(g, n->in[b->arg[0]->access].of)->uniform != graph_node(g, n->in[b->arg[1]->access].of)->uniform;
}

/* recurrence: nodes that are computed together, step by step. */
#include "compiler/graph/build.h"
#include "compiler/graph/graph.h"

#include <assert.h>

void graph_begin_recurrence(struct graph *g, int64_t steps, bool descending)
{
    const struct recurrence r = {
        .first = (node_id)g->node.count, .last = (node_id)g->node.count - 1, .steps = steps, .descending = descending};

    assert(!g->in_recurrence);
    vec_push(g->arena, &g->recurrence, r);
    g->in_recurrence = true;
}

void graph_end_recurrence(struct graph *g)
{
    assert(g->in_recurrence);
    g->recurrence.at[g->recurrence.count - 1].last = (node_id)g->node.count - 1;
    g->in_recurrence = false;
}

node_id graph_add_delay(struct graph *g, const struct shape *shape)
{
    static const char *const names[MAX_RANK] = {"t", "u", "v", "w", "x", "y"};
    const struct recurrence *r = &g->recurrence.at[g->recurrence.count - 1];
    struct nest n = {.in_count = 1};
    struct expr *read = arena_new(g->arena, struct expr);

    assert(g->in_recurrence && shape->rank > 0 && shape->dim[0] == r->steps);
    for (int d = 0; d < shape->rank; d++)
        n.in[0].dim[d] = n.out[d] = index_axis(nest_add_axis(&n, names[d], shape->dim[d], false), 1);
    n.in[0].of = NO_NODE;
    n.in[0].dim[0].offset = r->descending ? 1 : -1;
    *read = (struct expr){.kind = EXPR_ACCESS, .access = 0};
    n.body = read;

    const node_id v = graph_add_compute(g, "delay", shape, &n, false);
    graph_node(g, v)->delay = true;
    return v;
}

void graph_set_delayed(struct graph *g, node_id delay, node_id of)
{
    struct node *n = graph_node(g, delay);
    struct nest *nest = arena_new(g->arena, struct nest);

    assert(n->delay && n->nest[0].in[0].of == NO_NODE && shape_equal(&n->shape, &graph_node(g, of)->shape));
    *nest = n->nest[0];
    nest->in[0].of = of;
    n->nest = nest;
}

int nest_timestep_axis(const struct nest *n)
{
    for (int axis = 0; axis < n->free_count; axis++)
        if (n->out[0].factor[axis] != 0)
            return axis;
    return -1;
}

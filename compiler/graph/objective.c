/* objective: makes objectives and looks into them. */
#include "compiler/graph/objective.h"

#include "compiler/support/arena.h"

struct objective *graph_add_objective(struct graph *g, const char *name)
{
    struct objective *o = arena_new(g->arena, struct objective);

    *o = (struct objective){.name = name, .loss = NO_NODE};
    vec_push(g->arena, &g->objective, o);
    return o;
}

node_id objective_gradient(const struct objective *o, node_id parameter)
{
    return (size_t)parameter < o->forward ? o->gradient[parameter] : NO_NODE;
}

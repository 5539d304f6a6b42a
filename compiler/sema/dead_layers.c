/* dead_layers: marks what outputs, the loss and metrics are computed from; what is left is dead. */
#include "compiler/sema/dead_layers.h"

#include "compiler/graph/query.h"
#include "compiler/sema/sema.h"

static void mark_objective(const struct objective *o, bool *needed)
{
    needed[o->loss] = true;
    for (const struct metric *m = o->metrics; m != NULL; m = m->next)
        needed[m->prediction] = true;
    for (size_t i = 0; i < o->terms.count; i++)
        needed[o->terms.at[i].prediction] = needed[o->terms.at[i].target] = true;
}

static bool *needed_nodes(const struct program *p)
{
    const struct graph *g = p->graph;
    bool *needed = arena_array(g->arena, bool, g->node.count + 1);

    for (size_t i = 0; i < g->output.count; i++)
        needed[g->output.at[i].v] = true;
    for (size_t i = 0; i < g->objective.count; i++)
        mark_objective(g->objective.at[i], needed);
    graph_mark_sources(g, needed);
    return needed;
}

void report_dead_layers(const struct program *p, struct diags *ds)
{
    const struct graph *g = p->graph;
    const bool *needed = needed_nodes(p);
    bool *used = arena_array(g->arena, bool, g->node.count + 1), *alive = arena_array(g->arena, bool, g->layer.count + 1);

    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = graph_node(g, (node_id)v);
        node_mark_reads(n, used);
        if (needed[v] && n->layer >= 0)
            alive[n->layer] = true;    /* by any of its results */
    }
    for (size_t i = 0; i < p->net_layers; i++) {
        const struct layer *l = &g->layer.at[i];
        if (l->result != NO_NODE && !alive[i] && !needed[l->result] && !used[l->result])
            diag_warning(ds, l->at, DIAG_DEAD_LAYER, "no output and no loss needs the layer %s", l->name);
    }
}

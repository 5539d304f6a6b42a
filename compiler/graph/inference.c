/* inference: the graph outside training. */
#include "compiler/graph/build.h"
#include "compiler/graph/graph.h"
#include "compiler/graph/objective.h"

#include <assert.h>
#include <string.h>

void graph_set_inference(struct graph *g, node_id v, node_id by)
{
    assert(by < v || by == NO_NODE);
    assert(by == NO_NODE || shape_equal(&graph_node(g, v)->shape, &graph_node(g, by)->shape));
    graph_node(g, v)->inference = by;
}

static node_id replaced(const struct graph *g, node_id v)
{
    while (v != NO_NODE && graph_node(g, v)->inference != NO_NODE)
        v = graph_node(g, v)->inference;
    return v;
}

static const struct nest *redirect_nests(const struct graph *g, const struct node *n)
{
    struct nest *nests = arena_array(g->arena, struct nest, (size_t)n->nest_count);

    for (int p = 0; p < n->nest_count; p++) {
        nests[p] = n->nest[p];
        for (int i = 0; i < nests[p].in_count; i++)
            nests[p].in[i].of = replaced(g, nests[p].in[i].of);
    }
    return nests;
}

/* The same loss of the replacements. Nothing is updated. */
static struct objective *redirect_objective(const struct graph *g, const struct objective *o)
{
    struct objective *copy = arena_new(g->arena, struct objective);
    struct loss_part *parts = arena_array(g->arena, struct loss_part, o->part.count + 1);

    for (size_t i = 0; i < o->part.count; i++) {
        const struct loss_part *p = &o->part.at[i];
        parts[i] = (struct loss_part){.factor = p->factor, .sum = replaced(g, p->sum), .count = replaced(g, p->count)};
    }
    *copy = *o;
    copy->loss = replaced(g, o->loss);
    copy->part.at = parts;
    copy->part.capacity = o->part.count;
    copy->update.count = 0;
    return copy;
}

struct graph *graph_for_inference(const struct graph *g)
{
    struct graph *copy = arena_new(g->arena, struct graph);
    struct node *nodes = arena_array(g->arena, struct node, g->node.count);
    struct graph_output *outputs = arena_array(g->arena, struct graph_output, g->output.count);

    memcpy(nodes, g->node.at, g->node.count * sizeof *nodes);
    for (size_t v = 0; v < g->node.count; v++) {
        if (nodes[v].kind == NODE_COMPUTE)
            nodes[v].nest = redirect_nests(g, &nodes[v]);
        if (nodes[v].kind == NODE_VIEW)
            nodes[v].view_of = replaced(g, nodes[v].view_of);
    }
    for (size_t i = 0; i < g->output.count; i++) {
        outputs[i] = g->output.at[i];
        outputs[i].v = replaced(g, outputs[i].v);
    }
    *copy = *g;
    copy->node.at = nodes;
    copy->node.capacity = g->node.count;
    copy->output.at = outputs;
    copy->output.capacity = g->output.count;
    copy->objective.at = arena_array(g->arena, struct objective *, g->objective.count + 1);
    copy->objective.capacity = g->objective.count;
    for (size_t i = 0; i < g->objective.count; i++)
        copy->objective.at[i] = redirect_objective(g, g->objective.at[i]);
    copy->update.count = 0;
    return copy;
}

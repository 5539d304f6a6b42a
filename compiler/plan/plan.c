/* plan: fusion, phases and memory, one after the other. */
#include "compiler/plan/plan.h"

#include "compiler/graph/build.h"
#include "compiler/graph/objective.h"
#include "compiler/loop/loop.h"

static void collect_updates(struct plan *p, struct arena *arena)
{
    for (size_t i = 0; i < p->graph->update.count; i++)
        vec_push(arena, &p->update, p->graph->update.at[i]);
    for (size_t i = 0; i < p->objective->update.count; i++)
        vec_push(arena, &p->update, p->objective->update.at[i]);
}

static struct plan *make_plan(struct graph *g, const struct plan_options *options, bool is_inference, struct arena *arena)
{
    struct plan *p = arena_new(arena, struct plan);

    p->graph = g;
    p->objective = options->objective < g->objective.count ? g->objective.at[options->objective] : NULL;
    p->is_inference = is_inference;
    p->precision = options->precision;
    p->batch = options->batch;
    if (p->objective)
        collect_updates(p, arena);
    p->unfused = options->unfused;
    plan_match_forms(p, arena);
    plan_fuse(p, arena);
    plan_phases(p, arena);
    plan_transposes(p, arena);
    plan_memory(p, arena);
    return p;
}

static bool differs_in_training(const struct graph *g)
{
    for (size_t v = 0; v < g->node.count; v++)
        if (g->node.at[v].inference != NO_NODE)
            return true;
    return false;
}

struct plan *pass_plan(struct graph *g, const struct plan_options *options, struct arena *arena)
{
    const bool differs = differs_in_training(g), learns = options->objective < g->objective.count;

    if (!learns) {
        struct plan *alone = make_plan(differs ? graph_for_inference(g) : g, options, differs, arena);
        plan_name_kernels(alone, arena);
        return alone;
    }
    struct plan *p = make_plan(g, options, false, arena);
    if (differs) {
        p->evaluation = make_plan(graph_for_inference(p->graph), options, true, arena);
        if (p->evaluation->block_bytes > p->block_bytes)
            p->block_bytes = p->evaluation->block_bytes;
        if (p->evaluation->uniform_bytes > p->uniform_bytes)
            p->uniform_bytes = p->evaluation->uniform_bytes;
    }
    plan_name_kernels(p, arena);
    return p;
}

static node_id replaced(const struct graph *g, node_id v)
{
    while (graph_node(g, v)->inference != NO_NODE)
        v = graph_node(g, v)->inference;
    return v;
}

/* What a plan's program has in the place of a value of training. */
static node_id in_program(const struct plan *p, node_id v)
{
    return p->is_inference ? replaced(p->graph, v) : v;
}

node_id plan_layer_result(const struct plan *p, int layer)
{
    return view_root(p->graph, in_program(p, p->graph->layer.at[layer].result));
}

/* The i-th of the sums and counts that the parts of the loss are made of. */
static node_id part_of_loss(const struct plan *p, size_t i)
{
    for (size_t k = 0; k < p->objective->part.count; k++) {
        const struct loss_part *part = &p->objective->part.at[k];
        if (part->sum != NO_NODE && i-- == 0)
            return view_root(p->graph, part->sum);
        if (part->count != NO_NODE && i-- == 0)
            return view_root(p->graph, part->count);
    }
    return NO_NODE;
}

node_id plan_result(const struct plan *p, size_t i)
{
    const struct graph *g = p->graph;

    if (i < g->output.count)
        return view_root(g, g->output.at[i].v);
    i -= g->output.count;
    if (!p->objective)
        return NO_NODE;
    for (const struct metric *m = p->objective->metrics; m; m = m->next)
        if (i-- == 0)
            return view_root(g, in_program(p, m->prediction));
    return i == 0 ? view_root(g, p->objective->loss) : part_of_loss(p, i - 1);
}

static struct access_iterator accesses_of(const struct plan *p, const struct fused_node *m)
{
    return node_accesses(graph_node(p->graph, m->v));
}

struct kernel_access_iterator kernel_accesses(const struct plan *p, const struct plan_kernel *k)
{
    return (struct kernel_access_iterator){p, k, k->fused.at, accesses_of(p, k->fused.at), NO_NODE};
}

bool kernel_access_next(struct kernel_access_iterator *i)
{
    while (!access_next(&i->in)) {
        if (++i->fused == i->kernel->fused.at + i->kernel->fused.count)
            return false;
        i->in = accesses_of(i->plan, i->fused);
    }
    i->root = view_root(i->plan->graph, i->in.access->of);
    return true;
}

bool plan_kernel_reads(const struct plan *p, const struct plan_kernel *k, node_id root)
{
    for (struct kernel_access_iterator i = kernel_accesses(p, k); kernel_access_next(&i);)
        if (i.root == root)
            return true;
    return false;
}

bool plan_kernel_updates(const struct plan *p, const struct plan_kernel *k)
{
    for (size_t i = 0; i < k->fused.count; i++)
        if (p->updates[k->fused.at[i].v])
            return true;
    return false;
}

int64_t plan_blocks(const struct plan *p)
{
    return (p->batch + LANES - 1) / LANES;
}

int64_t plan_input_bytes(const struct plan *p)
{
    enum { BATCHES = 2 };    /* of the runtime: one is worked on while the next is filled */
    int64_t inputs = 0;

    for (size_t i = 0; i < p->graph->input.count; i++)
        inputs += p->place[p->graph->input.at[i].v].reals * p->precision;
    return BATCHES * plan_blocks(p) * inputs;
}

int64_t plan_memory_bytes(const struct plan *p)
{
    return p->uniform_bytes + plan_blocks(p) * p->block_bytes + plan_input_bytes(p);
}

/* memory: where every value stands.
 *
 * Needs:   kernels in the order in which they run, members marked as stored.
 * Ensures: every input, setting and stored value has a place; two values of a lane block share bytes only if the kernels between
 *          which they live do not meet. An update's result stands where its target stands.
 *
 * Lane blocks are independent, so the plan is made for one block, and each block has its own copy.
 */
#include "compiler/passes/plan.h"

#include <limits.h>
#include <stdint.h>

enum { LINE = 64, PAGE = 4096, LANES_PER_BLOCK = 16 };

static int64_t round_up(int64_t n, int64_t to)
{
    return (n + to - 1) / to * to;
}

static void place_uniform(struct plan *p, value v)
{
    struct plan_place *place = &p->place[v];
    int64_t elements = shape_elements(&graph_node(p->graph, v)->shape);

    /* Whole vectors, so that element-wise work needs no remainder. */
    place->kind = PLACE_UNIFORM;
    place->reals = round_up(elements, LANES_PER_BLOCK);
    place->offset = p->uniform_bytes;
    p->uniform_bytes += round_up(place->reals * p->precision, LINE);
}

static void place_leaf(struct plan *p, value v)
{
    const struct node *n = graph_node(p->graph, v);
    struct plan_place *place = &p->place[v];

    switch (n->kind) {
    case NODE_INPUT:
        *place = (struct plan_place){PLACE_INPUT, n->number, shape_elements(&n->shape) * LANES_PER_BLOCK, 0, INT_MAX};
        break;
    case NODE_SETTING: *place = (struct plan_place){PLACE_SETTING, n->number, 1, 0, INT_MAX}; break;
    case NODE_PARAMETER:
    case NODE_STATE: place_uniform(p, v); break;
    case NODE_VIEW:
    case NODE_COMPUTE: break;
    }
}

static void extend(struct plan *p, value v, int kernel)
{
    struct plan_place *place = &p->place[plan_root(p->graph, v)];

    if (place->kind == PLACE_BLOCK && kernel > place->last)
        place->last = kernel;
}

static void find_lifetimes(struct plan *p)
{
    const struct graph *g = p->graph;

    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = &g->node.at[v];
        for (int q = 0; p->kernel_of[v] >= 0 && q < n->nest_count; q++)
            for (int i = 0; i < n->nest[q].in_count; i++)
                extend(p, n->nest[q].in[i].of, p->kernel_of[v]);
    }
    for (size_t i = 0; i < g->output.count; i++)
        extend(p, g->output.at[i].v, INT_MAX);
    if (g->loss != NO_VALUE)
        extend(p, g->loss, INT_MAX);
}

/* Kernels of a phase that is not of block kernels run at the same time: whatever one of them reads lives through all of it. */
static void extend_to_phases(struct plan *p)
{
    for (size_t v = 0; v < p->graph->node.count; v++) {
        struct plan_place *place = &p->place[v];
        if (place->kind != PLACE_BLOCK || place->last == INT_MAX)
            continue;
        const struct plan_kernel *k = &p->kernel.at[place->last];
        if (k->kind != KERNEL_BLOCK)
            place->last = p->phase.at[k->phase].first + p->phase.at[k->phase].count - 1;
    }
}

static bool lives_with(const struct plan_place *a, const struct plan_place *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest offset at which `v` meets no value placed before. */
static int64_t first_fit(const struct plan *p, value v, const bool placed[])
{
    const struct plan_place *mine = &p->place[v];
    int64_t offset = 0, bytes = round_up(mine->reals * p->precision, LINE);

    for (size_t u = 0; u < p->graph->node.count; u++) {
        const struct plan_place *other = &p->place[u];
        if (!placed[u] || !lives_with(mine, other))
            continue;
        int64_t end = other->offset + round_up(other->reals * p->precision, LINE);
        if (offset < end && other->offset < offset + bytes) {
            offset = end;
            u = (size_t)-1;    /* look again from the start */
        }
    }
    return offset;
}

static value largest_unplaced(const struct plan *p, const bool placed[])
{
    value best = NO_VALUE;

    for (size_t v = 0; v < p->graph->node.count; v++)
        if (p->place[v].kind == PLACE_BLOCK && !placed[v] && (best == NO_VALUE || p->place[v].reals > p->place[best].reals))
            best = (value)v;
    return best;
}

static void place_block_values(struct plan *p, struct arena *arena)
{
    bool *placed = arena_array(arena, bool, p->graph->node.count);

    for (value v = largest_unplaced(p, placed); v != NO_VALUE; v = largest_unplaced(p, placed)) {
        struct plan_place *place = &p->place[v];
        place->offset = first_fit(p, v, placed);
        placed[v] = true;
        int64_t end = place->offset + round_up(place->reals * p->precision, LINE);
        p->block_bytes = end > p->block_bytes ? end : p->block_bytes;
    }
    /* Blocks a whole number of pages apart would compete for the same cache sets. */
    if (p->block_bytes % PAGE == 0)
        p->block_bytes += LINE;
}

static bool is_stored(const struct plan *p, value v)
{
    const struct plan_member *m = p->kernel_of[v] < 0 ? NULL : plan_member_of(&p->kernel.at[p->kernel_of[v]], v);

    return m && m->stored;
}

static void place_computed(struct plan *p, value v)
{
    const struct node *n = graph_node(p->graph, v);

    if (!is_stored(p, v) || p->place[v].kind != PLACE_NONE)
        return;
    if (n->uniform)
        place_uniform(p, v);
    else
        p->place[v] =
            (struct plan_place){PLACE_BLOCK, 0, shape_elements(&n->shape) * LANES_PER_BLOCK, p->kernel_of[v], p->kernel_of[v]};
}

void plan_memory(struct plan *p, struct arena *arena)
{
    const struct graph *g = p->graph;

    p->place = arena_array(arena, struct plan_place, g->node.count);
    for (size_t v = 0; v < g->node.count; v++)
        place_leaf(p, (value)v);
    for (size_t i = 0; i < g->update.count; i++)
        p->place[plan_root(g, g->update.at[i].source)] = p->place[g->update.at[i].target];
    for (size_t v = 0; v < g->node.count; v++)
        place_computed(p, (value)v);
    find_lifetimes(p);
    extend_to_phases(p);
    place_block_values(p, arena);
    for (size_t v = 0; v < g->node.count; v++)
        if (g->node.at[v].kind == NODE_VIEW)
            p->place[v] = p->place[plan_root(g, (value)v)];
}

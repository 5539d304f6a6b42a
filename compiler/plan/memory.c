/* memory: where every value stands.
 *
 * Needs:   kernels in the order in which they run, fused nodes marked as stored.
 * Ensures: every input, setting and stored value has a place; two values of a lane block share bytes only if the kernels between
 *          which they live do not meet. An update's result stands where its target stands. Parameters, states and results stand at
 *          the same places in training and evaluation.
 *
 * Lane blocks are independent, so the plan is made for one block, and each block has its own copy.
 */
#include "compiler/loop/loop.h"
#include "compiler/plan/plan.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

enum { LINE = 64, PAGE = 4096 };

static int64_t round_up(int64_t n, int64_t to)
{
    return (n + to - 1) / to * to;
}

static void place_uniform(struct plan *p, node_id v)
{
    struct plan_place *place = &p->place[v];
    int64_t elements = shape_elements(&graph_node(p->graph, v)->shape);

    /* Whole vectors, so that element-wise work needs no remainder. */
    place->kind = PLACE_UNIFORM;
    place->reals = round_up(elements, LANES);
    place->offset = p->uniform_bytes;
    p->uniform_bytes += round_up(place->reals * p->precision, LINE);
}

static void place_leaf(struct plan *p, node_id v)
{
    const struct node *n = graph_node(p->graph, v);
    struct plan_place *place = &p->place[v];

    switch (n->kind) {
    case NODE_INPUT: *place = (struct plan_place){PLACE_INPUT, n->number, shape_elements(&n->shape) * LANES, 0, INT_MAX}; break;
    case NODE_SETTING: *place = (struct plan_place){PLACE_SETTING, n->number, 1, 0, INT_MAX}; break;
    case NODE_PARAMETER:
    case NODE_STATE: place_uniform(p, v); break;
    case NODE_VIEW:
    case NODE_COMPUTE: break;
    }
}

static void extend(struct plan *p, node_id v, int kernel)
{
    struct plan_place *place = &p->place[view_root(p->graph, v)];

    if (place->kind == PLACE_BLOCK && kernel > place->last)
        place->last = kernel;
}

static void find_lifetimes(struct plan *p)
{
    const struct graph *g = p->graph;

    for (size_t v = 0; v < g->node.count; v++)
        for (struct access_iterator i = node_accesses(&g->node.at[v]); p->kernel_of[v] >= 0 && access_next(&i);)
            extend(p, i.access->of, p->kernel_of[v]);
    /* A copy is made at the end of its host's work. */
    for (size_t i = 0; i < p->transposed.count; i++)
        extend(p, p->transposed.at[i].root, p->transposed.at[i].host);
    for (size_t i = 0; plan_result(p, i) != NO_NODE; i++)
        extend(p, plan_result(p, i), INT_MAX);
}

/* All places of a lane block: values and transposed copies. */
struct slots {
    struct plan_place **at;
    size_t count;
    bool *placed;
    const struct plan_place **by_offset;    /* those that are placed, in the order of their offsets */
    size_t placed_count;
};

static struct slots collect_slots(struct plan *p, size_t slot_of[], struct arena *arena)
{
    struct slots s = {.at = arena_array(arena, struct plan_place *, p->graph->node.count + p->transposed.count)};

    for (size_t v = 0; v < p->graph->node.count; v++) {
        slot_of[v] = s.count;
        if (p->place[v].kind == PLACE_BLOCK)
            s.at[s.count++] = &p->place[v];
    }
    for (size_t i = 0; i < p->transposed.count; i++)
        s.at[s.count++] = &p->transposed.at[i].place;
    s.placed = arena_array(arena, bool, s.count);
    s.by_offset = arena_array(arena, const struct plan_place *, s.count);
    return s;
}

static int64_t slot_bytes(const struct plan *p, const struct plan_place *place)
{
    return round_up(place->reals * p->precision, LINE);
}

/* Puts slot `i` at `offset`; the block becomes as long as that takes. */
static void place_slot(struct plan *p, struct slots *s, size_t i, int64_t offset)
{
    const int64_t end = offset + slot_bytes(p, s->at[i]);
    size_t k = s->placed_count++;

    for (; k > 0 && s->by_offset[k - 1]->offset > offset; k--)
        s->by_offset[k] = s->by_offset[k - 1];
    s->by_offset[k] = s->at[i];
    s->at[i]->offset = offset;
    s->placed[i] = true;
    p->block_bytes = end > p->block_bytes ? end : p->block_bytes;
}

/* Kernels of a phase that is not of block kernels run at the same time: whatever one of them reads lives through all of it. */
static void extend_to_phase(const struct plan *p, struct plan_place *place)
{
    const struct plan_kernel *k = place->last == INT_MAX ? NULL : &p->kernel.at[place->last];

    if (k && k->kind != KERNEL_BLOCK)
        place->last = p->phase.at[k->phase].first + p->phase.at[k->phase].count - 1;
}

static bool live_together(const struct plan_place *a, const struct plan_place *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest offset at which a slot meets none placed before: the first gap that holds it. */
static int64_t first_fit(const struct plan *p, const struct slots *s, const struct plan_place *slot)
{
    const int64_t bytes = slot_bytes(p, slot);
    int64_t offset = 0;

    for (size_t k = 0; k < s->placed_count && s->by_offset[k]->offset < offset + bytes; k++) {
        const int64_t end = s->by_offset[k]->offset + slot_bytes(p, s->by_offset[k]);
        if (live_together(slot, s->by_offset[k]) && end > offset)
            offset = end;
    }
    return offset;
}

/* Results come first, one after the other: training and evaluation leave them at the same places. */
static void place_results(struct plan *p, struct slots *s, const size_t slot_of[])
{
    for (size_t r = 0; plan_result(p, r) != NO_NODE; r++) {
        const node_id v = plan_result(p, r);
        if (p->place[v].kind == PLACE_BLOCK && !s->placed[slot_of[v]])
            place_slot(p, s, slot_of[v], p->block_bytes);
    }
}

struct sized {
    int64_t reals;
    size_t slot;
};

/* The largest first; of one size in the order of the graph. */
static int larger_first(const void *a, const void *b)
{
    const struct sized *x = a, *y = b;

    if (x->reals != y->reals)
        return x->reals > y->reals ? -1 : 1;
    return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static const struct sized *by_size(const struct slots *s, struct arena *arena)
{
    struct sized *order = arena_array(arena, struct sized, s->count);

    for (size_t i = 0; i < s->count; i++)
        order[i] = (struct sized){s->at[i]->reals, i};
    qsort(order, s->count, sizeof *order, larger_first);
    return order;
}

static void place_slots(struct plan *p, struct arena *arena)
{
    size_t *slot_of = arena_array(arena, size_t, p->graph->node.count);
    struct slots s = collect_slots(p, slot_of, arena);
    const struct sized *order = by_size(&s, arena);

    for (size_t i = 0; i < s.count; i++)
        extend_to_phase(p, s.at[i]);
    p->block_bytes = 0;
    place_results(p, &s, slot_of);
    for (size_t i = 0; i < s.count; i++)
        if (!s.placed[order[i].slot])
            place_slot(p, &s, order[i].slot, first_fit(p, &s, s.at[order[i].slot]));
    /* Blocks a whole number of pages apart would compete for the same cache sets. */
    if (p->block_bytes % PAGE == 0)
        p->block_bytes += LINE;
}

static bool is_stored(const struct plan *p, node_id v)
{
    const struct fused_node *m = p->kernel_of[v] < 0 ? NULL : plan_fused_node(&p->kernel.at[p->kernel_of[v]], v);

    return m && m->stored;
}

static void place_computed(struct plan *p, node_id v)
{
    const struct node *n = graph_node(p->graph, v);

    if (!is_stored(p, v) || p->place[v].kind != PLACE_NONE)
        return;
    if (n->uniform)
        place_uniform(p, v);
    else
        p->place[v] = (struct plan_place){PLACE_BLOCK, 0, shape_elements(&n->shape) * LANES, p->kernel_of[v], p->kernel_of[v]};
}

void plan_memory(struct plan *p, struct arena *arena)
{
    const struct graph *g = p->graph;

    p->place = arena_array(arena, struct plan_place, g->node.count);
    for (size_t v = 0; v < g->node.count; v++)
        place_leaf(p, (node_id)v);
    for (size_t i = 0; i < p->update.count; i++)
        p->place[view_root(g, p->update.at[i].source)] = p->place[p->update.at[i].target];
    for (size_t v = 0; v < g->node.count; v++)
        place_computed(p, (node_id)v);
    find_lifetimes(p);
    place_slots(p, arena);
    for (size_t v = 0; v < g->node.count; v++)
        if (g->node.at[v].kind == NODE_VIEW)
            p->place[v] = p->place[view_root(g, (node_id)v)];
}

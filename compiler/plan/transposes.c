/* transposes: which values are also stored along channels, and by which kernel.
 *
 * Needs:   kernels in the order in which they run.
 * Ensures: each sum along channels finds its vector operand in plan.transposed, made by a block kernel of an earlier phase.
 */
#include "compiler/loop/loop.h"
#include "compiler/plan/plan.h"

/* The kernel that computes the value; for an input the first that reads it. */
static int find_host(const struct plan *p, node_id root)
{
    if (p->kernel_of[root] >= 0)
        return p->kernel_of[root];
    for (size_t i = 0; i < p->kernel.count; i++)
        if (p->kernel.at[i].kind == KERNEL_BLOCK && plan_kernel_reads(p, &p->kernel.at[i], root))
            return (int)i;
    return -1;
}

static struct plan_transposed *find_copy(const struct plan *p, node_id root, const struct batch_gemm *s)
{
    for (int i = p->copy_of[root]; i >= 0; i = p->transposed.at[i].next_of_root) {
        struct plan_transposed *t = &p->transposed.at[i];
        if (t->channels == s->channels && t->channels_last == s->channels_last)
            return t;
    }
    return NULL;
}

static void add_copy(struct plan *p, node_id root, const struct batch_gemm *s, int reader, struct arena *arena)
{
    struct plan_transposed *known = find_copy(p, root, s);

    if (known) {
        known->in_panels = known->in_panels && s->extent == s->channels;
        known->place.last = reader > known->place.last ? reader : known->place.last;
        return;
    }
    struct plan_transposed t = {
        .root = root,
        .channels = s->channels,
        .pixels = s->pixels,
        .channels_last = s->channels_last,
        .in_panels = s->extent == s->channels,
        .host = find_host(p, root),
        .next_of_root = p->copy_of[root],
    };
    /* The last vector of the last sample may reach beyond its row. */
    t.place = (struct plan_place){PLACE_BLOCK, 0, (s->pixels * s->row + 1) * LANES, t.host, reader};
    p->copy_of[root] = (int)p->transposed.count;
    vec_push(arena, &p->transposed, t);
}

/* What the copy of a sum along channels is made of. */
static node_id vector_root(const struct plan *p, node_id v)
{
    return view_root(p->graph, graph_node(p->graph, v)->nest[0].in[p->form[v]->batch_gemm.vector].of);
}

static int *nothing_yet(size_t count, struct arena *arena)
{
    int *first = arena_array(arena, int, count);

    for (size_t i = 0; i < count; i++)
        first[i] = -1;
    return first;
}

void plan_transposes(struct plan *p, struct arena *arena)
{
    p->copy_of = nothing_yet(p->graph->node.count, arena);
    p->copy_by = nothing_yet(p->kernel.count, arena);
    for (size_t i = 0; i < p->kernel.count; i++) {
        const node_id v = p->kernel.at[i].fused.at[0].v;
        if (p->kernel.at[i].form == FORM_BATCH_GEMM)
            add_copy(p, vector_root(p, v), &p->form[v]->batch_gemm, (int)i, arena);
    }
    for (size_t i = p->transposed.count; i-- > 0;) {
        struct plan_transposed *t = &p->transposed.at[i];
        t->next_of_host = p->copy_by[t->host];
        p->copy_by[t->host] = (int)i;
    }
}

const struct plan_transposed *plan_transposed_of(const struct plan *p, node_id v)
{
    return find_copy(p, vector_root(p, v), &p->form[v]->batch_gemm);
}

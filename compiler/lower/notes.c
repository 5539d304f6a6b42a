/* notes: what the reader of a kernel wants to know: its layers, its place in the source, what it reads and writes, its order. */
#include "compiler/lower/notes.h"

#include "compiler/graph/inspect.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/reduce.h"

#include <inttypes.h>
#include <string.h>

/* "lenet5.net:7": without folders, so that what is printed is the same everywhere. */
static const char *place_text(struct lowering *l, const char *file, unsigned line)
{
    const char *slash = strrchr(file, '/');

    return arena_printf(l->arena, "%s:%u", slash ? slash + 1 : file, line);
}

static const struct loop_origin *origin_of(struct lowering *l, node_id v)
{
    const struct sources *sources = l->graph->sources;
    const struct span at = graph_node(l->graph, v)->at;

    if (l->origin[v] || !sources || span_is_none(at))
        return l->origin[v];
    struct loop_origin *origin = arena_new(l->arena, struct loop_origin);
    const struct position p = source_position(sources, at);
    *origin = (struct loop_origin){p.file, p.line};
    l->origin[v] = origin;
    return origin;
}

const struct loop_origin *enter_value(struct lowering *l, node_id v)
{
    const struct loop_origin *before = l->m->origin, *origin = origin_of(l, v);

    if (origin)
        l->m->origin = origin;
    return before;
}

/* The place of the first fused node that has one. */
static void add_place(struct lowering *l, const struct plan_kernel *k)
{
    l->k->where = "";
    for (size_t i = 0; !l->k->origin && i < k->fused.count; i++)
        l->k->origin = origin_of(l, k->fused.at[i].v);
    l->m->origin = l->k->origin;
    if (l->k->origin)
        l->k->where = place_text(l, l->k->origin->file, l->k->origin->line);
}

/* The calls of the blocks that the first layer stands in, the innermost first: "called at cnn_bn.net:14". */
static void add_calls(struct lowering *l, const struct plan_kernel *k)
{
    const struct sources *sources = l->graph->sources;
    int layer = -1;

    for (size_t i = 0; i < k->fused.count && layer < 0; i++)
        layer = graph_node(l->graph, k->fused.at[i].v)->layer;
    if (!sources || layer < 0 || !l->graph->layer.at[layer].call)
        return;
    const char *note = "called ";
    for (const struct block_call *c = l->graph->layer.at[layer].call; c; c = c->outer) {
        const struct position p = source_position(sources, c->at);
        note =
            arena_printf(l->arena, "%s%s%s", note, c == l->graph->layer.at[layer].call ? "" : ", ", place_text(l, p.file, p.line));
    }
    vec_push(l->arena, &l->k->notes, note);
}

static const char *value_text(struct lowering *l, node_id v)
{
    char text[SHAPE_TEXT];
    const struct node *n = graph_node(l->graph, v);

    return arena_printf(l->arena, "%s %s", n->name, shape_text(&n->shape, text));
}

static bool is_new(const node_id seen[], int count, node_id v)
{
    for (int i = 0; i < count; i++)
        if (seen[i] == v)
            return false;
    return true;
}

/* "reads image 1x32x32, c1.weight 6x1x5x5": what comes from outside the kernel. */
static const char *reads_note(struct lowering *l, const struct plan_kernel *k)
{
    enum { MOST = 12 };
    const char *note = "reads  ";
    node_id seen[MOST];
    int count = 0;

    for (struct kernel_access_iterator i = kernel_accesses(l->plan, k); count < MOST && kernel_access_next(&i);) {
        node_id of = i.in.access->of;
        if (plan_fused_node(k, i.root) || !is_new(seen, count, of))
            continue;
        note = arena_printf(l->arena, "%s%s%s", note, count == 0 ? "" : ", ", value_text(l, of));
        seen[count++] = of;
    }
    return note;
}

static const char *writes_note(struct lowering *l, const struct plan_kernel *k)
{
    const char *note = "writes ", *separator = "";

    for (size_t m = 0; m < k->fused.count; m++)
        if (k->fused.at[m].stored) {
            note = arena_printf(l->arena, "%s%s%s", note, separator, value_text(l, k->fused.at[m].v));
            separator = ", ";
        }
    return note;
}

void add_notes(struct lowering *l, const struct plan_kernel *k)
{
    l->k->title = plan_title(l->plan, k, l->arena);
    add_place(l, k);
    add_calls(l, k);
    vec_push(l->arena, &l->k->notes, reads_note(l, k));
    vec_push(l->arena, &l->k->notes, writes_note(l, k));
    if (k->recurrence)
        vec_push(l->arena, &l->k->notes,
                 arena_printf(l->arena, "steps  %" PRId64 ", %s", k->recurrence->steps,
                              k->recurrence->descending ? "the last first" : "ascending"));
    vec_push(l->arena, &l->k->notes, arena_printf(l->arena, "cost   %s", kernel_cost_text(l->plan, k, l->arena)));
    if (k->kind == KERNEL_SAMPLES)
        vec_push(l->arena, &l->k->notes,
                 arena_printf(l->arena, "order  %s", sample_order_text(l->graph, graph_node(l->graph, k->fused.at[0].v))));
}

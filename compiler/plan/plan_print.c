/* plan_print: kernels and memory for people (--emit=kernels, --emit=memory). */
#include "compiler/graph/inspect.h"
#include "compiler/loop/loop.h"
#include "compiler/plan/plan.h"
#include "compiler/support/text.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *part_of_training(const struct plan *p, const struct plan_kernel *k)
{
    bool backward = graph_node(p->graph, k->fused.at[0].v)->backward, updates = plan_kernel_updates(p, k);

    if (k->kind == KERNEL_BLOCK)
        return backward ? "backward through " : "";
    if (k->kind == KERNEL_UNIFORM)
        return updates ? "update of " : backward ? "gradient of " : "";
    if (!backward)
        return "statistics of ";
    return updates ? "gradient and update of " : "gradient of ";
}

/* How much a title says of the layers in a kernel, so that all of them together grow as the net does. */
enum { TITLE_LAYERS = 32, TITLE_TEXT = 200 };

/* What a layer is; of one with long branches the beginning, for each kernel in a branch says it again. */
static const char *layer_text(const struct layer *l, struct arena *arena)
{
    const char *text = l->text ? l->text : l->op_name;
    size_t kept = TITLE_TEXT;

    if (strnlen(text, TITLE_TEXT + 1) <= TITLE_TEXT)
        return text;
    while (kept > 0 && ((unsigned char)text[kept] & 0xC0) == 0x80)    /* within a character */
        kept--;
    return arena_printf(arena, "%.*s ...", (int)kept, text);
}

const char *plan_title(const struct plan *p, const struct plan_kernel *k, struct arena *arena)
{
    const char *title = part_of_training(p, k);
    int last = -1, layers = 0;

    if (k->subject)
        return arena_printf(arena, "%s%s", title, k->subject);
    for (size_t i = 0; i < k->fused.count; i++) {
        int layer = graph_node(p->graph, k->fused.at[i].v)->layer;
        if (layer < 0 || layer == last)
            continue;
        if (layers++ == TITLE_LAYERS)
            return arena_printf(arena, "%s -> ...", title);
        const struct layer *l = &p->graph->layer.at[layer];
        title = arena_printf(arena, "%s%s%s: %s", title, last >= 0 ? " -> " : "", l->name, layer_text(l, arena));
        last = layer;
    }
    return *title ? title : graph_node(p->graph, k->fused.at[0].v)->op_name;
}

static const char *kind_text(enum kernel_kind kind)
{
    switch (kind) {
    case KERNEL_BLOCK: return "for each lane block";
    case KERNEL_SAMPLES: return "sum over samples";
    case KERNEL_UNIFORM: return "uniform";
    }
    return "";
}

static void print_value(const struct plan *p, node_id v, FILE *out)
{
    char text[SHAPE_TEXT];

    fprintf(out, "%s %s", graph_node(p->graph, v)->name, shape_text(&graph_node(p->graph, v)->shape, text));
}

static void print_reads(const struct plan *p, const struct plan_kernel *k, FILE *out)
{
    const char *separator = "    reads    ";
    bool *seen = arena_array(p->graph->arena, bool, p->graph->node.count);

    for (struct kernel_access_iterator i = kernel_accesses(p, k); kernel_access_next(&i);) {
        node_id of = i.in.access->of;
        if (seen[of] || plan_fused_node(k, i.root))
            continue;
        seen[of] = true;
        fputs(separator, out);
        print_value(p, of, out);
        separator = ", ";
    }
    fputs("\n", out);
}

/* "  1x2x2 a fusion tile", where that holds more than one element of a fused node. */
static void print_scale(const struct fused_node *m, int rank, FILE *out)
{
    struct shape of_tile = {.rank = rank};
    char text[SHAPE_TEXT];

    memcpy(of_tile.dim, m->per_tile, sizeof m->per_tile);
    if (shape_elements(&of_tile) > 1)
        fprintf(out, "  %s a fusion tile", shape_text(&of_tile, text));
}

static void print_fused(const struct plan *p, const struct plan_kernel *k, FILE *out)
{
    for (int i = 0; i < k->part_count; i++)
        print_fused(p, &k->part[i], out);
    if (k->part_count > 0)
        return;
    for (size_t m = 0; m < k->fused.count; m++) {
        const struct fused_node *fused = &k->fused.at[m];
        fprintf(out, "    %-8s ", fused->stored ? "stores" : "keeps");
        print_value(p, fused->v, out);
        fprintf(out, "  %s", graph_node(p->graph, fused->v)->op_name);
        print_scale(fused, k->rank, out);
        fputs("\n", out);
    }
}

/* What the kernel costs, how it is blocked, and what was decided about it that fixes its bits. */
static void print_choices(const struct plan *p, const struct plan_kernel *k, const struct loop_kernel *loops, FILE *out)
{
    fprintf(out, "    cost     %s\n", kernel_cost_text(p, k, p->graph->arena));
    for (size_t i = 0; loops && i < loops->tile.count; i++)
        fprintf(out, "    tile     %s\n", loops->tile.at[i]);
    if (k->kind == KERNEL_SAMPLES)
        fprintf(out, "    sums     %s\n", sample_order_text(p->graph, graph_node(p->graph, k->fused.at[0].v)));
    const struct plan_transposed *copies = p->transposed.at;
    for (int i = p->copy_by[k - p->kernel.at]; i >= 0; i = copies[i].next_of_host)
        fprintf(out, "    copies   %s as [pixel][sample][channel]\n", graph_node(p->graph, copies[i].root)->name);
}

static void print_kernel(const struct plan *p, const struct plan_kernel *k, const struct loop_kernel *loops, FILE *out)
{
    struct shape tiles = {.rank = k->rank};
    char text[SHAPE_TEXT];

    memcpy(tiles.dim, k->tiles, sizeof k->tiles);
    fprintf(out, "kernel %s: %s\n    %s, %s, ", k->name, plan_title(p, k, p->graph->arena), form_name(k->form), kind_text(k->kind));
    if (k->recurrence)
        fprintf(out, "%" PRId64 " steps%s\n", k->recurrence->steps, k->recurrence->descending ? ", the last first" : "");
    else
        fprintf(out, "%s %s%s\n", shape_text(&tiles, text), k->form == FORM_ROWS ? "row" : "fusion tile",
                shape_elements(&tiles) == 1 ? "" : "s");
    print_reads(p, k, out);
    print_fused(p, k, out);
    print_choices(p, k, loops, out);
}

bool plan_has_kernel(const struct plan *p, const char *pattern)
{
    for (size_t k = 0; k < p->kernel.count; k++)
        if (text_matches(pattern, p->kernel.at[k].name))
            return true;
    return p->evaluation && plan_has_kernel(p->evaluation, pattern);
}

/* `first`: the number of the plan's first kernel in the module. */
static void print_kernels(const struct plan *p, const struct loop_module *m, size_t first, const char *pattern, FILE *out)
{
    for (size_t i = 0; i < p->phase.count; i++) {
        const struct plan_phase *phase = &p->phase.at[i];
        bool headed = false;
        for (int k = phase->first; k < phase->first + phase->count; k++) {
            if (pattern && !text_matches(pattern, p->kernel.at[k].name))
                continue;
            if (!headed)
                fprintf(out, "%sphase %zu: %s%s\n\n", i == 0 ? "" : "\n", i, phase->name,
                        (int)i + 1 == p->checked ? "; then the loss is checked" : "");
            headed = true;
            print_kernel(p, &p->kernel.at[k], m ? m->kernel.at[first + (size_t)k] : NULL, out);
        }
    }
}

void plan_print_kernels(const struct plan *p, const struct loop_module *m, const char *pattern, FILE *out)
{
    print_kernels(p, m, 0, pattern, out);
    if (p->evaluation) {
        fputs("\noutside training\n\n", out);
        print_kernels(p->evaluation, m, p->kernel.count, pattern, out);
    }
}

/* ---- Memory -------------------------------------------------------------------------------------------------------- */

static void print_place(const struct plan *p, node_id v, FILE *out)
{
    const struct plan_place *place = &p->place[v];

    fprintf(out, "  %10" PRId64 " %12" PRId64 "  ", place->offset, place->reals * p->precision);
    print_value(p, v, out);
    if (place->kind == PLACE_BLOCK && place->last == INT_MAX)
        fprintf(out, "  from %s to the end", p->kernel.at[place->first].name);
    else if (place->kind == PLACE_BLOCK)
        fprintf(out, "  from %s to %s", p->kernel.at[place->first].name, p->kernel.at[place->last].name);
    fputs("\n", out);
}

static void print_places(const struct plan *p, enum place_kind kind, const char *title, FILE *out)
{
    fprintf(out, "%s\n      offset        bytes  value\n", title);
    for (size_t v = 0; v < p->graph->node.count; v++)
        if (p->place[v].kind == kind && graph_node(p->graph, (node_id)v)->kind != NODE_VIEW)
            print_place(p, (node_id)v, out);
}

void plan_print_memory(const struct plan *p, FILE *out)
{
    print_places(p, PLACE_UNIFORM, "uniform: one copy", out);
    print_places(p, PLACE_BLOCK, "\nblock: a copy for each sixteen samples", out);
    fprintf(out,
            "\nuniform %" PRId64 " bytes, block %" PRId64 " bytes * %" PRId64 " = %" PRId64 ", two batches of inputs %" PRId64
            ", in all %" PRId64 "\n",
            p->uniform_bytes, p->block_bytes, plan_blocks(p), p->block_bytes * plan_blocks(p), plan_input_bytes(p),
            plan_memory_bytes(p));
}

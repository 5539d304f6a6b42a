/* plan_verify: whether a plan keeps the promises of plan.h. Linear in the plan but for sorting, so it runs at every compilation. */
#include "compiler/plan/plan.h"

#include "compiler/support/names.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fault(FILE *out, const struct plan *p, node_id v, const char *what)
{
    fprintf(out, "plan: %%%d %s: %s\n", (int)v, graph_node(p->graph, v)->name, what);
    return false;
}

/* ---- Kernels ------------------------------------------------------------------------------------------------------- */

/* Code, tables and debuggers know a kernel of either program by its name. */
static bool verify_names(const struct plan *p, struct names *seen, FILE *out)
{
    for (size_t i = 0; i < p->kernel.count; i++) {
        const char *name = p->kernel.at[i].name;
        if (!name || names_are_taken(seen, name)) {
            fprintf(out, "plan: kernel %zu: %s %s\n", i, name ? "another is called" : "it has no name", name ? name : "");
            return false;
        }
        names_take(seen, name);
    }
    return !p->evaluation || verify_names(p->evaluation, seen, out);
}

/* What a kernel reads comes from itself, from an earlier kernel, or from outside; samples meet only between phases. */
static bool verify_reads(const struct plan *p, node_id v, FILE *out)
{
    int mine = p->kernel_of[v];

    for (struct access_iterator i = node_accesses(graph_node(p->graph, v)); access_next(&i);) {
        node_id of = view_root(p->graph, i.access->of);
        int theirs = p->kernel_of[of];
        if (theirs == mine)
            continue;
        if (p->place[of].kind == PLACE_NONE)
            return fault(out, p, of, "is read by another kernel and has no place");
        if (theirs > mine)
            return fault(out, p, v, "reads a value that is computed later");
        if (theirs >= 0 && p->kernel.at[theirs].phase == p->kernel.at[mine].phase && p->kernel.at[theirs].kind != KERNEL_BLOCK)
            return fault(out, p, v, "reads a sum over samples of its own phase");
    }
    return true;
}

/* Whether a kernel of this kind may have this form. */
static bool form_suits(enum kernel_kind kind, enum form form)
{
    switch (form) {
    case FORM_ELEMENTWISE:
    case FORM_REDUCTION: return kind != KERNEL_SAMPLES;
    case FORM_CONTRACTION:
    case FORM_GATHER:
    case FORM_ROWS:
    case FORM_RECURRENCE: return kind == KERNEL_BLOCK;
    case FORM_SCATTER:
    case FORM_BATCH_GEMM:
    case FORM_BATCH_REDUCTION: return kind == KERNEL_SAMPLES;
    case FORM_UPDATE: return kind == KERNEL_UNIFORM;
    }
    return false;
}

/* A kernel's form is that of what it computes now, and rows are moved by kernels of their own. */
static bool verify_forms(const struct plan *p, FILE *out)
{
    for (size_t i = 0; i < p->kernel.count; i++) {
        const struct plan_kernel *k = &p->kernel.at[i];
        const node_id v = k->fused.at[0].v;
        if (!form_suits(k->kind, k->form) || (k->form == FORM_RECURRENCE) != (k->recurrence != NULL) ||
            (k->form == FORM_ROWS) != (k->row_count > 0))
            return fault(out, p, v, "has a kernel of another form");
        if (k->part_count == 0 && k->form != plan_form_of_kernel(p, k))
            return fault(out, p, v, "was matched differently");
        if (plan_moves_rows(p, v) && k->fused.count > 1)
            return fault(out, p, v, "shares its kernel and moves rows");
    }
    return true;
}

static bool verify_fused(const struct plan *p, FILE *out)
{
    for (size_t v = 0; v < p->graph->node.count; v++) {
        const int k = p->kernel_of[v];
        if (k < 0)
            continue;
        if ((size_t)k >= p->kernel.count || !plan_fused_node(&p->kernel.at[k], (node_id)v))
            return fault(out, p, (node_id)v, "is not fused into its kernel");
        if (!verify_reads(p, (node_id)v, out))
            return false;
    }
    return true;
}

/* An update overwrites its target: whoever else reads that has run before. */
static bool verify_updates(const struct plan *p, FILE *out)
{
    const struct graph *g = p->graph;
    int *writer = arena_array(g->arena, int, g->node.count);

    for (size_t v = 0; v < g->node.count; v++)
        writer[v] = -1;
    for (size_t i = 0; i < p->update.count; i++)
        writer[p->update.at[i].target] = p->kernel_of[view_root(g, p->update.at[i].source)];
    for (size_t v = 0; v < g->node.count; v++)
        for (struct access_iterator i = node_accesses(&g->node.at[v]); p->kernel_of[v] >= 0 && access_next(&i);) {
            const node_id of = view_root(g, i.access->of);
            const int by = writer[of];
            if (by >= 0 && by != p->kernel_of[v] && p->kernel.at[p->kernel_of[v]].phase >= p->kernel.at[by].phase)
                return fault(out, p, of, "is read when it may have been updated already");
        }
    return true;
}

/* ---- Places -------------------------------------------------------------------------------------------------------- */

struct slot {
    const struct plan_place *place;
    node_id v;
    node_id stands_for; /* an update: of its target, whose bytes it overwrites */
    int64_t begin, end; /* bytes */
};

struct slots {
    struct slot *at;
    size_t count;
};

static void add_slot(struct slots *s, const struct plan *p, const struct plan_place *place, node_id v, node_id stands_for)
{
    s->at[s->count++] = (struct slot){place, v, stands_for, place->offset, place->offset + place->reals * p->precision};
}

/* The places of one kind, the copies along channels among them. */
static struct slots collect(const struct plan *p, enum place_kind kind)
{
    const struct graph *g = p->graph;
    struct slots s = {.at = arena_array(g->arena, struct slot, g->node.count + p->transposed.count)};
    node_id *stands_for = arena_array(g->arena, node_id, g->node.count);

    for (size_t v = 0; v < g->node.count; v++)
        stands_for[v] = (node_id)v;
    for (size_t i = 0; i < p->update.count; i++)
        stands_for[view_root(g, p->update.at[i].source)] = p->update.at[i].target;
    for (size_t v = 0; v < g->node.count; v++)
        if (p->place[v].kind == kind && g->node.at[v].kind != NODE_VIEW)
            add_slot(&s, p, &p->place[v], (node_id)v, stands_for[v]);
    for (size_t i = 0; i < p->transposed.count; i++)
        if (p->transposed.at[i].place.kind == kind)
            add_slot(&s, p, &p->transposed.at[i].place, p->transposed.at[i].root, NO_NODE);
    return s;
}

static int by_bytes(const void *a, const void *b)
{
    const struct slot *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->v < y->v ? -1 : x->v > y->v;
}

static int by_birth(const void *a, const void *b)
{
    const struct slot *x = a, *y = b;

    if (x->place->first != y->place->first)
        return x->place->first < y->place->first ? -1 : 1;
    return by_bytes(a, b);
}

static bool verify_ranges(const struct plan *p, const struct slots *s, int64_t bytes, FILE *out)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->at[i].begin < 0 || s->at[i].place->reals < 0 || s->at[i].end > bytes)
            return fault(out, p, s->at[i].v, "lies outside its memory");
    return true;
}

/* Sorted by their bytes, slots that overlap are neighbours, or reach into the neighbour that they share with others. */
static bool verify_uniform(const struct plan *p, FILE *out)
{
    struct slots s = collect(p, PLACE_UNIFORM);

    if (!verify_ranges(p, &s, p->uniform_bytes, out))
        return false;
    if (s.count > 1)
        qsort(s.at, s.count, sizeof *s.at, by_bytes);
    for (size_t i = 1, longest = 0; i < s.count; i++) {
        const bool update = s.at[i].stands_for == s.at[longest].stands_for && s.at[i].begin == s.at[longest].begin;
        if (s.at[i].begin < s.at[longest].end && !update)
            return fault(out, p, s.at[i].v, "shares bytes with another uniform value");
        if (s.at[i].end > s.at[longest].end)
            longest = i;
    }
    return true;
}

/* Slots that live now, in the order of their bytes; none overlaps another. */
struct living {
    const struct slot **at;
    size_t count;
};

static void bury(struct living *l, int now)
{
    size_t left = 0;

    for (size_t i = 0; i < l->count; i++)
        if (l->at[i]->place->last >= now)
            l->at[left++] = l->at[i];
    l->count = left;
}

/* Adds a slot. Returns false if it shares bytes with one that lives. */
static bool bear(struct living *l, const struct slot *s)
{
    size_t low = 0, high = l->count;

    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (l->at[middle]->end <= s->begin)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < l->count && l->at[low]->begin < s->end)
        return false;
    memmove(&l->at[low + 1], &l->at[low], (l->count - low) * sizeof *l->at);
    l->at[low] = s;
    l->count++;
    return true;
}

static bool verify_block(const struct plan *p, FILE *out)
{
    struct slots s = collect(p, PLACE_BLOCK);
    struct living l = {.at = arena_array(p->graph->arena, const struct slot *, s.count + 1)};

    if (!verify_ranges(p, &s, p->block_bytes, out))
        return false;
    if (s.count > 1)
        qsort(s.at, s.count, sizeof *s.at, by_birth);
    for (size_t i = 0; i < s.count; i++) {
        if (i == 0 || s.at[i].place->first != s.at[i - 1].place->first)
            bury(&l, s.at[i].place->first);
        if (!bear(&l, &s.at[i]))
            return fault(out, p, s.at[i].v, "shares bytes with a value that lives at the same time");
    }
    return true;
}

/* Both programs leave their results at the same places. */
static bool verify_evaluation(const struct plan *p, FILE *out)
{
    for (size_t i = 0; p->evaluation && plan_result(p, i) != NO_NODE; i++) {
        node_id here = plan_result(p, i), there = plan_result(p->evaluation, i);
        if (p->place[here].offset != p->evaluation->place[there].offset)
            return fault(out, p, here, "stands at another place in evaluation");
    }
    return true;
}

/* ---- The whole ----------------------------------------------------------------------------------------------------- */

static bool verify_program(const struct plan *p, FILE *out)
{
    return verify_forms(p, out) && verify_fused(p, out) && verify_uniform(p, out) && verify_block(p, out) && verify_updates(p, out);
}

bool plan_verify(const struct plan *p, FILE *out)
{
    return verify_names(p, names_create(p->graph->arena), out) && verify_program(p, out) && verify_evaluation(p, out) &&
           (!p->evaluation || verify_program(p->evaluation, out));
}

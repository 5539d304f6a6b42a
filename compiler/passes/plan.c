/* plan: fusion, phases and memory, one after the other; their result checked. */
#include "compiler/passes/plan.h"

#include "compiler/loop/loop.h"
#include "compiler/sema/sema.h"

#include <limits.h>
#include <stdio.h>

static struct plan *make_plan(const struct program *program, struct graph *g, int precision, const char *suffix,
                              struct arena *arena)
{
    struct plan *p = arena_new(arena, struct plan);

    p->graph = g;
    p->program = program;
    p->precision = precision;
    p->suffix = suffix;
    plan_fuse(p, arena);
    plan_phases(p, arena);
    plan_transposes(p, arena);
    plan_memory(p, arena);
    return p;
}

static bool differs_in_training(const struct graph *g)
{
    for (size_t v = 0; v < g->node.count; v++)
        if (g->node.at[v].inference != NO_VALUE)
            return true;
    return false;
}

struct plan *pass_plan(struct program *program, int precision, struct arena *arena)
{
    struct plan *p = make_plan(program, program->graph, precision, "", arena);

    if (differs_in_training(p->graph)) {
        p->evaluation = make_plan(program, graph_for_inference(p->graph), precision, "_inference", arena);
        if (p->evaluation->block_bytes > p->block_bytes)
            p->block_bytes = p->evaluation->block_bytes;
        if (p->evaluation->uniform_bytes > p->uniform_bytes)
            p->uniform_bytes = p->evaluation->uniform_bytes;
    }
    return p;
}

static value replaced(const struct graph *g, value v)
{
    while (graph_node(g, v)->inference != NO_VALUE)
        v = graph_node(g, v)->inference;
    return v;
}

value plan_result(const struct plan *p, size_t i)
{
    const struct graph *g = p->graph;
    bool in_training = g == p->program->graph;

    if (i < g->output.count)
        return plan_root(g, g->output.at[i].v);
    i -= g->output.count;
    for (const struct metric *m = p->program->train ? p->program->train->metrics : NULL; m; m = m->next)
        if (i-- == 0)
            return plan_root(g, in_training ? m->prediction : replaced(g, m->prediction));
    return i == 0 && g->loss != NO_VALUE ? plan_root(g, g->loss) : NO_VALUE;
}

bool plan_kernel_reads(const struct plan *p, const struct plan_kernel *k, value root)
{
    for (size_t m = 0; m < k->member.count; m++) {
        const struct node *n = graph_node(p->graph, k->member.at[m].v);
        for (int q = 0; q < n->nest_count; q++)
            for (int i = 0; i < n->nest[q].in_count; i++)
                if (plan_root(p->graph, n->nest[q].in[i].of) == root)
                    return true;
    }
    return false;
}

bool plan_kernel_updates(const struct plan *p, const struct plan_kernel *k)
{
    for (size_t i = 0; i < k->member.count; i++)
        if (p->updates[k->member.at[i].v])
            return true;
    return false;
}

int64_t plan_blocks(const struct plan *p)
{
    return ((p->program->train ? p->program->train->batch : 1) + LANES - 1) / LANES;
}

int64_t plan_memory_bytes(const struct plan *p)
{
    int64_t inputs = 0;

    for (size_t i = 0; i < p->graph->input.count; i++)
        inputs += p->place[p->graph->input.at[i].v].reals * p->precision;
    return p->uniform_bytes + plan_blocks(p) * (p->block_bytes + inputs);
}

/* ---- Verifying ----------------------------------------------------------------------------------------------------- */

static bool fault(FILE *out, const struct plan *p, value v, const char *what)
{
    fprintf(out, "plan: %%%d %s: %s\n", (int)v, graph_node(p->graph, v)->name, what);
    return false;
}

/* What a kernel reads comes from itself, from an earlier kernel, or from outside; samples meet only between phases. */
static bool verify_reads(const struct plan *p, value v, FILE *out)
{
    const struct node *n = graph_node(p->graph, v);
    int mine = p->kernel_of[v];

    for (int q = 0; q < n->nest_count; q++)
        for (int i = 0; i < n->nest[q].in_count; i++) {
            value of = plan_root(p->graph, n->nest[q].in[i].of);
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

static bool share_bytes(const struct plan_place *a, const struct plan_place *b, int precision)
{
    return a->kind == b->kind && a->offset < b->offset + b->reals * precision && b->offset < a->offset + a->reals * precision;
}

static bool verify_places(const struct plan *p, value v, FILE *out)
{
    const struct plan_place *mine = &p->place[v];

    for (value u = 0; u < v; u++) {
        const struct plan_place *other = &p->place[u];
        if (graph_node(p->graph, u)->kind == NODE_VIEW || graph_node(p->graph, v)->kind == NODE_VIEW ||
            (mine->kind != PLACE_BLOCK && mine->kind != PLACE_UNIFORM) || !share_bytes(mine, other, p->precision))
            continue;
        if (mine->kind == PLACE_BLOCK && mine->first <= other->last && other->first <= mine->last)
            return fault(out, p, v, "shares bytes with a value that lives at the same time");
        bool is_update = false;
        for (size_t i = 0; i < p->graph->update.count; i++)
            is_update = is_update || (p->graph->update.at[i].source == v && p->graph->update.at[i].target == u);
        if (mine->kind == PLACE_UNIFORM && !is_update)
            return fault(out, p, v, "shares bytes with another uniform value");
    }
    return true;
}

/* An update overwrites its target: whoever else reads that has run before. */
static bool verify_updates(const struct plan *p, FILE *out)
{
    for (size_t i = 0; i < p->graph->update.count; i++) {
        value target = p->graph->update.at[i].target;
        int writer = p->kernel_of[plan_root(p->graph, p->graph->update.at[i].source)];
        for (int k = 0; k < (int)p->kernel.count; k++)
            if (k != writer && p->kernel.at[k].phase >= p->kernel.at[writer].phase &&
                plan_kernel_reads(p, &p->kernel.at[k], target))
                return fault(out, p, target, "is read when it may have been updated already");
    }
    return true;
}

/* Both programs leave their results at the same places. */
static bool verify_evaluation(const struct plan *p, FILE *out)
{
    for (size_t i = 0; p->evaluation && plan_result(p, i) != NO_VALUE; i++) {
        value here = plan_result(p, i), there = plan_result(p->evaluation, i);
        if (p->place[here].offset != p->evaluation->place[there].offset)
            return fault(out, p, here, "stands at another place in evaluation");
    }
    return !p->evaluation || plan_verify(p->evaluation, out);
}

bool plan_verify(const struct plan *p, FILE *out)
{
    for (size_t v = 0; v < p->graph->node.count; v++) {
        if (p->kernel_of[v] >= 0 && !plan_member_of(&p->kernel.at[p->kernel_of[v]], (value)v))
            return fault(out, p, (value)v, "is not a member of its kernel");
        if (p->kernel_of[v] >= 0 && !verify_reads(p, (value)v, out))
            return false;
        if (p->place[v].kind != PLACE_NONE && !verify_places(p, (value)v, out))
            return false;
    }
    return verify_updates(p, out) && verify_evaluation(p, out);
}

/* phases: when each kernel runs.
 *
 * Needs:   fused kernels, each after those it reads from, early ones excepted.
 * Ensures: kernels are sorted by phase; a phase holds block kernels or others, never both. Within a phase of block kernels each
 *          lane block runs all of them in order, reading what it wrote itself; everything else is read from earlier phases.
 *
 * A barrier is needed only where samples meet: before a sum over samples, and before anything that reads such a sum. So a small
 * net is one phase of block kernels, forward and backward, one of gradients and one of updates.
 */
#include "compiler/plan/plan.h"

#include "compiler/graph/objective.h"

#include <string.h>

/* Two phases for each level, block kernels after the others, since nothing on one level depends on the same level otherwise. */
static int phase_key(int level, enum kernel_kind kind)
{
    return 2 * level + (kind == KERNEL_BLOCK);
}

static int level_after(const struct plan *p, const int level[], int producer, enum kernel_kind reader)
{
    bool same_phase = p->kernel.at[producer].kind == KERNEL_BLOCK && reader == KERNEL_BLOCK;

    return level[producer] + !same_phase;
}

static int level_of(const struct plan *p, const int level[], const struct plan_kernel *k, int self)
{
    int result = 0;

    for (struct kernel_access_iterator i = kernel_accesses(p, k); kernel_access_next(&i);) {
        int producer = p->kernel_of[i.root];
        if (producer < 0 || producer == self)
            continue;
        int least = level_after(p, level, producer, k->kind);
        result = least > result ? least : result;
    }
    return result;
}

/* An update overwrites what others read: it runs after all of them, and after the updates that it reads itself. */
static void put_updates_last(const struct plan *p, int level[])
{
    int last = -1;

    for (size_t i = 0; i < p->kernel.count; i++)
        if (!plan_kernel_updates(p, &p->kernel.at[i]) && level[i] > last)
            last = level[i];
    for (size_t i = 0; i < p->kernel.count; i++) {
        if (!plan_kernel_updates(p, &p->kernel.at[i]))
            continue;
        const int least = level_of(p, level, &p->kernel.at[i], (int)i);
        level[i] = least > last ? least : last + 1;
    }
}

static void sort_kernels(struct plan *p, const int level[], struct arena *arena)
{
    const size_t count = p->kernel.count;
    struct plan_kernel *sorted = arena_array(arena, struct plan_kernel, count);
    int *moved = arena_array(arena, int, count), keys = 0;

    for (size_t i = 0; i < count; i++) {
        const int key = p->kernel.at[i].phase = phase_key(level[i], p->kernel.at[i].kind);
        keys = key >= keys ? key + 1 : keys;
    }
    /* Where the kernels of each key begin: as many stand before them as have a smaller one. */
    int *begin = arena_array(arena, int, (size_t)keys + 1);
    for (size_t i = 0; i < count; i++)
        begin[p->kernel.at[i].phase + 1]++;
    for (int key = 0; key < keys; key++)
        begin[key + 1] += begin[key];
    for (size_t i = 0; i < count; i++) {
        moved[i] = begin[p->kernel.at[i].phase]++;
        sorted[moved[i]] = p->kernel.at[i];
    }
    for (size_t v = 0; v < p->graph->node.count; v++)
        if (p->kernel_of[v] >= 0)
            p->kernel_of[v] = moved[p->kernel_of[v]];
    p->kernel.at = sorted;
    p->kernel.capacity = count;
}

static bool is_forward(const struct plan *p, const struct plan_kernel *k)
{
    for (size_t m = 0; m < k->fused.count; m++)
        if (!graph_node(p->graph, k->fused.at[m].v)->backward)
            return true;
    return false;
}

static const char *phase_name(const struct plan *p, int first, int count)
{
    bool forward = false, backward = false, updates = false;

    for (int i = first; i < first + count; i++) {
        const struct plan_kernel *k = &p->kernel.at[i];
        (is_forward(p, k) ? &forward : &backward)[0] = true;
        updates = updates || plan_kernel_updates(p, k);
    }
    if (updates)
        return "update";
    if (p->kernel.at[first].kind == KERNEL_SAMPLES)
        return backward ? "gradients" : "batch sums";
    return forward && backward ? "forward and backward" : forward ? "forward" : "backward";
}

static void make_phases(struct plan *p, struct arena *arena)
{
    for (size_t i = 0; i < p->kernel.count;) {
        size_t first = i;
        int key = p->kernel.at[i].phase;
        while (i < p->kernel.count && p->kernel.at[i].phase == key)
            p->kernel.at[i++].phase = (int)p->phase.count;
        struct plan_phase phase = {.first = (int)first, .count = (int)(i - first)};
        phase.name = phase_name(p, phase.first, phase.count);
        vec_push(arena, &p->phase, phase);
    }
}

void plan_phases(struct plan *p, struct arena *arena)
{
    int *level = arena_array(arena, int, p->kernel.count);

    /* An early kernel may stand behind its readers: once more until nothing moves. */
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < p->kernel.count; i++) {
            int found = level_of(p, level, &p->kernel.at[i], (int)i);
            moved = moved || found != level[i];
            level[i] = found;
        }
    }
    put_updates_last(p, level);
    sort_kernels(p, level, arena);
    make_phases(p, arena);

    p->evaluated = arena_array(arena, bool, p->kernel.count);
    for (size_t i = 0; i < p->kernel.count; i++) {
        p->evaluated[i] = is_forward(p, &p->kernel.at[i]);
        if (p->evaluated[i])
            p->evaluate_phases = p->kernel.at[i].phase + 1;
    }
    if (p->objective)
        p->checked = p->kernel.at[p->kernel_of[view_root(p->graph, p->objective->loss)]].phase + 1;
}

/* recurrences: the kernels of a recurrence become one.
 *
 * Needs:   fused kernels in the order of the graph; fused nodes marked as stored.
 * Ensures: a recurrence is one kernel, whose steps are the kernels that were; so to phases, memory and everybody who waits for it
 *          it is like any other, and all that it computes lives as long as it runs.
 */
#include "compiler/plan/plan.h"

static void add_fused(struct plan_kernel *k, const struct plan_kernel *step, struct arena *arena)
{
    for (size_t m = 0; m < step->fused.count; m++)
        vec_push(arena, &k->fused, step->fused.at[m]);
}

/* The kernels first … end - 1 as one. */
static struct plan_kernel join(const struct plan *p, size_t first, size_t end, struct arena *arena)
{
    struct plan_kernel *steps = arena_array(arena, struct plan_kernel, end - first);
    struct plan_kernel k = {
        .kind = KERNEL_BLOCK, .timestep_kernel = steps, .form = FORM_RECURRENCE, .recurrence = p->kernel.at[first].recurrence};

    for (size_t i = first; i < end; i++) {
        steps[k.timestep_kernel_count++] = p->kernel.at[i];
        add_fused(&k, &p->kernel.at[i], arena);
    }
    return k;
}

void plan_join_recurrences(struct plan *p, struct arena *arena)
{
    size_t count = 0;

    for (size_t first = 0, end; first < p->kernel.count; first = end) {
        struct plan_kernel k = p->kernel.at[first];
        end = first + 1;
        while (k.recurrence && end < p->kernel.count && p->kernel.at[end].recurrence == k.recurrence)
            end++;
        if (k.recurrence)
            k = join(p, first, end, arena);
        for (size_t m = 0; m < k.fused.count; m++)
            p->kernel_of[k.fused.at[m].v] = (int)count;
        p->kernel.at[count++] = k;
    }
    p->kernel.count = count;
}

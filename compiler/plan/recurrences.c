/* recurrences: the kernels of a recurrence become one.
 *
 * Needs:   fused kernels in the order of the graph; fused nodes marked as stored.
 * Ensures: a recurrence is one kernel, whose steps are the kernels that were; so to phases, memory and everybody who waits for it
 *          it is like any other, and all that it computes lives as long as it runs.
 */
#include "compiler/plan/plan.h"

void plan_add_parts(struct plan_kernel *k, const struct plan_kernel parts[], int count, struct arena *arena)
{
    struct plan_kernel *kept = arena_array(arena, struct plan_kernel, (size_t)count);

    for (int i = 0; i < count; i++) {
        kept[i] = parts[i];
        for (size_t m = 0; m < parts[i].fused.count; m++)
            vec_push(arena, &k->fused, parts[i].fused.at[m]);
    }
    k->part = kept;
    k->part_count = count;
}

void plan_join_recurrences(struct plan *p, struct arena *arena)
{
    size_t count = 0;

    for (size_t first = 0, end; first < p->kernel.count; first = end) {
        struct plan_kernel k = p->kernel.at[first];
        end = first + 1;
        while (k.recurrence && end < p->kernel.count && p->kernel.at[end].recurrence == k.recurrence)
            end++;
        if (k.recurrence) {
            k = (struct plan_kernel){.kind = KERNEL_BLOCK, .form = FORM_RECURRENCE, .recurrence = k.recurrence};
            plan_add_parts(&k, &p->kernel.at[first], (int)(end - first), arena);
        }
        for (size_t m = 0; m < k.fused.count; m++)
            p->kernel_of[k.fused.at[m].v] = (int)count;
        p->kernel.at[count++] = k;
    }
    p->kernel.count = count;
}

/* cost: what a kernel computes and moves, from its nests. */
#include "compiler/graph/query.h"
#include "compiler/loop/loop.h"
#include "compiler/plan/plan.h"

struct work kernel_work(const struct plan *p, const struct plan_kernel *k)
{
    struct work all = {0};

    for (size_t i = 0; i < k->fused.count; i++) {
        const struct work w = node_work(p->graph, k->fused.at[i].v);
        all.multiply_adds += w.multiply_adds;
        all.operations += w.operations;
    }
    return all;
}

static double bytes_of(const struct plan *p, node_id v)
{
    return (double)(p->place[v].reals * p->precision);
}

/* What a nest of `v` reads through an access: of a gather's table only the rows that the samples choose. */
static double bytes_read(const struct plan *p, node_id v, const struct nest *n, int access)
{
    double all = bytes_of(p, n->in[access].of), result = bytes_of(p, v);
    const struct nest_form *f = plan_form_of_nest(p, v, n);

    return f->form == FORM_GATHER && access == f->gather_scatter.source && result < all ? result : all;
}

double kernel_bytes(const struct plan *p, const struct plan_kernel *k)
{
    double bytes = 0;

    for (struct kernel_access_iterator i = kernel_accesses(p, k); kernel_access_next(&i);)
        if (!plan_fused_node(k, i.root))
            bytes += bytes_read(p, i.fused->v, i.in.nest, i.in.number);
    for (size_t i = 0; i < k->fused.count; i++)
        if (k->fused.at[i].stored)
            bytes += bytes_of(p, k->fused.at[i].v);
    return bytes;
}

/* "240000 multiply-adds and 1 operation", or "" */
static const char *work_text(struct work w, struct arena *a)
{
    const char *text = w.multiply_adds > 0 ? arena_printf(a, "%.0f multiply-adds", w.multiply_adds) : "";

    if (w.operations == 0)
        return text;
    return arena_printf(a, "%s%s%.0f operation%s", text, *text ? " and " : "", w.operations, w.operations == 1 ? "" : "s");
}

const char *kernel_cost_text(const struct plan *p, const struct plan_kernel *k, struct arena *a)
{
    const struct work work = kernel_work(p, k);
    const double bytes = kernel_bytes(p, k);
    const bool samples = k->kind != KERNEL_UNIFORM;
    const double all = (2 * work.multiply_adds + work.operations) * (samples ? LANES : 1);
    const char *moved = arena_printf(a, "%.0f bytes%s", bytes, samples ? " a lane block" : "");

    if (all == 0 || bytes == 0)
        return moved;
    return arena_printf(a, "%s%s; %s; %.2g operations a byte", work_text(work, a), samples ? " a sample" : "", moved, all / bytes);
}

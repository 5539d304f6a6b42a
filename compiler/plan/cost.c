/* cost: what a kernel computes and moves, from its nests. */
#include "compiler/analysis/gather_scatter.h"
#include "compiler/analysis/lattice.h"
#include "compiler/graph/query.h"
#include "compiler/loop/loop.h"
#include "compiler/plan/plan.h"

/* The last two axes that an index moves along, or the only one. Returns how many. */
static int moving_axes(const struct nest *n, const struct index *i, int axis[2])
{
    int count = 0;

    for (int x = n->axis_count; x-- > 0;)
        if (i->factor[x] != 0 && count++ < 2)
            axis[count - 1] = x;
    return count < 2 ? count : 2;
}

/* Points at which all accesses are inside their tensors. Conditions of different dimensions share no axes. */
static double useful_points(const struct graph *g, const struct nest *n)
{
    bool counted[MAX_AXES] = {false};
    double points = 1;

    for (int k = 0; k < n->in_count; k++)
        for (int d = 0; d < graph_node(g, n->in[k].of)->shape.rank; d++) {
            const struct index *i = &n->in[k].dim[d];
            const int64_t extent = graph_node(g, n->in[k].of)->shape.dim[d];
            struct lattice_axis along[2] = {{0, 1}, {0, 1}};
            int axis[2];
            int64_t low, high;
            index_range(n, i, &low, &high);
            const int count = moving_axes(n, i, axis);
            if ((low >= 0 && high < extent) || count == 0 || counted[axis[0]] || (count == 2 && counted[axis[1]]))
                continue;
            for (int x = 0; x < count; x++) {
                along[x] = (struct lattice_axis){i->factor[axis[x]], n->extent[axis[x]]};
                counted[axis[x]] = true;
            }
            points *= lattice_points_within(i->offset, along[0], along[1], extent);
        }
    for (int a = 0; a < n->axis_count; a++)
        if (!counted[a])
            points *= (double)n->extent[a];
    return points * nest_share_of_products(g, n);
}

static bool multiplies_and_adds(const struct nest *n, bool over_samples)
{
    int factor[2];

    return match_product(n->body, factor) && n->in_count >= 2 && (n->combine == COMBINE_SUM || over_samples);
}

double kernel_multiply_adds(const struct plan *p, const struct plan_kernel *k)
{
    double count = 0;

    for (size_t i = 0; i < k->fused.count; i++) {
        const struct node *n = graph_node(p->graph, k->fused.at[i].v);
        for (int q = 0; q < n->nest_count; q++)
            if (multiplies_and_adds(&n->nest[q], k->kind == KERNEL_SAMPLES))
                count += useful_points(p->graph, &n->nest[q]);
    }
    return count;
}

static double functions_in(const struct expr *e)
{
    double count = e->kind == EXPR_FUNCTION;

    for (int i = 0; i < 3 && e->arg[i]; i++)
        count += functions_in(e->arg[i]);
    return count;
}

double kernel_operations(const struct plan *p, const struct plan_kernel *k)
{
    double count = 0;

    for (size_t i = 0; i < k->fused.count; i++) {
        const struct node *n = graph_node(p->graph, k->fused.at[i].v);
        for (int q = 0; q < n->nest_count; q++) {
            const struct nest *nest = &n->nest[q];
            const bool combines = nest->combine != COMBINE_NONE || (k->kind == KERNEL_SAMPLES && i == 0);
            if (!multiplies_and_adds(nest, k->kind == KERNEL_SAMPLES))
                count += (functions_in(nest->body) + combines) * useful_points(p->graph, nest);
        }
    }
    return count;
}

static double bytes_of(const struct plan *p, node_id v)
{
    return (double)(p->place[v].reals * p->precision);
}

/* What a nest of `v` reads through an access: of a gather's table only the rows that the samples choose. */
static double bytes_read(const struct plan *p, node_id v, const struct nest *n, int access)
{
    double all = bytes_of(p, n->in[access].of), result = bytes_of(p, v);
    struct gather_scatter s;

    if (find_gather(p->graph, v, n, &s) && access == s.source && result < all)
        return result;
    return all;
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
static const char *work_text(double multiply_adds, double operations, struct arena *a)
{
    const char *text = multiply_adds > 0 ? arena_printf(a, "%.0f multiply-adds", multiply_adds) : "";

    if (operations == 0)
        return text;
    return arena_printf(a, "%s%s%.0f operation%s", text, *text ? " and " : "", operations, operations == 1 ? "" : "s");
}

const char *kernel_cost_text(const struct plan *p, const struct plan_kernel *k, struct arena *a)
{
    const double multiply_adds = kernel_multiply_adds(p, k), operations = kernel_operations(p, k), bytes = kernel_bytes(p, k);
    const bool samples = k->kind != KERNEL_UNIFORM;
    const double all = (2 * multiply_adds + operations) * (samples ? LANES : 1);
    const char *moved = arena_printf(a, "%.0f bytes%s", bytes, samples ? " a lane block" : "");

    if (all == 0 || bytes == 0)
        return moved;
    return arena_printf(a, "%s%s; %s; %.2g operations a byte", work_text(multiply_adds, operations, a), samples ? " a sample" : "",
                        moved, all / bytes);
}

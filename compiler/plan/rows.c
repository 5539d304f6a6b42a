/* rows: kernels that share the rows of a tensor become one, which does all of its work on a row before it goes to the next.
 *
 * A softmax along an axis is a maximum, the exponentials, their sum and the quotients: four kernels, each of which goes through the
 * whole tensor. Row by row a later one finds in the first-level cache what an earlier one has left. Within a row every kernel
 * does what it did, so that no result changes.
 *
 * Needs:   fused kernels in the order of the graph; fused nodes marked as stored; recurrences joined.
 * Ensures: such kernels are one, whose parts are the kernels that were; they follow each other, so nobody else's order changes.
 */
#include "compiler/plan/plan.h"

/* The rows that kernels have in common: dimensions of their results that each runs over with an axis of its own. */
struct rows {
    int rank;                              /* of the tensors */
    int count, dim[MAX_RANK];
    int64_t extent[MAX_RANK];
};

/* The axis of a fused node that alone runs over dimension `dim` of its result, one element at a time; -1: there is none. */
static int row_axis(const struct plan *p, const struct fused_node *f, int dim)
{
    const struct node *n = graph_node(p->graph, f->v);
    int core[MAX_RANK];
    const int rank = shape_core(&n->shape, core);

    for (int r = 0; r < rank; r++)
        if (core[r] == dim)
            return f->per_tile[r] == 1 ? index_only_axis(&n->nest[0].out[dim]) : -1;
    return -1;
}

static bool may_have_rows(const struct plan *p, const struct plan_kernel *k)
{
    if (k->kind != KERNEL_BLOCK || k->recurrence || (k->form != FORM_ELEMENTWISE && k->form != FORM_REDUCTION))
        return false;
    for (size_t i = 0; i < k->fused.count; i++) {
        const struct node *n = graph_node(p->graph, k->fused.at[i].v);
        if (n->nest_count != 1 || !node_is_covered(n))
            return false;
    }
    return true;
}

/* The rows of a reduction are what it leaves: the dimensions of its result. */
static bool find_rows(const struct plan *p, const struct plan_kernel *k, struct rows *rows)
{
    const struct shape *s = &graph_node(p->graph, k->fused.at[0].v)->shape;

    *rows = (struct rows){.rank = s->rank};
    if (k->form != FORM_REDUCTION || !may_have_rows(p, k))
        return false;
    for (int d = 0; d < s->rank; d++)
        if (s->dim[d] > 1) {
            rows->extent[rows->count] = s->dim[d];
            rows->dim[rows->count++] = d;
        }
    return rows->count > 0;
}

/* Whether a read of a value of the group stays in the row that the reader computes. */
static bool reads_own_row(const struct plan *p, const struct rows *rows, const struct kernel_access_iterator *i)
{
    const struct shape *s = &graph_node(p->graph, i->root)->shape;
    struct index at[MAX_RANK];
    int core[MAX_RANK], rank, row = 0;

    if (!access_core(p->graph, i->in.access, at, &rank) || shape_core(s, core) != rank)
        return false;
    for (int r = 0; r < rank && row < rows->count; r++)
        if (core[r] == rows->dim[row]) {
            const int axis = index_only_axis(&at[r]);
            if (axis < 0 || axis != row_axis(p, i->fused, rows->dim[row++]))
                return false;
        }
    return row == rows->count;
}

static bool has_rows(const struct plan *p, const struct rows *rows, const struct plan_kernel *k)
{
    for (size_t i = 0; i < k->fused.count; i++) {
        const struct shape *s = &graph_node(p->graph, k->fused.at[i].v)->shape;
        if (s->rank != rows->rank)
            return false;
        for (int r = 0; r < rows->count; r++)
            if (s->dim[rows->dim[r]] != rows->extent[r] || row_axis(p, &k->fused.at[i], rows->dim[r]) < 0)
                return false;
    }
    return true;
}

/* Whether kernel `k` goes on with the rows of kernels first … k - 1: it reads what they compute, row by row. */
static bool continues(const struct plan *p, const struct rows *rows, int first, int k)
{
    const struct plan_kernel *kernel = &p->kernel.at[k];
    bool reads = false;

    if (!may_have_rows(p, kernel) || !has_rows(p, rows, kernel))
        return false;
    for (struct kernel_access_iterator i = kernel_accesses(p, kernel); kernel_access_next(&i);) {
        const int from = p->kernel_of[i.root];
        if (from < first || from >= k)
            continue;
        if (!reads_own_row(p, rows, &i))
            return false;
        reads = true;
    }
    return reads;
}

/* The kernels first … end - 1 as one. */
static struct plan_kernel join(const struct plan *p, const struct rows *rows, int first, int end, struct arena *arena)
{
    struct plan_kernel k = {.kind = KERNEL_BLOCK, .form = FORM_ROWS, .row_count = rows->count};

    for (int r = 0; r < rows->count; r++) {
        k.row_dim[r] = rows->dim[r];
        k.tiles[r] = rows->extent[r];
    }
    k.rank = rows->count;
    plan_add_parts(&k, &p->kernel.at[first], end - first, arena);
    return k;
}

void plan_join_rows(struct plan *p, struct arena *arena)
{
    const int all = (int)p->kernel.count;
    int *moved = arena_array(arena, int, p->kernel.count);
    size_t count = 0;

    struct plan_kernel *joined = arena_array(arena, struct plan_kernel, p->kernel.count);
    for (int first = 0, end; first < all; first = end) {
        struct rows rows;
        end = first + 1;
        if (find_rows(p, &p->kernel.at[first], &rows) && has_rows(p, &rows, &p->kernel.at[first]))
            while (end < all && continues(p, &rows, first, end))
                end++;
        for (int k = first; k < end; k++)
            moved[k] = (int)count;
        joined[count++] = end > first + 1 ? join(p, &rows, first, end, arena) : p->kernel.at[first];
    }
    for (size_t v = 0; v < p->graph->node.count; v++)
        if (p->kernel_of[v] >= 0)
            p->kernel_of[v] = moved[p->kernel_of[v]];
    p->kernel.at = joined;
    p->kernel.capacity = p->kernel.count;
    p->kernel.count = count;
}

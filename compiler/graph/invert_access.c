/* invert_access: a nest's loops seen from one of its accesses.
 *
 * Each dimension of the access is one of
 *   a constant, one axis                the axis becomes free, cut to where the access is inside its tensor
 *   several axes, a mixed radix         all of them become free (groups; windows that do not overlap)
 *   stride*h + dilation*p + …           a window: a new free axis i takes the place of h, once for each residue of i modulo the
 *                                       stride that a tap reaches; of the taps only those remain that reach it, and h follows
 *                                       from i and them
 * and all other axes are summed over. h follows from i and the taps and may leave its extent: such points do not count, because an
 * access that h moves lies outside there, or failing that because the body asks.
 */
#include "compiler/graph/invert_access.h"

#include "compiler/graph/build.h"
#include "compiler/graph/graph.h"
#include "compiler/graph/query.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

enum role { ROLE_SUMMED, ROLE_KEPT, ROLE_SOLVED };

/* A residue modulo a window's stride, and the first tap that reaches it: further ones follow every `step`. */
struct residue {
    int64_t of, tap;
};

/* The residues of a window dimension that some tap reaches, ascending: no more than there are taps, however large the stride is.
 * A dimension that is no window has the residue 0. */
struct residue_list {
    const struct residue *at;
    int64_t count, step;
    int taps;                     /* their axis, or -1: the stride is 1, and every tap reaches the one residue */
};

struct inversion {
    struct graph *graph;
    const struct nest *from;
    const struct access *to;
    int rank;
    const struct shape *shape;
    enum role role[MAX_AXES];
    int solved[MAX_RANK];         /* the axis that a window dimension eliminates, or -1 */
    struct residue_list residues[MAX_RANK];
    int64_t chosen[MAX_RANK];     /* among them */
    /* While one residue is built: the old axes over the new ones; where they begin and how far they step. */
    struct nest *made;
    struct index as[MAX_AXES];
    int64_t first[MAX_AXES], step[MAX_AXES], extent[MAX_AXES];
};

static int axes_of(const struct nest *n, const struct index *i, int axes[MAX_AXES])
{
    int count = 0;

    for (int a = 0; a < n->axis_count; a++)
        if (i->factor[a] != 0)
            axes[count++] = a;
    return count;
}

/* Whether distinct points of the axes give distinct indices because each factor spans what the smaller ones reach. */
static bool is_mixed_radix(const struct nest *n, const struct index *i, const int axes[], int count)
{
    int64_t span = 1;

    for (int done = 0; done < count; done++) {
        int next = -1;
        for (int k = 0; k < count; k++)
            if (i->factor[axes[k]] == span)
                next = axes[k];
        if (next < 0)
            return false;
        span *= n->extent[next];
    }
    return true;
}

/* The free axis with the greatest stride, or failing that a reduced one. */
static int choose_solved(const struct nest *n, const struct index *i, const int axes[], int count)
{
    int best = -1;

    for (int k = 0; k < count; k++) {
        int a = axes[k];
        bool is_free = a < n->free_count;
        if (i->factor[a] <= 0)
            continue;
        if (best < 0 || (is_free && best >= n->free_count) || (is_free == (best < n->free_count) && i->factor[a] > i->factor[best]))
            best = a;
    }
    assert(best >= 0);
    return best;
}

static void classify(struct inversion *x, int d)
{
    const struct index *i = &x->to->dim[d];
    int axes[MAX_AXES], count = axes_of(x->from, i, axes);
    int64_t low, high;

    index_range(x->from, i, &low, &high);
    x->solved[d] = -1;
    if (count > 1 && !(low >= 0 && high < x->shape->dim[d] && is_mixed_radix(x->from, i, axes, count))) {
        x->solved[d] = choose_solved(x->from, i, axes, count);
        x->role[x->solved[d]] = ROLE_SOLVED;
        return;
    }
    for (int k = 0; k < count; k++)
        x->role[axes[k]] = ROLE_KEPT;
}

/* A kept axis that alone makes an index runs only where the index is inside the tensor. */
static void cut_kept_axes(struct inversion *x)
{
    for (int d = 0; d < x->rank; d++) {
        const struct index *i = &x->to->dim[d];
        int axes[MAX_AXES];
        if (axes_of(x->from, i, axes) != 1 || x->solved[d] >= 0)
            continue;
        int a = axes[0];
        int64_t f = i->factor[a], last = x->shape->dim[d] - 1 - i->offset;
        int64_t begin = f > 0 ? ceil_divide(-i->offset, f) : ceil_divide(-last, -f);
        int64_t end = (f > 0 ? floor_divide(last, f) : floor_divide(i->offset, -f)) + 1;
        if (begin > x->first[a])
            x->first[a] = begin;
        if (end < x->from->extent[a])
            x->extent[a] = end;
        x->extent[a] -= x->first[a];
    }
}

static int ascending(const void *a, const void *b)
{
    const struct residue *x = a, *y = b;

    return x->of < y->of ? -1 : x->of > y->of;
}

/* The axis of the taps of a window dimension whose stride is not 1. */
static int axis_of_taps(const struct inversion *x, int d)
{
    int axes[MAX_AXES], count = axes_of(x->from, &x->to->dim[d], axes), tap = axes[count - 1];

    assert(count == 2);
    return tap == x->solved[d] ? axes[0] : tap;
}

/* Taps that are `step` apart reach the same residue, all others different ones. */
static void find_residues(struct inversion *x, int d)
{
    static const struct residue zero = {0, 0};
    struct residue_list *list = &x->residues[d];
    const struct index *i = &x->to->dim[d];
    const int64_t stride = x->solved[d] >= 0 ? i->factor[x->solved[d]] : 1;

    *list = (struct residue_list){.at = &zero, .count = 1, .taps = -1};
    if (stride == 1)
        return;
    list->taps = axis_of_taps(x, d);
    const int64_t f = i->factor[list->taps], taps = x->from->extent[list->taps];
    list->step = stride / greatest_common_divisor(stride, f < 0 ? -f : f);
    const int64_t most = taps < list->step ? taps : list->step;
    struct residue *found = arena_array(x->graph->arena, struct residue, (size_t)most);
    list->count = 0;
    for (int64_t p = 0; p < most; p++) {
        const int64_t r = i->offset + f * p, of = r - floor_divide(r, stride) * stride;
        if (of < x->shape->dim[d])
            found[list->count++] = (struct residue){of, p};
    }
    qsort(found, (size_t)list->count, sizeof *found, ascending);
    list->at = found;
}

static int64_t residue(const struct inversion *x, int d)
{
    return x->residues[d].at[x->chosen[d]].of;
}

/* Of the taps of a window dimension those that reach its residue: every step-th from the first. */
static void choose_taps(struct inversion *x, int d)
{
    const struct residue_list *list = &x->residues[d];
    const int a = list->taps;

    if (a < 0)
        return;
    x->first[a] = list->at[x->chosen[d]].tap;
    x->step[a] = list->step;
    x->extent[a] = ceil_divide(x->from->extent[a] - x->first[a], list->step);
}

/* Old axes that stay become first + step * new axis. */
static void add_old_axis(struct inversion *x, int a, bool reduced)
{
    int made = nest_add_axis(x->made, x->from->axis_name[a], x->extent[a], reduced);

    x->as[a] = index_axis(made, x->step[a]);
    x->as[a].offset = x->first[a];
}

static struct index substitute(const struct inversion *x, const struct index *i)
{
    struct index result = index_constant(i->offset);

    for (int a = 0; a < x->from->axis_count; a++) {
        for (int n = 0; n < x->made->axis_count; n++)
            result.factor[n] += i->factor[a] * x->as[a].factor[n];
        result.offset += i->factor[a] * x->as[a].offset;
    }
    return result;
}

static const char *const position_names[MAX_RANK] = {"i", "j", "k", "l", "m", "n"};

/* The free axes of the made nest, in the order of the access's dimensions, and its `out`. */
static void make_free_axes(struct inversion *x)
{
    for (int d = 0; d < x->rank; d++) {
        const struct index *i = &x->to->dim[d];
        int axes[MAX_AXES], count = axes_of(x->from, i, axes);
        if (x->solved[d] >= 0) {
            int64_t stride = i->factor[x->solved[d]];
            int64_t extent = ceil_divide(x->shape->dim[d] - residue(x, d), stride);
            int made = nest_add_axis(x->made, position_names[d], extent, false);
            x->made->out[d] = index_axis(made, stride);
            x->made->out[d].offset = residue(x, d);
            continue;
        }
        for (int k = 0; k < count; k++)
            add_old_axis(x, axes[k], false);
        x->made->out[d] = substitute(x, i);
    }
}

/* h = (i - offset - dilation*p …) / stride, exactly, for the taps that remain. */
static void solve_axes(struct inversion *x)
{
    for (int d = 0; d < x->rank; d++) {
        int h = x->solved[d];
        if (h < 0)
            continue;
        const struct index *i = &x->to->dim[d];
        int64_t stride = i->factor[h];
        struct index rest = *i;
        rest.factor[h] = 0;
        rest = substitute(x, &rest);
        for (int n = 0; n < x->made->axis_count; n++) {
            int64_t numerator = x->made->out[d].factor[n] - rest.factor[n];
            assert(numerator % stride == 0);
            x->as[h].factor[n] = numerator / stride;
        }
        assert((x->made->out[d].offset - rest.offset) % stride == 0);
        x->as[h].offset = (x->made->out[d].offset - rest.offset) / stride;
    }
}

static bool reads(const struct expr *e, int access)
{
    if (e->kind == EXPR_ACCESS)
        return e->access == access;
    for (int i = 0; i < 3 && e->arg[i]; i++)
        if (reads(e->arg[i], access))
            return true;
    return false;
}

static const struct expr *rebind(const struct inversion *x, const struct expr *e, const int number[])
{
    struct expr *copy = arena_new(x->graph->arena, struct expr);

    *copy = *e;
    if (e->kind == EXPR_ACCESS)
        copy->access = number[e->access];
    if (e->kind == EXPR_INDEX || e->kind == EXPR_RANDOM)
        copy->index = substitute(x, &e->index);
    for (int i = 0; i < 3 && e->arg[i]; i++)
        copy->arg[i] = rebind(x, e->arg[i], number);
    return copy;
}

/* Whether an access of the made nest lies outside wherever a solved axis leaves its extent: then its points need no other
 * condition. */
static bool keeps_within(const struct inversion *x, const struct access *a, int axis)
{
    const struct shape *shape = &graph_node(x->graph, a->of)->shape;

    for (int d = 0; d < shape->rank; d++) {
        const struct index *i = &a->dim[d];
        int axes[MAX_AXES];
        if (axes_of(x->from, i, axes) != 1 || axes[0] != axis)
            continue;
        const int64_t f = i->factor[axis], before = i->offset - f, after = i->offset + f * x->from->extent[axis];
        if ((f > 0 && before < 0 && after >= shape->dim[d]) || (f < 0 && before >= shape->dim[d] && after < 0))
            return true;
    }
    return false;
}

static bool is_kept_within(const struct inversion *x, int axis)
{
    for (int k = 0; k < x->from->in_count; k++)
        if (reads(x->from->body, k) && keeps_within(x, &x->from->in[k], axis))
            return true;
    return false;
}

/* The body where the solved axis runs, 0 elsewhere. */
static const struct expr *body_within(const struct inversion *x, int axis, const struct expr *body)
{
    struct graph *g = x->graph;
    const struct expr *at = expr_index(g, x->as[axis]), *zero = expr_constant(g, 0);
    const struct expr *last = expr_constant(g, (double)(x->from->extent[axis] - 1));
    const struct expr *below = expr_select(g, expr_binary(g, FUNCTION_LESS, last, at), zero, body);

    return expr_select(g, expr_binary(g, FUNCTION_LESS, at, zero), zero, below);
}

static void make_body(struct inversion *x)
{
    int number[MAX_ACCESSES] = {0};
    struct nest *m = x->made;

    for (int k = 0; k < x->from->in_count; k++) {
        const struct access *a = &x->from->in[k];
        if (!reads(x->from->body, k) && (a == x->to || !access_may_be_out_of_bounds(x->graph, x->from, a)))
            continue;
        number[k] = m->in_count;
        m->in[m->in_count].of = a->of;
        for (int d = 0; d < graph_node(x->graph, a->of)->shape.rank; d++)
            m->in[m->in_count].dim[d] = substitute(x, &a->dim[d]);
        m->in_count++;
    }
    m->body = rebind(x, x->from->body, number);
    for (int d = 0; d < x->rank; d++)
        if (x->solved[d] >= 0 && !is_kept_within(x, x->solved[d]))
            m->body = body_within(x, x->solved[d], m->body);
    m->combine = m->axis_count > m->free_count ? COMBINE_SUM : COMBINE_NONE;
}

/* Whether a dimension that no axis moves along stands outside: a window that lies wholly in the padding. */
static bool stands_outside(const struct inversion *x)
{
    int axes[MAX_AXES];

    for (int d = 0; d < x->rank; d++) {
        const struct index *i = &x->to->dim[d];
        if (axes_of(x->from, i, axes) == 0 && (i->offset < 0 || i->offset >= x->shape->dim[d]))
            return true;
    }
    return false;
}

/* The nest of one residue. Returns false where no point of the old nest reaches it: those elements stay zero. */
static bool make_nest(struct inversion *x, struct nest *made)
{
    *made = (struct nest){0};
    x->made = made;
    if (stands_outside(x))
        return false;
    for (int a = 0; a < x->from->axis_count; a++) {
        x->as[a] = index_constant(0);
        x->first[a] = 0;
        x->step[a] = 1;
        x->extent[a] = x->from->extent[a];
    }
    for (int d = 0; d < x->rank; d++)
        choose_taps(x, d);
    cut_kept_axes(x);
    for (int a = 0; a < x->from->axis_count; a++)
        if (x->extent[a] <= 0)
            return false;
    make_free_axes(x);
    for (int a = 0; a < x->from->axis_count; a++)
        if (x->role[a] == ROLE_SUMMED)
            add_old_axis(x, a, true);
    solve_axes(x);
    make_body(x);
    return true;
}

/* Counts through the residues of all window dimensions. */
static bool next_residue(struct inversion *x)
{
    for (int d = x->rank; d-- > 0;) {
        if (++x->chosen[d] < x->residues[d].count)
            return true;
        x->chosen[d] = 0;
    }
    return false;
}

static void invert(struct graph *g, const struct nest *n, int to, const struct shape *shape, struct nest_list *out)
{
    struct inversion x = {.graph = g, .from = n, .to = &n->in[to], .shape = shape, .rank = shape->rank};
    struct nest made;

    for (int d = 0; d < x.rank; d++) {
        classify(&x, d);
        find_residues(&x, d);
        if (x.residues[d].count == 0)
            return;
    }
    do {
        if (make_nest(&x, &made))
            vec_push(g->arena, out, made);
    } while (next_residue(&x));
}

void nest_invert_access(struct graph *g, const struct nest *n, int to, struct nest_list *out)
{
    invert(g, n, to, &graph_node(g, n->in[to].of)->shape, out);
}

node_id graph_add_scatter(struct graph *g, const char *op_name, const struct shape *shape, const struct nest *nest)
{
    struct nest_list parts = {0};
    struct nest *kept = arena_new(g->arena, struct nest);

    invert(g, nest, 0, shape, &parts);
    if (parts.count == 0)
        return NO_NODE;
    *kept = *nest;
    const node_id v = graph_add_parts(g, op_name, shape, (int)parts.count, parts.at, false);
    graph_node(g, v)->scatter = kept;
    return v;
}

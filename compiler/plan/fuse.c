/* fuse: groups the nodes of a graph into kernels.
 *
 * Needs:   a verified graph.
 * Ensures: every computed node that an output, the loss or an update needs is a fused node of exactly one kernel; a fused node reads other
 *          fused nodes only at elements of its own tile; what it reads from outside is computed by earlier kernels.
 *
 * In the order of the graph each node joins the latest kernel that it reads from, if its reads allow:
 *   the same element                 element-wise work, bias, residual additions
 *   a window that tiles              pooling: a tile grows to the window
 *   the element of a coarser grid    the gradient of pooling: the fused node has several elements in a tile
 * A node that draws random numbers starts a kernel of its own, and so does one that finds its kernel full.
 * All else it reads then comes from earlier kernels, or from kernels that can run before all others, so joining can never make a
 * cycle.
 */
#include "compiler/analysis/access.h"
#include "compiler/graph/query.h"
#include "compiler/plan/plan.h"

#include "compiler/graph/objective.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_FUSION_TILE = 16,        /* elements of a fused node in a tile: more would not stay in registers */
    MAX_FUSED = 256     /* of a kernel: what follows takes more than linear time, here and in C compilers */
};

const struct fused_node *plan_fused_node(const struct plan_kernel *k, node_id v)
{
    for (size_t i = 0; i < k->fused.count; i++)
        if (k->fused.at[i].v == v)
            return &k->fused.at[i];
    return NULL;
}

/* ---- Joining ------------------------------------------------------------------------------------------------------- */

/* A node that may join a kernel: its only nest, and by core dimension where its result stands. */
struct candidate {
    const struct plan *plan;
    struct plan_kernel *kernel;
    node_id v;
    const struct nest *nest;
    int rank;                   /* core dimensions, as many as the kernel's */
    int dim[MAX_RANK];          /* where each stands in the result's shape */
    struct index out[MAX_RANK];
    int64_t per_tile[MAX_RANK];    /* 0: not known yet */
    int64_t grow[MAX_RANK];     /* by how much the kernel's tiles have to grow */
};

/* coarse*size + fine, with `fine` running over exactly `size`. */
static bool is_split(const struct nest *n, const struct index *i, int *coarse, int *fine, int64_t *size)
{
    int count = 0;

    *coarse = *fine = -1;
    for (int a = 0; a < n->axis_count; a++) {
        if (i->factor[a] == 0)
            continue;
        count++;
        if (i->factor[a] == 1 && *fine < 0)
            *fine = a;
        else
            *coarse = a;
    }
    if (i->offset != 0 || count != 2 || *coarse < 0 || *fine < 0)
        return false;
    *size = n->extent[*fine];
    return i->factor[*coarse] == *size;
}

/* Relates one dimension of the result to the same dimension of a read of fused node `m`. */
static bool relate(struct candidate *c, int r, const struct index *read, const struct fused_node *m)
{
    const struct nest *n = c->nest;
    int out = index_only_axis(&c->out[r]), in = index_only_axis(read), coarse, fine;
    int64_t size, scale = 0, have = m->per_tile[r] * c->grow[r];

    if (out >= 0 && in == out) {
        scale = have;
    } else if (out >= 0 && is_split(n, read, &coarse, &fine, &size) && coarse == out && fine >= n->free_count) {
        if (have % size != 0) {
            c->grow[r] *= size;
            have *= size;
        }
        scale = have / size;
    } else if (in >= 0 && is_split(n, &c->out[r], &coarse, &fine, &size) && coarse == in && fine < n->free_count) {
        scale = have * size;
    }
    if (scale == 0 || (c->per_tile[r] != 0 && c->per_tile[r] != scale))
        return false;
    c->per_tile[r] = scale;
    return true;
}

static bool relate_read(struct candidate *c, const struct access *a)
{
    const struct fused_node *m = plan_fused_node(c->kernel, view_root(c->plan->graph, a->of));
    struct index core[MAX_RANK];
    int rank;

    if (!m)
        return true;
    if (!access_core(c->plan->graph, a, core, &rank) || rank != c->rank)
        return false;
    for (int r = 0; r < rank; r++)
        if (!relate(c, r, &core[r], m))
            return false;
    return true;
}

/* Whether every reduced axis runs inside the tile: then the reduction is finished where it begins. */
static bool reduces_within_tile(const struct candidate *c)
{
    const struct nest *n = c->nest;
    int64_t points = 1;

    for (int a = n->free_count; a < n->axis_count; a++)
        points *= n->extent[a];
    return n->combine == COMBINE_NONE || points <= MAX_FUSION_TILE;
}

/* Whether an axis counts the filters of a contraction. Each is a tile of its own. */
static bool counts_filters(const struct plan *p, node_id v, const struct nest *n, int axis)
{
    const struct nest_form *f = plan_form_of_nest(p, v, n);

    return f->form == FORM_CONTRACTION && access_uses(p->graph, &n->in[f->w], axis);
}

/* Growing is possible where the anchor's result is indexed by its axes alone, one nest computes it, and the tiles divide. */
static bool can_grow(const struct candidate *c)
{
    const node_id first = c->kernel->fused.at[0].v;
    const struct node *anchor = graph_node(c->plan->graph, first);
    const struct nest *n = &anchor->nest[0];
    int dim[MAX_RANK];

    shape_core(&anchor->shape, dim);
    for (int r = 0; r < c->rank; r++) {
        if (c->grow[r] == 1)
            continue;
        const int axis = index_only_axis(&n->out[dim[r]]);
        if (r == 0 || anchor->nest_count != 1 || axis < 0 || counts_filters(c->plan, first, n, axis) ||
            c->kernel->tiles[r] % c->grow[r] != 0)
            return false;
    }
    return true;
}

/* A node that sees only a part of what it reads (a slice) has fewer elements than the tiles give room for. */
static bool spans_all_tiles(const struct candidate *c)
{
    const struct shape *s = &graph_node(c->plan->graph, c->v)->shape;

    for (int r = 0; r < c->rank; r++)
        if (s->dim[c->dim[r]] != c->per_tile[r] * (c->kernel->tiles[r] / c->grow[r]))
            return false;
    return true;
}

static bool tiles_stay_small(const struct candidate *c)
{
    int64_t own = 1, anchor = 1;

    for (int r = 0; r < c->rank; r++) {
        own *= c->per_tile[r];
        anchor *= c->kernel->fused.at[0].per_tile[r] * c->grow[r];
    }
    return own <= MAX_FUSION_TILE && anchor <= MAX_FUSION_TILE;
}

static bool fits(struct candidate *c)
{
    const struct graph *g = c->plan->graph;
    const struct node *n = graph_node(g, c->v);

    c->rank = shape_core(&n->shape, c->dim);
    if (n->nest_count != 1 || !node_is_covered(n) || c->rank != c->kernel->rank ||
        !node_is_covered(graph_node(g, c->kernel->fused.at[0].v)))
        return false;
    c->nest = &n->nest[0];
    if (nest_may_be_out_of_bounds(g, c->nest))
        return false;
    for (int r = 0; r < c->rank; r++) {
        c->out[r] = c->nest->out[c->dim[r]];
        c->per_tile[r] = 0;
        c->grow[r] = 1;
    }
    /* A read that makes the tiles grow changes what earlier reads meant: look at all of them once more. */
    for (int round = 0; round < 2; round++) {
        memset(c->per_tile, 0, sizeof c->per_tile);
        for (int i = 0; i < c->nest->in_count; i++)
            if (!relate_read(c, &c->nest->in[i]))
                return false;
    }
    return reduces_within_tile(c) && can_grow(c) && spans_all_tiles(c) && tiles_stay_small(c);
}

static void join(struct candidate *c, struct arena *arena)
{
    struct fused_node m = {.v = c->v};

    for (int r = 0; r < c->rank; r++) {
        c->kernel->tiles[r] /= c->grow[r];
        for (size_t i = 0; i < c->kernel->fused.count; i++)
            c->kernel->fused.at[i].per_tile[r] *= c->grow[r];
        m.per_tile[r] = c->per_tile[r];
    }
    vec_push(arena, &c->kernel->fused, m);
}

/* ---- Kernels ------------------------------------------------------------------------------------------------------- */

static enum kernel_kind kind_of(const struct graph *g, const struct node *n)
{
    if (!n->uniform)
        return KERNEL_BLOCK;
    return node_sums_samples(g, n) ? KERNEL_SAMPLES : KERNEL_UNIFORM;
}

/* The latest kernel that `n` reads from, or -1. Work on lane blocks never waits for early kernels. */
static int latest_producer(const struct plan *p, const struct node *n)
{
    int latest = -1;

    for (struct access_iterator i = node_accesses(n); access_next(&i);) {
        int k = p->kernel_of[view_root(p->graph, i.access->of)];
        if (k > latest && (n->uniform || !p->kernel.at[k].early))
            latest = k;
    }
    return latest;
}

static bool is_early(const struct plan *p, const struct node *n)
{
    if (kind_of(p->graph, n) != KERNEL_UNIFORM)
        return false;
    for (struct access_iterator i = node_accesses(n); access_next(&i);) {
        int k = p->kernel_of[view_root(p->graph, i.access->of)];
        if (k >= 0 && !p->kernel.at[k].early)
            return false;
    }
    return true;
}

/* An optimizer's step joins the sum over samples that it uses where that sum comes in vectors: element by element, in one shape. */
static bool may_follow(const struct plan *p, const struct plan_kernel *k, const struct node *n)
{
    const struct node *anchor = graph_node(p->graph, k->fused.at[0].v);

    /* Rows are copied and added to sample by sample: there is no tile whose values a fused node could use. */
    if (plan_moves_rows(p, k->fused.at[0].v))
        return false;
    /* Updates run last; statistics that the forward pass needs cannot wait for them. */
    if (k->kind == KERNEL_UNIFORM && n->backward && !anchor->backward)
        return false;
    if (k->kind != KERNEL_SAMPLES)
        return k->kind == kind_of(p->graph, n);
    return kind_of(p->graph, n) == KERNEL_UNIFORM && anchor->order == ORDER_SAMPLES && shape_equal(&n->shape, &anchor->shape) &&
           n->nest_count == 1 && n->nest[0].combine == COMBINE_NONE;
}

/* Whether a gradient is computed from a parameter that is trained: so is that of what is computed from several parameters. */
static bool reads_trained(const struct plan *p, node_id v)
{
    const struct node *n = graph_node(p->graph, v);

    for (int q = 0; n->backward && v <= p->last_gradient && q < n->nest_count; q++)
        for (int i = 0; i < n->nest[q].in_count; i++)
            if (objective_gradient(p->objective, view_root(p->graph, n->nest[q].in[i].of)) != NO_NODE)
                return true;
    return false;
}

/* Whether `v` must not join because the kernel would read one parameter and update another: that one's kernel may do it the other
 * way round, and neither could run before the other. */
static bool overtakes(const struct plan *p, const struct plan_kernel *k, node_id v)
{
    bool updates = p->updates[v], reads = false;

    if (k->kind == KERNEL_BLOCK)
        return false;
    for (size_t i = 0; i < k->fused.count; i++) {
        updates = updates || p->updates[k->fused.at[i].v];
        reads = reads || reads_trained(p, k->fused.at[i].v);
    }
    return updates && (reads || reads_trained(p, v));
}

static const struct recurrence *recurrence_of(const struct graph *g, const struct node *n)
{
    return n->recurrence < 0 ? NULL : &g->recurrence.at[n->recurrence];
}

static bool draws(const struct node *n)
{
    for (int p = 0; p < n->nest_count; p++)
        if (expr_draws(n->nest[p].body))
            return true;
    return false;
}

/* How many elements of a node its tiles hold before anybody joins. Random numbers come by fours of neighbouring elements. */
static int64_t first_per_tile(const struct node *n, int rank)
{
    int dim[MAX_RANK];

    shape_core(&n->shape, dim);
    if (rank != 1 || !draws(n) || n->nest_count != 1 || index_only_axis(&n->nest[0].out[dim[0]]) < 0)
        return 1;
    return n->shape.dim[dim[0]] % RANDOM_WORDS == 0 ? RANDOM_WORDS : 1;
}

static bool try_to_join(struct plan *p, node_id v, struct arena *arena)
{
    const struct node *n = graph_node(p->graph, v);
    int k = latest_producer(p, n);

    if (k < 0 || p->kernel.at[k].fused.count == MAX_FUSED || plan_moves_rows(p, v) || draws(n) ||
        !may_follow(p, &p->kernel.at[k], n) || overtakes(p, &p->kernel.at[k], v) ||
        p->kernel.at[k].recurrence != recurrence_of(p->graph, n))
        return false;
    struct candidate c = {.plan = p, .kernel = &p->kernel.at[k], .v = v};
    if (!fits(&c))
        return false;
    join(&c, arena);
    p->kernel_of[v] = k;
    return true;
}

static void start_kernel(struct plan *p, node_id v, struct arena *arena)
{
    const struct node *n = graph_node(p->graph, v);
    struct plan_kernel k = {.kind = kind_of(p->graph, n), .early = is_early(p, n), .recurrence = recurrence_of(p->graph, n)};
    struct fused_node anchor = {.v = v};
    int dim[MAX_RANK];

    k.rank = shape_core(&n->shape, dim);
    for (int r = 0; r < k.rank; r++) {
        anchor.per_tile[r] = first_per_tile(n, k.rank);
        k.tiles[r] = n->shape.dim[dim[r]] / anchor.per_tile[r];
    }
    vec_push(arena, &k.fused, anchor);
    p->kernel_of[v] = (int)p->kernel.count;
    vec_push(arena, &p->kernel, k);
}

/* ---- What has to be stored ----------------------------------------------------------------------------------------- */

static void store(struct plan *p, node_id v)
{
    v = view_root(p->graph, v);
    if (p->kernel_of[v] < 0)
        return;
    struct plan_kernel *k = &p->kernel.at[p->kernel_of[v]];
    for (size_t i = 0; i < k->fused.count; i++)
        if (k->fused.at[i].v == v)
            k->fused.at[i].stored = true;
}

static void store_what_others_read(struct plan *p, node_id reader)
{
    const struct node *n = graph_node(p->graph, reader);

    for (struct access_iterator i = node_accesses(n); access_next(&i);) {
        node_id root = view_root(p->graph, i.access->of);
        if (p->kernel_of[root] != p->kernel_of[reader] || n->delay)
            store(p, root);
    }
}

static void mark_stored(struct plan *p)
{
    const struct graph *g = p->graph;

    for (size_t v = 0; v < g->node.count; v++)
        if (p->kernel_of[v] >= 0)
            store_what_others_read(p, (node_id)v);
    for (size_t i = 0; plan_result(p, i) != NO_NODE; i++)
        store(p, plan_result(p, i));
    for (size_t i = 0; i < p->update.count; i++)
        store(p, p->update.at[i].source);
    for (size_t v = 0; v < g->node.count; v++)
        if (p->objective && objective_gradient(p->objective, (node_id)v) != NO_NODE)
            store(p, objective_gradient(p->objective, (node_id)v));
}

static bool *find_live(const struct plan *p, struct arena *arena)
{
    const struct graph *g = p->graph;
    bool *live = arena_array(arena, bool, g->node.count);

    for (size_t i = 0; plan_result(p, i) != NO_NODE; i++)
        live[plan_result(p, i)] = true;
    for (size_t i = 0; i < p->update.count; i++)
        live[p->update.at[i].source] = true;
    graph_mark_sources(g, live);
    return live;
}

/* The last gradient of a parameter. */
static node_id last_gradient(const struct plan *p)
{
    node_id last = NO_NODE;

    for (size_t v = 0; p->objective && v < p->objective->forward; v++)
        if (p->objective->gradient[v] > last)
            last = p->objective->gradient[v];
    return last;
}

void plan_fuse(struct plan *p, struct arena *arena)
{
    const struct graph *g = p->graph;
    const bool *live = find_live(p, arena);

    p->updates = arena_array(arena, bool, g->node.count);
    for (size_t i = 0; i < p->update.count; i++)
        p->updates[view_root(g, p->update.at[i].source)] = true;
    p->last_gradient = last_gradient(p);
    p->kernel_of = arena_array(arena, int, g->node.count);
    for (size_t v = 0; v < g->node.count; v++)
        p->kernel_of[v] = -1;
    for (size_t v = 0; v < g->node.count; v++)
        if (live[v] && g->node.at[v].kind == NODE_COMPUTE && (p->unfused || !try_to_join(p, (node_id)v, arena)))
            start_kernel(p, (node_id)v, arena);
    mark_stored(p);
    for (size_t i = 0; i < p->kernel.count; i++)
        p->kernel.at[i].form = plan_form_of_kernel(p, &p->kernel.at[i]);
    plan_join_recurrences(p, arena);
    plan_join_rows(p, arena);
}

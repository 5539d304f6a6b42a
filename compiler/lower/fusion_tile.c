/* fusion_tile: the fused nodes of a kernel, computed from the anchor's elements while they are in registers.
 *
 * They are pulled: a stored element asks for the elements that it reads, down to the anchor's. Each element is computed once.
 */
#include "compiler/lower/fusion_tile.h"

#include "compiler/lower/expression.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/notes.h"
#include "compiler/lower/reduce.h"
#include "compiler/lower/tile.h"

#include <assert.h>
#include <stddef.h>

/* An element of a fused node: `sub` counts through its elements of the tile. */
struct element {
    node_id v;
    int sub;
    const struct loop_expr *is;
};

struct fusion_tile {
    struct lowering *l;
    struct loop_index at[MAX_RANK];
    VEC(struct element) known;
    struct loop_list *out;
};

static int64_t elements_of(const struct fused_node *m, int rank)
{
    int64_t count = 1;

    for (int r = 0; r < rank; r++)
        count *= m->per_tile[r];
    return count;
}

static void offset_of(const struct fused_node *m, int rank, int sub, int64_t offset[MAX_RANK])
{
    for (int r = rank; r-- > 0;) {
        offset[r] = sub % m->per_tile[r];
        sub /= (int)m->per_tile[r];
    }
}

int anchor_elements(const struct plan_kernel *k)
{
    return (int)elements_of(&k->fused.at[0], k->rank);
}

void anchor_offset(const struct plan_kernel *k, int sub, int64_t offset[MAX_RANK])
{
    offset_of(&k->fused.at[0], k->rank, sub, offset);
}

struct fusion_tile *fusion_tile_begin(struct lowering *l, const struct loop_index at[])
{
    struct fusion_tile *c = arena_new(l->arena, struct fusion_tile);

    c->l = l;
    for (int r = 0; r < l->planned->rank; r++)
        c->at[r] = at[r];
    return c;
}

static void remember(struct fusion_tile *c, node_id v, int sub, const struct loop_expr *is)
{
    struct element e = {v, sub, is};

    vec_push(c->l->arena, &c->known, e);
}

void fusion_tile_set_anchor(struct fusion_tile *c, int sub, const struct loop_variable *v)
{
    remember(c, c->l->planned->fused.at[0].v, sub, loop_read(c->l->m, v));
}

/* Where a fused node's element stands along core dimension r: scale*tile + offset. */
static struct loop_index position(struct fusion_tile *c, const struct fused_node *m, int r, int64_t offset)
{
    struct loop_index i = loop_index_scale(c->l->m, c->at[r], m->per_tile[r]);

    return loop_index_add(c->l->m, i, loop_constant_index(offset));
}

/* The axes of a fused node's nest at one of its elements. A dimension is one axis, or coarse*size + fine. */
static struct instance instance_of(struct fusion_tile *c, const struct fused_node *m, const struct nest *n, const int64_t offset[])
{
    struct instance p = {.number = 0};
    int dim[MAX_RANK];

    for (int a = 0; a < n->axis_count; a++)
        p.axis[a] = loop_constant_index(0);
    int rank = shape_core(&graph_node(c->l->graph, m->v)->shape, dim);
    for (int r = 0; r < rank; r++) {
        const struct index *out = &n->out[dim[r]];
        int64_t size = 1;
        for (int a = 0; a < n->free_count; a++)
            if (out->factor[a] > 1)
                size = out->factor[a];
        for (int a = 0; a < n->free_count; a++) {
            if (out->factor[a] == size) {
                struct loop_index tile = loop_index_scale(c->l->m, c->at[r], m->per_tile[r] / size);
                p.axis[a] = loop_index_add(c->l->m, tile, loop_constant_index(offset[r] / size));
            } else if (out->factor[a] == 1) {
                p.axis[a] = loop_constant_index(offset[r] % size);
            }
        }
    }
    return p;
}

static const struct loop_expr *element(struct fusion_tile *c, node_id v, int sub);

/* A read of another fused node: the offset within the tile is what the tile's own coordinate leaves of the index. */
static const struct loop_expr *read_fused(struct fusion_tile *c, const struct fused_node *m, const struct nest *n,
                                          const struct access *a, const struct instance *p)
{
    struct index core[MAX_RANK];
    int rank, sub = 0;

    access_core(c->l->graph, a, core, &rank);
    for (int r = 0; r < rank; r++) {
        struct loop_index at = at_instance(c->l, n, &core[r], p);
        struct loop_index tile = loop_index_scale(c->l->m, c->at[r], m->per_tile[r]);
        at = loop_index_add(c->l->m, at, loop_index_scale(c->l->m, tile, -1));
        assert(at.count == 0 && at.constant >= 0 && at.constant < m->per_tile[r]);
        sub = sub * (int)m->per_tile[r] + (int)at.constant;
    }
    return element(c, m->v, sub);
}

static const struct loop_expr *read_in_tile(void *context, const struct nest *n, int access, const struct instance *p)
{
    struct fusion_tile *c = context;
    const struct access *a = &n->in[access];
    const struct fused_node *m = plan_fused_node(c->l->planned, view_root(c->l->graph, a->of));

    return m ? read_fused(c, m, n, a, p) : load_access(c->l, n, a, p);
}

/* The axes of the reduced space at its `number`-th instance. */
static void set_reduced(const struct nest *n, struct instance *p, int64_t number)
{
    for (int a = n->axis_count; a-- > n->free_count;) {
        p->axis[a] = loop_constant_index(number % n->extent[a]);
        number /= n->extent[a];
    }
}

static const struct loop_expr *body_at(struct fusion_tile *c, const struct nest *n, struct instance *p, int64_t number)
{
    set_reduced(n, p, number);
    return lower_body(c->l, n, n->body, p, read_in_tile, c, c->out);
}

static int64_t points_reduced(const struct nest *n)
{
    int64_t instances = 1;

    for (int a = n->free_count; a < n->axis_count; a++)
        instances *= n->extent[a];
    return instances;
}

/* A sum over a window inside the tile: its terms one after the other. It is too short for partial sums. */
static const struct loop_expr *sum_in_cell(struct fusion_tile *c, const struct nest *n, struct instance *p)
{
    const struct loop_expr *sum = loop_real(c->l->m, c->l->type, 0);

    assert(n->sum.partial_count == 0);
    for (int64_t i = 0; i < points_reduced(n); i++) {
        set_reduced(n, p, i);
        sum = keep(c->l, "sum", add_term(c->l, n, sum, p, read_in_tile, c, c->out), c->out);
    }
    return sum;
}

/* The greatest of a window inside the tile, or its number: the first as it is, then those that take its place. */
static const struct loop_expr *greatest_in_cell(struct fusion_tile *c, const struct nest *n, struct instance *p)
{
    struct loop_module *m = c->l->m;
    const int64_t instances = points_reduced(n);
    const struct loop_expr *best = keep(c->l, "term", body_at(c, n, p, 0), c->out);
    const struct loop_expr *where = loop_real(m, c->l->type, 0);

    for (int64_t i = 1; i < instances; i++) {
        const struct loop_expr *x = keep(c->l, "term", body_at(c, n, p, i), c->out);
        const struct loop_expr *takes = exceeds(c->l, x, best);
        if (n->combine == COMBINE_ARGMAX)
            where = keep(c->l, "number", loop_select(m, takes, loop_real(m, c->l->type, (double)i), where), c->out);
        if (n->combine == COMBINE_MAX || i + 1 < instances)    /* the last greatest is compared with nothing */
            best = keep(c->l, "greatest", loop_select(m, takes, x, best), c->out);
    }
    return n->combine == COMBINE_ARGMAX ? where : best;
}

static const struct loop_expr *combine_in_cell(struct fusion_tile *c, const struct nest *n, struct instance *p)
{
    switch (n->combine) {
    case COMBINE_NONE: return lower_body(c->l, n, n->body, p, read_in_tile, c, c->out);
    case COMBINE_SUM: return sum_in_cell(c, n, p);
    case COMBINE_MAX:
    case COMBINE_ARGMAX: break;
    }
    return greatest_in_cell(c, n, p);
}

/* "tanh_h0_w1": the operator, and which of the tile's elements. */
static const char *name_of_element(struct fusion_tile *c, const struct fused_node *m, const struct nest *n, const int64_t offset[])
{
    const struct node *node = graph_node(c->l->graph, m->v);
    const char *name = node->op_name;
    int dim[MAX_RANK], rank = shape_core(&node->shape, dim);

    for (int r = 0; r < rank; r++) {
        int a = n->free_count - 1;
        while (a > 0 && n->out[dim[r]].factor[a] == 0)
            a--;
        if (m->per_tile[r] > 1)
            name = name_along(c->l, name, n->axis_name[a], offset[r]);
    }
    return name;
}

static const struct loop_expr *element(struct fusion_tile *c, node_id v, int sub)
{
    const struct fused_node *m = plan_fused_node(c->l->planned, v);
    const struct nest *n = graph_node(c->l->graph, v)->nest;
    int64_t offset[MAX_RANK] = {0};

    for (size_t i = 0; i < c->known.count; i++)
        if (c->known.at[i].v == v && c->known.at[i].sub == sub)
            return c->known.at[i].is;
    const struct loop_origin *before = enter_value(c->l, v);
    offset_of(m, c->l->planned->rank, sub, offset);
    struct instance p = instance_of(c, m, n, offset);
    const struct loop_expr *e = keep(c->l, name_of_element(c, m, n, offset), combine_in_cell(c, n, &p), c->out);

    remember(c, v, sub, e);
    c->l->m->origin = before;
    return e;
}

/* Where a fused node's element is stored. */
static struct loop_place place_in_tile(struct fusion_tile *c, const struct fused_node *m, int sub)
{
    struct loop_index at[MAX_RANK];
    int64_t offset[MAX_RANK] = {0};
    const struct shape *s = &graph_node(c->l->graph, m->v)->shape;
    int dim[MAX_RANK], rank = shape_core(s, dim);

    for (int d = 0; d < s->rank; d++)
        at[d] = loop_constant_index(0);
    offset_of(m, rank, sub, offset);
    for (int r = 0; r < rank; r++)
        at[dim[r]] = position(c, m, r, offset[r]);
    return place_of_element(c->l, m->v, at);
}

void fusion_tile_end(struct fusion_tile *c, struct loop_list *out)
{
    const struct plan_kernel *k = c->l->planned;
    struct loop_list stores = {0};

    c->out = out;
    for (size_t i = 0; i < k->fused.count; i++) {
        const struct fused_node *m = &k->fused.at[i];
        int64_t count = m->stored ? elements_of(m, k->rank) : 0;
        const struct loop_origin *before = enter_value(c->l, m->v);
        for (int sub = 0; sub < count; sub++)
            loop_append(&stores, loop_store(c->l->m, place_in_tile(c, m, sub), element(c, m->v, sub)));
        c->l->m->origin = before;
    }
    if (stores.first)
        loop_append(out, (struct loop *)loop_list_block(c->l->m, stores));
}

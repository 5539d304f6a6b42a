/* cell: the members of a kernel, computed from the anchor's elements while they are in registers.
 *
 * Members are pulled: a stored element asks for the elements that it reads, down to the anchor's. Each element is computed once.
 */
#include "compiler/passes/loop/lowering.h"

#include <assert.h>
#include <stddef.h>

/* An element of a member: `sub` counts through its elements of the cell. */
struct element {
    value v;
    int sub;
    const struct loop_expr *is;
};

struct cell {
    struct lowering *l;
    struct loop_index at[MAX_RANK];
    VEC(struct element) known;
    struct loop_list *out;
};

static int64_t elements_of(const struct plan_member *m, int rank)
{
    int64_t count = 1;

    for (int r = 0; r < rank; r++)
        count *= m->scale[r];
    return count;
}

static void offset_of(const struct plan_member *m, int rank, int sub, int64_t offset[MAX_RANK])
{
    for (int r = rank; r-- > 0;) {
        offset[r] = sub % m->scale[r];
        sub /= (int)m->scale[r];
    }
}

int anchor_elements(const struct plan_kernel *k)
{
    return (int)elements_of(&k->member.at[0], k->rank);
}

void anchor_offset(const struct plan_kernel *k, int sub, int64_t offset[MAX_RANK])
{
    offset_of(&k->member.at[0], k->rank, sub, offset);
}

struct cell *cell_begin(struct lowering *l, const struct loop_index at[])
{
    struct cell *c = arena_new(l->arena, struct cell);

    c->l = l;
    for (int r = 0; r < l->planned->rank; r++)
        c->at[r] = at[r];
    return c;
}

static void remember(struct cell *c, value v, int sub, const struct loop_expr *is)
{
    struct element e = {v, sub, is};

    vec_push(c->l->arena, &c->known, e);
}

void cell_set_anchor(struct cell *c, int sub, const struct loop_variable *v)
{
    remember(c, c->l->planned->member.at[0].v, sub, loop_read(c->l->m, v));
}

/* Where a member's element stands along core dimension r: scale*cell + offset. */
static struct loop_index position(struct cell *c, const struct plan_member *m, int r, int64_t offset)
{
    struct loop_index i = loop_index_scale(c->l->m, c->at[r], m->scale[r]);

    return loop_index_add(c->l->m, i, loop_constant_index(offset));
}

/* The axes of a member's nest at one of its elements. A dimension is one axis, or coarse*size + fine. */
static struct point point_of(struct cell *c, const struct plan_member *m, const struct nest *n, const int64_t offset[])
{
    struct point p = {.number = 0};
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
                struct loop_index cell = loop_index_scale(c->l->m, c->at[r], m->scale[r] / size);
                p.axis[a] = loop_index_add(c->l->m, cell, loop_constant_index(offset[r] / size));
            } else if (out->factor[a] == 1) {
                p.axis[a] = loop_constant_index(offset[r] % size);
            }
        }
    }
    return p;
}

static const struct loop_expr *element(struct cell *c, value v, int sub);

/* A read of another member: the offset within the cell is what the cell's own coordinate leaves of the index. */
static const struct loop_expr *read_member(struct cell *c, const struct plan_member *m, const struct nest *n,
                                           const struct access *a, const struct point *p)
{
    struct index core[MAX_RANK];
    int rank, sub = 0;

    access_core(c->l->graph, a, core, &rank);
    for (int r = 0; r < rank; r++) {
        struct loop_index at = at_point(c->l, n, &core[r], p);
        struct loop_index cell = loop_index_scale(c->l->m, c->at[r], m->scale[r]);
        at = loop_index_add(c->l->m, at, loop_index_scale(c->l->m, cell, -1));
        assert(at.count == 0 && at.constant >= 0 && at.constant < m->scale[r]);
        sub = sub * (int)m->scale[r] + (int)at.constant;
    }
    return element(c, m->v, sub);
}

static const struct loop_expr *read_in_cell(void *context, const struct nest *n, int access, const struct point *p)
{
    struct cell *c = context;
    const struct access *a = &n->in[access];
    const struct plan_member *m = plan_member_of(c->l->planned, plan_root(c->l->graph, a->of));

    return m ? read_member(c, m, n, a, p) : load_access(c->l, n, a, p);
}

/* The axes of the reduced space at its `number`-th point. */
static void set_reduced(const struct nest *n, struct point *p, int64_t number)
{
    for (int a = n->axis_count; a-- > n->free_count;) {
        p->axis[a] = loop_constant_index(number % n->extent[a]);
        number /= n->extent[a];
    }
}

static const struct loop_expr *body_at(struct cell *c, const struct nest *n, struct point *p, int64_t number)
{
    set_reduced(n, p, number);
    return lower_body(c->l, n, n->body, p, read_in_cell, c, c->out);
}

/* A window inside the cell: its points one after the other, the first as it is. */
static const struct loop_expr *reduce_in_cell(struct cell *c, const struct nest *n, struct point *p)
{
    struct loop_module *m = c->l->m;
    int64_t points = 1;

    for (int a = n->free_count; a < n->axis_count; a++)
        points *= n->extent[a];
    const char *so_far = n->combine == COMBINE_SUM ? "sum" : "greatest";
    const struct loop_expr *best = keep(c->l, "term", body_at(c, n, p, 0), c->out);
    const struct loop_expr *where = loop_real(m, c->l->type, 0);
    for (int64_t i = 1; i < points; i++) {
        const struct loop_expr *x = keep(c->l, "term", body_at(c, n, p, i), c->out);
        if (n->combine == COMBINE_SUM) {
            best = keep(c->l, so_far, loop_binary(m, LOOP_ADD, best, x), c->out);
            continue;
        }
        const struct loop_expr *takes = exceeds(c->l, x, best);
        if (n->combine == COMBINE_ARGMAX)
            where = keep(c->l, "number", loop_select(m, takes, loop_real(m, c->l->type, (double)i), where), c->out);
        if (n->combine == COMBINE_MAX || i + 1 < points)    /* the last greatest is compared with nothing */
            best = keep(c->l, so_far, loop_select(m, takes, x, best), c->out);
    }
    return n->combine == COMBINE_ARGMAX ? where : best;
}

/* "tanh_h0_w1": the operator, and which of the cell's elements. */
static const char *name_of_element(struct cell *c, const struct plan_member *m, const struct nest *n, const int64_t offset[])
{
    const struct node *node = graph_node(c->l->graph, m->v);
    const char *name = node->operator;
    int dim[MAX_RANK], rank = shape_core(&node->shape, dim);

    for (int r = 0; r < rank; r++) {
        int a = n->free_count - 1;
        while (a > 0 && n->out[dim[r]].factor[a] == 0)
            a--;
        if (m->scale[r] > 1)
            name = name_along(c->l, name, n->axis_name[a], offset[r]);
    }
    return name;
}

static const struct loop_expr *element(struct cell *c, value v, int sub)
{
    const struct plan_member *m = plan_member_of(c->l->planned, v);
    const struct nest *n = graph_node(c->l->graph, v)->nest;
    int64_t offset[MAX_RANK] = {0};

    for (size_t i = 0; i < c->known.count; i++)
        if (c->known.at[i].v == v && c->known.at[i].sub == sub)
            return c->known.at[i].is;
    const struct loop_origin *before = enter_value(c->l, v);
    offset_of(m, c->l->planned->rank, sub, offset);
    struct point p = point_of(c, m, n, offset);
    const struct loop_expr *e =
        n->combine == COMBINE_NONE ? lower_body(c->l, n, n->body, &p, read_in_cell, c, c->out) : reduce_in_cell(c, n, &p);
    e = keep(c->l, name_of_element(c, m, n, offset), e, c->out);
    remember(c, v, sub, e);
    c->l->m->origin = before;
    return e;
}

/* Where a member's element is stored. */
static struct loop_place place_in_cell(struct cell *c, const struct plan_member *m, int sub)
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

void cell_end(struct cell *c, struct loop_list *out)
{
    const struct plan_kernel *k = c->l->planned;
    struct loop_list stores = {0};

    c->out = out;
    for (size_t i = 0; i < k->member.count; i++) {
        const struct plan_member *m = &k->member.at[i];
        int64_t count = m->stored ? elements_of(m, k->rank) : 0;
        const struct loop_origin *before = enter_value(c->l, m->v);
        for (int sub = 0; sub < count; sub++)
            loop_append(&stores, loop_store(c->l->m, place_in_cell(c, m, sub), element(c, m->v, sub)));
        c->l->m->origin = before;
    }
    if (stores.first)
        loop_append(out, (struct loop *)loop_list_block(c->l->m, stores));
}

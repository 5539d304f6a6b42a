/* update: element-wise work on whole parameters: the optimizer's step.
 *
 * Elements are independent and stand one after the other, so they fill vectors as samples do elsewhere; buffers are padded to
 * whole vectors. Work is divided into chunks of consecutive elements.
 */
#include "compiler/passes/loop/lowering.h"

enum { CHUNK = 256 };    /* times sixteen elements: 16 KiB of f32, a fair share of the cache for three or four buffers */

struct update {
    struct lowering *l;
    struct loop_index first;                              /* the vector's first element */
    const struct loop_variable *result[MAX_POINTS];       /* of each member */
};

/* Whether an access reads the element that the nest computes. */
static bool is_same_element(const struct graph *g, const struct nest *n, const struct access *a, const struct shape *shape)
{
    if (!shape_equal(&graph_node(g, a->of)->shape, shape))
        return false;
    for (int d = 0; d < shape->rank; d++)
        for (int x = 0; x < MAX_AXES; x++)
            if (a->dim[d].factor[x] != n->out[d].factor[x] || a->dim[d].offset != n->out[d].offset)
                return false;
    return true;
}

static bool is_elementwise(const struct lowering *l, const struct plan_member *m)
{
    const struct node *n = graph_node(l->graph, m->v);

    if (n->nest_count != 1 || n->nest[0].combine != COMBINE_NONE || !node_is_covered(n) ||
        !shape_equal(&n->shape, &graph_node(l->graph, l->planned->member.at[0].v)->shape))
        return false;
    for (int i = 0; i < n->nest[0].in_count; i++) {
        const struct access *a = &n->nest[0].in[i];
        if (graph_node(l->graph, a->of)->kind != NODE_SETTING && !is_same_element(l->graph, &n->nest[0], a, &n->shape))
            return false;
    }
    return true;
}

static struct loop_place place_of(const struct update *u, value v)
{
    struct loop_place p = {.buffer = u->l->buffer[v], .block = loop_constant_index(0), .at = u->first};

    return p;
}

static const struct loop_expr *read_element(void *context, const struct nest *n, int access, const struct point *p)
{
    struct update *u = context;
    struct lowering *l = u->l;
    value v = n->in[access].of;

    for (size_t i = 0; i < l->planned->member.count; i++)
        if (l->planned->member.at[i].v == v)
            return loop_read(l->m, u->result[i]);
    if (graph_node(l->graph, v)->kind == NODE_SETTING)
        return load_access(l, n, &n->in[access], p);
    return loop_load(l->m, TYPE_REALS, place_of(u, v));
}

static void lower_vector(struct update *u, struct loop_list *out)
{
    struct lowering *l = u->l;
    const struct plan_kernel *k = l->planned;
    struct point nowhere = {.number = 0};

    for (int a = 0; a < MAX_AXES; a++)
        nowhere.axis[a] = loop_constant_index(0);
    for (size_t i = 0; i < k->member.count; i++) {
        const struct nest *n = graph_node(l->graph, k->member.at[i].v)->nest;
        u->result[i] = fresh(l, "v", TYPE_REALS);
        loop_append(out, loop_define(l->m, u->result[i], lower_body(l, n, n->body, &nowhere, read_element, u, out)));
    }
    for (size_t i = 0; i < k->member.count; i++)
        if (k->member.at[i].stored)
            loop_append(out, loop_store(l->m, place_of(u, k->member.at[i].v), loop_read(l->m, u->result[i])));
}

/* The sixteens of a chunk that begins at `first`. */
static void lower_chunk(struct update *u, struct loop_index first, int64_t size, struct loop_list *out)
{
    struct lowering *l = u->l;
    struct loop_list vector = {0}, body = {0};
    loop_axis i = open_axis(l, "i", 0, size);

    loop_axis part = begin_parts(l);
    u->first = loop_index_add(l->m, first, axis_times(l, i, 1));
    u->first = loop_index_add(l->m, loop_index_scale(l->m, u->first, LANES), l->lane);
    lower_vector(u, &vector);
    end_parts(l, part, vector, &body);
    close_axis(l, i, body, out);
}

bool lower_update(struct lowering *l)
{
    struct update u = {.l = l};
    struct runs chunks;
    struct loop_list body = {0};

    if (l->planned->member.count > MAX_POINTS)
        return false;
    for (size_t i = 0; i < l->planned->member.count; i++)
        if (!is_elementwise(l, &l->planned->member.at[i]))
            return false;
    l->type = TYPE_REALS;
    int64_t elements = shape_elements(&graph_node(l->graph, l->planned->member.at[0].v)->shape);
    chunks.count = split_evenly((elements + LANES - 1) / LANES, CHUNK, chunks.run);
    add_item_runs(l, &chunks, "chunk");
    add_all_item(l);
    for (int i = 0; i < chunks.count; i++) {
        struct loop_list chunk = {0};
        lower_chunk(&u, open_run(l, &chunks, i), chunks.run[i].size, &chunk);
        close_run(l, &chunks, i, chunk, &body);
    }
    l->k->body = loop_list_block(l->m, body);
    return true;
}

/* elementwise: kernels without a register tile: one tile at a time.
 *
 * Element-wise work, pools, softmax's sums, copies; varying values in vectors of lanes, uniform ones as scalars.
 */
#include "compiler/lower/expression.h"
#include "compiler/lower/fusion_tile.h"
#include "compiler/lower/kernels.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/random.h"
#include "compiler/lower/reduce.h"
#include "compiler/lower/tile.h"

#include <math.h>
#include <stddef.h>

/* The anchor's elements of one tile while they are reduced. */
struct elements {
    const struct loop_variable *best[MAX_INSTANCES],
        *index[MAX_INSTANCES]; /* of no sum: the greatest so far, or the element itself */
    struct sums sums;
};

/* best < x, or x is NaN, or (ARGMAX) nothing was taken yet */
static const struct loop_expr *takes(struct lowering *l, const struct loop_expr *best, const struct loop_expr *x,
                                     const struct loop_expr *index)
{
    const struct loop_expr *mask = exceeds(l, x, best);

    if (!index)
        return mask;
    return loop_binary(l->m, LOOP_MASK_OR, mask, loop_binary(l->m, LOOP_LESS, index, loop_real(l->m, l->type, 0)));
}

/* The number of an instance of the reduced space, as the maximum's gradient counts it. */
static const struct loop_expr *number_of(struct lowering *l, const struct nest *n, const struct instance *p)
{
    struct loop_index number = loop_constant_index(0);

    for (int a = n->free_count; a < n->axis_count; a++)
        number = loop_index_add(l->m, loop_index_scale(l->m, number, n->extent[a]), p->axis[a]);
    if (number.count == 0)
        return loop_real(l->m, l->type, (double)number.constant);
    const struct loop_expr *e = loop_index_value(l->m, l->m->real, number);
    return loop_is_vector(l->type) ? loop_splat(l->m, e) : e;
}

static void add_to_sum(struct reduction *r, const struct instance *p, struct loop_list *out)
{
    struct lowering *l = r->l;
    const struct loop_variable *sum = sums_now(r->sums, p->number);

    loop_append(out, loop_set(l->m, sum, add_term(l, r->nest, loop_read(l->m, sum), p, read_memory, l, out)));
}

static void take_maximum(struct reduction *r, const struct instance *p, struct loop_list *out)
{
    struct lowering *l = r->l;
    struct elements *e = r->context;
    const struct loop_variable *best = e->best[p->number], *index = e->index[p->number];
    const struct loop_variable *x = fresh(l, "x", l->type);
    const struct loop_expr *read_x = loop_read(l->m, x), *read_best = loop_read(l->m, best);

    loop_append(out, loop_define(l->m, x, lower_body(l, r->nest, r->nest->body, p, read_memory, l, out)));
    if (!index) {
        loop_append(out, loop_set(l->m, best, loop_select(l->m, takes(l, read_best, read_x, NULL), read_x, read_best)));
        return;
    }
    const struct loop_variable *mask = define(l, "take", takes(l, read_best, read_x, loop_read(l->m, index)), out);
    loop_append(out, loop_set(l->m, best, loop_select(l->m, loop_read(l->m, mask), read_x, read_best)));
    const struct loop_expr *number = number_of(l, r->nest, p);
    loop_append(out, loop_set(l->m, index, loop_select(l->m, loop_read(l->m, mask), number, loop_read(l->m, index))));
}

static void emit_body(struct reduction *r, struct instance instances[], int count, struct loop_list *out)
{
    struct elements *e = r->context;

    for (int i = 0; i < count; i++) {
        if (r->nest->combine == COMBINE_SUM)
            add_to_sum(r, &instances[i], out);
        else if (r->nest->combine == COMBINE_NONE)
            loop_append(out, loop_set(r->l->m, e->best[instances[i].number],
                                      lower_body(r->l, r->nest, r->nest->body, &instances[i], read_memory, r->l, out)));
        else
            take_maximum(r, &instances[i], out);
    }
}

/* The anchor's elements at `instances`, as variables. */
static void lower_elements(struct lowering *l, const struct nest *n, struct instance instances[], int count, struct elements *e,
                           struct loop_list *out)
{
    struct reduction r = {.l = l, .nest = n, .emit_body = emit_body, .context = e};
    struct drawn drawn = {.valid = false};

    e->sums = (struct sums){.l = l, .nest = n, .type = l->type, .count = count, .instances = count};
    l->drawn = &drawn;
    for (int i = 0; i < count; i++) {
        const char *name =
            arena_printf(l->arena, "%s%s", graph_node(l->graph, l->planned->fused.at[0].v)->op_name, instances[i].suffix);
        if (n->combine == COMBINE_NONE && !may_be_out_of_bounds(l, n, &instances[i])) {
            const struct loop_expr *x = lower_body(l, n, n->body, &instances[i], read_memory, l, out);
            e->best[i] = define(l, name, x, out);
            continue;
        }
        e->sums.name[i] = name;
        if (n->combine != COMBINE_SUM)
            e->best[i] = define(l, name, loop_real(l->m, l->type, n->combine == COMBINE_NONE ? n->otherwise : -INFINITY), out);
        if (n->combine == COMBINE_ARGMAX) {
            e->index[i] = define(l, "number", loop_real(l->m, l->type, -1), out);
        }
    }
    l->drawn = NULL;
    if (n->combine == COMBINE_SUM) {
        r.sums = &e->sums;
        sums_open(&e->sums, NULL, 0, out);
    }
    if (n->combine != COMBINE_NONE || may_be_out_of_bounds(l, n, &instances[0]))
        lower_reduction(&r, instances, count, out);
}

/* The loops over tiles: by core dimension where the anchor's axes are the dimensions, else over the axes themselves. */
struct tile_walk {
    struct lowering *l;
    const struct nest *nest;
    struct loop_index axis[MAX_AXES]; /* where a tile begins: scale * tile */
    int64_t per_tile[MAX_AXES];
    int dimension[MAX_AXES]; /* the core dimension that an axis is, or -1 */
};

static void find_scales(struct tile_walk *c)
{
    const struct node *n = graph_node(c->l->graph, c->l->planned->fused.at[0].v);
    int dim[MAX_RANK], rank = shape_core(&n->shape, dim);

    for (int a = 0; a < MAX_AXES; a++) {
        c->per_tile[a] = 1;
        c->dimension[a] = -1;
    }
    for (int a = 0; a < c->nest->free_count; a++) {
        for (int r = 0; r < rank; r++)
            if (c->nest->out[dim[r]].factor[a] != 0) {
                c->dimension[a] = r;
                c->per_tile[a] = c->l->planned->fused.at[0].per_tile[r];
            }
    }
}

static const struct loop_variable *result_of(const struct nest *n, const struct elements *e, int i)
{
    if (n->combine == COMBINE_SUM)
        return sums_now(&e->sums, i);
    return n->combine == COMBINE_ARGMAX ? e->index[i] : e->best[i];
}

static void lower_fusion_tile(struct tile_walk *c, struct loop_list *out)
{
    struct lowering *l = c->l;
    const struct node *n = graph_node(l->graph, l->planned->fused.at[0].v);
    int count = anchor_elements(l->planned), dim[MAX_RANK], rank = shape_core(&n->shape, dim);
    struct instance instances[MAX_INSTANCES] = {0};
    struct elements e = {0};
    struct loop_index at[MAX_RANK];

    for (int i = 0; i < count; i++) {
        int64_t offset[MAX_RANK];
        anchor_offset(l->planned, i, offset);
        instances[i].number = i;
        instances[i].suffix = "";
        for (int a = 0; a < c->nest->free_count; a++) {
            int64_t o = c->per_tile[a] > 1 ? offset[c->dimension[a]] : 0;
            if (c->per_tile[a] > 1)
                instances[i].suffix = name_along(l, instances[i].suffix, c->nest->axis_name[a], o);
            instances[i].axis[a] = loop_index_add(l->m, c->axis[a], loop_constant_index(o));
        }
        for (int a = c->nest->free_count; a < c->nest->axis_count; a++)
            instances[i].axis[a] = loop_constant_index(0);
    }
    lower_elements(l, c->nest, instances, count, &e, out);
    for (int r = 0; r < rank; r++) {
        int64_t scale = l->planned->fused.at[0].per_tile[r];
        struct loop_index first = at_instance(l, c->nest, &c->nest->out[dim[r]], &instances[0]);
        /* Where tiles hold several elements, the index is scale * tile. */
        at[r] = loop_constant_index(first.constant / scale);
        for (int t = 0; t < first.count; t++)
            at[r] = loop_index_add(l->m, at[r], loop_axis_index(l->m, first.term[t].axis, first.term[t].factor / scale));
    }
    struct fusion_tile *tile = fusion_tile_begin(l, at);
    for (int i = 0; i < count; i++)
        fusion_tile_set_anchor(tile, i, result_of(c->nest, &e, i));
    fusion_tile_end(tile, out);
}

static void loop_over_tiles(struct tile_walk *c, int a, struct loop_list *out)
{
    struct lowering *l = c->l;
    struct loop_list body = {0};

    if (a == c->nest->free_count) {
        loop_axis part = begin_parts(l);
        lower_fusion_tile(c, &body);
        end_parts(l, part, body, out);
        return;
    }
    if (open_index(l, c->nest, a)) {
        c->axis[a] = *open_index(l, c->nest, a);
        loop_over_tiles(c, a + 1, out);
        return;
    }
    loop_axis axis = open_axis(l, c->nest->axis_name[a], 0, c->nest->extent[a] / c->per_tile[a]);
    c->axis[a] = axis_times(l, axis, c->per_tile[a]);
    loop_over_tiles(c, a + 1, &body);
    close_axis(l, axis, body, out);
}

void lower_elementwise(struct lowering *l, const struct nest *n, struct loop_list *out)
{
    struct tile_walk c = {.l = l, .nest = n};

    find_scales(&c);
    loop_over_tiles(&c, 0, out);
}

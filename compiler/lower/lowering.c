/* lowering: axes, indices, places, variables and loads: the steps that every kind of kernel is lowered with. */
#include "compiler/lower/lowering.h"

#include "compiler/lower/reduce.h"

#include <assert.h>

loop_axis open_axis(struct lowering *l, const char *name, int64_t begin, int64_t end)
{
    loop_axis a = loop_add_axis(l->m, l->k, name);

    assert((size_t)a == l->range.count);
    vec_push(l->arena, &l->range, ((struct axis_range){begin, end - 1}));
    return a;
}

struct loop_index axis_times(struct lowering *l, loop_axis a, int64_t factor)
{
    const struct axis_range *r = &l->range.at[a];

    return r->low == r->high ? loop_constant_index(r->low * factor) : loop_axis_index(l->m, a, factor);
}

void append_list(struct loop_list *out, struct loop_list list)
{
    if (!list.first)
        return;
    if (out->last)
        out->last->next = list.first;
    else
        out->first = list.first;
    out->last = list.last;
}

void close_axis(struct lowering *l, loop_axis a, struct loop_list body, struct loop_list *out)
{
    const struct axis_range *r = &l->range.at[a];

    if (r->low == r->high)
        loop_append(out, (struct loop *)loop_list_block(l->m, body));
    else
        loop_append(out, loop_for(l->m, a, r->low, r->high + 1, loop_list_block(l->m, body)));
}

const struct loop_index *open_index(const struct lowering *l, const struct nest *n, int axis)
{
    if (l->planned->recurrence && axis == nest_timestep_axis(n))
        return &l->timestep;
    for (int r = 0; r < l->row_count; r++)
        if (n->out[l->row_dim[r]].factor[axis] != 0)
            return &l->row[r];
    return NULL;
}

loop_axis begin_parts(struct lowering *l)
{
    int lanes = l->m->vector_lanes;

    if (!loop_is_vector(l->type) || lanes == LANES) {
        l->lane = loop_constant_index(0);
        return -1;
    }
    loop_axis part = open_axis(l, "part", 0, LANES / lanes);
    l->lane = loop_axis_index(l->m, part, lanes);
    return part;
}

void end_parts(struct lowering *l, loop_axis part, struct loop_list body, struct loop_list *out)
{
    if (part < 0)
        append_list(out, body);
    else
        close_axis(l, part, body, out);
    l->lane = loop_constant_index(0);
}

void index_bounds(const struct lowering *l, const struct loop_index *i, int64_t *low, int64_t *high)
{
    *low = *high = i->constant;
    for (int t = 0; t < i->count; t++) {
        int64_t f = i->term[t].factor;
        const struct axis_range *a = &l->range.at[i->term[t].axis];
        *low += f * (f > 0 ? a->low : a->high);
        *high += f * (f > 0 ? a->high : a->low);
    }
}

struct loop_index at_instance(struct lowering *l, const struct nest *n, const struct index *i, const struct instance *p)
{
    struct loop_index total = loop_constant_index(i->offset);

    for (int a = 0; a < n->axis_count; a++)
        if (i->factor[a] != 0)
            total = loop_index_add(l->m, total, loop_index_scale(l->m, p->axis[a], i->factor[a]));
    return total;
}

struct loop_place place_in(struct lowering *l, loop_buffer_id buffer, int rank, const int64_t extent[])
{
    struct loop_dimension dimension[MAX_RANK + 1];

    for (int d = 0; d < rank; d++)
        dimension[d] = (struct loop_dimension){extent[d], loop_constant_index(0)};
    return (struct loop_place){buffer, loop_constant_index(0), loop_index_in(l->m, rank, dimension)};
}

struct loop_place move_place(struct lowering *l, struct loop_place p, int d, struct loop_index by)
{
    p.at = loop_index_move(l->m, p.at, d, by);
    return p;
}

struct loop_place place_of_element(struct lowering *l, node_id v, const struct loop_index dim[])
{
    const struct node *n = graph_node(l->graph, v);
    struct loop_dimension dimension[MAX_RANK + 1];
    int rank = n->shape.rank;

    /* A view keeps the order of elements, so its own shape gives the element's number. */
    for (int d = 0; d < rank; d++)
        dimension[d] = (struct loop_dimension){n->shape.dim[d], dim[d]};
    if (!n->uniform)
        dimension[rank++] = (struct loop_dimension){LANES, l->lane};
    return (struct loop_place){l->buffer[v], n->uniform ? loop_constant_index(0) : l->block, loop_index_in(l->m, rank, dimension)};
}

struct loop_place place_of_access(struct lowering *l, const struct nest *n, const struct access *a, const struct instance *p)
{
    struct loop_index dim[MAX_RANK];

    for (int d = 0; d < graph_node(l->graph, a->of)->shape.rank; d++)
        dim[d] = at_instance(l, n, &a->dim[d], p);
    return place_of_element(l, a->of, dim);
}

const struct loop_variable *fresh(struct lowering *l, const char *base, enum loop_type type)
{
    return loop_add_variable(l->m, base, type);
}

const struct loop_variable *define(struct lowering *l, const char *base, const struct loop_expr *e, struct loop_list *out)
{
    const struct loop_variable *v = fresh(l, base, e->type);

    loop_append(out, loop_define(l->m, v, e));
    return v;
}

const struct loop_expr *keep(struct lowering *l, const char *base, const struct loop_expr *e, struct loop_list *out)
{
    if (e->op == LOOP_VARIABLE || e->op == LOOP_CONSTANT)
        return e;
    return loop_read(l->m, define(l, base, e, out));
}

enum loop_type type_of_node(const struct lowering *l, node_id v)
{
    const struct node *n = graph_node(l->graph, view_root(l->graph, v));

    return n->kind == NODE_INPUT && l->graph->input.at[n->number].is_class ? TYPE_I32 : l->m->real;
}

const struct loop_expr *load_real(struct lowering *l, enum loop_type type, struct loop_place from)
{
    const enum loop_type element = loop_buffer_at(l->m, l->k, from.buffer)->type;

    return loop_convert(l->m, l->m->real, loop_load(l->m, loop_as_wide(element, type), from));
}

const struct loop_expr *load_access(struct lowering *l, const struct nest *n, const struct access *a, const struct instance *p)
{
    bool uniform = graph_node(l->graph, a->of)->uniform;
    const struct loop_expr *e = load_real(l, uniform ? l->m->real : l->type, place_of_access(l, n, a, p));

    return uniform && loop_is_vector(l->type) ? loop_splat(l->m, e) : e;
}

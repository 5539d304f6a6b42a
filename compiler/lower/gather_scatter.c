/* gather_scatter: gathers and scatters (compiler/analysis/gather_scatter.h), sample by sample: each lane has an index of its own.
 *
 * A row's columns are neighbours in its table, but the lanes apart in a tensor of samples. So segments of columns that fill vectors go
 * through a buffer, [sample][column], and squares of the tensor are exchanged with squares of the buffer (transpose.c).
 */
#include "compiler/analysis/gather_scatter.h"

#include "compiler/lower/kernels.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/reduce.h"
#include "compiler/lower/tile_split.h"
#include "compiler/lower/transpose.h"

enum {
    SEGMENT_VECTORS = 4,     /* of a gather's run at most */
    ITEM_COLUMNS = 16    /* of a scatter's item: a cache line of each row, in f32 */
};

struct indirect_rows {
    struct lowering *l;
    node_id result;
    const struct nest *nest;
    struct gather_scatter s;
    struct instance at;
    int columns;            /* a free axis along rows, or -1: elements are taken one by one */
    loop_buffer_id rows;         /* the buffer */
    /* A segment of columns, in vectors or one by one. */
    bool in_vectors;
    int64_t count;               /* of either */
    struct loop_index first;     /* column */
    struct loop_index passed;    /* columns of the run before the current one */
};

typedef void emit_fn(struct indirect_rows *x, struct loop_list *out);

static struct loop_place place_of_result(struct indirect_rows *x)
{
    struct loop_index dim[MAX_RANK];

    for (int d = 0; d < graph_node(x->l->graph, x->result)->shape.rank; d++)
        dim[d] = at_instance(x->l, x->nest, &x->nest->out[d], &x->at);
    return place_of_element(x->l, x->result, dim);
}

static struct loop_place place_of_source(struct indirect_rows *x)
{
    return place_of_access(x->l, x->nest, &x->nest->in[x->s.source], &x->at);
}

static bool are_neighbours(const struct indirect_rows *x, int axis)
{
    const struct access *from = &x->nest->in[x->s.source];

    return index_of_element(&graph_node(x->l->graph, from->of)->shape, from->dim).factor[axis] == 1 &&
           index_of_element(&graph_node(x->l->graph, x->result)->shape, x->nest->out).factor[axis] == 1;
}

static struct indirect_rows begin(struct lowering *l, node_id result, const struct nest *n, const struct gather_scatter *s)
{
    struct indirect_rows x = {.l = l, .result = result, .nest = n, .s = *s, .columns = -1};

    for (int a = 0; a < n->axis_count; a++)
        x.at.axis[a] = loop_constant_index(0);
    return x;
}

static void add_buffer(struct indirect_rows *x, int64_t columns)
{
    x->rows = loop_add_local(x->l->m, x->l->k, "rows", x->l->m->real, LANES * columns);
}

static loop_axis open_nest_axis(struct indirect_rows *x, int a)
{
    loop_axis axis = open_axis(x->l, x->nest->axis_name[a], 0, x->nest->extent[a]);

    x->at.axis[a] = axis_times(x->l, axis, 1);
    return axis;
}

/* ---- Runs ---------------------------------------------------------------------------------------------------------- */

static enum loop_type type_of_run(const struct indirect_rows *x)
{
    return x->in_vectors ? loop_vector_of(x->l->m->real) : x->l->m->real;
}

static int64_t columns_at_once(const struct indirect_rows *x)
{
    return x->in_vectors ? x->l->m->vector_lanes : 1;
}

/* A sample's current column in the buffer. */
static struct loop_place place_in_rows(struct indirect_rows *x, struct loop_index sample)
{
    struct loop_place rows = place_in(x->l, x->rows, 2, (const int64_t[]){LANES, x->count * columns_at_once(x)});

    return move_place(x->l, move_place(x->l, rows, 0, sample), 1, x->passed);
}

/* Appends what `step` does at each vector or column of the run. */
static void for_each_columns(struct indirect_rows *x, emit_fn *step, struct loop_list *out)
{
    struct lowering *l = x->l;
    struct loop_list body = {0};

    if (x->columns < 0) {
        step(x, out);
        return;
    }
    loop_axis column = open_axis(l, x->nest->axis_name[x->columns], 0, x->count);
    x->passed = axis_times(l, column, columns_at_once(x));
    x->at.axis[x->columns] = loop_index_add(l->m, x->first, x->passed);
    step(x, &body);
    close_axis(l, column, body, out);
}

/* The same for each sample of the lane block, with the chosen axis at that sample's index. */
static void for_each_sample(struct indirect_rows *x, emit_fn *step, struct loop_list *out)
{
    struct lowering *l = x->l;
    struct loop_list body = {0}, sample = {0};
    loop_axis lane = open_axis(l, "sample", 0, LANES), row = open_nest_axis(x, x->s.axis);

    l->lane = axis_times(l, lane, 1);
    const struct access *index_access = &x->nest->in[x->s.index_access];
    const struct loop_expr *index =
        loop_load(l->m, type_of_node(l, index_access->of), place_of_access(l, x->nest, index_access, &x->at));
    for_each_columns(x, step, &body);
    loop_append(&sample, loop_indirect(l->m, row, 0, x->nest->extent[x->s.axis], index, loop_list_block(l->m, body)));
    l->lane = loop_constant_index(0);
    close_axis(l, lane, sample, out);
}

/* Squares of the current vector, one for each part of the lanes. */
static void transpose_tile(struct indirect_rows *x, bool into_rows, struct loop_list *out)
{
    struct lowering *l = x->l;
    struct loop_list body = {0};
    const int64_t lanes = l->m->vector_lanes;
    loop_axis part = open_axis(l, "part", 0, LANES / lanes);

    l->lane = axis_times(l, part, lanes);
    const struct loop_place rows = place_in_rows(x, l->lane), of_samples = into_rows ? place_of_source(x) : place_of_result(x);
    const int column = of_samples.at.rank - 2;    /* before the samples */
    if (into_rows)
        lower_square(l, of_samples, column, rows, 0, &body);
    else
        lower_square(l, rows, 0, of_samples, column, &body);
    l->lane = loop_constant_index(0);
    close_axis(l, part, body, out);
}

/* ---- Gathers ------------------------------------------------------------------------------------------------------- */

static void copy_columns(struct indirect_rows *x, struct loop_list *out)
{
    struct lowering *l = x->l;
    struct loop_place to = x->in_vectors ? place_in_rows(x, l->lane) : place_of_result(x);

    loop_append(out, loop_store(l->m, to, load_real(l, type_of_run(x), place_of_source(x))));
}

static void leave_rows(struct indirect_rows *x, struct loop_list *out)
{
    transpose_tile(x, false, out);
}

static void gather_vectors(struct indirect_rows *x, int64_t vectors, struct loop_list *out)
{
    struct lowering *l = x->l;
    struct tile_segment segment[2];
    const int split = split_evenly(vectors, SEGMENT_VECTORS, segment);

    x->in_vectors = true;
    for (int i = 0; i < split; i++) {
        struct loop_list body = {0};
        loop_axis tile = open_axis(l, "run", 0, segment[i].count);
        x->count = segment[i].size;
        x->first = axis_times(l, tile, segment[i].size * l->m->vector_lanes);
        x->first = loop_index_add(l->m, x->first, loop_constant_index(segment[i].begin * l->m->vector_lanes));
        for_each_sample(x, copy_columns, &body);
        for_each_columns(x, leave_rows, &body);
        close_axis(l, tile, body, out);
    }
    x->in_vectors = false;
}

static void gather_rows(struct indirect_rows *x, struct loop_list *out)
{
    const int64_t columns = x->columns < 0 ? 1 : x->nest->extent[x->columns], vectors = columns / x->l->m->vector_lanes;

    if (vectors > 0)
        gather_vectors(x, vectors, out);
    x->count = columns - vectors * x->l->m->vector_lanes;
    x->first = loop_constant_index(columns - x->count);
    if (x->count > 0)
        for_each_sample(x, copy_columns, out);
}

static void gather_along(struct indirect_rows *x, int a, struct loop_list *out)
{
    struct loop_list body = {0};

    if (a == x->nest->free_count) {
        gather_rows(x, out);
        return;
    }
    if (a == x->columns) {
        gather_along(x, a + 1, out);
        return;
    }
    loop_axis axis = open_nest_axis(x, a);
    gather_along(x, a + 1, &body);
    close_axis(x->l, axis, body, out);
}

void lower_gather(struct lowering *l, const struct nest *n, const struct nest_form *form, struct loop_list *out)
{
    struct indirect_rows x = begin(l, l->planned->fused.at[0].v, n, &form->gather_scatter);

    for (int a = 0; a < n->free_count; a++)
        if (are_neighbours(&x, a))
            x.columns = a;
    l->type = l->m->real;
    const int64_t vectors = x.columns < 0 ? 0 : n->extent[x.columns] / l->m->vector_lanes;
    if (vectors > 0)
        add_buffer(&x, (vectors < SEGMENT_VECTORS ? vectors : SEGMENT_VECTORS) * l->m->vector_lanes);
    gather_along(&x, 0, out);
    l->type = loop_vector_of(l->m->real);
}

/* ---- Scatters ------------------------------------------------------------------------------------------------------ */

static void clear_columns(struct indirect_rows *x, struct loop_list *out)
{
    loop_append(out, loop_store(x->l->m, place_of_result(x), loop_real(x->l->m, type_of_run(x), 0)));
}

static void clear_rows(struct indirect_rows *x, struct loop_list *out)
{
    struct loop_list body = {0};
    loop_axis row = open_nest_axis(x, x->s.axis);

    for_each_columns(x, clear_columns, &body);
    close_axis(x->l, row, body, out);
}

static void enter_rows(struct indirect_rows *x, struct loop_list *out)
{
    transpose_tile(x, true, out);
}

static void add_columns(struct indirect_rows *x, struct loop_list *out)
{
    struct lowering *l = x->l;
    struct loop_place to = place_of_result(x), from = x->in_vectors ? place_in_rows(x, l->lane) : place_of_source(x);
    const struct loop_expr *so_far = loop_load(l->m, type_of_run(x), to), *term = load_real(l, type_of_run(x), from);

    loop_append(out, loop_store(l->m, to, loop_binary(l->m, LOOP_ADD, so_far, term)));
}

static void add_along(struct indirect_rows *x, int a, struct loop_list *out)
{
    struct loop_list body = {0};

    if (a == x->nest->axis_count) {
        if (x->in_vectors)
            for_each_columns(x, enter_rows, out);
        for_each_sample(x, add_columns, out);
        return;
    }
    loop_axis axis = open_nest_axis(x, a);
    add_along(x, a + 1, &body);
    close_axis(x->l, axis, body, out);
}

/* One item: its columns of all rows. */
static void lower_item(struct indirect_rows *x, struct loop_list *out)
{
    struct lowering *l = x->l;
    struct loop_list per_block = {0};

    clear_rows(x, out);
    loop_axis block = open_axis(l, "block", 0, 1);
    l->block = loop_axis_index(l->m, block, 1);
    add_along(x, x->nest->free_count, &per_block);
    loop_append(out, loop_for_blocks(l->m, block, loop_list_block(l->m, per_block)));
    l->block = loop_constant_index(0);
}

/* Items of as many columns as a cache line, and one with what is left. */
static struct tile_split divide_columns(int64_t columns)
{
    const int64_t whole = columns / ITEM_COLUMNS, rest = columns % ITEM_COLUMNS;
    struct tile_split r = {0};

    if (whole > 0)
        r.segment[r.count++] = (struct tile_segment){0, ITEM_COLUMNS, whole};
    if (rest > 0)
        r.segment[r.count++] = (struct tile_segment){whole * ITEM_COLUMNS, rest, 1};
    return r;
}

void lower_scatter(struct lowering *l, node_id v, const struct nest_form *form)
{
    const struct nest *n = graph_node(l->graph, v)->nest;
    struct loop_list body = {0};
    struct indirect_rows x = begin(l, v, n, &form->gather_scatter);

    x.columns = n->free_count == 2 ? 1 - x.s.axis : -1;
    struct tile_split split = divide_columns(x.columns < 0 ? 1 : n->extent[x.columns]);
    l->type = l->m->real;
    add_item_split(l, &split, x.columns < 0 ? "all" : arena_printf(l->arena, "%s_tile", n->axis_name[x.columns]));
    add_all_item(l);
    add_buffer(&x, ITEM_COLUMNS);
    for (int i = 0; i < split.count; i++) {
        struct loop_list item = {0};
        x.first = open_segment(l, &split, i);
        x.in_vectors = x.columns >= 0 && are_neighbours(&x, x.columns) && split.segment[i].size % l->m->vector_lanes == 0;
        x.count = split.segment[i].size / columns_at_once(&x);
        lower_item(&x, &item);
        close_segment(l, &split, i, item, &body);
    }
    l->k->body = loop_list_block(l->m, body);
}

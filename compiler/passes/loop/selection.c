/* selection: gathers and scatters (compiler/passes/selection.h), sample by sample: each lane has an index of its own. */
#include "compiler/passes/selection.h"

#include "compiler/passes/access.h"
#include "compiler/passes/loop/lowering.h"

enum { MOST_COLUMNS = 16 };    /* of an item of a scatter: a cache line of each row, in f32 */

struct selected {
    struct lowering *l;
    value result;
    const struct nest *nest;
    struct selection s;
    struct point at;
    /* Of a scatter's item: a run of the free axis beside the rows. */
    int columns;    /* the axis; -1: a row is one number */
    struct loop_index first_column;
    int64_t column_count;
};

static struct selected begin(struct lowering *l, value result, const struct nest *n)
{
    struct selected x = {.l = l, .result = result, .nest = n};

    for (int a = 0; a < n->axis_count; a++)
        x.at.axis[a] = loop_constant_index(0);
    return x;
}

static struct loop_place place_of_result(struct selected *x)
{
    struct loop_index dim[MAX_RANK];

    for (int d = 0; d < graph_node(x->l->graph, x->result)->shape.rank; d++)
        dim[d] = at_point(x->l, x->nest, &x->nest->out[d], &x->at);
    return place_of_element(x->l, x->result, dim);
}

static loop_axis open_nest_axis(struct selected *x, int a)
{
    loop_axis axis = open_axis(x->l, x->nest->axis_name[a], 0, x->nest->extent[a]);

    x->at.axis[a] = axis_times(x->l, axis, 1);
    return axis;
}

/* Appends `inner` once for each sample of the lane block, with the chosen axis at that sample's index. */
static void for_each_sample(struct selected *x, void (*inner)(struct selected *x, struct loop_list *out), struct loop_list *out)
{
    struct lowering *l = x->l;
    struct loop_list body = {0}, sample = {0};
    loop_axis lane = open_axis(l, "sample", 0, LANES), row = open_nest_axis(x, x->s.axis);

    l->lane = axis_times(l, lane, 1);
    const struct loop_expr *index = load_access(l, x->nest, &x->nest->in[x->s.chosen_by], &x->at);
    inner(x, &body);
    loop_append(&sample, loop_choose(l->m, row, 0, x->nest->extent[x->s.axis], index, loop_list_block(l->m, body)));
    l->lane = loop_constant_index(0);
    close_axis(l, lane, sample, out);
}

/* ---- Gathers ------------------------------------------------------------------------------------------------------- */

/* Axes on which the index depends are loops around the samples, the others inside. */
static bool moves_index(const struct selected *x, int a)
{
    return access_uses(x->l->graph, &x->nest->in[x->s.chosen_by], a);
}

static void copy_row(struct selected *x, struct loop_list *out)
{
    struct lowering *l = x->l;
    struct loop_list body = {0};
    loop_axis opened[MAX_AXES];
    int count = 0;

    for (int a = 0; a < x->nest->free_count; a++)
        if (!moves_index(x, a))
            opened[count++] = open_nest_axis(x, a);
    const struct loop_expr *term = load_access(l, x->nest, &x->nest->in[x->s.source], &x->at);
    loop_append(&body, loop_store(l->m, place_of_result(x), term));
    while (count > 0) {
        struct loop_list outer = {0};
        close_axis(l, opened[--count], body, &outer);
        body = outer;
    }
    append_list(out, body);
}

static void gather_along(struct selected *x, int a, struct loop_list *out)
{
    struct loop_list body = {0};

    if (a == x->nest->free_count) {
        for_each_sample(x, copy_row, out);
        return;
    }
    if (!moves_index(x, a)) {
        gather_along(x, a + 1, out);
        return;
    }
    loop_axis axis = open_nest_axis(x, a);
    gather_along(x, a + 1, &body);
    close_axis(x->l, axis, body, out);
}

void lower_gather(struct lowering *l, const struct nest *n, struct loop_list *out)
{
    struct selected x = begin(l, l->planned->member.at[0].v, n);

    find_gather(l->graph, x.result, n, &x.s);
    l->type = TYPE_REAL;
    gather_along(&x, 0, out);
    l->type = TYPE_REALS;
}

/* ---- Scatters ------------------------------------------------------------------------------------------------------ */

typedef void element_fn(struct selected *x, struct loop_list *out);

/* Appends what `element` does in each of the item's columns. */
static void for_each_column(struct selected *x, element_fn *element, struct loop_list *out)
{
    struct lowering *l = x->l;
    struct loop_list body = {0};

    if (x->columns < 0) {
        element(x, out);
        return;
    }
    loop_axis column = open_axis(l, x->nest->axis_name[x->columns], 0, x->column_count);
    x->at.axis[x->columns] = loop_index_add(l->m, x->first_column, axis_times(l, column, 1));
    element(x, &body);
    close_axis(l, column, body, out);
}

static void clear_element(struct selected *x, struct loop_list *out)
{
    loop_append(out, loop_store(x->l->m, place_of_result(x), loop_real(x->l->m, TYPE_REAL, 0)));
}

static void clear_rows(struct selected *x, struct loop_list *out)
{
    struct loop_list body = {0};
    loop_axis row = open_nest_axis(x, x->s.axis);

    for_each_column(x, clear_element, &body);
    close_axis(x->l, row, body, out);
}

static void add_term(struct selected *x, struct loop_list *out)
{
    struct lowering *l = x->l;
    struct loop_place to = place_of_result(x);
    const struct loop_expr *so_far = loop_load(l->m, TYPE_REAL, to);
    const struct loop_expr *term = load_access(l, x->nest, &x->nest->in[x->s.source], &x->at);

    loop_append(out, loop_store(l->m, to, loop_binary(l->m, LOOP_ADD, so_far, term)));
}

static void add_to_row(struct selected *x, struct loop_list *out)
{
    for_each_column(x, add_term, out);
}

static void add_along(struct selected *x, int a, struct loop_list *out)
{
    struct loop_list body = {0};

    if (a == x->nest->axis_count) {
        for_each_sample(x, add_to_row, out);
        return;
    }
    loop_axis axis = open_nest_axis(x, a);
    add_along(x, a + 1, &body);
    close_axis(x->l, axis, body, out);
}

/* One item: its columns of all rows. */
static void lower_columns(struct selected *x, struct loop_list *out)
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

void lower_scatter(struct lowering *l, value v)
{
    struct selected x = begin(l, v, graph_node(l->graph, v)->nest);
    struct runs runs = {.count = 1};
    struct loop_list body = {0};

    find_scatter(l->graph, v, &x.s);
    l->type = TYPE_REAL;
    x.columns = x.nest->free_count == 2 ? 1 - x.s.axis : -1;
    if (x.columns >= 0) {
        runs.count = split_evenly(x.nest->extent[x.columns], MOST_COLUMNS, runs.run);
        add_item_runs(l, &runs, arena_printf(l->arena, "%s_tile", x.nest->axis_name[x.columns]));
    }
    add_all_item(l);
    for (int i = 0; i < runs.count; i++) {
        struct loop_list item = {0};
        x.column_count = runs.run[i].size;
        if (x.columns >= 0)
            x.first_column = open_run(l, &runs, i);
        lower_columns(&x, &item);
        if (x.columns >= 0)
            close_run(l, &runs, i, item, &body);
        else
            append_list(&body, item);
    }
    l->k->body = loop_list_block(l->m, body);
}

/* batch_reduction: sums over samples, with an accumulator for each lane.
 *
 *   dw[f, q] = sum over blocks, p of  dy[f, p] * x[p, q]         f: filters, q: channels and taps, p: pixels
 *
 * A tile is F filters times Q positions of the window: F*Q vectors of sixteen partial sums, alive over the pixels of a lane block;
 * then a fixed tree adds the lanes, and the blocks are added in ascending order, both nested as the nest's accumulation says. Work is
 * divided by results, so the number of threads cannot change an order.
 */
#include "compiler/analysis/access.h"
#include "compiler/lower/expression.h"
#include "compiler/lower/kernels.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/reduce.h"
#include "compiler/lower/tile.h"
#include "compiler/lower/tile_split.h"

#include <assert.h>
#include <stddef.h>

/* Positions of a window that a tile takes whole; of a larger one; independent sums that hide the latency of an addition. */
enum { MAX_WINDOW = 9, PART_OF_WINDOW = 4, CHAINS = 8 };

struct batch_reduction {
    struct lowering *l;
    const struct nest *nest;
    int first, second;         /* the accesses of the product; second -1: another body */
    int f_axis;                /* a free axis of `first` alone, or -1 */
    int q_axes[2], q_count;    /* free axes of `second` alone; the last one is tiled, one before it taken whole */
    int64_t most_filters, most_window;
    struct loop_index axis[MAX_AXES];
    int filters, window;       /* the tile; a window counts all of a whole axis */
    struct sums sums;          /* [filter][position]: vectors, of one lane block */
    struct sums totals;        /* scalars */
    loop_buffer_id scratch;
    /* The items. */
    struct tile_split filter_split, window_split;
    int inner[MAX_AXES], inner_count; /* free axes that found no place among the item axes: loops inside */
};

/* The window is the second: of the first a tile reads neighbours that it does not ask to be inside. */
static void find_product(struct batch_reduction *g)
{
    const struct graph *graph = g->l->graph;
    const struct nest *n = g->nest;
    int factor[2];

    g->first = g->second = -1;
    if (n->body->kind == EXPR_ACCESS)
        g->first = n->body->access;
    if (match_product(n->body, factor)) {
        const int window =
            access_has_window(graph, n, &n->in[factor[0]]) && !access_has_window(graph, n, &n->in[factor[1]]) ? 0 : 1;
        g->first = factor[1 - window];
        g->second = factor[window];
    }
}

static void find_axes(struct batch_reduction *g)
{
    const struct nest *n = g->nest;
    int last = -1, before = -1;

    g->f_axis = -1;
    /* A body that is no product: its longest free axis keeps several chains going. */
    for (int a = 0; g->first < 0 && a < n->free_count; a++)
        if (axis_stays_in_bounds(g->l, n, a) && (g->f_axis < 0 || n->extent[a] > n->extent[g->f_axis]))
            g->f_axis = a;
    for (int a = 0; g->first >= 0 && a < n->free_count; a++) {
        bool in_first = access_uses(g->l->graph, &n->in[g->first], a);
        bool in_second = g->second >= 0 && access_uses(g->l->graph, &n->in[g->second], a);
        if (in_first && !in_second && axis_stays_in_bounds(g->l, n, a) && (g->f_axis < 0 || n->extent[a] > n->extent[g->f_axis]))
            g->f_axis = a;
        if (in_second && !in_first) {
            before = last;
            last = a;
        }
    }
    g->q_count = 0;
    if (last >= 0 && before >= 0 && n->extent[before] * n->extent[last] <= MAX_WINDOW)
        g->q_axes[g->q_count++] = before;
    if (last >= 0)
        g->q_axes[g->q_count++] = last;
}

/* Filters times positions are accumulators; with them the registers hold a vector for each filter and one of x. */
static void choose_tile(struct batch_reduction *g)
{
    const struct nest *n = g->nest;
    int64_t registers = g->l->target->vector_registers, whole = g->q_count == 2 ? n->extent[g->q_axes[0]] : 1;
    int64_t filters = g->f_axis < 0 ? 1 : n->extent[g->f_axis];
    int64_t window = g->q_count == 0 ? 1 : n->extent[g->q_axes[g->q_count - 1]];
    int64_t budget = registers >= 32 ? 28 : 12;

    g->most_window = window * whole <= MAX_WINDOW ? window : PART_OF_WINDOW;
    if (g->most_window * whole > budget - 2)
        g->most_window = PART_OF_WINDOW;
    g->most_filters = budget / (g->most_window * whole);
    while (g->most_filters > 1 && g->most_filters * g->most_window * whole + g->most_filters + 1 > registers)
        g->most_filters--;
    if (g->most_filters > filters)
        g->most_filters = filters;
    if (g->second < 0 && g->most_filters > CHAINS)
        g->most_filters = CHAINS;
}

/* ---- The tile ------------------------------------------------------------------------------------------------------ */

static int64_t whole_extent(const struct batch_reduction *g)
{
    return g->q_count == 2 ? g->nest->extent[g->q_axes[0]] : 1;
}

/* One instance for each position of the window; the filter axis is that of the tile's first filter. */
static int make_instances(const struct batch_reduction *g, struct instance instances[])
{
    struct lowering *l = g->l;
    int per_row = g->window, count = (int)whole_extent(g) * per_row;

    for (int i = 0; i < count; i++) {
        instances[i].number = i;
        instances[i].suffix = "";
        for (int a = 0; a < g->nest->axis_count; a++)
            instances[i].axis[a] = a < g->nest->free_count ? g->axis[a] : loop_constant_index(0);
        if (g->q_count == 2) {
            instances[i].axis[g->q_axes[0]] = loop_constant_index(i / per_row);
            instances[i].suffix = name_along(l, "", g->nest->axis_name[g->q_axes[0]], i / per_row);
        }
        if (g->q_count > 0) {
            int a = g->q_axes[g->q_count - 1];
            instances[i].axis[a] = loop_index_add(l->m, instances[i].axis[a], loop_constant_index(i % per_row));
            if (per_row > 1)
                instances[i].suffix = name_along(l, instances[i].suffix, g->nest->axis_name[a], i % per_row);
        }
    }
    return count;
}

/* "dy_o2": of a filter of the tile. */
static const char *name_of_filter(const struct batch_reduction *g, const char *base, int filter)
{
    return g->filters > 1 ? name_along(g->l, base, g->nest->axis_name[g->f_axis], filter) : base;
}

static const char *name_of_sum(const struct batch_reduction *g, const char *base, const struct instance *p, int filter)
{
    return arena_printf(g->l->arena, "%s%s", name_of_filter(g, base, filter), p->suffix);
}

/* "4 filters x 3 taps across" */
static const char *tile_in_words(const struct batch_reduction *g)
{
    const char *words = g->f_axis < 0 ? "" : times_along(g->l, "", g->filters, g->nest, g->f_axis);

    if (g->q_count == 2)
        words = times_along(g->l, words, g->nest->extent[g->q_axes[0]], g->nest, g->q_axes[0]);
    if (g->q_count > 0)
        words = times_along(g->l, words, g->window, g->nest, g->q_axes[g->q_count - 1]);
    return words;
}

static void note_choice(const struct batch_reduction *g, int count)
{
    const int sums = g->filters * count;
    const bool product = g->second >= 0;

    if (g->filters == g->most_filters && (g->q_count == 0 || g->window == g->most_window))
        note_tile(g->l, tile_in_words(g), sums, product ? g->filters + 1 : 0, product ? (double)(g->filters + count) / sums : 1);
}

static struct instance with_filter(const struct batch_reduction *g, const struct instance *p, int filter)
{
    struct instance q = *p;

    if (g->f_axis >= 0)
        q.axis[g->f_axis] = loop_index_add(g->l->m, q.axis[g->f_axis], loop_constant_index(filter));
    return q;
}

static void multiply_add(struct reduction *r, struct instance instances[], int count, struct loop_list *out)
{
    struct batch_reduction *g = r->context;
    struct lowering *l = g->l;
    struct loop_list body = {0};
    const struct loop_variable *filter[MAX_INSTANCES];
    int positions = (int)whole_extent(g) * g->window;

    for (int f = 0; f < g->filters; f++) {
        struct instance q = with_filter(g, &instances[0], f);
        filter[f] = define(l, name_of_filter(g, "dy", f), load_access(l, g->nest, &g->nest->in[g->first], &q), &body);
    }
    for (int i = 0; i < count; i++) {
        const struct loop_variable *x = define(l, arena_printf(l->arena, "x%s", instances[i].suffix),
                                               load_access(l, g->nest, &g->nest->in[g->second], &instances[i]), &body);
        for (int f = 0; f < g->filters; f++) {
            const struct loop_variable *sum = sums_now(&g->sums, f * positions + instances[i].number);
            const struct loop_expr *first = loop_read(l->m, filter[f]);
            loop_append(&body, loop_set(l->m, sum, add_product(l, g->nest, loop_read(l->m, sum), first, loop_read(l->m, x))));
        }
    }
    loop_append(out, (struct loop *)loop_list_block(l->m, body));
}

static void add(struct reduction *r, struct instance instances[], int count, struct loop_list *out)
{
    struct batch_reduction *g = r->context;
    struct lowering *l = g->l;
    int positions = (int)whole_extent(g) * g->window;

    for (int i = 0; i < count; i++)
        for (int f = 0; f < g->filters; f++) {
            struct instance q = with_filter(g, &instances[i], f);
            const struct loop_variable *sum = sums_now(&g->sums, f * positions + instances[i].number);
            loop_append(out, loop_set(l->m, sum, add_term(l, g->nest, loop_read(l->m, sum), &q, read_memory, l, out)));
        }
}

static struct loop_place scratch_at(struct batch_reduction *g, int i, struct loop_index lane)
{
    struct loop_place sums = place_in(g->l, g->scratch, 2, (const int64_t[]){MAX_INSTANCES, LANES});

    return move_place(g->l, move_place(g->l, sums, 0, loop_constant_index(i)), 1, lane);
}

/* The sums of one lane block, lane by lane, into the scratch buffer. */
static void lower_block(struct batch_reduction *g, const struct instance instances[], int count, struct loop_list *out)
{
    struct lowering *l = g->l;
    struct loop_list body = {0}, tile = {0};
    struct reduction r = {.l = l, .nest = g->nest, .split_last = true, .context = g, .sums = &g->sums};

    r.emit_body = g->second >= 0 ? multiply_add : add;
    g->sums = (struct sums){.l = l, .nest = g->nest, .type = l->type, .count = g->filters * count, .instances = count};
    for (int i = 0; i < g->sums.count; i++)
        g->sums.name[i] = name_of_sum(g, "sum", &instances[i % count], i / count);
    loop_axis part = begin_parts(l);
    sums_open(&g->sums, NULL, 0, &body);
    lower_reduction(&r, instances, count, &body);
    for (int i = 0; i < g->sums.count; i++)
        loop_append(&body, loop_store(l->m, scratch_at(g, i, l->lane), loop_read(l->m, sums_now(&g->sums, i))));
    end_parts(l, part, body, &tile);
    note_registers(l, tile, tile_in_words(g));
    append_list(out, tile);
    note_choice(g, count);
}

static void store_totals(struct batch_reduction *g, const struct instance instances[], int count, struct loop_list *out)
{
    struct lowering *l = g->l;
    node_id v = l->planned->fused.at[0].v;
    const struct node *n = graph_node(l->graph, v);

    for (int i = 0; i < g->filters * count; i++) {
        struct instance q = with_filter(g, &instances[i % count], i / count);
        struct loop_index at[MAX_RANK];
        for (int d = 0; d < n->shape.rank; d++)
            at[d] = at_instance(l, g->nest, &g->nest->out[d], &q);
        loop_append(out, loop_store(l->m, place_of_element(l, v, at), loop_read(l->m, sums_now(&g->totals, i))));
    }
}

static void lower_tile(struct batch_reduction *g, struct loop_list *out)
{
    struct lowering *l = g->l;
    struct instance instances[MAX_INSTANCES] = {0};
    struct loop_list per_block = {0};
    struct block_loop blocks;
    int count = make_instances(g, instances), sums = g->filters * count;

    assert(sums <= MAX_INSTANCES);
    g->totals = (struct sums){.l = l, .nest = g->nest, .type = l->m->real, .count = sums, .instances = count};
    for (int i = 0; i < sums; i++)
        g->totals.name[i] = name_of_sum(g, "total", &instances[i % count], i / count);
    sums_open(&g->totals, NULL, 0, out);
    begin_blocks(&g->totals, &blocks);
    lower_block(g, instances, count, &per_block);
    for (int i = 0; i < sums; i++) {
        const struct loop_variable *total = sums_now(&g->totals, i);
        const struct loop_expr *lanes = loop_sum_lanes(l->m, scratch_at(g, i, loop_constant_index(0)));
        loop_append(&per_block, loop_set(l->m, total, loop_binary(l->m, LOOP_ADD, loop_read(l->m, total), lanes)));
    }
    end_blocks(&g->totals, &blocks, per_block, out);
    store_totals(g, instances, count, out);
}

/* ---- Items --------------------------------------------------------------------------------------------------------- */

/* A tiled axis: the item's tile chooses the run. */
static void lower_split(struct batch_reduction *g, int axis, const struct tile_split *r, int *size,
                        void (*inner)(struct batch_reduction *g, struct loop_list *out), struct loop_list *out)
{
    for (int i = 0; i < r->count; i++) {
        struct loop_list body = {0};
        *size = (int)r->segment[i].size;
        g->axis[axis] = open_segment(g->l, r, i);
        inner(g, &body);
        close_segment(g->l, r, i, body, out);
    }
}

static void lower_inner(struct batch_reduction *g, struct loop_list *out)
{
    struct lowering *l = g->l;
    struct loop_list body = {0};
    loop_axis opened[MAX_AXES];

    for (int i = 0; i < g->inner_count; i++) {
        int a = g->inner[i];
        opened[i] = open_axis(l, g->nest->axis_name[a], 0, g->nest->extent[a]);
        g->axis[a] = axis_times(l, opened[i], 1);
    }
    lower_tile(g, &body);
    for (int i = g->inner_count; i-- > 0;) {
        struct loop_list outer = {0};
        close_axis(l, opened[i], body, &outer);
        body = outer;
    }
    loop_append(out, (struct loop *)loop_list_block(l->m, body));
}

static void lower_window(struct batch_reduction *g, struct loop_list *out)
{
    g->window = 1;
    if (g->q_count == 0)
        lower_inner(g, out);
    else
        lower_split(g, g->q_axes[g->q_count - 1], &g->window_split, &g->window, lower_inner, out);
}

static void tile_axis(struct batch_reduction *g, int axis, int64_t most, struct tile_split *r)
{
    r->count = split_evenly(g->nest->extent[axis], most, r->segment);
    add_item_split(g->l, r, arena_printf(g->l->arena, "%s_tile", g->nest->axis_name[axis]));
}

/* Items: the tiles, and as many of the other free axes as there is room for. */
static void divide_into_items(struct batch_reduction *g)
{
    struct lowering *l = g->l;

    if (g->f_axis >= 0)
        tile_axis(g, g->f_axis, g->most_filters, &g->filter_split);
    if (g->q_count > 0)
        tile_axis(g, g->q_axes[g->q_count - 1], g->most_window, &g->window_split);
    for (int a = 0; a < g->nest->free_count; a++) {
        if (a == g->f_axis || (g->q_count > 0 && a == g->q_axes[g->q_count - 1]) || (g->q_count == 2 && a == g->q_axes[0]))
            continue;
        if (l->k->item_count < MAX_ITEM_AXES)
            g->axis[a] = axis_times(l, add_item_axis(l, g->nest->axis_name[a], g->nest->extent[a]), 1);
        else
            g->inner[g->inner_count++] = a;
    }
    add_all_item(l);
}

void lower_batch_reduction(struct lowering *l, const struct nest *n)
{
    struct batch_reduction g = {.l = l, .nest = n, .filters = 1};
    struct loop_list body = {0};

    find_product(&g);
    find_axes(&g);
    choose_tile(&g);
    for (int a = 0; a < n->axis_count; a++)
        g.axis[a] = loop_constant_index(0);
    divide_into_items(&g);
    g.scratch = loop_add_local(l->m, l->k, "lanes", l->m->real, (int64_t)MAX_INSTANCES * LANES);
    if (g.f_axis < 0)
        lower_window(&g, &body);
    else
        lower_split(&g, g.f_axis, &g.filter_split, &g.filters, lower_window, &body);
    l->k->body = loop_list_block(l->m, body);
}

/* contraction: register tiles for sums of products of a varying and a uniform value.
 *
 *   y[f, p] = sum over r of  x[p, r] * w[f, r]         f: filters (units, channels), p: pixels, r: channels and taps
 *
 * A tile is F filters times P pixels, F*P accumulators in registers: each tap loads P vectors and F scalars for F*P multiply-adds.
 * The terms of each element are added in the order of r that the nest's accumulation says, whatever the tile.
 *
 * Where weights have rows of zeros (a table of connections) the tiles of filters are written out, and so are the channels, in segments of
 * which the same filters of the tile have weights: the others take no part.
 */
#include "compiler/analysis/access.h"
#include "compiler/graph/query.h"
#include "compiler/lower/fusion_tile.h"
#include "compiler/lower/kernels.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/reduce.h"
#include "compiler/lower/tile.h"
#include "compiler/lower/tile_split.h"

#include <assert.h>
#include <string.h>

enum { MAX_BORDER_TILES = 6, MAX_UNROLLED = 640 };

struct contraction {
    struct lowering *l;
    const struct nest *nest;
    int x, w;                 /* accesses: the varying and the uniform one */
    int f_axis, p_axis;       /* tiled; or -1 */
    int whole;                /* a short axis of the weights alone that a tile takes whole, or -1 */
    int64_t per_tile[MAX_AXES];      /* anchor elements per tile, along an axis */
    int dimension[MAX_AXES];      /* core dimension of an axis, or -1 */
    struct loop_index axis[MAX_AXES];    /* of the loops outside the tile: scale * tile */
    int64_t most_filters, most_pixels;   /* of a tile; pixels counted in tiles */
    bool has_rows;            /* the weights have rows of zeros, */
    struct nest_rows rows;    /* whose dimension `of_filter` is the filters', the other one a reduced axis */
    int of_filter;
    /* The tile. */
    int filters, pixels, tile_elements;    /* pixels: tiles along p_axis; subs: elements of a tile */
    int64_t first_filter;         /* where rows are known */
    int border;                   /* of the pixel axis that the tile reads across: 1 the first, 2 the last, 3 both; 0: none */
    bool idle[MAX_INSTANCES];     /* by filter: its weights of this segment are zero */
    struct sums sums;             /* [filter][pixel][sub] */
};

static bool uses(const struct contraction *c, int access, int axis)
{
    return access_uses(c->l->graph, &c->nest->in[access], axis);
}

static int64_t weight_stride(const struct contraction *c, int axis)
{
    const struct access *w = &c->nest->in[c->w];

    return index_of_element(&graph_node(c->l->graph, w->of)->shape, w->dim).factor[axis];
}

/* The longest axis of the weights alone is tiled. Where several are short (taps that are outputs), the two whose weights are nearest
 * together make the tile: one taken whole, one tiled. */
static void find_filter_axes(struct contraction *c)
{
    enum { SHORT = 8 };
    int nearest = -1, next = -1;

    c->f_axis = c->whole = -1;
    for (int a = 0; a < c->nest->free_count; a++) {
        if (!uses(c, c->w, a) || uses(c, c->x, a) || !axis_stays_in_bounds(c->l, c->nest, a))
            continue;
        if (c->f_axis < 0 || c->nest->extent[a] > c->nest->extent[c->f_axis])
            c->f_axis = a;
        if (nearest < 0 || weight_stride(c, a) < weight_stride(c, nearest)) {
            next = nearest;
            nearest = a;
        } else if (next < 0 || weight_stride(c, a) < weight_stride(c, next)) {
            next = a;
        }
    }
    if (next >= 0 && c->nest->extent[nearest] <= SHORT && c->per_tile[nearest] == 1 && c->per_tile[next] == 1) {
        c->whole = nearest;
        c->f_axis = next;
    }
}

static void find_roles(struct contraction *c)
{
    const struct nest *n = c->nest;
    const struct node *anchor = graph_node(c->l->graph, c->l->planned->fused.at[0].v);
    int dim[MAX_RANK], rank = shape_core(&anchor->shape, dim);

    for (int a = 0; a < MAX_AXES; a++) {
        c->per_tile[a] = 1;
        c->dimension[a] = -1;
    }
    c->p_axis = -1;
    for (int a = 0; a < n->free_count; a++) {
        bool in_x = uses(c, c->x, a), in_w = uses(c, c->w, a);
        if (in_x && !in_w && !open_index(c->l, n, a))
            c->p_axis = a;
        for (int r = 0; r < rank; r++)
            if (n->out[dim[r]].factor[a] != 0) {
                c->dimension[a] = r;
                c->per_tile[a] = c->l->planned->fused.at[0].per_tile[r];
            }
    }
    c->tile_elements = anchor_elements(c->l->planned);
    find_filter_axes(c);
}

/* Rows are told apart where one of their dimensions is the filters and the other one reduced. */
static void find_rows(struct contraction *c)
{
    const struct nest *n = c->nest;

    if (c->whole >= 0 || !nest_find_rows(c->l->graph, n, c->w, &c->rows))
        return;
    for (int d = 0; d < 2; d++) {
        if (c->rows.axis[d] != c->f_axis || c->rows.axis[1 - d] < n->free_count)
            continue;
        c->of_filter = d;
        c->has_rows = true;
    }
}

/* Whether filter `f` of the tile has weights at place `other` of the rows' other dimension. */
static bool is_filled(const struct contraction *c, int f, int64_t other)
{
    const int64_t filter = c->first_filter + f;

    return c->rows.filled[c->of_filter == 0 ? filter * c->rows.count[1] + other : other * c->rows.count[1] + filter];
}

/* A segment of channels of which the same filters have weights: says which have none, and where the segment ends. */
static int64_t end_segment(struct reduction *r, int64_t begin)
{
    struct contraction *c = r->context;
    int64_t end = begin;
    bool same = true;

    for (int f = 0; f < c->filters; f++)
        c->idle[f] = !is_filled(c, f, begin);
    while (same && ++end < c->rows.count[1 - c->of_filter])
        for (int f = 0; f < c->filters; f++)
            same = same && c->idle[f] == !is_filled(c, f, end);
    return end;
}

static int64_t tiles_along(const struct contraction *c, int axis)
{
    return axis < 0 ? 1 : c->nest->extent[axis] / c->per_tile[axis];
}

/* How many filters can be read at once without their rows evicting each other from the first-level cache, of which two ways are left
 * to the pixels. */
static int64_t filters_in_cache(const struct contraction *c)
{
    const struct cache l1 = c->l->target->l1;
    const int64_t stride = weight_stride(c, c->f_axis) * c->l->plan->precision, ways = l1.ways > 2 ? l1.ways - 2 : 1;
    int64_t apart = cache_span(l1); /* rows that fall into different sets are so many bytes apart at most */

    while (stride % apart != 0)
        apart /= 2;
    return ways * (cache_span(l1) / apart);
}

/* Accumulators, a vector for each pixel and one broadcast have to fit the registers. More pixels share a weight, more filters a
 * pixel; both want to divide what there is. Costs in hundredths: loads per multiply-add, uneven tiles, too few chains. */
static void choose_tile(struct contraction *c)
{
    int64_t registers = c->l->target->vector_registers, most = registers >= 32 ? 24 : 12;
    int64_t whole = c->whole < 0 ? 1 : c->nest->extent[c->whole];
    int64_t filters = tiles_along(c, c->f_axis), pixels = tiles_along(c, c->p_axis), best = -1;
    int64_t in_cache = c->f_axis < 0 ? 1 : filters_in_cache(c);

    c->most_filters = c->most_pixels = 1;
    for (int64_t p = 1; p <= pixels && p * c->tile_elements * whole <= most; p++) {
        /* A pixel alone leaves room for a square of taps. */
        int64_t instances = p * c->tile_elements * whole,
                f = (instances == whole && whole > 1 ? most + most / 6 : most) / instances;
        while (f > 1 && (f * instances + p * c->tile_elements + 1 > registers || f > in_cache))
            f--;
        f = f > filters ? filters : f;
        int64_t waste = (pixels + p - 1) / p * p * ((filters + f - 1) / f * f) - pixels * filters;
        int64_t cost = 100 * (f + instances) / (f * instances) + 50 * waste / (pixels * filters) + (f * instances < 8 ? 30 : 0);
        if (best < 0 || cost < best) {
            best = cost;
            c->most_filters = f;
            c->most_pixels = p;
        }
    }
}

/* ---- The tile ------------------------------------------------------------------------------------------------------ */

/* Elements of the tile's pixels along an axis. */
static int64_t elements_along(const struct contraction *c, int axis)
{
    return c->per_tile[axis] * (axis == c->p_axis ? c->pixels : 1);
}

/* Pixels are numbered [pixel][sub]; their filter axis is that of the tile's first filter. */
static void make_instances(const struct contraction *c, struct instance instances[])
{
    struct lowering *l = c->l;

    for (int i = 0; i < c->pixels * c->tile_elements; i++) {
        int64_t offset[MAX_RANK];
        anchor_offset(l->planned, i % c->tile_elements, offset);
        instances[i].number = i;
        instances[i].suffix = "";
        for (int a = 0; a < c->nest->axis_count; a++) {
            int64_t by = c->per_tile[a] > 1 ? offset[c->dimension[a]] : 0;
            if (a == c->p_axis)
                by += i / c->tile_elements * c->per_tile[a];
            if (elements_along(c, a) > 1)
                instances[i].suffix = name_along(l, instances[i].suffix, c->nest->axis_name[a], by);
            instances[i].axis[a] = loop_index_add(l->m, c->axis[a], loop_constant_index(by));
        }
    }
}

static struct instance with_filter(const struct contraction *c, const struct instance *p, int filter)
{
    struct instance q = *p;

    int64_t whole = c->whole < 0 ? 1 : c->nest->extent[c->whole];

    if (c->whole >= 0)
        q.axis[c->whole] = loop_constant_index(filter % whole);
    if (c->f_axis >= 0)
        q.axis[c->f_axis] = loop_index_add(c->l->m, q.axis[c->f_axis], loop_constant_index(filter / whole));
    return q;
}

/* "weight_o2": of a filter of the tile. */
static const char *name_of_filter(const struct contraction *c, const char *base, int filter)
{
    const char *const *axis = c->nest->axis_name;
    int whole = c->whole < 0 ? 1 : (int)c->nest->extent[c->whole];

    if (c->f_axis >= 0 && c->filters > whole)
        base = name_along(c->l, base, axis[c->f_axis], filter / whole);
    return whole > 1 ? name_along(c->l, base, axis[c->whole], filter % whole) : base;
}

/* "4 filters x 3 columns" */
static const char *tile_in_words(const struct contraction *c)
{
    int whole = c->whole < 0 ? 1 : (int)c->nest->extent[c->whole];
    const char *words = c->f_axis < 0 ? "" : times_along(c->l, "", c->filters / whole, c->nest, c->f_axis);

    if (whole > 1)
        words = times_along(c->l, words, whole, c->nest, c->whole);
    for (int a = 0; a < c->nest->free_count; a++)
        words = times_along(c->l, words, elements_along(c, a), c->nest, a);
    return words;
}

static void note_choice(struct contraction *c)
{
    const int instances = c->pixels * c->tile_elements, sums = c->filters * instances;

    if (c->filters == c->most_filters * (c->whole < 0 ? 1 : c->nest->extent[c->whole]) && c->pixels == c->most_pixels)
        note_tile(c->l, tile_in_words(c), sums, c->filters > 1 ? instances + 1 : 2, (double)(c->filters + instances) / sums);
}

/* Whether all instances read the same weight: then one broadcast serves the tile's row. */
static bool share_weight(const struct contraction *c, const struct instance instances[], int count)
{
    struct loop_place first = place_of_access(c->l, c->nest, &c->nest->in[c->w], &instances[0]);

    for (int i = 1; i < count; i++) {
        struct loop_place other = place_of_access(c->l, c->nest, &c->nest->in[c->w], &instances[i]);
        if (!loop_index_equal(&first.at, &other.at))
            return false;
    }
    return true;
}

static void multiply_add(struct reduction *r, struct instance instances[], int count, struct loop_list *out)
{
    struct contraction *c = r->context;
    struct lowering *l = c->l;
    const struct access *x = &c->nest->in[c->x], *w = &c->nest->in[c->w];
    const struct loop_variable *pixel[MAX_INSTANCES];
    struct loop_list body = {0};
    bool shared = share_weight(c, instances, count), idle = true;

    for (int f = 0; f < c->filters; f++)
        idle = idle && c->idle[f];
    if (idle)
        return;
    for (int i = 0; i < count; i++)
        pixel[i] = define(l, arena_printf(l->arena, "x%s", instances[i].suffix), load_access(l, c->nest, x, &instances[i]), &body);
    for (int f = 0; f < c->filters; f++) {
        const struct loop_variable *weight = NULL;
        const char *name = name_of_filter(c, "weight", f);
        for (int i = 0; i < count && !c->idle[f]; i++) {
            struct instance q = with_filter(c, &instances[i], f);
            if (i == 0 || !shared)
                weight = define(l, arena_printf(l->arena, "%s%s", name, shared ? "" : instances[i].suffix),
                                load_access(l, c->nest, w, &q), &body);
            const struct loop_variable *sum = sums_now(&c->sums, f * c->pixels * c->tile_elements + instances[i].number);
            const struct loop_expr *x_read = loop_read(l->m, pixel[i]), *w_read = loop_read(l->m, weight);
            loop_append(&body, loop_set(l->m, sum, add_product(l, c->nest, loop_read(l->m, sum), x_read, w_read)));
        }
    }
    loop_append(out, (struct loop *)loop_list_block(l->m, body));
}

static void finish_tile(struct contraction *c, const struct instance instances[], int f, int pixel, struct loop_list *out)
{
    struct lowering *l = c->l;
    const struct node *anchor = graph_node(l->graph, l->planned->fused.at[0].v);
    int dim[MAX_RANK], rank = shape_core(&anchor->shape, dim);
    struct instance first = with_filter(c, &instances[pixel * c->tile_elements], f);
    struct loop_index at[MAX_RANK];

    for (int r = 0; r < rank; r++) {
        int64_t scale = l->planned->fused.at[0].per_tile[r];
        struct loop_index begin = at_instance(l, c->nest, &c->nest->out[dim[r]], &first);
        assert(begin.constant % scale == 0);
        at[r] = loop_constant_index(begin.constant / scale);
        for (int t = 0; t < begin.count; t++)
            at[r] = loop_index_add(l->m, at[r], loop_axis_index(l->m, begin.term[t].axis, begin.term[t].factor / scale));
    }
    struct fusion_tile *tile = fusion_tile_begin(l, at);
    for (int s = 0; s < c->tile_elements; s++)
        fusion_tile_set_anchor(tile, s, sums_now(&c->sums, (f * c->pixels + pixel) * c->tile_elements + s));
    struct loop_list body = {0};
    fusion_tile_end(tile, &body);
    loop_append(out, (struct loop *)loop_list_block(l->m, body));
}

static bool instances_may_be_out_of_bounds(const struct contraction *c, const struct instance instances[])
{
    for (int i = 0; i < c->pixels * c->tile_elements; i++)
        if (may_be_out_of_bounds(c->l, c->nest, &instances[i]))
            return true;
    return false;
}

/* Whether a border tile has its innermost taps written out, so that those outside the tensor vanish. Side by side they want registers for
 * pixels that they share; where there are only sixteen the taps are tested in a loop instead. */
static bool writes_taps_out(const struct contraction *c, const struct instance instances[])
{
    const struct nest *n = c->nest;
    int64_t taps = n->axis_count > n->free_count ? n->extent[n->axis_count - 1] : 1;

    return c->l->target->vector_registers >= 32 && instances_may_be_out_of_bounds(c, instances) &&
           taps * c->filters * c->pixels * c->tile_elements <= MAX_UNROLLED;
}

static void lower_tile(struct contraction *c, struct loop_list *out)
{
    struct lowering *l = c->l;
    struct instance instances[MAX_INSTANCES] = {0};
    struct loop_list body = {0}, tile = {0};
    struct reduction r = {.l = l, .nest = c->nest, .emit_body = multiply_add, .context = c, .sums = &c->sums};
    int count = c->pixels * c->tile_elements;

    assert(c->filters * count <= MAX_INSTANCES);
    loop_axis part = begin_parts(l);
    make_instances(c, instances);
    c->sums = (struct sums){.l = l, .nest = c->nest, .type = l->type, .count = c->filters * count, .instances = count};
    for (int i = 0; i < c->sums.count; i++)
        c->sums.name[i] = arena_printf(l->arena, "%s%s", name_of_filter(c, "sum", i / count), instances[i % count].suffix);
    sums_open(&c->sums, NULL, 0, &body);
    r.unroll_last = writes_taps_out(c, instances);
    if (c->has_rows) {
        r.segment_axis = c->rows.axis[1 - c->of_filter];
        r.end_segment = end_segment;
    }
    lower_reduction(&r, instances, count, &body);
    for (int f = 0; f < c->filters; f++)
        for (int i = 0; i < c->pixels; i++)
            finish_tile(c, instances, f, i, &body);
    end_parts(l, part, body, &tile);
    note_registers(l, tile, tile_in_words(c));
    note_border(l, tile, c->nest, c->p_axis, c->border);
    append_list(out, tile);
    note_choice(c);
}

/* ---- Loops over tiles ---------------------------------------------------------------------------------------------- */

/* Whether tile `t` of the segment reads outside its tensor, looking along the pixel axis alone: before its begin (1), behind its end (2). */
static int border_of(struct contraction *c, const struct tile_segment *segment, int64_t t)
{
    const struct access *x = &c->nest->in[c->x];
    int border = 0;
    int64_t begin = (segment->begin + t * segment->size) * c->per_tile[c->p_axis],
            end = begin + segment->size * c->per_tile[c->p_axis] - 1;

    for (int d = 0; d < graph_node(c->l->graph, x->of)->shape.rank; d++) {
        int64_t low = x->dim[d].offset, high = low, f = x->dim[d].factor[c->p_axis];
        if (f == 0)
            continue;
        for (int a = 0; a < c->nest->axis_count; a++) {
            int64_t g = x->dim[d].factor[a], first = a == c->p_axis ? begin : 0,
                    last = a == c->p_axis ? end : c->nest->extent[a] - 1;
            low += g * (g > 0 ? first : last);
            high += g * (g > 0 ? last : first);
        }
        border |= (low < 0 ? 1 : 0) | (high >= graph_node(c->l->graph, x->of)->shape.dim[d] ? 2 : 0);
    }
    return border;
}

static void lower_tiles(struct contraction *c, const struct tile_segment *segment, int64_t begin, int64_t end,
                        struct loop_list *out)
{
    struct lowering *l = c->l;
    struct loop_list body = {0};

    if (begin >= end)
        return;
    int64_t scale = c->per_tile[c->p_axis];
    loop_axis tile = open_axis(l, arena_printf(l->arena, "%s_tile", c->nest->axis_name[c->p_axis]), begin, end);
    c->border = border_of(c, segment, begin) | border_of(c, segment, end - 1);
    c->axis[c->p_axis] =
        loop_index_add(l->m, axis_times(l, tile, segment->size * scale), loop_constant_index(segment->begin * scale));
    lower_tile(c, &body);
    close_axis(l, tile, body, out);
}

/* Tiles at the border are written out one by one, so that their dead taps vanish; those between run in a loop. */
static void lower_pixel_segment(struct contraction *c, const struct tile_segment *segment, struct loop_list *out)
{
    int64_t begin = 0, end = segment->count;

    c->pixels = (int)segment->size;
    while (begin < end && border_of(c, segment, begin) != 0)
        begin++;
    while (end > begin && border_of(c, segment, end - 1) != 0)
        end--;
    if (begin + segment->count - end > MAX_BORDER_TILES) {
        lower_tiles(c, segment, 0, begin, out);
        lower_tiles(c, segment, begin, end, out);
        lower_tiles(c, segment, end, segment->count, out);
        return;
    }
    for (int64_t t = 0; t < begin; t++)
        lower_tiles(c, segment, t, t + 1, out);
    lower_tiles(c, segment, begin, end, out);
    for (int64_t t = end; t < segment->count; t++)
        lower_tiles(c, segment, t, t + 1, out);
}

static void lower_pixels(struct contraction *c, struct loop_list *out)
{
    struct tile_segment segment[2];

    c->pixels = 1;
    if (c->p_axis < 0) {
        lower_tile(c, out);
        return;
    }
    int split = split_evenly(tiles_along(c, c->p_axis), c->most_pixels, segment);
    for (int i = 0; i < split; i++)
        lower_pixel_segment(c, &segment[i], out);
}

static void write_tiles_out(struct contraction *c, const struct tile_segment *segment, struct loop_list *out)
{
    for (int64_t t = 0; t < segment->count; t++) {
        c->first_filter = segment->begin + t * segment->size;
        c->axis[c->f_axis] = loop_constant_index(c->first_filter);
        lower_pixels(c, out);
    }
}

static void lower_filters(struct contraction *c, struct loop_list *out)
{
    struct lowering *l = c->l;
    struct tile_segment segment[2];

    c->filters = 1;
    if (c->f_axis < 0) {
        lower_pixels(c, out);
        return;
    }
    int split = split_evenly(tiles_along(c, c->f_axis), c->most_filters, segment);
    for (int i = 0; i < split; i++) {
        struct loop_list body = {0};
        c->filters = (int)(segment[i].size * (c->whole < 0 ? 1 : c->nest->extent[c->whole]));
        if (c->has_rows) {
            write_tiles_out(c, &segment[i], out);
            continue;
        }
        loop_axis tile = open_axis(l, arena_printf(l->arena, "%s_tile", c->nest->axis_name[c->f_axis]), 0, segment[i].count);
        c->axis[c->f_axis] = loop_index_add(l->m, axis_times(l, tile, segment[i].size), loop_constant_index(segment[i].begin));
        lower_pixels(c, &body);
        close_axis(l, tile, body, out);
    }
}

/* The other free axes, outermost first: rows run outside filters, so that a strip of input stays in the cache while filters pass. */
static void lower_outer(struct contraction *c, int a, struct loop_list *out)
{
    struct lowering *l = c->l;
    struct loop_list body = {0};

    while (a < c->nest->free_count && (a == c->f_axis || a == c->p_axis || a == c->whole))
        a++;
    if (a == c->nest->free_count) {
        lower_filters(c, out);
        return;
    }
    if (open_index(l, c->nest, a)) {
        c->axis[a] = *open_index(l, c->nest, a);
        lower_outer(c, a + 1, out);
        return;
    }
    loop_axis axis = open_axis(l, c->nest->axis_name[a], 0, tiles_along(c, a));
    c->axis[a] = axis_times(l, axis, c->per_tile[a]);
    lower_outer(c, a + 1, &body);
    close_axis(l, axis, body, out);
}

void lower_contraction(struct lowering *l, const struct nest *n, const struct nest_form *form, struct loop_list *out)
{
    struct contraction c = {.l = l, .nest = n, .x = form->x, .w = form->w};

    find_roles(&c);
    find_rows(&c);
    choose_tile(&c);
    for (int a = 0; a < n->axis_count; a++)
        c.axis[a] = loop_constant_index(0);
    lower_outer(&c, 0, out);
}

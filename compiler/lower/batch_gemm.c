/* batch_gemm: sums over samples along channels (compiler/analysis/batch_gemm.h).
 *
 * A tile is Q numbers times G vectors of channels: Q*G accumulators that run over the samples of the batch, block after block,
 * pixel after pixel, sample after sample, nested as the nest's accumulation says; each sample loads G vectors and Q numbers for Q*G
 * multiply-adds.
 */
#include "compiler/analysis/batch_gemm.h"

#include "compiler/analysis/access.h"
#include "compiler/lower/fused.h"
#include "compiler/lower/kernels.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/reduce.h"
#include "compiler/lower/tile.h"
#include "compiler/lower/tile_split.h"
#include "compiler/lower/transpose.h"

#include <assert.h>
#include <stddef.h>

enum { MOST_GROUP = 4, MAX_WHOLE = 5 };

/* Channels are stored in panels, [panel][pixel][sample][channel], so that a tile reads one stream. The last panel is narrower. */
struct panels {
    int64_t width, count, last;    /* channels of each; how many; channels of the last */
};

struct gemm {
    struct lowering *l;
    const struct nest *nest;
    node_id result;
    struct batch_gemm form;
    const struct plan_transposed *copy;
    loop_buffer_id vectors;            /* the copy's buffer */
    struct panels panels;
    int64_t panel_width;               /* of the tile's panel */
    int64_t vector_count;              /* along the channels */
    int whole, tiled;                  /* axes of the scalar operand: one taken whole, one in tiles; or -1 */
    struct loop_index axis[MAX_AXES];
    struct loop_index first_vector;    /* of the tile */
    int group, numbers;                /* the tile: G vectors, Q = numbers along the tiled axis times the whole one */
    int64_t most_numbers;
    int largest_numbers, largest_group;    /* of the tiles that there are */
    struct sums sums;                      /* [number][vector] */
    loop_buffer_id scratch;
};

/* ---- The copy ------------------------------------------------------------------------------------------------------ */

/* Q*G accumulators, G vectors and a broadcast fit the registers: 6*4, or 6*2 with sixteen. */
static int64_t most_group(const struct lowering *l)
{
    return l->target->vector_registers >= 32 ? MOST_GROUP : MOST_GROUP / 2;
}

static struct panels panels_of(const struct lowering *l, const struct plan_transposed *t)
{
    int64_t lanes = l->m->vector_lanes, vectors = (t->channels + lanes - 1) / lanes;
    int64_t group = t->in_panels && vectors > most_group(l) ? most_group(l) : vectors;
    struct panels p = {.width = group * lanes, .count = (vectors + group - 1) / group};

    p.last = (vectors - (p.count - 1) * group) * lanes;
    return p;
}

/* The dimensions of a copy: [pixel][sample][channel], and of the value that it is made of. */
enum { COPY_PIXEL, COPY_SAMPLE, COPY_CHANNEL };

struct copied {
    struct loop_place from, into;
    int channels, samples;    /* dimensions of `from` */
};

static struct loop_place copied_to(struct lowering *l, const struct copied *c, int d, struct loop_index by)
{
    return move_place(l, c->into, d, by);
}

/* The same, further along the channels. */
static struct copied skip_channels(struct lowering *l, const struct copied *c, struct loop_index by)
{
    struct copied next = *c;

    next.from = move_place(l, c->from, c->channels, by);
    next.into = copied_to(l, c, COPY_CHANNEL, by);
    return next;
}

static struct copied skip_samples(struct lowering *l, const struct copied *c, struct loop_index by)
{
    struct copied next = *c;

    next.from = move_place(l, c->from, c->samples, by);
    next.into = copied_to(l, c, COPY_SAMPLE, by);
    return next;
}

/* Of one pixel: squares of channels and samples, side by side. */
static void copy_squares(struct lowering *l, int64_t count, struct copied c, struct loop_list *out)
{
    const int64_t lanes = l->m->vector_lanes;
    struct loop_list square = {0}, parts = {0};
    loop_axis channels = open_axis(l, "channels", 0, count), part = open_axis(l, "part", 0, LANES / lanes);

    c = skip_channels(l, &c, axis_times(l, channels, lanes));
    c = skip_samples(l, &c, axis_times(l, part, lanes));
    lower_square(l, c.from, c.channels, c.into, COPY_SAMPLE, &square);
    close_axis(l, part, square, &parts);
    close_axis(l, channels, parts, out);
}

/* The channels that make no square. */
static void copy_single(struct lowering *l, int64_t count, struct copied c, struct loop_list *out)
{
    struct loop_list store = {0}, samples = {0};
    loop_axis channel = open_axis(l, "channel", 0, count), sample = open_axis(l, "sample", 0, LANES);

    c = skip_channels(l, &c, axis_times(l, channel, 1));
    c = skip_samples(l, &c, axis_times(l, sample, 1));
    loop_append(&store, loop_store(l->m, c.into, load_real(l, l->m->real, c.from)));
    close_axis(l, sample, store, &samples);
    close_axis(l, channel, samples, out);
}

/* The channels first … first + count - 1, into a panel of this width that begins at `base`. */
static void copy_channels(struct lowering *l, const struct plan_transposed *t, loop_buffer_id to, struct loop_index first,
                          int64_t count, int64_t width, struct loop_index base, struct loop_list *out)
{
    const int64_t squares = count / l->m->vector_lanes, square_channels = squares * l->m->vector_lanes;
    struct loop_list body = {0};
    loop_axis pixel = open_axis(l, "pixel", 0, t->pixels);
    const int of_pixel = t->channels_last ? 0 : 1;
    const int64_t extent[2][3] = {{t->channels, t->pixels, LANES}, {t->pixels, t->channels, LANES}};
    struct copied c = {.channels = 1 - of_pixel, .samples = 2};

    c.from = place_in(l, l->buffer[t->root], 3, extent[t->channels_last]);
    c.from.block = l->block;
    c.into = place_in(l, to, 3, (const int64_t[]){t->pixels, LANES, width});
    c.into.block = l->block;
    c.into = copied_to(l, &c, COPY_CHANNEL, base);
    c.from = move_place(l, c.from, of_pixel, axis_times(l, pixel, 1));
    c.from = move_place(l, c.from, c.channels, first);
    c.into = copied_to(l, &c, COPY_PIXEL, axis_times(l, pixel, 1));
    if (squares > 0)
        copy_squares(l, squares, c, &body);
    if (count > square_channels)
        copy_single(l, count - square_channels, skip_channels(l, &c, loop_constant_index(square_channels)), &body);
    close_axis(l, pixel, body, out);
}

void lower_transposed(struct lowering *l, const struct plan_transposed *t, loop_buffer_id to, struct loop_list *out)
{
    struct panels p = panels_of(l, t);
    int64_t whole = t->channels / p.width, rest = t->channels - whole * p.width;

    if (whole > 0) {
        struct loop_list body = {0};
        loop_axis panel = open_axis(l, "panel", 0, whole);
        copy_channels(l, t, to, axis_times(l, panel, p.width), p.width, p.width, axis_times(l, panel, p.width * t->pixels * LANES),
                      &body);
        close_axis(l, panel, body, out);
    }
    if (rest > 0)
        copy_channels(l, t, to, loop_constant_index(whole * p.width), rest, p.last,
                      loop_constant_index(whole * p.width * t->pixels * LANES), out);
}

/* ---- The tile ------------------------------------------------------------------------------------------------------ */

static int64_t whole_extent(const struct gemm *t)
{
    return t->whole < 0 ? 1 : t->nest->extent[t->whole];
}

/* One instance for each number: [tiled][whole]. */
static int make_instances(const struct gemm *t, struct instance instances[])
{
    struct lowering *l = t->l;
    int per_row = (int)whole_extent(t), count = t->numbers * per_row;

    for (int i = 0; i < count; i++) {
        instances[i].number = i;
        instances[i].suffix = "";
        for (int a = 0; a < t->nest->axis_count; a++)
            instances[i].axis[a] = a < t->nest->free_count ? t->axis[a] : loop_constant_index(0);
        if (t->whole >= 0)
            instances[i].axis[t->whole] = loop_constant_index(i % per_row);
        if (t->tiled >= 0)
            instances[i].axis[t->tiled] = loop_index_add(l->m, instances[i].axis[t->tiled], loop_constant_index(i / per_row));
        if (t->numbers > 1)
            instances[i].suffix = name_along(l, instances[i].suffix, t->nest->axis_name[t->tiled], i / per_row);
        if (per_row > 1)
            instances[i].suffix = name_along(l, instances[i].suffix, t->nest->axis_name[t->whole], i % per_row);
    }
    return count;
}

/* "sum_o2_v1": of a number and a vector of the tile. */
static const char *name_of_sum(const struct gemm *t, const struct instance *p, int vector)
{
    const char *name = arena_printf(t->l->arena, "sum%s", p->suffix);

    return t->group > 1 ? name_along(t->l, name, "v", vector) : name;
}

/* "3 filters x 2 vectors of 8" */
static const char *tile_in_words(const struct gemm *t)
{
    const char *words = t->tiled < 0 ? "" : times_along(t->l, "", t->numbers, t->nest, t->tiled);

    if (t->whole >= 0)
        words = times_along(t->l, words, whole_extent(t), t->nest, t->whole);
    return arena_printf(t->l->arena, "%s%s%d vector%s of %d channels", words, *words ? " x " : "", t->group,
                        t->group == 1 ? "" : "s", t->l->m->vector_lanes);
}

static void note_choice(const struct gemm *t, int count)
{
    const int sums = count * t->group;

    if (t->numbers == t->largest_numbers && t->group == t->largest_group)
        note_tile(t->l, tile_in_words(t), sums, t->group + 1, (double)(count + t->group) / sums);
}

/* Where vector `g` of the tile begins at an instance and a sample. The axes that run along the channels are not part of the instance: the
 * tile's first channel stands for them. */
static struct loop_place vector_place(struct gemm *t, const struct instance *p, struct loop_index sample, int g)
{
    struct lowering *l = t->l;
    const struct access *a = &t->nest->in[t->form.vector];
    const struct shape *s = &graph_node(l->graph, a->of)->shape;
    struct loop_index channel = loop_constant_index(0), pixel = loop_constant_index(0);

    for (int d = 0; d < s->rank; d++) {
        struct loop_index *to = d >= t->form.first && d < t->form.end ? &channel : &pixel;
        *to = loop_index_add(l->m, loop_index_scale(l->m, *to, s->dim[d]), at_instance(l, t->nest, &a->dim[d], p));
    }
    /* Where there are panels, the tile's begins with its first vector. */
    int64_t panel = t->panels.count > 1 ? t->form.pixels * LANES : 1;
    channel = loop_index_add(l->m, channel, loop_index_scale(l->m, t->first_vector, l->m->vector_lanes * panel));
    channel = loop_index_add(l->m, channel, loop_constant_index((int64_t)g * l->m->vector_lanes));
    const struct loop_dimension dimension[] = {{t->form.pixels, pixel}, {LANES, sample}, {t->panel_width, channel}};
    return (struct loop_place){t->vectors, l->block, loop_index_in(l->m, 3, dimension)};
}

static void multiply_add(struct reduction *r, struct instance instances[], int count, struct loop_list *out)
{
    struct gemm *t = r->context;
    struct lowering *l = t->l;
    struct loop_list body = {0};
    const struct loop_variable *vector[MOST_GROUP];
    loop_axis n = open_axis(l, "sample", 0, LANES);
    struct loop_index sample = axis_times(l, n, 1);

    for (int g = 0; g < t->group; g++) {
        vector[g] = define(l, t->group > 1 ? name_along(l, "channels", "v", g) : "channels",
                           load_real(l, loop_vector_of(l->m->real), vector_place(t, &instances[0], sample, g)), &body);
    }
    l->lane = sample;
    for (int i = 0; i < count; i++) {
        struct loop_place from = place_of_access(l, t->nest, &t->nest->in[t->form.scalar], &instances[i]);
        const struct loop_variable *s = define(l, arena_printf(l->arena, "number%s", instances[i].suffix),
                                               loop_splat(l->m, load_real(l, l->m->real, from)), &body);
        for (int g = 0; g < t->group; g++) {
            const struct loop_variable *sum = sums_now(&t->sums, instances[i].number * t->group + g);
            const struct loop_expr *factor = loop_read(l->m, s), *channels = loop_read(l->m, vector[g]);
            loop_append(&body, loop_set(l->m, sum, add_product(l, t->nest, loop_read(l->m, sum), factor, channels)));
        }
    }
    l->lane = loop_constant_index(0);
    close_axis(l, n, body, out);
}

/* ---- Results ------------------------------------------------------------------------------------------------------- */

/* The dimension of the result in which channels run: the outermost whose stride divides theirs. */
static int dimension_of_channels(const struct gemm *t, const struct loop_index *result)
{
    int d = 0;

    while (d < result->rank - 1 && (result->dimension[d].extent == 1 || t->form.out_stride % loop_index_stride(result, d) != 0))
        d++;
    return d;
}

/* The result's element at an instance and a channel. */
static struct loop_index result_index(struct gemm *t, const struct instance *p, struct loop_index channel)
{
    struct lowering *l = t->l;
    const struct node *n = graph_node(l->graph, t->result);
    struct loop_index at[MAX_RANK];

    for (int d = 0; d < n->shape.rank; d++)
        at[d] = at_instance(l, t->nest, &t->nest->out[d], p);
    const struct loop_index index = place_of_element(l, t->result, at).at;
    const int d = dimension_of_channels(t, &index);
    return loop_index_move(l->m, index, d, loop_index_scale(l->m, channel, t->form.out_stride / loop_index_stride(&index, d)));
}

/* Channel by channel, for vectors whose channels are not neighbours in the result or that reach beyond the last channel. */
static void finish_channels(struct gemm *t, const struct instance *p, struct loop_index first, const struct loop_variable *sum,
                            struct loop_list *out)
{
    struct lowering *l = t->l;
    struct loop_list one = {0}, tested = {0};
    struct loop_place kept = {.buffer = t->scratch, .block = loop_constant_index(0), .at = loop_constant_index(0)};
    loop_axis j = open_axis(l, "j", 0, l->m->vector_lanes);
    struct loop_index channel = loop_index_add(l->m, first, axis_times(l, j, 1));
    const struct loop_variable *number = fresh(l, "sum_of_channel", l->m->real);

    loop_append(out, loop_store(l->m, kept, loop_read(l->m, sum)));
    kept.at = axis_times(l, j, 1);
    loop_append(&one, loop_define(l->m, number, loop_load(l->m, l->m->real, kept)));
    l->type = l->m->real;
    lower_fused_at(l, result_index(t, p, channel), loop_read(l->m, number), &one);
    l->type = loop_vector_of(l->m->real);
    if (t->form.extent % l->m->vector_lanes == 0)
        tested = one;
    else
        loop_append(&tested, loop_if(l->m, channel, 0, t->form.extent, loop_list_block(l->m, one)));
    close_axis(l, j, tested, out);
}

/* Stores a vector of sums, and what is computed from it: the optimizer's step. */
static void finish_vector(struct gemm *t, const struct instance *p, int g, const struct loop_variable *sum, struct loop_list *out)
{
    struct lowering *l = t->l;
    int64_t lanes = l->m->vector_lanes, whole = t->form.extent / lanes;
    struct loop_index vector = loop_index_add(l->m, t->first_vector, loop_constant_index(g));
    struct loop_index first = loop_index_scale(l->m, vector, lanes);
    struct loop_list full = {0}, rest = {0};
    int64_t low, high;

    if (t->form.out_stride != 1) {
        finish_channels(t, p, first, sum, out);
        return;
    }
    index_bounds(l, &vector, &low, &high);
    lower_fused_at(l, result_index(t, p, first), loop_read(l->m, sum), &full);
    if (high < whole) {
        append_list(out, full);
        return;
    }
    finish_channels(t, p, first, sum, &rest);
    if (low < whole)
        loop_append(out, loop_if(l->m, vector, 0, whole, loop_list_block(l->m, full)));
    loop_append(out, loop_if(l->m, vector, whole, high + 1, loop_list_block(l->m, rest)));
}

static void lower_tile(struct gemm *t, struct loop_list *out)
{
    struct lowering *l = t->l;
    struct instance instances[MAX_INSTANCES] = {0};
    struct loop_list per_block = {0};
    struct reduction r = {.l = l, .nest = t->nest, .split_last = true, .emit_body = multiply_add, .context = t, .sums = &t->sums};
    struct loop_list tile = {0};
    struct block_loop blocks;
    int count = make_instances(t, instances), sums = count * t->group;

    assert(sums <= MAX_INSTANCES);
    t->sums = (struct sums){
        .l = l, .nest = t->nest, .type = loop_vector_of(l->m->real), .count = sums, .instances = count, .points_first = true};
    for (int i = 0; i < sums; i++)
        t->sums.name[i] = name_of_sum(t, &instances[i / t->group], i % t->group);
    sums_open(&t->sums, NULL, 0, &tile);
    note_registers(l, tile, tile_in_words(t));
    append_list(out, tile);
    note_choice(t, count);
    begin_blocks(&t->sums, &blocks);
    lower_reduction(&r, instances, count, &per_block);
    end_blocks(&t->sums, &blocks, per_block, out);
    for (int i = 0; i < count; i++)
        for (int g = 0; g < t->group; g++)
            finish_vector(t, &instances[i], g, sums_now(&t->sums, i * t->group + g), out);
}

/* ---- Items --------------------------------------------------------------------------------------------------------- */

static bool is_vector_axis(const struct gemm *t, int axis)
{
    for (int i = 0; i < t->form.axis_count; i++)
        if (t->form.axis[i] == axis)
            return true;
    return false;
}

/* Whether a tile may hold several numbers along an axis: it has one row of vectors for them all, so the groups of a convolution,
 * which both operands have, are no such axis. */
static bool counts_numbers(const struct gemm *t, int axis)
{
    const struct access *in = t->nest->in;

    return access_uses(t->l->graph, &in[t->form.scalar], axis) && !access_uses(t->l->graph, &in[t->form.vector], axis);
}

/* The taps of a row are taken whole, so that they share its pixels; the longest of the other axes is tiled. */
static void choose_axes(struct gemm *t)
{
    t->whole = t->tiled = -1;
    for (int a = 0; a < t->nest->free_count; a++) {
        if (!counts_numbers(t, a))
            continue;
        if (t->tiled < 0 || t->nest->extent[a] > t->nest->extent[t->tiled])
            t->tiled = a;
    }
    for (int a = 0; a < t->nest->free_count; a++)
        if (a != t->tiled && counts_numbers(t, a) && t->nest->extent[a] <= MAX_WHOLE)
            t->whole = a;
}

/* Groups are panels where the copy has panels. */
static void choose_tile(struct gemm *t, struct tile_segment groups[2], int *group_segments)
{
    int64_t lanes = t->l->m->vector_lanes, most = t->l->target->vector_registers >= 32 ? 24 : 12;

    if (t->panels.count > 1) {
        int64_t full = t->panels.last == t->panels.width ? t->panels.count : t->panels.count - 1;
        groups[0] = (struct tile_segment){0, t->panels.width / lanes, full};
        groups[1] = (struct tile_segment){full * t->panels.width / lanes, t->panels.last / lanes, t->panels.count - full};
        *group_segments = t->panels.count > full ? 2 : 1;
    } else {
        *group_segments = split_evenly(t->vector_count, most_group(t->l), groups);
    }
    if (whole_extent(t) * groups[0].size > most)
        t->whole = -1;
    t->most_numbers = most / (groups[0].size * whole_extent(t));
}

static void lower_numbers(struct gemm *t, const struct tile_split *numbers, struct loop_list *out)
{
    for (int i = 0; i < numbers->count; i++) {
        struct loop_list body = {0};
        t->numbers = (int)numbers->segment[i].size;
        if (t->tiled >= 0)
            t->axis[t->tiled] = open_segment(t->l, numbers, i);
        lower_tile(t, &body);
        if (t->tiled >= 0)
            close_segment(t->l, numbers, i, body, out);
        else
            append_list(out, body);
    }
}

/* Item axes: the tiles, and other free axes while there is room; the rest become loops inside. Returns how many of those. */
static int divide_into_items(struct gemm *t, struct tile_split *groups, struct tile_split *numbers, loop_axis inner[])
{
    struct lowering *l = t->l;
    int inner_count = 0;

    add_item_split(l, groups, "vectors");
    if (t->tiled >= 0)
        add_item_split(l, numbers, arena_printf(l->arena, "%s_tile", t->nest->axis_name[t->tiled]));
    for (int a = 0; a < t->nest->free_count; a++) {
        if (a == t->whole || a == t->tiled || is_vector_axis(t, a))
            continue;
        bool is_item = l->k->item_count < MAX_ITEM_AXES;
        const char *name = t->nest->axis_name[a];
        loop_axis axis = is_item ? add_item_axis(l, name, t->nest->extent[a]) : open_axis(l, name, 0, t->nest->extent[a]);
        t->axis[a] = axis_times(l, axis, 1);
        if (!is_item)
            inner[inner_count++] = axis;
    }
    add_all_item(l);
    return inner_count;
}

static void lower_items(struct gemm *t, struct tile_split *groups, struct tile_split *numbers)
{
    struct lowering *l = t->l;
    loop_axis inner[MAX_AXES];
    int inner_count = divide_into_items(t, groups, numbers, inner);
    struct loop_list body = {0};

    for (int i = 0; i < groups->count; i++) {
        struct loop_list group = {0};
        t->group = (int)groups->segment[i].size;
        t->panel_width = t->panels.count == 1 ? t->panels.width : t->group * l->m->vector_lanes;
        t->first_vector = open_segment(l, groups, i);
        lower_numbers(t, numbers, &group);
        close_segment(l, groups, i, group, &body);
    }
    while (inner_count > 0) {
        struct loop_list outer = {0};
        close_axis(l, inner[--inner_count], body, &outer);
        body = outer;
    }
    l->k->body = loop_list_block(l->m, body);
}

void lower_batch_gemm(struct lowering *l, node_id v, const struct nest_form *form)
{
    struct gemm t = {.l = l, .nest = &graph_node(l->graph, v)->nest[0], .result = v, .form = form->batch_gemm};
    struct tile_split groups = {.count = 1}, numbers = {.count = 1, .segment = {{0, 1, 1}}};

    t.copy = plan_transposed_of(l->plan, v);
    t.panels = panels_of(l, t.copy);
    t.vectors = l->transposed[t.copy - l->plan->transposed.at];
    t.vector_count = (t.form.extent + l->m->vector_lanes - 1) / l->m->vector_lanes;
    t.scratch = loop_add_local(l->m, l->k, "channels", l->m->real, l->m->vector_lanes);
    for (int a = 0; a < t.nest->axis_count; a++)
        t.axis[a] = loop_constant_index(0);
    choose_axes(&t);
    choose_tile(&t, groups.segment, &groups.count);
    if (t.tiled >= 0)
        numbers.count = split_evenly(t.nest->extent[t.tiled], t.most_numbers, numbers.segment);
    t.largest_numbers = (int)numbers.segment[0].size;
    t.largest_group = (int)groups.segment[0].size;
    lower_items(&t, &groups, &numbers);
}

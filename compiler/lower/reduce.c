/* reduce: the loops over a nest's reduced axes, for several instances at once.
 *
 * An instance at which an access lies outside its tensor does not count. Each such condition is tested as soon as the axes in it are
 * known, once for all instances that share it; the ranges of the loops often show that it always or never holds. Where the nest's
 * accumulation has partial sums, axes are cut: a loop over the parts, and one within a part.
 */
#include "compiler/lower/reduce.h"

#include "compiler/graph/query.h"
#include "compiler/lower/lowering.h"

#include <assert.h>
#include <string.h>

enum verdict { ALWAYS, NEVER, SOMETIMES };

static enum verdict judge(const struct lowering *l, const struct loop_index *i, int64_t extent)
{
    int64_t low, high;

    index_bounds(l, i, &low, &high);
    if (low >= 0 && high < extent)
        return ALWAYS;
    return high < 0 || low >= extent ? NEVER : SOMETIMES;
}

/* How many reduced axes are open when all axes of an index are known. */
static int known_at(const struct nest *n, const struct index *i)
{
    int level = 0;

    for (int a = n->free_count; a < n->axis_count; a++)
        if (i->factor[a] != 0)
            level = a - n->free_count + 1;
    return level;
}

/* ---- Conditions ---------------------------------------------------------------------------------------------------- */

/* Counts through the conditions that become known at a level: dimension `dim` of access `access`. */
struct condition {
    int access, dim;
};

static const struct index *find_condition(const struct reduction *r, struct condition *c, int level)
{
    for (; c->access < r->nest->in_count; c->access++, c->dim = 0) {
        const struct access *a = &r->nest->in[c->access];
        for (; c->dim < graph_node(r->l->graph, a->of)->shape.rank; c->dim++)
            if (known_at(r->nest, &a->dim[c->dim]) == level)
                return &a->dim[c->dim];
    }
    return NULL;
}

static void open_level(struct reduction *r, struct instance instances[], int count, int level, struct loop_list *out);
static void test_conditions(struct reduction *r, struct instance instances[], int count, int level, struct condition c,
                            struct loop_list *out);

/* The instances that share the first instance's condition are tested together; the others after them. */
static void test_shared(struct reduction *r, struct instance instances[], int count, int level, struct condition c,
                        const struct index *index, int64_t extent, struct loop_list *out)
{
    struct instance same[MAX_INSTANCES], rest[MAX_INSTANCES];
    int same_count = 0, rest_count = 0;
    struct loop_index first = at_instance(r->l, r->nest, index, &instances[0]);

    for (int i = 0; i < count; i++) {
        struct loop_index mine = at_instance(r->l, r->nest, index, &instances[i]);
        if (loop_index_equal(&mine, &first))
            same[same_count++] = instances[i];
        else
            rest[rest_count++] = instances[i];
    }
    struct condition next = {c.access, c.dim + 1};
    struct loop_list body = {0};
    test_conditions(r, same, same_count, level, next, &body);
    if (body.first)
        loop_append(out, loop_if(r->l->m, first, 0, extent, loop_list_block(r->l->m, body)));
    if (rest_count > 0)
        test_conditions(r, rest, rest_count, level, c, out);
}

static void test_conditions(struct reduction *r, struct instance instances[], int count, int level, struct condition c,
                            struct loop_list *out)
{
    const struct index *index = find_condition(r, &c, level);

    if (!index) {
        open_level(r, instances, count, level, out);
        return;
    }
    int64_t extent = graph_node(r->l->graph, r->nest->in[c.access].of)->shape.dim[c.dim];
    bool doubtful = false;
    int left = 0;
    for (int i = 0; i < count; i++) {
        struct loop_index at = at_instance(r->l, r->nest, index, &instances[i]);
        enum verdict v = judge(r->l, &at, extent);
        doubtful = doubtful || v == SOMETIMES;
        if (v != NEVER)
            instances[left++] = instances[i];
    }
    if (left == 0)
        return;
    if (doubtful) {
        test_shared(r, instances, left, level, c, index, extent, out);
        return;
    }
    c.dim++;
    test_conditions(r, instances, left, level, c, out);
}

/* ---- Loops --------------------------------------------------------------------------------------------------------- */

static void set_axis(struct instance instances[], int count, int axis, struct loop_index to)
{
    for (int i = 0; i < count; i++)
        instances[i].axis[axis] = to;
}

static void test_level(struct reduction *r, const struct instance instances[], int count, int level, struct loop_list *out)
{
    struct instance mine[MAX_INSTANCES];

    memcpy(mine, instances, sizeof *instances * (size_t)count);
    test_conditions(r, mine, count, level, (struct condition){0, 0}, out);
}

/* Narrows begin … end to where every condition that becomes known with this axis holds for all instances. */
static void find_interior(struct reduction *r, const struct instance instances[], int count, int level, loop_axis axis,
                          int64_t *begin, int64_t *end)
{
    struct lowering *l = r->l;
    struct condition c = {0, 0};

    for (const struct index *index = find_condition(r, &c, level); index; c.dim++, index = find_condition(r, &c, level)) {
        int64_t extent = graph_node(l->graph, r->nest->in[c.access].of)->shape.dim[c.dim];
        for (int i = 0; i < count; i++) {
            struct loop_index at = at_instance(l, r->nest, index, &instances[i]);
            while (*begin < *end) {
                l->range.at[axis] = (struct axis_range){*begin, *begin};
                if (judge(l, &at, extent) == ALWAYS)
                    break;
                (*begin)++;
            }
            while (*begin < *end) {
                l->range.at[axis] = (struct axis_range){*end - 1, *end - 1};
                if (judge(l, &at, extent) == ALWAYS)
                    break;
                (*end)--;
            }
        }
    }
}

/* Values of an axis: begin … end - 1, counted from `first`. */
struct stretch {
    struct loop_index first;
    int64_t begin, end;
};

static void loop_over(struct reduction *r, struct instance instances[], int count, int level, struct stretch s,
                      struct loop_list *out)
{
    struct lowering *l = r->l;
    int a = r->nest->free_count + level;
    struct loop_list body = {0};

    if (s.begin >= s.end)
        return;
    loop_axis axis = open_axis(l, r->nest->axis_name[a], s.begin, s.end);
    set_axis(instances, count, a, loop_index_add(l->m, s.first, axis_times(l, axis, 1)));
    test_level(r, instances, count, level + 1, &body);
    if (body.first)
        close_axis(l, axis, body, out);
}

/* The innermost loop in three runs, so that the long one in the middle tests nothing. */
static void loop_in_segments(struct reduction *r, struct instance instances[], int count, int level, struct stretch s,
                             struct loop_list *out)
{
    struct lowering *l = r->l;
    int a = r->nest->free_count + level;
    int64_t begin = s.begin, end = s.end;
    loop_axis probe = open_axis(l, r->nest->axis_name[a], s.begin, s.end);

    set_axis(instances, count, a, loop_index_add(l->m, s.first, loop_axis_index(l->m, probe, 1)));
    find_interior(r, instances, count, level + 1, probe, &begin, &end);
    if (begin >= end)
        begin = end = s.end;
    loop_over(r, instances, count, level, (struct stretch){s.first, s.begin, begin}, out);
    loop_over(r, instances, count, level, (struct stretch){s.first, begin, end}, out);
    loop_over(r, instances, count, level, (struct stretch){s.first, end, s.end}, out);
}

/* Where rows are told apart their axis begins at a constant. */
static void loop_over_rows(struct reduction *r, struct instance instances[], int count, int level, struct stretch s,
                           struct loop_list *out)
{
    const int64_t first = s.first.constant;

    for (int64_t begin = s.begin, end; begin < s.end; begin = end) {
        end = r->end_segment(r, first + begin) - first;
        if (end > s.end)
            end = s.end;
        loop_over(r, instances, count, level, (struct stretch){s.first, begin, end}, out);
    }
}

static void loop_written_out(struct reduction *r, struct instance instances[], int count, int level, struct stretch s,
                             struct loop_list *out)
{
    for (int64_t i = s.begin; i < s.end; i++) {
        set_axis(instances, count, r->nest->free_count + level, loop_index_add(r->l->m, s.first, loop_constant_index(i)));
        test_level(r, instances, count, level + 1, out);
    }
}

/* ---- Partial sums -------------------------------------------------------------------------------------------------- */

static void open_stretch(struct reduction *r, struct instance instances[], int count, int level, struct stretch s,
                         struct loop_list *out);

static bool has_rows(const struct reduction *r, int axis)
{
    return r->end_segment && axis == r->segment_axis;
}

/* One partial sum, over a stretch. */
static void lower_part(struct reduction *r, const struct instance instances[], int count, int level, struct stretch s,
                       struct loop_list *out)
{
    struct instance mine[MAX_INSTANCES];
    struct loop_list begin = {0}, body = {0};

    memcpy(mine, instances, sizeof *instances * (size_t)count);
    sums_open(r->sums, instances, count, &begin);
    r->cuts++;
    open_stretch(r, mine, count, level, s, &body);
    r->cuts--;
    if (body.first) {
        append_list(out, begin);
        append_list(out, body);
    }
    sums_close(r->sums, body.first ? out : NULL);
}

/* The parts begin … end - 1 of the same length. */
static void lower_parts(struct reduction *r, const struct instance instances[], int count, int level, struct stretch s,
                        int64_t length, struct loop_list *out)
{
    struct lowering *l = r->l;
    struct loop_list body = {0};

    if (s.begin >= s.end)
        return;
    loop_axis part =
        open_axis(l, arena_printf(l->arena, "%s_part", r->nest->axis_name[r->nest->free_count + level]), s.begin, s.end);
    struct loop_index first = loop_index_add(l->m, s.first, axis_times(l, part, length));
    lower_part(r, instances, count, level, (struct stretch){first, 0, length}, &body);
    if (body.first)
        close_axis(l, part, body, out);
}

/* Cuts a stretch into parts. The first and the last stand alone where conditions may fail in them. */
static void cut_stretch(struct reduction *r, const struct instance instances[], int count, int level, struct stretch s,
                        int64_t length, struct loop_list *out)
{
    const int axis = r->nest->free_count + level;
    const int64_t parts = s.end / length, rest = s.end % length;
    const bool alone = r->split_last && axis == r->nest->axis_count - 1 && nest_may_be_out_of_bounds(r->l->graph, r->nest);
    const int64_t begin = parts > 0 && alone ? 1 : 0, end = parts > 1 && alone ? parts - 1 : parts;
    const struct loop_index tail = loop_index_add(r->l->m, s.first, loop_constant_index(parts * length));

    for (int64_t i = 0; i < parts && has_rows(r, axis); i++)
        lower_parts(r, instances, count, level, (struct stretch){s.first, i, i + 1}, length, out);
    if (!has_rows(r, axis)) {
        lower_parts(r, instances, count, level, (struct stretch){s.first, 0, begin}, length, out);
        lower_parts(r, instances, count, level, (struct stretch){s.first, begin, end}, length, out);
        lower_parts(r, instances, count, level, (struct stretch){s.first, end, parts}, length, out);
    }
    if (rest > 0)
        lower_part(r, instances, count, level, (struct stretch){tail, 0, rest}, out);
}

static void open_stretch(struct reduction *r, struct instance instances[], int count, int level, struct stretch s,
                         struct loop_list *out)
{
    const int axis = r->nest->free_count + level;
    const bool last = axis == r->nest->axis_count - 1;
    const struct accumulation *how = r->sums ? sums_order(r->sums) : NULL;

    if (how && r->cuts < how->partial_count && how->partial[r->cuts].axis == axis)
        cut_stretch(r, instances, count, level, s, how->partial[r->cuts].count, out);
    else if (has_rows(r, axis))
        loop_over_rows(r, instances, count, level, s, out);
    else if (last && r->unroll_last)
        loop_written_out(r, instances, count, level, s, out);
    else if (last && r->split_last)
        loop_in_segments(r, instances, count, level, s, out);
    else
        loop_over(r, instances, count, level, s, out);
}

static void open_level(struct reduction *r, struct instance instances[], int count, int level, struct loop_list *out)
{
    int a = r->nest->free_count + level;

    if (a >= r->nest->axis_count)
        r->emit_body(r, instances, count, out);
    else
        open_stretch(r, instances, count, level, (struct stretch){loop_constant_index(0), 0, r->nest->extent[a]}, out);
}

void lower_reduction(struct reduction *r, const struct instance instances[], int count, struct loop_list *out)
{
    assert(count <= MAX_INSTANCES);
    test_level(r, instances, count, 0, out);
}

bool axis_stays_in_bounds(const struct lowering *l, const struct nest *n, int axis)
{
    for (int k = 0; k < n->in_count; k++) {
        const struct shape *s = &graph_node(l->graph, n->in[k].of)->shape;
        for (int d = 0; d < s->rank; d++) {
            int64_t low, high;
            index_range(n, &n->in[k].dim[d], &low, &high);
            if (n->in[k].dim[d].factor[axis] != 0 && (low < 0 || high >= s->dim[d]))
                return false;
        }
    }
    return true;
}

bool may_be_out_of_bounds(struct lowering *l, const struct nest *n, const struct instance *p)
{
    struct instance probe = *p;

    /* Reduced axes as constants would narrow the range, so bound each term by itself. */
    for (int k = 0; k < n->in_count; k++) {
        const struct shape *s = &graph_node(l->graph, n->in[k].of)->shape;
        for (int d = 0; d < s->rank; d++) {
            struct index of_free = n->in[k].dim[d];
            int64_t low, high, reduced_low = 0, reduced_high = 0;
            for (int a = n->free_count; a < n->axis_count; a++) {
                int64_t reach = of_free.factor[a] * (n->extent[a] - 1);
                *(reach < 0 ? &reduced_low : &reduced_high) += reach;
                of_free.factor[a] = 0;
            }
            struct loop_index at = at_instance(l, n, &of_free, &probe);
            index_bounds(l, &at, &low, &high);
            if (low + reduced_low < 0 || high + reduced_high >= s->dim[d])
                return true;
        }
    }
    return false;
}

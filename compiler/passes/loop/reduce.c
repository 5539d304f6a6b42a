/* reduce: the loops over a nest's reduced axes, for several points at once.
 *
 * A point at which an access lies outside its tensor does not count. Each such condition is tested as soon as the axes in it are
 * known, once for all points that share it; the ranges of the loops often show that it always or never holds.
 */
#include "compiler/passes/loop/lowering.h"

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

static void open_level(struct reduction *r, struct point points[], int count, int level, struct loop_list *out);
static void test_conditions(struct reduction *r, struct point points[], int count, int level, struct condition c,
                            struct loop_list *out);

/* The points that share the first point's condition are tested together; the others after them. */
static void test_shared(struct reduction *r, struct point points[], int count, int level, struct condition c,
                        const struct index *index, int64_t extent, struct loop_list *out)
{
    struct point same[MAX_POINTS], rest[MAX_POINTS];
    int same_count = 0, rest_count = 0;
    struct loop_index first = at_point(r->l, r->nest, index, &points[0]);

    for (int i = 0; i < count; i++) {
        struct loop_index mine = at_point(r->l, r->nest, index, &points[i]);
        if (loop_index_equal(&mine, &first))
            same[same_count++] = points[i];
        else
            rest[rest_count++] = points[i];
    }
    struct condition next = {c.access, c.dim + 1};
    struct loop_list body = {0};
    test_conditions(r, same, same_count, level, next, &body);
    if (body.first)
        loop_append(out, loop_if(r->l->m, first, 0, extent, loop_list_block(r->l->m, body)));
    if (rest_count > 0)
        test_conditions(r, rest, rest_count, level, c, out);
}

static void test_conditions(struct reduction *r, struct point points[], int count, int level, struct condition c,
                            struct loop_list *out)
{
    const struct index *index = find_condition(r, &c, level);

    if (!index) {
        open_level(r, points, count, level, out);
        return;
    }
    int64_t extent = graph_node(r->l->graph, r->nest->in[c.access].of)->shape.dim[c.dim];
    bool doubtful = false;
    int left = 0;
    for (int i = 0; i < count; i++) {
        struct loop_index at = at_point(r->l, r->nest, index, &points[i]);
        enum verdict v = judge(r->l, &at, extent);
        doubtful = doubtful || v == SOMETIMES;
        if (v != NEVER)
            points[left++] = points[i];
    }
    if (left == 0)
        return;
    if (doubtful) {
        test_shared(r, points, left, level, c, index, extent, out);
        return;
    }
    c.dim++;
    test_conditions(r, points, left, level, c, out);
}

/* ---- Loops --------------------------------------------------------------------------------------------------------- */

static void set_axis(struct point points[], int count, int axis, struct loop_index to)
{
    for (int i = 0; i < count; i++)
        points[i].axis[axis] = to;
}

static void test_level(struct reduction *r, const struct point points[], int count, int level, struct loop_list *out)
{
    struct point mine[MAX_POINTS];

    memcpy(mine, points, sizeof *points * (size_t)count);
    test_conditions(r, mine, count, level, (struct condition){0, 0}, out);
}

/* Narrows begin … end to where every condition that becomes known with this axis holds for all points. */
static void find_interior(struct reduction *r, const struct point points[], int count, int level, loop_axis axis, int64_t *begin,
                          int64_t *end)
{
    struct lowering *l = r->l;
    struct condition c = {0, 0};

    for (const struct index *index = find_condition(r, &c, level); index; c.dim++, index = find_condition(r, &c, level)) {
        int64_t extent = graph_node(l->graph, r->nest->in[c.access].of)->shape.dim[c.dim];
        for (int i = 0; i < count; i++) {
            struct loop_index at = at_point(l, r->nest, index, &points[i]);
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

static void loop_over(struct reduction *r, struct point points[], int count, int level, int64_t begin, int64_t end,
                      struct loop_list *out)
{
    struct lowering *l = r->l;
    int a = r->nest->free_count + level;
    struct loop_list body = {0};

    if (begin >= end)
        return;
    loop_axis axis = open_axis(l, r->nest->axis_name[a], begin, end);
    set_axis(points, count, a, axis_times(l, axis, 1));
    test_level(r, points, count, level + 1, &body);
    if (body.first)
        close_axis(l, axis, body, out);
}

/* The innermost loop in three runs, so that the long one in the middle tests nothing. */
static void loop_in_runs(struct reduction *r, struct point points[], int count, int level, struct loop_list *out)
{
    struct lowering *l = r->l;
    int a = r->nest->free_count + level;
    int64_t extent = r->nest->extent[a], begin = 0, end = extent;
    loop_axis probe = open_axis(l, r->nest->axis_name[a], 0, extent);

    set_axis(points, count, a, loop_axis_index(l->m, probe, 1));
    find_interior(r, points, count, level + 1, probe, &begin, &end);
    if (begin >= end)
        begin = end = extent;
    loop_over(r, points, count, level, 0, begin, out);
    loop_over(r, points, count, level, begin, end, out);
    loop_over(r, points, count, level, end, extent, out);
}

static void open_level(struct reduction *r, struct point points[], int count, int level, struct loop_list *out)
{
    int a = r->nest->free_count + level;
    bool last = a == r->nest->axis_count - 1;

    if (a >= r->nest->axis_count) {
        r->step(r, points, count, out);
        return;
    }
    if (r->end_run && a == r->run_axis) {
        for (int64_t begin = 0, end; begin < r->nest->extent[a]; begin = end) {
            end = r->end_run(r, begin);
            loop_over(r, points, count, level, begin, end, out);
        }
        return;
    }
    if (last && r->unroll_last) {
        for (int64_t i = 0; i < r->nest->extent[a]; i++) {
            set_axis(points, count, a, loop_constant_index(i));
            test_level(r, points, count, level + 1, out);
        }
        return;
    }
    if (last && r->split_last)
        loop_in_runs(r, points, count, level, out);
    else
        loop_over(r, points, count, level, 0, r->nest->extent[a], out);
}

void lower_reduction(struct reduction *r, const struct point points[], int count, struct loop_list *out)
{
    assert(count <= MAX_POINTS);
    test_level(r, points, count, 0, out);
}

bool axis_stays_inside(const struct lowering *l, const struct nest *n, int axis)
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

bool may_leave(struct lowering *l, const struct nest *n, const struct point *p)
{
    struct point probe = *p;

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
            struct loop_index at = at_point(l, n, &of_free, &probe);
            index_bounds(l, &at, &low, &high);
            if (low + reduced_low < 0 || high + reduced_high >= s->dim[d])
                return true;
        }
    }
    return false;
}

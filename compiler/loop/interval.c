/* interval: see interval.h. */
#include "compiler/loop/interval.h"

#include "compiler/loop/index.h"
#include "compiler/support/shape.h"

/* How many conditions are combined for one bound: rows, columns, depth and channels of a window. */
enum { MAX_COMBINED = 4, MAX_TERMS = 32 };

struct ranges ranges_create(size_t axis_count, struct arena *a)
{
    return (struct ranges){.axis_count = axis_count, .axis = arena_array(a, struct loop_range, axis_count + 1)};
}

struct ranges ranges_enter(struct ranges *r, struct arena *a)
{
    struct ranges outside = *r;

    r->axis = arena_array(a, struct loop_range, r->axis_count + 1);
    for (size_t i = 0; i < r->axis_count; i++)
        r->axis[i] = outside.axis[i];
    return outside;
}

void ranges_define(struct ranges *r, loop_axis axis, struct interval in)
{
    r->axis[axis] = (struct loop_range){true, in};
    r->empty |= in.low > in.high;
}

static struct interval scaled(struct interval x, int64_t factor)
{
    return factor < 0 ? (struct interval){x.high * factor, x.low * factor} : (struct interval){x.low * factor, x.high * factor};
}

static struct interval sum(struct interval a, struct interval b)
{
    return (struct interval){a.low + b.low, a.high + b.high};
}

static struct interval common(struct interval a, struct interval b)
{
    return (struct interval){a.low > b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
}

/* The bounds that the axes alone give. */
static struct interval box(const struct ranges *r, const struct loop_index *index)
{
    struct interval x = {index->constant, index->constant};

    for (int i = 0; i < index->count; i++)
        x = sum(x, scaled(r->axis[index->term[i].axis].in, index->term[i].factor));
    return x;
}

/* What a condition says of each of its axes, the others being anywhere in their ranges. */
static void narrow_axes(struct ranges *r, const struct loop_index *index, struct interval in)
{
    struct interval all = box(r, index);

    for (int i = 0; i < index->count; i++) {
        struct loop_range *axis = &r->axis[index->term[i].axis];
        int64_t factor = index->term[i].factor;
        struct interval own = scaled(axis->in, factor);
        struct interval product = {in.low - (all.high - own.high), in.high - (all.low - own.low)};
        if (factor < 0)
            product = scaled(product, -1);
        int64_t size = factor < 0 ? -factor : factor;
        axis->in = common(axis->in, (struct interval){ceil_divide(product.low, size), floor_divide(product.high, size)});
        r->empty |= axis->in.low > axis->in.high;
    }
}

void ranges_assume(struct ranges *r, const struct loop_index *index, struct interval in, struct arena *a)
{
    struct index_range condition = {*index, in};

    if (r->empty)
        return;
    struct interval possible = common(in, ranges_of_index(r, index));
    if (possible.low > possible.high) {
        r->empty = true;
        return;
    }
    narrow_axes(r, index, in);
    vec_push(a, &r->condition, condition);
}

/* index - factor * other; the terms are in `term`. */
static struct loop_index minus(const struct loop_index *index, const struct loop_index *other, int64_t factor,
                               struct loop_term term[MAX_TERMS])
{
    struct loop_index rest = {.constant = index->constant - factor * other->constant, .term = term};

    for (int i = 0, j = 0; i < index->count || j < other->count;) {
        bool take_i = j == other->count || (i < index->count && index->term[i].axis <= other->term[j].axis);
        bool take_j = i == index->count || (j < other->count && other->term[j].axis <= index->term[i].axis);
        struct loop_term t = take_i ? index->term[i] : (struct loop_term){other->term[j].axis, 0};
        if (take_j)
            t.factor -= factor * other->term[j].factor;
        if (t.factor != 0)
            term[rest.count++] = t;
        i += take_i;
        j += take_j;
    }
    return rest;
}

/* Bounds from the axes, improved by writing the index as a multiple of a condition's index and a rest. */
static struct interval bounds(const struct ranges *r, const struct loop_index *index, unsigned int used, int depth)
{
    struct interval best = box(r, index);

    for (size_t i = 0; i < r->condition.count && i < 8 * sizeof used && depth < MAX_COMBINED; i++) {
        const struct index_range *c = &r->condition.at[i];
        if ((used >> i & 1) != 0 || index->count + c->index.count > MAX_TERMS)
            continue;
        for (int j = 0; j < c->index.count; j++) {
            int64_t factor = loop_index_factor(index, c->index.term[j].axis);
            if (factor == 0 || factor % c->index.term[j].factor != 0)
                continue;
            factor /= c->index.term[j].factor;
            struct loop_term term[MAX_TERMS];
            struct loop_index rest = minus(index, &c->index, factor, term);
            struct interval of_rest = bounds(r, &rest, used | 1U << i, depth + 1);
            best = common(best, sum(scaled(c->in, factor), of_rest));
        }
    }
    return best;
}

struct interval ranges_of_index(const struct ranges *r, const struct loop_index *index)
{
    return bounds(r, index, 0, 0);
}

bool ranges_separate(const struct ranges *r, const struct loop_index *index, int64_t width)
{
    int64_t reach = width, below = 0;

    /* In ascending order of factors: each must be at least what all smaller digits together reach. */
    for (int done = 0; done < index->count;) {
        int64_t next = INT64_MAX;
        for (int i = 0; i < index->count; i++) {
            int64_t size = index->term[i].factor < 0 ? -index->term[i].factor : index->term[i].factor;
            if (size > below && size < next)
                next = size;
        }
        for (int i = 0; i < index->count; i++) {
            struct loop_term t = index->term[i];
            struct interval in = r->axis[t.axis].in;
            if (t.factor != next && t.factor != -next)
                continue;
            done++;
            if (in.high > in.low && next < reach)
                return false;
            reach += next * (in.high - in.low);
        }
        below = next;
    }
    return true;
}

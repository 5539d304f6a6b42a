#include "compiler/loop/index.h"

#include "compiler/support/shape.h"

#include <inttypes.h>

bool loop_index_equal(const struct loop_index *a, const struct loop_index *b)
{
    if (a->constant != b->constant || a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++) {
        if (a->term[i].axis != b->term[i].axis || a->term[i].factor != b->term[i].factor)
            return false;
    }
    return true;
}

int64_t loop_index_factor(const struct loop_index *index, loop_axis axis)
{
    for (int i = 0; i < index->count; i++) {
        if (index->term[i].axis == axis)
            return index->term[i].factor;
    }
    return 0;
}

/* ---- Printing ------------------------------------------------------------------------------------------------------ */

struct printer {
    const struct loop_index *index;
    loop_axis_name_fn *name;
    const void *context;
    FILE *out;
    bool first; /* nothing of the present sum has been printed yet */
};

static int64_t magnitude(int64_t x)
{
    return x < 0 ? -x : x;
}

/* The divisor of all factors above `floor`, and how many there are. */
static int64_t divisor_above(const struct loop_index *x, int64_t floor, int *count)
{
    int64_t divisor = 0;

    *count = 0;
    for (int i = 0; i < x->count; i++) {
        int64_t f = magnitude(x->term[i].factor);
        if (f > floor) {
            divisor = greatest_common_divisor(divisor, f);
            ++*count;
        }
    }
    return divisor;
}

static int64_t smallest_above(const struct loop_index *x, int64_t floor)
{
    int64_t smallest = INT64_MAX;

    for (int i = 0; i < x->count; i++) {
        int64_t f = magnitude(x->term[i].factor);
        if (f > floor && f < smallest)
            smallest = f;
    }
    return smallest;
}

static void print_sign(struct printer *p, bool negative)
{
    if (!p->first)
        fputs(negative ? " - " : " + ", p->out);
    else if (negative)
        fputc('-', p->out);
    p->first = false;
}

/* The terms whose factors lie above `low` and up to `high`, divided by `scale`. */
static void print_terms(struct printer *p, int64_t low, int64_t high, int64_t scale)
{
    for (int i = 0; i < p->index->count; i++) {
        struct loop_term t = p->index->term[i];
        int64_t f = magnitude(t.factor);
        if (f <= low || f > high)
            continue;
        print_sign(p, t.factor < 0);
        if (f != scale)
            fprintf(p->out, "%" PRId64 " * ", f / scale);
        fputs(p->name(p->context, t.axis), p->out);
    }
}

static void print_constant(struct printer *p, int64_t constant)
{
    if (constant != 0) {
        print_sign(p, constant < 0);
        fprintf(p->out, "%" PRIu64, constant < 0 ? -(uint64_t)constant : (uint64_t)constant);
    }
}

/* Nearest multiple of `divisor`, so that padding of -1 in two axes shows as -1 in both. */
static int64_t divide_nearest(int64_t a, int64_t divisor)
{
    int64_t quotient = a / divisor, rest = a % divisor;

    if (2 * magnitude(rest) > divisor)
        quotient += a < 0 ? -1 : 1;
    return quotient;
}

/* Prints what lies above `floor`, divided by `scale`, and `constant`: the terms with a common divisor as a product, the
 * smallest terms after it. Each round leaves at least one term behind, so the depth is bounded by the number of terms. */
static void print_sum(struct printer *p, int64_t floor, int64_t scale, int64_t constant)
{
    int count, rest;
    int64_t all = divisor_above(p->index, floor, &count);

    if (count > 1 && all > scale && all % scale == 0 && constant % (all / scale) == 0) {
        print_sign(p, false);
        fprintf(p->out, "%" PRId64 " * (", all / scale);
        p->first = true;
        print_sum(p, floor, all, constant / (all / scale));
        fputc(')', p->out);
        return;
    }
    int64_t smallest = smallest_above(p->index, floor);
    int64_t divisor = divisor_above(p->index, smallest, &rest);
    if (rest > 1 && divisor > scale) {
        int64_t outer = divide_nearest(constant, divisor / scale);
        print_sum(p, smallest, scale, outer * (divisor / scale));
        constant -= outer * (divisor / scale);
    } else {
        print_terms(p, smallest, INT64_MAX, scale);
    }
    if (count > 0)
        print_terms(p, floor, smallest, scale);
    print_constant(p, constant);
}

void loop_index_print(const struct loop_index *index, loop_axis_name_fn *name, const void *context, FILE *out)
{
    struct printer p = {index, name, context, out, true};

    print_sum(&p, 0, 1, index->constant);
    if (p.first)
        fputc('0', out);
}

/* index: compares and prints linear indices, as dimensions where the strides of a place allow it. */
#include "compiler/loop/index.h"

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

static int64_t factor_by_dimensions(const struct loop_index *index, loop_axis axis)
{
    int64_t factor = 0;

    for (int d = 0; d < index->rank; d++)
        factor = factor * index->dimension[d].extent + loop_index_factor(&index->dimension[d].at, axis);
    return factor;
}

bool loop_index_agrees(const struct loop_index *index)
{
    int64_t constant = 0;
    bool agrees = true;

    if (index->rank == 0)
        return true;
    for (int d = 0; d < index->rank; d++) {
        const struct loop_index *at = &index->dimension[d].at;
        constant = constant * index->dimension[d].extent + at->constant;
        for (int i = 0; i < at->count; i++)
            agrees &= factor_by_dimensions(index, at->term[i].axis) == loop_index_factor(index, at->term[i].axis);
    }
    for (int i = 0; i < index->count; i++)
        agrees &= factor_by_dimensions(index, index->term[i].axis) == index->term[i].factor;
    return agrees && constant == index->constant;
}

/* ---- Printing ------------------------------------------------------------------------------------------------------ */

struct printer {
    loop_axis_name_fn *name;
    const void *context;
    FILE *out;
    bool first; /* nothing of the present sum has been printed yet */
};

static uint64_t magnitude(int64_t x)
{
    return x < 0 ? -(uint64_t)x : (uint64_t)x;
}

static void print_sign(struct printer *p, bool negative)
{
    if (!p->first)
        fputs(negative ? " - " : " + ", p->out);
    else if (negative)
        fputc('-', p->out);
    p->first = false;
}

static void print_terms(struct printer *p, const struct loop_index *x, bool negative)
{
    for (int i = 0; i < x->count; i++) {
        if ((x->term[i].factor < 0) != negative)
            continue;
        print_sign(p, negative);
        if (magnitude(x->term[i].factor) != 1)
            fprintf(p->out, "%" PRIu64 "*", magnitude(x->term[i].factor));
        fputs(p->name(p->context, x->term[i].axis), p->out);
    }
}

static void print_constant(struct printer *p, int64_t constant)
{
    print_sign(p, constant < 0);
    fprintf(p->out, "%" PRIu64, magnitude(constant));
}

/* Appends an index to the present sum: what is added before what is subtracted. */
static void print_sum(struct printer *p, const struct loop_index *x)
{
    print_terms(p, x, false);
    if (x->constant > 0)
        print_constant(p, x->constant);
    print_terms(p, x, true);
    if (x->constant < 0)
        print_constant(p, x->constant);
}

static bool is_zero(const struct loop_index *x)
{
    return x->count == 0 && x->constant == 0;
}

/* How many summands the outermost `rank` dimensions print as. Those of size 1 leave the sum as it is. */
static int summands(const struct loop_index *x, int rank)
{
    int count = 0;

    for (int d = 0; d < rank; d++) {
        const struct loop_dimension *own = &x->dimension[d];
        count = (own->extent == 1 ? count : count > 0) + own->at.count + (own->at.constant != 0);
    }
    return count;
}

/* Whether what stands before dimension d is a sum that is multiplied. */
static bool is_factor(const struct loop_index *x, int d)
{
    return x->dimension[d].extent != 1 && summands(x, d) > 1;
}

static void print_dimensions(struct printer *p, const struct loop_index *x)
{
    for (int d = 1; d < x->rank; d++)
        fputs(is_factor(x, d) ? "(" : "", p->out);
    for (int d = 0; d < x->rank; d++) {
        fputs(is_factor(x, d) ? ")" : "", p->out);
        if (x->dimension[d].extent != 1 && summands(x, d) > 0)
            fprintf(p->out, "*%" PRId64, x->dimension[d].extent);
        if (!is_zero(&x->dimension[d].at))
            print_sum(p, &x->dimension[d].at);
    }
}

void loop_index_print(const struct loop_index *index, loop_axis_name_fn *name, const void *context, FILE *out)
{
    struct printer p = {name, context, out, true};

    if (index->rank > 0)
        print_dimensions(&p, index);
    else
        print_sum(&p, index);
    if (p.first)
        fputc('0', out);
}

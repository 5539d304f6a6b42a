/* shape: arithmetic that reports overflow instead of wrapping, and comparisons of shapes. */
#include "compiler/support/shape.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

bool checked_add(int64_t a, int64_t b, int64_t *result)
{
    return !__builtin_add_overflow(a, b, result);
}

bool checked_multiply(int64_t a, int64_t b, int64_t *result)
{
    return !__builtin_mul_overflow(a, b, result);
}

int64_t floor_divide(int64_t a, int64_t b)
{
    assert(b > 0);
    return a / b - (a % b < 0);
}

int64_t ceil_divide(int64_t a, int64_t b)
{
    assert(b > 0);
    return a / b + (a % b > 0);
}

int64_t greatest_common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int64_t shape_elements(const struct shape *s)
{
    int64_t elements = 1;

    assert(shape_is_valid(s));
    for (int i = 0; i < s->rank; i++)
        elements *= s->dim[i];
    return elements;
}

bool shape_is_valid(const struct shape *s)
{
    int64_t elements = 1;

    if (s->rank < 0 || s->rank > MAX_RANK)
        return false;
    for (int i = 0; i < s->rank; i++)
        if (s->dim[i] < 1 || !checked_multiply(elements, s->dim[i], &elements) || elements > SHAPE_MAX_ELEMENTS)
            return false;
    return true;
}

bool shape_equal(const struct shape *a, const struct shape *b)
{
    if (a->rank != b->rank)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i])
            return false;
    return true;
}

bool shape_equal_but_ones(const struct shape *a, const struct shape *b)
{
    int i = 0, k = 0;

    for (;;) {
        while (i < a->rank && a->dim[i] == 1)
            i++;
        while (k < b->rank && b->dim[k] == 1)
            k++;
        if (i == a->rank || k == b->rank)
            return i == a->rank && k == b->rank;
        if (a->dim[i++] != b->dim[k++])
            return false;
    }
}

/* Whether at most one size is not 1. */
static bool is_vector(const struct shape *s)
{
    int wide = 0;

    for (int i = 0; i < s->rank; i++)
        wide += s->dim[i] != 1;
    return wide <= 1;
}

bool shape_comparable(const struct shape *a, const struct shape *b)
{
    return shape_equal_but_ones(a, b) || ((is_vector(a) || is_vector(b)) && shape_elements(a) == shape_elements(b));
}

const char *shape_text(const struct shape *s, char text[SHAPE_TEXT])
{
    int used = 0;

    if (s->rank == 0)
        snprintf(text, SHAPE_TEXT, "1");
    for (int i = 0; i < s->rank; i++)
        used += snprintf(text + used, (size_t)(SHAPE_TEXT - used), "%s%" PRId64, i > 0 ? "x" : "", s->dim[i]);
    return text;
}

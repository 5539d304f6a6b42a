/* shape: the sizes of a tensor, without the batch, and checked arithmetic on them. */
#ifndef NETC_SUPPORT_SHAPE_H
#define NETC_SUPPORT_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

enum { MAX_RANK = 6 };

/* Limits of the language (grammar/REFERENCE.md). */
#define SHAPE_MAX_ELEMENTS (INT64_C(1) << 40)

struct shape {
    int rank;    /* 0: one number a sample */
    int64_t dim[MAX_RANK];
};

/* Each returns false on overflow and then leaves *result unspecified. */
bool checked_add(int64_t a, int64_t b, int64_t *result);
bool checked_multiply(int64_t a, int64_t b, int64_t *result);

/* Rounded towards minus infinity, and towards plus infinity; b > 0. */
int64_t floor_divide(int64_t a, int64_t b);
int64_t ceil_divide(int64_t a, int64_t b);

/* Of a, b >= 0; of 0 and another it is the other. */
int64_t greatest_common_divisor(int64_t a, int64_t b);

/* Number of elements; the shape is within SHAPE_MAX_ELEMENTS. */
int64_t shape_elements(const struct shape *s);

/* Whether all sizes are at least 1 and their product stays within SHAPE_MAX_ELEMENTS. */
bool shape_is_valid(const struct shape *s);

bool shape_equal(const struct shape *a, const struct shape *b);

/* Whether the sizes other than 1 are the same, in order. */
bool shape_equal_but_ones(const struct shape *a, const struct shape *b);

/* Whether tensors of these shapes are compared element by element: equal up to axes of size 1, or one is the other as a vector. */
bool shape_comparable(const struct shape *a, const struct shape *b);

/* "3x32x32"; "1" for rank 0. Returns `text`. */
enum { SHAPE_TEXT = 21 * MAX_RANK };
const char *shape_text(const struct shape *s, char text[SHAPE_TEXT]);

#endif

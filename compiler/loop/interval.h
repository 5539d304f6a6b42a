/* interval: which values indices can take, given the loops and conditions around them. For the verifier.
 *
 * Bounds are safe: every value lies between them. They are exact for an index whose conditions are each a multiple of a part of
 * it, as padding tests are: 0 <= h + p - 2 < 28 bounds 32 * (h + p - 2) + w.
 */
#ifndef NETC_LOOP_INTERVAL_H
#define NETC_LOOP_INTERVAL_H

#include "compiler/loop/loop.h"
#include "compiler/support/vec.h"

#include <stdbool.h>
#include <stdint.h>

struct interval {
    int64_t low, high;    /* both included */
};

struct loop_range {
    bool defined;    /* inside a loop over this axis */
    struct interval in;
};

struct index_range {
    struct loop_index index;
    struct interval in;
};

struct ranges {
    size_t axis_count;
    struct loop_range *axis;
    VEC(struct index_range) condition;
    bool empty;    /* no point satisfies all: what stands here never runs */
};

/* Ranges in which no axis is defined. */
struct ranges ranges_create(size_t axis_count, struct arena *a);

/* Begins a scope: returns what to assign to *r at its end. */
struct ranges ranges_enter(struct ranges *r, struct arena *a);

void ranges_define(struct ranges *r, loop_axis axis, struct interval in);
void ranges_assume(struct ranges *r, const struct loop_index *index, struct interval in, struct arena *a);

/* All axes of the index are defined, and the ranges are not empty. */
struct interval ranges_of_index(const struct ranges *r, const struct loop_index *index);

/* Whether different points of the index's axes surely give places at least `width` apart: the terms are the digits of a number. */
bool ranges_separate(const struct ranges *r, const struct loop_index *index, int64_t width);

#endif

/* reduce: loops over the reduced axes of a nest. */
#ifndef NETC_LOWER_REDUCE_H
#define NETC_LOWER_REDUCE_H

#include "compiler/lower/sums.h"

/* What happens at each instance of the reduced space, for the instances whose accesses are all inside their tensors. */
struct reduction {
    struct lowering *l;
    const struct nest *nest;
    bool unroll_last; /* copy the body for each value of the innermost axis: its conditions are then known */
    bool split_last; /* run the innermost loop in three pieces, the long one without conditions */
    int segment_axis; /* with end_segment: a reduced axis that is looped over in runs; says where one ends before it is lowered */
    int64_t (*end_segment)(struct reduction *r, int64_t begin);
    void (*emit_body)(struct reduction *r, struct instance instances[], int count, struct loop_list *out);
    void *context;
    struct sums *sums;    /* what `emit_body` adds to; NULL: it makes no sums */
    int cuts;             /* partial sums that are open */
};

/* Loops over the reduced axes, conditions as far out as they go, and `emit_body` inside. */
void lower_reduction(struct reduction *r, const struct instance instances[], int count, struct loop_list *out);

/* Whether every access stays inside its tensor along the dimensions that this axis moves in. Only such an axis may be part of a
 * tile without instances of its own: its elements share the conditions of the first. */
bool axis_stays_in_bounds(const struct lowering *l, const struct nest *n, int axis);

/* Whether an access of the nest at this instance may lie outside its tensor, whatever the reduced axes are. */
bool may_be_out_of_bounds(struct lowering *l, const struct nest *n, const struct instance *p);

#endif

/* lattice: counting the points of two axes at which an index lies within a range. */
#ifndef NETC_GRAPH_LATTICE_H
#define NETC_GRAPH_LATTICE_H

#include <stdint.h>

/* An axis of an index: it runs over 0 … extent - 1, each step worth `factor`, which may be negative or 0. */
struct lattice_axis {
    int64_t factor, extent;
};

/* How many points of two axes give 0 <= offset + factors * axes < size. The time grows with the logarithm of the factors, whatever
 * the extents; exact up to 2^53. An axis that there is not has factor 0 and extent 1. */
double lattice_points_within(int64_t offset, struct lattice_axis a, struct lattice_axis b, int64_t size);

#endif

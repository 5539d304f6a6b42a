/* transpose: squares of reals transposed in registers. */
#ifndef NETC_LOWER_TRANSPOSE_H
#define NETC_LOWER_TRANSPOSE_H

#include "compiler/lower/lowering.h"

/* Copies a square of vector_lanes times vector_lanes reals: row i of `from`, along its dimension `from_rows`, becomes column i of `to`,
 * whose rows run along `to_rows`. The two do not overlap. */
void lower_square(struct lowering *l, struct loop_place from, int from_rows, struct loop_place to, int to_rows,
                  struct loop_list *out);

#endif

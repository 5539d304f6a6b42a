/* tile: register tiles in words, for names, comments and notes. */
#ifndef NETC_LOWER_TILE_H
#define NETC_LOWER_TILE_H

#include "compiler/lower/lowering.h"

/* "base_w2": the third along axis w. */
const char *name_along(struct lowering *l, const char *base, const char *axis, int64_t number);

/* "4 filters", or with what a tile has already "4 filters x 3 columns": so many along an axis of the nest; of one nothing is said. */
const char *times_along(struct lowering *l, const char *tile, int64_t count, const struct nest *n, int axis);

/* A line for people in front of a tile's statements: "4 filters x 3 columns in registers"; none where the tile is one element, "". And
 * then: "left border", where it reads across the first end of the axis (1), the last (2) or both (3). */
void note_registers(struct lowering *l, struct loop_list list, const char *tile);
void note_border(struct lowering *l, struct loop_list list, const struct nest *n, int axis, int border);

/* Adds to the kernel's tiles which one was chosen, once: its sums, the operands held beside them, and how many loads there are for each
 * term of a sum. */
void note_tile(struct lowering *l, const char *tile, int sums, int kept, double loads);

#endif

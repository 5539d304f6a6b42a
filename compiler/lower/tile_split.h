/* tile_split: an axis in tiles, as items of a kernel. */
#ifndef NETC_LOWER_TILE_SPLIT_H
#define NETC_LOWER_TILE_SPLIT_H

#include "compiler/lower/lowering.h"

/* An axis in tiles: one or two segments of equal tiles, whose numbers are an axis of the kernel's items. */
struct tile_segment {
    int64_t begin, size, count; /* first element, elements of a tile, tiles */
};

struct tile_split {
    struct tile_segment segment[2];
    int count;
    loop_axis tile;
};

/* Splits `extent` into at most two segments of equal tiles, none greater than `most`: 32 by 6 is two 6s and four 5s. Returns the number
 * of runs. */
int split_evenly(int64_t extent, int64_t most, struct tile_segment segment[2]);

/* Another axis of the kernel's items; the tiles of runs as one, unless there is a single tile; one item for a kernel without axes.
 * Item axes come before all other axes of the kernel. */
loop_axis add_item_axis(struct lowering *l, const char *name, int64_t extent);
void add_item_split(struct lowering *l, struct tile_split *r, const char *name);
void add_all_item(struct lowering *l);

/* Between these two the item's tile is known to be one of run `i`: returns its first element; appends `body` for such items. */
struct loop_index open_segment(struct lowering *l, const struct tile_split *r, int i);
void close_segment(struct lowering *l, const struct tile_split *r, int i, struct loop_list body, struct loop_list *out);

#endif

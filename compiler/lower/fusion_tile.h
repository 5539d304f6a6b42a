/* fusion_tile: the nodes fused into a kernel, computed from the anchor's elements while these are in registers. */
#ifndef NETC_LOWER_FUSION_TILE_H
#define NETC_LOWER_FUSION_TILE_H

#include "compiler/lower/lowering.h"

/* A tile of the kernel: computes all fused nodes from the anchor's elements, and stores those that are stored. */
struct fusion_tile;

/* `at`: the tile's coordinate by core dimension. */
struct fusion_tile *fusion_tile_begin(struct lowering *l, const struct loop_index at[]);

/* The anchor's element `sub` of the tile (by core dimension, row-major number in the anchor's elements of a tile). */
void fusion_tile_set_anchor(struct fusion_tile *c, int sub, const struct loop_variable *v);

/* Appends the fused nodes' values and then all stores. */
void fusion_tile_end(struct fusion_tile *c, struct loop_list *out);

/* Elements of the anchor in a tile; the offsets of the sub-th along each core dimension. */
int anchor_elements(const struct plan_kernel *k);
void anchor_offset(const struct plan_kernel *k, int sub, int64_t offset[MAX_RANK]);

#endif

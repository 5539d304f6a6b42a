/* fused: fused nodes that are element-wise work on whole tensors. */
#ifndef NETC_LOWER_FUSED_H
#define NETC_LOWER_FUSED_H

#include "compiler/lower/lowering.h"

/* Element-wise fused nodes of tensors of the anchor's shape, at the element (or the vector of elements) with the index `at`, in the
 * kernel's type; then the stores. `anchor`: the first fused node's value, or NULL if it is element-wise too. */
void lower_fused_at(struct lowering *l, struct loop_index at, const struct loop_expr *anchor, struct loop_list *out);

#endif

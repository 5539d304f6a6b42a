/* kernels: one function for each form that a kernel can have. */
#ifndef NETC_LOWER_KERNELS_H
#define NETC_LOWER_KERNELS_H

#include "compiler/lower/lowering.h"

/* Sums of products of a varying and a uniform value, nest_is_contraction: register tiles (contraction.c). */
void lower_contraction(struct lowering *l, const struct nest *n, struct loop_list *out);

/* Everything else with varying results, or with uniform ones from uniform ones (elementwise.c). */
void lower_elementwise(struct lowering *l, const struct nest *n, struct loop_list *out);

/* Element-wise work on whole parameters, in vectors (update.c). Returns false if the kernel has another form. */
bool lower_update(struct lowering *l);

/* Sums over samples (batch_reduction.c). */
void lower_batch_reduction(struct lowering *l, const struct nest *n);

/* Sums over samples along channels, and the copies that they read (batch_gemm.c). */
void lower_batch_gemm(struct lowering *l, node_id v);
void lower_transposed(struct lowering *l, const struct plan_transposed *t, loop_buffer_id to, struct loop_list *out);

/* Gathers, and scatters over samples (gather_scatter.c). */
void lower_gather(struct lowering *l, const struct nest *n, struct loop_list *out);
void lower_scatter(struct lowering *l, node_id v);

#endif

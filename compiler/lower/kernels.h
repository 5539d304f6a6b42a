/* kernels: one function for each form that a kernel, or a nest of its anchor, can have (compiler/analysis/form.h). */
#ifndef NETC_LOWER_KERNELS_H
#define NETC_LOWER_KERNELS_H

#include "compiler/lower/lowering.h"

/* Sums of products in register tiles (contraction.c). */
void lower_contraction(struct lowering *l, const struct nest *n, const struct nest_form *form, struct loop_list *out);

/* Everything else with varying results, or with uniform ones from uniform ones (elementwise.c). */
void lower_elementwise(struct lowering *l, const struct nest *n, struct loop_list *out);

/* Element-wise work on whole parameters, in vectors (update.c). */
void lower_update(struct lowering *l);

/* Sums over samples (batch_reduction.c). */
void lower_batch_reduction(struct lowering *l, const struct nest *n);

/* Sums over samples along channels, and the copies that they read (batch_gemm.c). */
void lower_batch_gemm(struct lowering *l, node_id v, const struct nest_form *form);
void lower_transposed(struct lowering *l, const struct plan_transposed *t, loop_buffer_id to, struct loop_list *out);

/* Gathers, and scatters over samples (gather_scatter.c). */
void lower_gather(struct lowering *l, const struct nest *n, const struct nest_form *form, struct loop_list *out);
void lower_scatter(struct lowering *l, node_id v, const struct nest_form *form);

#endif

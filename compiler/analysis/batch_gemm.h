/* batch_gemm: a sum over samples as a matrix product whose vectors are channels.
 *
 *   dw[f, c] = sum over blocks, pixels, samples of  s[f, pixel, sample] * v[pixel, sample, c]
 *
 * One operand, the *vector*, is stored a second time as [pixel][sample][channel], so that consecutive channels fill a vector; of
 * the other, the *scalar*, single numbers are broadcast. One accumulator runs over all samples: no lanes have to be added.
 */
#ifndef NETC_ANALYSIS_BATCH_GEMM_H
#define NETC_ANALYSIS_BATCH_GEMM_H

#include "compiler/graph/graph.h"

struct batch_gemm {
    int vector, scalar;              /* accesses of the nest */
    int first, end;                  /* the dimensions of the vector's tensor that are channels; the others are pixels */
    bool channels_last;              /* the pixels stand before them */
    int64_t channels, pixels;
    int64_t row;                     /* channels, rounded up to whole lane blocks: the stride of a sample */
    int axis_count;                  /* the free axes that run along channels, fastest first, as one */
    int axis[MAX_AXES];
    int64_t extent;                  /* of all of them */
    int64_t out_stride;              /* from one channel to the next in the result */
};

/* Whether node `v`, a sum over samples, has this form; fills *p if so. From shapes alone: the choice fixes the order of the sum. */
bool find_batch_gemm(const struct graph *g, node_id v, struct batch_gemm *p);

/* Marks the sums over samples that are computed in this form, and scatters (gather_scatter.h), by node.order. */
void choose_sample_orders(struct graph *g);

#endif

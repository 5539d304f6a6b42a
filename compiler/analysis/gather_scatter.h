/* gather_scatter: a one-hot sum: one in which one term counts, the one whose index was read. It is computed without looking at the others.
 *
 *   gather     y[t, d] = sum over v of  x[t] = v ? w[v, d] : 0                           row x[t] of w
 *   scatter    dw[v, d] = sum over samples and t of  x[t] = v ? dy[t, d] : 0             dy is added to row x[t] of dw
 *
 * Both are plain nests (graph.h) and their values are those of the nests, the sign of a zero apart: a sum of one -0 and zeros is
 * +0. An index out of range chooses nothing in a nest; data with such an index is refused before a run.
 */
#ifndef NETC_ANALYSIS_GATHER_SCATTER_H
#define NETC_ANALYSIS_GATHER_SCATTER_H

#include "compiler/graph/graph.h"

struct gather_scatter {
    int index_access; /* the access that reads the index: x */
    int source; /* the access of the term: w, or dy */
    int axis; /* the axis that takes the index: v */
};

/* Whether a nest of the varying node `v` is a gather from a uniform tensor; fills *s if so. */
bool find_gather(const struct graph *g, node_id v, const struct nest *n, struct gather_scatter *s);

/* Whether node `v`, a sum over samples, is a scatter; fills *s if so. Its order is ORDER_ROWS: a row gets its terms one after
 * the other, block by block, in a block by the reduced axes, there by samples. */
bool find_scatter(const struct graph *g, node_id v, struct gather_scatter *s);

#endif

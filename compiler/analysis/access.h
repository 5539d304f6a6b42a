/* access: how a nest reads tensors, as far as several passes ask for it. */
#ifndef NETC_ANALYSIS_ACCESS_H
#define NETC_ANALYSIS_ACCESS_H

#include "compiler/graph/graph.h"

/* The axis that alone makes an index, from 0 on and one by one; -1: there is none. */
int index_only_axis(const struct index *i);

/* Whether an axis of its nest moves an access. */
bool access_uses(const struct graph *g, const struct access *a, int axis);

/* Whether taps (free axes) move together with pixels (reduced axes) in a dimension of an access. */
bool access_has_window(const struct graph *g, const struct nest *n, const struct access *a);

/* The value whose elements a view shows. */
node_id view_root(const struct graph *g, node_id v);

/* The dimensions of a shape that are not 1. Returns how many. */
int shape_core(const struct shape *s, int dim[MAX_RANK]);

/* An access as one index per core dimension of the root of `of`. Returns false where a view folds dimensions in a way that no
 * affine index per dimension can follow. */
bool access_core(const struct graph *g, const struct access *a, struct index core[MAX_RANK], int *rank);

/* Whether the nests of a node reach every element of it. */
bool node_is_covered(const struct node *n);

#endif

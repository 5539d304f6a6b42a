/* access: how a nest reads tensors, as far as several passes ask for it. */
#ifndef NETC_PASSES_ACCESS_H
#define NETC_PASSES_ACCESS_H

#include "compiler/graph/graph.h"

/* The axis that alone makes an index, from 0 on and one by one; -1: there is none. */
int index_only_axis(const struct index *i);

/* Whether an axis of its nest moves an access. */
bool access_uses(const struct graph *g, const struct access *a, int axis);

/* Whether taps (free axes) move together with pixels (reduced axes) in a dimension of an access. */
bool access_has_window(const struct graph *g, const struct nest *n, const struct access *a);

/* Whether a nest sums products of a varying and a uniform value. */
bool nest_is_contraction(const struct graph *g, const struct nest *n);

#endif

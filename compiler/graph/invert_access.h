/* invert_access: the gather form of the adjoint for one access: the nests that are derived from a nest when one of its accesses takes
 * the place of its result. */
#ifndef NETC_GRAPH_INVERT_ACCESS_H
#define NETC_GRAPH_INVERT_ACCESS_H

#include "compiler/graph/graph.h"

/* A nest's loops seen from one of its accesses: nests whose result is indexed like access `to` of `n`, and whose body is that of
 * `n`, summed over every axis that `to` does not fix. One nest for each residue modulo the strides that anything reaches. Where
 * an access that the body does not read may lie outside its tensor it stays, as a condition.
 *
 * With y[o,h] = sum over c,p of x[c, 2h+p] * k[o,c,p], seen from x: for each residue r of i modulo 2
 *   dx[c, 2i'+r] = sum over o,p' of dy[o, i'-p'] * k[o,c, 2p'+r]. */
struct nest_list {
    struct nest *at;
    size_t count, capacity; /* a vec */
};

void nest_invert_access(struct graph *g, const struct nest *n, int to, struct nest_list *out);

/* What a nest adds up at places of the result. Access 0 of `nest`, which the body does not read and whose `of` is NO_NODE, says
 * at which place of `shape` each point of all axes adds its body; a point outside does not count. The node gathers: its parts
 * are the nests that nest_invert_access finds. Returns NO_NODE where no point reaches the result. */
node_id graph_add_scatter(struct graph *g, const char *op_name, const struct shape *shape, const struct nest *nest);

#endif

/* graph_passes: the pieces of differentiation. */
#ifndef NETC_PASSES_GRAPH_GRAPH_PASSES_H
#define NETC_PASSES_GRAPH_GRAPH_PASSES_H

#include "compiler/graph/graph.h"

struct program;

/* The factor-by-factor adjoint of a scalar expression: returns what flows into access `to` when `seed` flows into `body`, or NULL where
 * nothing does. `result` reads the value of `body` itself where that is at hand (it saves computing it again), else NULL. */
const struct expr *expr_adjoint(struct graph *g, const struct expr *body, const struct expr *result, const struct expr *seed,
                                int to);

/* A nest's loops seen from one of its accesses: nests whose result is indexed like access `to` of `n`, and whose body is that of `n`,
 * summed over every axis that `to` does not fix. One nest for each residue modulo the strides that anything reaches. Where an
 * access that the body does not read may lie outside its tensor it stays, as a condition.
 *
 * With y[o,h] = sum over c,p of x[c, 2h+p] * k[o,c,p], seen from x: for each residue r of i modulo 2
 *   dx[c, 2i'+r] = sum over o,p' of dy[o, i'-p'] * k[o,c, 2p'+r]. */
struct nest_list {
    struct nest *at;
    size_t count, capacity; /* a vec */
};
void nest_exchange(const struct graph *g, const struct nest *n, int to, struct nest_list *out);

/* Adds the optimizer's step for every parameter with a gradient. */
void add_updates(struct program *p);

#endif

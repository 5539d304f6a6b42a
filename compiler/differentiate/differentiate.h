/* graph_passes: the pieces of differentiation. */
#ifndef NETC_DIFFERENTIATE_DIFFERENTIATE_H
#define NETC_DIFFERENTIATE_DIFFERENTIATE_H

#include "compiler/graph/graph.h"

struct program;

/* Adds the backward pass and the update to the graph (--emit=train-graph).
 * Ensures: parameter.gradient is set for each parameter that the loss depends on; graph.update holds optimizer steps. */
void pass_differentiate(struct program *p);

/* The factor-by-factor adjoint of a scalar expression: returns what flows into access `to` when `seed` flows into `body`, or NULL
 * where nothing does. `result` reads the value of `body` itself where that is at hand (it saves computing it again), else NULL. */
const struct expr *expr_adjoint(struct graph *g, const struct expr *body, const struct expr *result, const struct expr *seed,
                                int to);

/* Adds the optimizer's step for every parameter with a gradient. */
void add_updates(struct program *p);

#endif

/* differentiate: the backward pass, and the optimizers' rules. */
#ifndef NETC_DIFFERENTIATE_DIFFERENTIATE_H
#define NETC_DIFFERENTIATE_DIFFERENTIATE_H

#include "compiler/graph/graph.h"

struct objective;

/* Adds the backward pass and the update of every objective to the graph (--emit=train-graph).
 * Ensures: objective.gradient holds that of each parameter that its loss depends on; objective.update the optimizer's steps. */
void pass_differentiate(struct graph *g);

/* The factor-by-factor adjoint of a scalar expression: returns what flows into access `to` when `seed` flows into `body`, or NULL
 * where nothing does. `result` reads the value of `body` itself where that is at hand (it saves computing it again), else NULL. */
const struct expr *expr_adjoint(struct graph *g, const struct expr *body, const struct expr *result, const struct expr *seed,
                                int to);

/* Adds the optimizer's step for every parameter that the objective has a gradient of. */
void add_updates(struct graph *g, struct objective *o);

#endif

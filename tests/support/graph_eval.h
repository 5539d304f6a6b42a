/* graph_eval: the meaning of a graph, in double, as graph.h states it: the oracle of the tests. */
#ifndef NETC_TESTS_SUPPORT_GRAPH_EVAL_H
#define NETC_TESTS_SUPPORT_GRAPH_EVAL_H

#include "compiler/graph/graph.h"

/* The elements of each node for one sample. `given` holds those of inputs, parameters and states, in their order in the graph;
 * settings have their initial values. */
double **graph_eval(const struct graph *g, const double *const given[], struct arena *arena);

/* A function of its arguments. */
double graph_eval_function(enum function f, const double x[3]);

#endif

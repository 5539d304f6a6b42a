/* nest: what the files of this room share about nests. */
#ifndef NETC_GRAPH_NEST_H
#define NETC_GRAPH_NEST_H

#include "compiler/graph/graph.h"

/* The same computation without axes of extent 1: their index is always 0. A sum or maximum that keeps no reduced axis becomes
 * COMBINE_NONE, with what it gives over no points as `otherwise`; the number of the greatest of one point is 0. */
struct nest nest_without_unit_axes(struct graph *g, const struct nest *from);

/* How many arguments a function takes; how it is written. */
int function_arity(enum function f);
const char *function_name(enum function f);

#endif

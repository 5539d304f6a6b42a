/* inspect: the graph's printer and its verifier. */
#ifndef NETC_GRAPH_INSPECT_H
#define NETC_GRAPH_INSPECT_H

#include "compiler/graph/graph.h"

#include <stdio.h>

/* Whether the graph keeps this header's promises; says which is broken on `out`. */
bool graph_verify(const struct graph *g, FILE *out);

/* Of that what holds for the graph as a whole and costs next to nothing: names that are unique, tables and updates that refer to
 * nodes of the right kind. */
bool graph_verify_tables(const struct graph *g, FILE *out);

void graph_print(const struct graph *g, FILE *out);

#endif

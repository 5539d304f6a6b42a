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

/* "in lanes: points, then lanes by a tree, then blocks; partial sums of 2048 samples": in which order a node that sums over samples
 * adds up, for dumps and comments. */
const char *sample_order_text(const struct graph *g, const struct node *n);

void graph_print(const struct graph *g, FILE *out);

#endif

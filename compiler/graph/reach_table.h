/* reach_table: what is known of receptive fields, so that asking for each layer's costs one walk over the graph. */
#ifndef NETC_GRAPH_REACH_TABLE_H
#define NETC_GRAPH_REACH_TABLE_H

struct arena;
struct reach_table;

struct reach_table *reach_table_create(struct arena *a);

#endif

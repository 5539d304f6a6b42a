/* field_cache: what is known of receptive fields, so that asking for each layer's costs one walk over the graph. */
#ifndef NETC_GRAPH_FIELD_CACHE_H
#define NETC_GRAPH_FIELD_CACHE_H

struct arena;
struct field_cache;

struct field_cache *field_cache_create(struct arena *a);

#endif

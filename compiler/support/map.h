/* map: from addresses to pointers. Interned names compare by address, so a map of names is one of these. */
#ifndef NETC_SUPPORT_MAP_H
#define NETC_SUPPORT_MAP_H

struct arena;
struct map;

struct map *map_create(struct arena *a);

/* What `key` stands for, or NULL. */
void *map_get(const struct map *m, const void *key);

/* From now on `key` stands for `item`. */
void map_set(struct map *m, const void *key, void *item);

#endif

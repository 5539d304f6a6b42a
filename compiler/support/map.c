/* map: a uthash table from address to address. */
#include "compiler/support/map.h"

#include "compiler/support/arena.h"

/* As in intern.c: the table's own memory comes from the arena, which never returns NULL. */
#define HASH_NONFATAL_OOM 1
#define uthash_malloc(size) arena_alloc(m->arena, (size))
#define uthash_free(pointer, size) ((void)(pointer), (void)(size))
#include <uthash.h>

struct entry {
    const void *key;
    void *item;
    UT_hash_handle hh;
};

struct map {
    struct arena *arena;
    struct entry *entries;
};

struct map *map_create(struct arena *a)
{
    struct map *m = arena_new(a, struct map);

    m->arena = a;
    return m;
}

static struct entry *find(const struct map *m, const void *key)
{
    struct entry *found = NULL;

    HASH_FIND_PTR(m->entries, &key, found);
    return found;
}

void *map_get(const struct map *m, const void *key)
{
    const struct entry *e = find(m, key);

    return e == NULL ? NULL : e->item;
}

void map_set(struct map *m, const void *key, void *item)
{
    struct entry *e = find(m, key);

    if (e == NULL) {
        e = arena_new(m->arena, struct entry);
        e->key = key;
        HASH_ADD_PTR(m->entries, key, e);
    }
    e->item = item;
}

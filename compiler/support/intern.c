/* intern: a uthash table from text to its one copy. */
#include "compiler/support/intern.h"

#include "compiler/support/arena.h"

/* The table's own memory comes from the arena, which never returns NULL: uthash cannot run out by itself. */
#define HASH_NONFATAL_OOM 1
#define uthash_malloc(size) arena_alloc(in->arena, (size))
#define uthash_free(pointer, size) ((void)(pointer), (void)(size))
#include <uthash.h>

struct name {
    const char *text;
    UT_hash_handle hh;
};

struct interner {
    struct arena *arena;
    struct name *names;
};

struct interner *interner_create(struct arena *a)
{
    struct interner *in = arena_new(a, struct interner);

    in->arena = a;
    return in;
}

const char *intern(struct interner *in, const char *text, size_t length)
{
    struct name *found = NULL;

    HASH_FIND(hh, in->names, text, length, found);
    if (found == NULL) {
        found = arena_new(in->arena, struct name);
        found->text = arena_copy(in->arena, text, length);
        HASH_ADD_KEYPTR(hh, in->names, found->text, length, found);
    }
    return found->text;
}

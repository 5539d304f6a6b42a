/* names: see names.h. A name that was wished for remembers the number that its next namesake tries first. */
#include "compiler/support/names.h"

#include "compiler/support/arena.h"

#include <ctype.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#define uthash_malloc(size) arena_alloc(n->arena, (size))
#define uthash_free(pointer, size) ((void)(pointer), (void)(size))
#include <uthash.h>

struct taken {
    const char *name;
    int next;
    UT_hash_handle hh;
};

struct names {
    struct arena *arena;
    struct taken *taken;
};

struct names *names_create(struct arena *a)
{
    struct names *n = arena_new(a, struct names);

    n->arena = a;
    return n;
}

static struct taken *find(const struct names *n, const char *name)
{
    struct taken *found = NULL;

    HASH_FIND_STR(n->taken, name, found);
    return found;
}

bool names_are_taken(const struct names *n, const char *name)
{
    return find(n, name) != NULL;
}

static const char *take(struct names *n, const char *name)
{
    struct taken *t = arena_new(n->arena, struct taken);

    t->name = arena_strdup(n->arena, name);
    t->next = 2;
    HASH_ADD_KEYPTR(hh, n->taken, t->name, strlen(t->name), t);
    return t->name;
}

const char *names_take(struct names *n, const char *wish)
{
    struct taken *namesake = find(n, wish);
    const char *name = wish;

    while (namesake && find(n, name))
        name = arena_printf(n->arena, "%s_%d", wish, namesake->next++);
    return take(n, name);
}

const char *names_identifier(const char *text, struct arena *a)
{
    char *copy = arena_strdup(a, text);

    for (char *c = copy; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    return isdigit((unsigned char)*copy) ? arena_printf(a, "_%s", copy) : copy;
}

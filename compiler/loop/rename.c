/* rename: names of variables that are unique where they are seen.
 *
 * Whoever makes loops names a variable after what it holds, "sum_o2_w0". Two that would be seen at one place are told apart by a
 * number, "sum", "sum_2"; those of different blocks may share a name.
 */
#include "compiler/loop/loop.h"

#include "compiler/support/arena.h"
#include "compiler/support/intern.h"
#include "compiler/support/map.h"

#include <string.h>

struct name {
    const char *text;
    bool visible;
    int next;    /* the number to try first for one more of this name */
};

/* A name that is visible, and what it is a numbered one of. */
struct use {
    struct name *name, *base;
    int number;
};

struct scope {
    struct arena *arena;
    struct interner *names;
    struct map *known;
    VEC(struct use) use;
};

static struct name *name_of(struct scope *s, const char *text)
{
    const char *key = intern(s->names, text, strlen(text));
    struct name *n = map_get(s->known, key);

    if (n)
        return n;
    n = arena_new(s->arena, struct name);
    *n = (struct name){.text = key, .next = 2};
    map_set(s->known, key, n);
    return n;
}

static void define(struct scope *s, struct loop_variable *v)
{
    struct use u = {.base = name_of(s, v->name), .number = 0};

    u.name = u.base;
    for (int number = u.base->next; u.name->visible; number++) {
        u.name = name_of(s, arena_printf(s->arena, "%s_%d", u.base->text, number));
        u.number = number;
    }
    if (u.number > 0)
        u.base->next = u.number + 1;
    u.name->visible = true;
    v->name = u.name->text;
    vec_push(s->arena, &s->use, u);
}

static void leave(struct scope *s, size_t visible)
{
    while (s->use.count > visible) {
        const struct use *u = &s->use.at[--s->use.count];
        u->name->visible = false;
        if (u->number > 0)
            u->base->next = u->number;
    }
}

static void rename_in(struct scope *s, const struct loop *statement)
{
    const size_t visible = s->use.count;

    for (; statement; statement = statement->next) {
        switch (statement->kind) {
        case LOOP_FOR: rename_in(s, statement->as.for_.body); break;
        case LOOP_IF: rename_in(s, statement->as.if_.body); break;
        case LOOP_INDIRECT: rename_in(s, statement->as.indirect.body); break;
        case LOOP_BLOCK: rename_in(s, statement->as.block); break;
        case LOOP_DEFINE: define(s, (struct loop_variable *)statement->as.set.variable); break;
        case LOOP_SET:
        case LOOP_STORE: break;
        }
    }
    leave(s, visible);
}

void loop_rename_variables(struct loop_module *m, struct loop_kernel *k)
{
    struct scope s = {.arena = m->arena, .names = interner_create(m->arena), .known = map_create(m->arena)};

    rename_in(&s, k->body);
}

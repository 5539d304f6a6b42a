/* rename: names of variables that are unique where they are seen.
 *
 * Whoever makes loops names a variable after what it holds, "sum_o2_w0". Two that would be seen at one place are told apart by a
 * number, "sum", "sum_2"; those of different blocks may share a name. So are axes, of which one is inside the other.
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

/* The axes around a statement, the innermost first. */
struct around {
    loop_axis axis;
    const struct around *outer;
};

static bool is_taken(const struct loop_kernel *k, const struct around *around, const char *name)
{
    for (; around; around = around->outer)
        if (strcmp(k->axis.at[around->axis].name, name) == 0)
            return true;
    return false;
}

static void rename_axes(struct loop_module *m, struct loop_kernel *k, const struct loop *s, const struct around *around);

static void rename_axis(struct loop_module *m, struct loop_kernel *k, loop_axis axis, const struct loop *body,
                        const struct around *outer)
{
    const struct around around = {axis, outer};
    const char *base = k->axis.at[axis].name, *name = base;

    for (int number = 2; is_taken(k, outer, name); number++)
        name = arena_printf(m->arena, "%s_%d", base, number);
    k->axis.at[axis].name = name;
    rename_axes(m, k, body, &around);
}

static void rename_axes(struct loop_module *m, struct loop_kernel *k, const struct loop *s, const struct around *around)
{
    for (; s; s = s->next) {
        switch (s->kind) {
        case LOOP_FOR: rename_axis(m, k, s->as.for_.axis, s->as.for_.body, around); break;
        case LOOP_IF: rename_axes(m, k, s->as.if_.body, around); break;
        case LOOP_INDIRECT: rename_axis(m, k, s->as.indirect.axis, s->as.indirect.body, around); break;
        case LOOP_BLOCK: rename_axes(m, k, s->as.block, around); break;
        case LOOP_DEFINE:
        case LOOP_SET:
        case LOOP_STORE: break;
        }
    }
}

void loop_rename_variables(struct loop_module *m, struct loop_kernel *k)
{
    struct scope s = {.arena = m->arena, .names = interner_create(m->arena), .known = map_create(m->arena)};
    struct around item[MAX_ITEM_AXES];
    const int items = k->item_count > 0 ? k->item_count : k->axis.count > 0;

    for (int i = 0; i < items; i++)
        item[i] = (struct around){i, i > 0 ? &item[i - 1] : NULL};
    rename_axes(m, k, k->body, items > 0 ? &item[items - 1] : NULL);
    rename_in(&s, k->body);
}

/* names: what a kernel uses, and under which names the C file speaks of it.
 *
 * Buffers, axes and variables have names of their own in the loop IR; in C they share one scope with the keywords and the
 * vocabulary of netrt/vector.h. A name that would collide gets a suffix that tells what it is.
 */
#include "compiler/emit/c/emitter.h"

#include "compiler/emit/identifiers.h"
#include "compiler/loop/index.h"
#include "compiler/support/names.h"

#include <assert.h>

/* ---- Gathering ----------------------------------------------------------------------------------------------------- */

static void gather_place(struct emitter *e, const struct loop_place *place, bool written)
{
    struct c_pointer *known = c_pointer_of(e, place);

    if (!known) {
        struct c_pointer p = {.buffer = place->buffer, .block = place->block};
        vec_push(e->module->arena, &e->pointer, p);
        known = &e->pointer.at[e->pointer.count - 1];
    }
    known->written |= written;
}

static void gather_index(struct emitter *e, const struct loop_index *index)
{
    for (int i = 0; i < index->count; i++)
        e->axis_used[index->term[i].axis] = true;
}

static void gather_expr(struct emitter *e, const struct loop_expr *x)
{
    if (x->op == LOOP_LOAD || x->op == LOOP_SUM_LANES) {
        gather_place(e, &x->as.place, false);
        gather_index(e, &x->as.place.at);
        gather_index(e, &x->as.place.block);
    }
    if (x->op == LOOP_INDEX)
        gather_index(e, &x->as.index);
    for (int i = 0; i < 3 && x->arg[i]; i++)
        gather_expr(e, x->arg[i]);
}

static void gather_variable(struct emitter *e, const struct loop *s)
{
    const struct loop_variable *v = s->as.set.variable;

    for (size_t i = 0; i < e->variable.count; i++) {
        if (e->variable.at[i].variable == v) {
            e->variable.at[i].constant &= s->kind == LOOP_DEFINE;
            return;
        }
    }
    struct c_variable variable = {v, v->name, s->kind == LOOP_DEFINE};
    vec_push(e->module->arena, &e->variable, variable);
}

static void gather(struct emitter *e, const struct loop *s)
{
    for (; s; s = s->next) {
        switch (s->kind) {
        case LOOP_FOR:
            e->uses_step |= s->as.for_.over_blocks;
            gather(e, s->as.for_.body);
            break;
        case LOOP_IF:
            gather_index(e, &s->as.if_.index);
            gather(e, s->as.if_.body);
            break;
        case LOOP_INDIRECT:
            gather_expr(e, s->as.indirect.value);
            gather(e, s->as.indirect.body);
            break;
        case LOOP_DEFINE:
        case LOOP_SET:
            gather_variable(e, s);
            gather_expr(e, s->as.set.value);
            break;
        case LOOP_STORE:
            gather_place(e, &s->as.store.place, true);
            gather_index(e, &s->as.store.place.at);
            gather_index(e, &s->as.store.place.block);
            gather_expr(e, s->as.store.value);
            break;
        case LOOP_BLOCK: gather(e, s->as.block); break;
        }
    }
}

/* ---- Sharing ------------------------------------------------------------------------------------------------------- */

/* Whether two pointers may reach the same bytes: one buffer in two lane blocks, or buffers whose places overlap. */
static bool may_meet(const struct emitter *e, const struct c_pointer *a, const struct c_pointer *b)
{
    const struct loop_buffer *x = loop_buffer_at(e->module, e->kernel, a->buffer);
    const struct loop_buffer *y = loop_buffer_at(e->module, e->kernel, b->buffer);

    return a->buffer == b->buffer || loop_buffers_meet(x, y);
}

static void find_unshared(struct emitter *e)
{
    for (size_t i = 0; i < e->pointer.count; i++) {
        struct c_pointer *p = &e->pointer.at[i];
        p->unshared = true;
        for (size_t j = 0; j < e->pointer.count; j++) {
            const struct c_pointer *q = &e->pointer.at[j];
            if (j != i && (p->written || q->written) && may_meet(e, p, q))
                p->unshared = false;
        }
    }
}

/* ---- Names --------------------------------------------------------------------------------------------------------- */

/* What buffers and axes are called: no other name of the kernel may be among them. */
static void name_pointers(struct emitter *e)
{
    struct arena *a = e->module->arena;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < e->pointer.count; i++) {
            struct c_pointer *p = &e->pointer.at[i];
            const char *name = loop_buffer_at(e->module, e->kernel, p->buffer)->name;
            int earlier = 0;
            for (size_t j = 0; j < i; j++)
                earlier += e->pointer.at[j].buffer == p->buffer;
            /* A name that needs no change is not taken by one that does. */
            if ((earlier > 0 || identifier_is_word(name)) != (pass > 0))
                continue;
            if (identifier_is_word(name))
                name = arena_printf(a, "%s_buffer", name);
            if (earlier > 0)
                name = arena_printf(a, "%s_in_block%d", name, earlier + 1);
            p->name = names_take(e->taken, name);
        }
    }
}

/* `name`, unless C or the kernel has another use for it: then with as many suffixes as it takes. `also`: names that others have. */
static const char *free_name(const struct emitter *e, const char *name, const char *suffix, const struct names *also)
{
    bool free = !identifier_is_word(name) && !names_are_taken(e->taken, name);

    while (!free) {
        name = arena_printf(e->module->arena, "%s%s", name, suffix);
        free = !names_are_taken(e->taken, name) && !names_are_taken(also, name);
    }
    return name;
}

static void note_name(struct names *names, const char *name)
{
    if (!names_are_taken(names, name))
        names_take(names, name);
}

/* Axes that are not inside each other may have one name, and keep that. */
static void name_axes(struct emitter *e)
{
    struct names *axes = names_create(e->module->arena);
    size_t count = e->kernel->axis.count;

    for (size_t i = 0; i < count; i++)
        note_name(axes, e->kernel->axis.at[i].name);
    for (size_t i = 0; i < count; i++)
        e->axis_name[i] = free_name(e, e->kernel->axis.at[i].name, "_axis", axes);
    for (size_t i = 0; i < count; i++)
        note_name(e->taken, e->axis_name[i]);
}

static void name_variables(struct emitter *e)
{
    struct names *variables = names_create(e->module->arena);

    for (size_t i = 0; i < e->variable.count; i++)
        note_name(variables, e->variable.at[i].variable->name);
    for (size_t i = 0; i < e->variable.count; i++)
        e->variable.at[i].name = free_name(e, e->variable.at[i].variable->name, "_value", variables);
}

void c_begin_kernel(struct emitter *e, const struct loop_kernel *k)
{
    *e = (struct emitter){.module = e->module, .kernel = k, .out = e->out, .depth = 1, .lines = e->lines};
    e->taken = names_create(e->module->arena);
    e->axis_used = arena_array(e->module->arena, bool, k->axis.count + 1);
    e->axis_in_scope = arena_array(e->module->arena, bool, k->axis.count + 1);
    e->axis_name = arena_array(e->module->arena, const char *, k->axis.count + 1);
    gather(e, k->body);
    find_unshared(e);
    name_pointers(e);
    name_axes(e);
    name_variables(e);
    for (size_t i = 0; i < e->pointer.count; i++)
        e->uses_step |= loop_buffer_at(e->module, k, e->pointer.at[i].buffer)->space != SPACE_LOCAL;
}

void c_begin_function(struct emitter *e, const struct loop_function *f)
{
    struct c_variable parameter = {f->parameter, f->parameter->name, true};

    *e = (struct emitter){.module = e->module, .out = e->out, .depth = 1, .lines = e->lines};
    e->taken = names_create(e->module->arena);
    vec_push(e->module->arena, &e->variable, parameter);
    gather(e, f->body);
    name_variables(e);
}

/* ---- Looking up ---------------------------------------------------------------------------------------------------- */

const char *c_axis_name(const void *emitter, loop_axis axis)
{
    const struct emitter *e = emitter;

    return e->axis_name[axis];
}

const struct c_variable *c_variable_of(const struct emitter *e, const struct loop_variable *v)
{
    for (size_t i = 0; i < e->variable.count; i++) {
        if (e->variable.at[i].variable == v)
            return &e->variable.at[i];
    }
    assert(!"a variable that nothing defines");
    return NULL;
}

struct c_pointer *c_pointer_of(const struct emitter *e, const struct loop_place *place)
{
    for (size_t i = 0; i < e->pointer.count; i++) {
        struct c_pointer *p = &e->pointer.at[i];
        if (p->buffer == place->buffer && loop_index_equal(&p->block, &place->block))
            return p;
    }
    return NULL;
}

static bool expr_uses_pointer(const struct emitter *e, const struct loop_expr *x, const struct c_pointer *p)
{
    if ((x->op == LOOP_LOAD || x->op == LOOP_SUM_LANES) && c_pointer_of(e, &x->as.place) == p)
        return true;
    for (int i = 0; i < 3 && x->arg[i]; i++) {
        if (expr_uses_pointer(e, x->arg[i], p))
            return true;
    }
    return false;
}

bool c_uses_pointer(const struct emitter *e, const struct loop *s, const struct c_pointer *p)
{
    bool used = false;

    for (; s && !used; s = s->next) {
        switch (s->kind) {
        case LOOP_FOR: used = c_uses_pointer(e, s->as.for_.body, p); break;
        case LOOP_IF: used = c_uses_pointer(e, s->as.if_.body, p); break;
        case LOOP_INDIRECT:
            used = expr_uses_pointer(e, s->as.indirect.value, p) || c_uses_pointer(e, s->as.indirect.body, p);
            break;
        case LOOP_DEFINE:
        case LOOP_SET: used = expr_uses_pointer(e, s->as.set.value, p); break;
        case LOOP_STORE: used = c_pointer_of(e, &s->as.store.place) == p || expr_uses_pointer(e, s->as.store.value, p); break;
        case LOOP_BLOCK: used = c_uses_pointer(e, s->as.block, p); break;
        }
    }
    return used;
}

/* names: what a kernel uses, and under which names the C file speaks of it.
 *
 * Buffers, axes and variables have names of their own in the loop IR; in C they share one scope with the keywords and the
 * vocabulary of netrt/vector.h. A name that would collide gets a suffix that tells what it is.
 */
#include "compiler/emit/c/emitter.h"

#include "compiler/loop/index.h"

#include <assert.h>
#include <string.h>

static const char *const reserved[] = {
    "auto",   "bits",    "bool",     "break",  "case",  "char",     "const",  "continue", "default",  "do",
    "double", "else",    "enum",     "extern", "false", "float",    "for",    "goto",     "if",       "inline",
    "int",    "int64_t", "item",     "linux",  "long",  "main",     "real",   "register", "restrict", "return",
    "short",  "signed",  "sizeof",   "static", "step",  "struct",   "switch", "true",     "typedef",  "typeof",
    "union",  "unix",    "unsigned", "vec",    "void",  "volatile", "while",  "asm",      "vec_bits", "vec_mask",
};

static bool has_prefix(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool is_reserved(const char *name)
{
    if (name[0] == '_' || has_prefix(name, "vec_") || has_prefix(name, "real_") || has_prefix(name, "bits_") ||
        has_prefix(name, "netrt_") || has_prefix(name, "NETRT_"))
        return true;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        if (strcmp(reserved[i], name) == 0)
            return true;
    }
    return false;
}

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
        case LOOP_CHOOSE:
            gather_expr(e, s->as.choose.value);
            gather(e, s->as.choose.body);
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

    return a->buffer == b->buffer || loop_buffers_meet(e->module, x, y);
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

static bool is_buffer_name(const struct emitter *e, const char *name)
{
    for (size_t i = 0; i < e->pointer.count; i++) {
        if (strcmp(loop_buffer_at(e->module, e->kernel, e->pointer.at[i].buffer)->name, name) == 0)
            return true;
    }
    return false;
}

static bool is_axis_name(const struct emitter *e, const char *name)
{
    for (size_t i = 0; e->kernel && i < e->kernel->axis.count; i++) {
        if (strcmp(e->kernel->axis.at[i].name, name) == 0)
            return true;
    }
    return false;
}

static void name_pointers(struct emitter *e)
{
    struct arena *a = e->module->arena;

    for (size_t i = 0; i < e->pointer.count; i++) {
        struct c_pointer *p = &e->pointer.at[i];
        int earlier = 0;
        for (size_t j = 0; j < i; j++)
            earlier += e->pointer.at[j].buffer == p->buffer;
        p->name = loop_buffer_at(e->module, e->kernel, p->buffer)->name;
        if (is_reserved(p->name))
            p->name = arena_printf(a, "%s_buffer", p->name);
        if (earlier > 0)
            p->name = arena_printf(a, "%s_in_block%d", p->name, earlier + 1);
    }
}

static void name_axes(struct emitter *e)
{
    struct arena *a = e->module->arena;
    size_t count = e->kernel->axis.count;

    for (size_t i = 0; i < count; i++) {
        const char *name = e->kernel->axis.at[i].name;
        while (is_reserved(name) || is_buffer_name(e, name))
            name = arena_printf(a, "%s_axis", name);
        e->axis_name[i] = name;
    }
}

static void name_variables(struct emitter *e)
{
    for (size_t i = 0; i < e->variable.count; i++) {
        const char *name = e->variable.at[i].variable->name;
        while (is_reserved(name) || is_buffer_name(e, name) || is_axis_name(e, name))
            name = arena_printf(e->module->arena, "%s_value", name);
        e->variable.at[i].name = name;
    }
}

void c_begin_kernel(struct emitter *e, const struct loop_kernel *k)
{
    *e = (struct emitter){.module = e->module, .kernel = k, .out = e->out, .depth = 1};
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

    *e = (struct emitter){.module = e->module, .out = e->out, .depth = 1};
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
        case LOOP_CHOOSE: used = expr_uses_pointer(e, s->as.choose.value, p) || c_uses_pointer(e, s->as.choose.body, p); break;
        case LOOP_DEFINE:
        case LOOP_SET: used = expr_uses_pointer(e, s->as.set.value, p); break;
        case LOOP_STORE: used = c_pointer_of(e, &s->as.store.place) == p || expr_uses_pointer(e, s->as.store.value, p); break;
        case LOOP_BLOCK: used = c_uses_pointer(e, s->as.block, p); break;
        }
    }
    return used;
}

/* kernel_view: gathers pointers, variables and axes in one walk over the loops. Nothing is decided here that a back end could decide
 * otherwise. */
#include "compiler/emit/kernel_view.h"

#include "compiler/loop/index.h"
#include "compiler/support/map.h"

#include <assert.h>

/* ---- Gathering ----------------------------------------------------------------------------------------------------- */

static void gather_index(struct kernel_view *v, const struct loop_index *index)
{
    for (int i = 0; i < index->count; i++)
        v->axis_used[index->term[i].axis] = true;
}

/* NULL: no place was reached from there yet. */
static struct view_pointer *find_pointer(const struct kernel_view *v, const struct loop_place *place)
{
    for (size_t i = 0; i < v->pointer.count; i++)
        if (v->pointer.at[i].id == place->buffer && loop_index_equal(&v->pointer.at[i].block, &place->block))
            return &v->pointer.at[i];
    return NULL;
}

static void gather_place(struct kernel_view *v, const struct loop_place *place, bool written)
{
    struct view_pointer *known = find_pointer(v, place);

    if (known == NULL) {
        struct view_pointer p = {.buffer = loop_buffer_at(v->module, v->kernel, place->buffer),
                                 .id = place->buffer,
                                 .block = place->block,
                                 .written = written};
        vec_push(v->module->arena, &v->pointer, p);
        v->uses_step |= p.buffer->space != SPACE_LOCAL;
    } else {
        known->written |= written;
    }
    gather_index(v, &place->at);
    gather_index(v, &place->block);
}

static void gather_expr(struct kernel_view *v, const struct loop_expr *x)
{
    if (x->op == LOOP_LOAD || x->op == LOOP_SUM_LANES)
        gather_place(v, &x->as.place, false);
    if (x->op == LOOP_INDEX)
        gather_index(v, &x->as.index);
    for (int i = 0; i < 3 && x->arg[i]; i++)
        gather_expr(v, x->arg[i]);
}

static void gather_variable(struct kernel_view *v, const struct loop_variable *variable, bool set)
{
    struct view_variable *known = map_get(v->by_variable, variable);

    if (!known) {
        known = arena_new(v->module->arena, struct view_variable);
        *known = (struct view_variable){.variable = variable, .number = (int)v->variable.count};
        map_set(v->by_variable, variable, known);
        vec_push(v->module->arena, &v->variable, known);
    }
    known->set |= set;
}

static void gather(struct kernel_view *v, const struct loop *s)
{
    for (; s; s = s->next) {
        switch (s->kind) {
        case LOOP_FOR:
            v->uses_step |= s->as.for_.over_blocks;
            gather(v, s->as.for_.body);
            break;
        case LOOP_IF:
            v->uses_step |= s->as.if_.of_blocks;
            gather_index(v, &s->as.if_.index);
            gather(v, s->as.if_.body);
            break;
        case LOOP_INDIRECT:
            gather_expr(v, s->as.indirect.value);
            gather(v, s->as.indirect.body);
            break;
        case LOOP_DEFINE:
        case LOOP_SET:
            gather_variable(v, s->as.set.variable, s->kind == LOOP_SET);
            gather_expr(v, s->as.set.value);
            break;
        case LOOP_STORE:
            gather_place(v, &s->as.store.place, true);
            gather_expr(v, s->as.store.value);
            break;
        case LOOP_BLOCK: gather(v, s->as.block); break;
        }
    }
}

static void find_unshared(struct kernel_view *v)
{
    for (size_t i = 0; i < v->pointer.count; i++) {
        struct view_pointer *p = &v->pointer.at[i];
        p->unshared = true;
        for (size_t j = 0; j < v->pointer.count; j++)
            if (j != i && (p->written || v->pointer.at[j].written) && view_may_meet(v, i, j))
                p->unshared = false;
    }
}

static struct kernel_view *new_view(const struct loop_module *m, const struct loop_kernel *k)
{
    struct kernel_view *v = arena_new(m->arena, struct kernel_view);
    const size_t axes = k ? k->axis.count : 0;

    *v = (struct kernel_view){.module = m, .kernel = k, .by_variable = map_create(m->arena)};
    v->axis_used = arena_array(m->arena, bool, axes + 1);
    v->in_scope = arena_array(m->arena, bool, axes + 1);
    return v;
}

struct kernel_view *view_of_kernel(const struct loop_module *m, const struct loop_kernel *k)
{
    struct kernel_view *v = new_view(m, k);

    gather(v, k->body);
    find_unshared(v);
    return v;
}

struct kernel_view *view_of_function(const struct loop_module *m, const struct loop_function *f)
{
    struct kernel_view *v = new_view(m, NULL);

    gather_variable(v, f->parameter, false);
    gather(v, f->body);
    return v;
}

/* ---- Looking up ---------------------------------------------------------------------------------------------------- */

int view_pointer_of(const struct kernel_view *v, const struct loop_place *place)
{
    const struct view_pointer *known = find_pointer(v, place);

    assert(known != NULL);
    return (int)(known - v->pointer.at);
}

const struct view_variable *view_variable_of(const struct kernel_view *v, const struct loop_variable *variable)
{
    const struct view_variable *known = map_get(v->by_variable, variable);

    assert(known);
    return known;
}

bool view_may_meet(const struct kernel_view *v, size_t i, size_t j)
{
    const struct view_pointer *a = &v->pointer.at[i], *b = &v->pointer.at[j];

    return a->id == b->id || loop_buffers_meet(a->buffer, b->buffer);
}

bool view_is_ready(const struct kernel_view *v, size_t pointer)
{
    const struct loop_index *block = &v->pointer.at[pointer].block;

    for (int i = 0; i < block->count; i++)
        if (!v->in_scope[block->term[i].axis])
            return false;
    return true;
}

static bool expr_uses(const struct kernel_view *v, size_t pointer, const struct loop_expr *x)
{
    bool used = (x->op == LOOP_LOAD || x->op == LOOP_SUM_LANES) && (size_t)view_pointer_of(v, &x->as.place) == pointer;

    for (int i = 0; i < 3 && x->arg[i] && !used; i++)
        used = expr_uses(v, pointer, x->arg[i]);
    return used;
}

bool view_is_used(const struct kernel_view *v, size_t pointer, const struct loop *s)
{
    bool used = false;

    for (; s && !used; s = s->next) {
        switch (s->kind) {
        case LOOP_FOR: used = view_is_used(v, pointer, s->as.for_.body); break;
        case LOOP_IF: used = view_is_used(v, pointer, s->as.if_.body); break;
        case LOOP_INDIRECT:
            used = expr_uses(v, pointer, s->as.indirect.value) || view_is_used(v, pointer, s->as.indirect.body);
            break;
        case LOOP_DEFINE:
        case LOOP_SET: used = expr_uses(v, pointer, s->as.set.value); break;
        case LOOP_STORE:
            used = (size_t)view_pointer_of(v, &s->as.store.place) == pointer || expr_uses(v, pointer, s->as.store.value);
            break;
        case LOOP_BLOCK: used = view_is_used(v, pointer, s->as.block); break;
        }
    }
    return used;
}

/* scope: bindings, the latest of a name first, and the uses that keep a binding from being reported. */
#include "compiler/sema/scope.h"

#include "compiler/support/map.h"
#include "compiler/syntax/ast_walk.h"

void declarations_init(struct declarations *d, struct arena *a)
{
    *d = (struct declarations){.arena = a, .by_place = map_create(a)};
    d->end = &d->first;
}

struct declaration *declare(struct declarations *d, const struct ast_name *name, enum declaration_kind kind)
{
    struct declaration *known = map_get(d->by_place, name);

    if (known != NULL)
        return known;
    known = arena_new(d->arena, struct declaration);
    *known = (struct declaration){.name = name->text, .at = name->at, .kind = kind};
    map_set(d->by_place, name, known);
    *d->end = known;
    d->end = &known->next;
    return known;
}

void declarations_report(const struct declarations *d, struct diags *ds)
{
    for (const struct declaration *i = d->first; i != NULL; i = i->next) {
        if (i->used)
            continue;
        if (i->kind == DECLARATION_BINDING && i->name[0] != '_')
            diag_warning(ds, i->at, DIAG_UNUSED_BINDING, "%s is never used", i->name);
        else if (i->kind == DECLARATION_PARAMETER)
            diag_warning(ds, i->at, DIAG_UNUSED_PARAMETER, "the block never uses its parameter %s", i->name);
    }
}

void scope_init(struct scope *s, struct arena *a)
{
    *s = (struct scope){.arena = a, .bindings = map_create(a)};
}

void scope_bind(struct scope *s, const char *name, struct sema_value operand, struct declaration *declaration)
{
    struct binding *b = map_get(s->bindings, name);

    if (b == NULL) {
        b = arena_new(s->arena, struct binding);
        map_set(s->bindings, name, b);
        vec_push(s->arena, &s->names, name);
    }
    *b = (struct binding){.operand = operand, .declaration = declaration};
}

void scope_copy(struct scope *to, const struct scope *from)
{
    for (size_t i = 0; i < from->names.count; i++) {
        const struct binding *b = map_get(from->bindings, from->names.at[i]);
        if (b != NULL)
            scope_bind(to, from->names.at[i], b->operand, b->declaration);
    }
}

void scope_unbind(struct scope *s, const char *name)
{
    map_set(s->bindings, name, NULL);
}

struct binding *scope_find(const struct scope *s, const char *name)
{
    return map_get(s->bindings, name);
}

const struct sema_value *scope_use(struct scope *s, const char *name)
{
    struct binding *b = map_get(s->bindings, name);

    if (b == NULL)
        return NULL;
    if (b->declaration != NULL)
        b->declaration->used = true;
    return &b->operand;
}

/* ---- Code that is skipped -------------------------------------------------------------------------------------------- */

static void use_name(void *scope, const char *name)
{
    scope_use(scope, name);
}

/* Stages apply shared parameters by their name. */
static void use_call(void *scope, const struct ast_call *call, bool is_stage)
{
    (void)is_stage;
    scope_use(scope, call->callee.text);
}

static struct ast_visitor user_of(struct scope *s)
{
    return (struct ast_visitor){.data = s, .name = use_name, .call = use_call};
}

void scope_use_expression(struct scope *s, const struct ast_expr *e)
{
    const struct ast_visitor v = user_of(s);

    ast_walk_expression(&v, e);
}

void scope_use_chain(struct scope *s, const struct ast_stage *chain)
{
    const struct ast_visitor v = user_of(s);

    ast_walk_chain(&v, chain);
}

void scope_use_statements(struct scope *s, const struct ast_stmt *list)
{
    const struct ast_visitor v = user_of(s);

    ast_walk_statements(&v, list);
}

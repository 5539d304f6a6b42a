#include "compiler/sema/scope.h"

#include "compiler/support/map.h"

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
        if (i->kind == DECLARATION_BINDING)
            diag_warning(ds, i->at, DIAG_UNUSED_BINDING, "%s is never used", i->name);
        else if (i->kind == DECLARATION_PARAMETER)
            diag_warning(ds, i->at, DIAG_UNUSED_PARAMETER, "the block never uses its parameter %s", i->name);
    }
}

void scope_init(struct scope *s, struct arena *a)
{
    *s = (struct scope){.arena = a, .bindings = map_create(a)};
}

void scope_bind(struct scope *s, const char *name, struct operand operand, struct declaration *declaration)
{
    struct binding *b = map_get(s->bindings, name);

    if (b == NULL) {
        b = arena_new(s->arena, struct binding);
        map_set(s->bindings, name, b);
        vec_push(s->arena, &s->names, name);
    }
    *b = (struct binding){.operand = operand, .declaration = declaration};
}

void scope_unbind(struct scope *s, const char *name)
{
    map_set(s->bindings, name, NULL);
}

struct binding *scope_find(const struct scope *s, const char *name)
{
    return map_get(s->bindings, name);
}

const struct operand *scope_use(struct scope *s, const char *name)
{
    struct binding *b = map_get(s->bindings, name);

    if (b == NULL)
        return NULL;
    if (b->declaration != NULL)
        b->declaration->used = true;
    return &b->operand;
}

/* ---- Code that is skipped -------------------------------------------------------------------------------------------- */

static void use_pipes(struct scope *s, const struct ast_pipe *list)
{
    for (const struct ast_pipe *p = list; p != NULL; p = p->next) {
        scope_use_expression(s, p->from);
        scope_use_chain(s, p->chain);
    }
}

static void use_call(struct scope *s, const struct ast_call *call)
{
    for (const struct ast_arg *a = call->args; a != NULL; a = a->next)
        scope_use_expression(s, a->value);
}

void scope_use_expression(struct scope *s, const struct ast_expr *e)
{
    while (e != NULL) {
        const struct ast_expr *rest = NULL;    /* the loop follows the operand that grows long in a chain like a + b + c */
        switch (e->kind) {
        case AST_INT:
        case AST_FLOAT:
        case AST_SIZE:
        case AST_STRING:
        case AST_BOOL: break;
        case AST_NAME: scope_use(s, e->as.name); break;
        case AST_LIST:
            for (const struct ast_expr *i = e->as.items; i != NULL; i = i->next)
                scope_use_expression(s, i);
            break;
        case AST_UNARY: rest = e->as.operation.a; break;
        case AST_BINARY:
            scope_use_expression(s, e->as.operation.b);
            rest = e->as.operation.a;
            break;
        case AST_TERNARY:
            scope_use_expression(s, e->as.ternary.condition);
            scope_use_expression(s, e->as.ternary.yes);
            rest = e->as.ternary.no;
            break;
        case AST_CALL: use_call(s, &e->as.call); break;
        case AST_MEMBER: rest = e->as.member.of; break;
        case AST_INDEX:
            scope_use_expression(s, e->as.index.index);
            rest = e->as.index.of;
            break;
        case AST_PIPE: use_pipes(s, e->as.pipe); break;
        }
        e = rest;
    }
}

void scope_use_chain(struct scope *s, const struct ast_stage *chain)
{
    for (const struct ast_stage *stage = chain; stage != NULL; stage = stage->next) {
        use_call(s, &stage->call);
        for (const struct ast_branch *b = stage->branches; b != NULL; b = b->next)
            scope_use_chain(s, b->chain);
        if (stage->times != NULL)
            scope_use_expression(s, stage->times);
        scope_use_chain(s, stage->body);
    }
}

static void use_statement(struct scope *s, const struct ast_stmt *stmt)
{
    switch (stmt->kind) {
    case AST_INPUT: scope_use_expression(s, stmt->as.input.shape); break;
    case AST_OUTPUT: use_pipes(s, stmt->as.output.pipe); break;
    case AST_RETURN: use_pipes(s, stmt->as.results); break;
    case AST_BIND: use_pipes(s, stmt->as.bind.pipe); break;
    case AST_EVAL: use_pipes(s, stmt->as.eval); break;
    case AST_ASSERT: scope_use_expression(s, stmt->as.assertion.condition); break;
    case AST_IF:
        scope_use_expression(s, stmt->as.branch.condition);
        scope_use_statements(s, stmt->as.branch.yes);
        scope_use_statements(s, stmt->as.branch.no);
        break;
    }
}

void scope_use_statements(struct scope *s, const struct ast_stmt *list)
{
    for (const struct ast_stmt *stmt = list; stmt != NULL; stmt = stmt->next)
        use_statement(s, stmt);
}

/* globals: collects the declarations of a file, and evaluates a const when it is first asked for; -D takes the place of its
 * expression. */
#include "compiler/sema/globals.h"

#include "compiler/sema/evaluate.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/sema.h"
#include "compiler/support/intern.h"
#include "compiler/support/map.h"
#include "compiler/support/text.h"
#include "compiler/syntax/parse.h"

#include <string.h>

/* ---- Collecting ------------------------------------------------------------------------------------------------------ */

static bool declared_twice(struct expansion *x, const struct ast_decl *first, const struct ast_decl *second)
{
    diag_error(x->diags, second->name.at, DIAG_DUPLICATE_NAME, "%s is declared twice", second->name.text);
    diag_note(x->diags, first->name.at, "it is declared here");
    return false;
}

static bool collect_constant(struct expansion *x, const struct ast_decl *d)
{
    struct globals *g = &x->globals;
    struct constant *c = map_get(g->constants, d->name.text);

    if (c != NULL)
        return declared_twice(x, c->decl, d);
    c = arena_new(x->arena, struct constant);
    c->decl = d;
    map_set(g->constants, d->name.text, c);
    vec_push(x->arena, &g->constant_names, d->name.text);
    return true;
}

static bool collect_block(struct expansion *x, const struct ast_decl *d, struct map *map)
{
    struct globals *g = &x->globals;
    struct ast_decl *known = map_get(map, d->name.text);
    bool ok = true;

    if (known != NULL)
        return declared_twice(x, known, d);
    for (const struct ast_param *p = d->as.block.params; p != NULL; p = p->next)
        for (const struct ast_param *q = d->as.block.params; q != p; q = q->next)
            if (q->name.text == p->name.text)
                ok = diag_error(x->diags, p->name.at, DIAG_DUPLICATE_NAME, "%s has two parameters %s", d->name.text, p->name.text);
    map_set(map, d->name.text, (void *)(uintptr_t)d);
    if (map == g->blocks)
        vec_push(x->arena, &g->block_names, d->name.text);
    else
        vec_push(x->arena, &g->net_names, d->name.text);
    return ok;
}

bool globals_collect(struct expansion *x, const struct ast *ast)
{
    struct globals *g = &x->globals;
    bool ok = true;

    *g = (struct globals){.constants = map_create(x->arena), .blocks = map_create(x->arena), .nets = map_create(x->arena)};
    for (const struct ast_decl *d = ast->decls; d != NULL; d = d->next) {
        if (d->kind == AST_CONST)
            ok = collect_constant(x, d) && ok;
        else if (d->kind == AST_BLOCK)
            ok = collect_block(x, d, g->blocks) && ok;
        else if (d->kind == AST_NET)
            ok = collect_block(x, d, g->nets) && ok;
    }
    return ok;
}

const struct ast_decl *globals_block(const struct expansion *x, const char *name)
{
    return map_get(x->globals.blocks, name);
}

/* ---- Overrides ------------------------------------------------------------------------------------------------------- */

static bool bad_override(struct expansion *x, const struct constant *c, const char *wanted)
{
    diag_error(x->diags, SPAN_NONE, DIAG_BAD_OVERRIDE, "-D %s=%s: the const is %s", c->decl->name.text, c->override, wanted);
    diag_note(x->diags, c->decl->name.at, "%s is declared here", c->decl->name.text);
    return false;
}

/* The text as the value of a const, read by the parser of the language; NULL if it is none. */
static const struct ast_expr *parse_value(struct expansion *x, const char *text)
{
    struct sources *sources = arena_new(x->arena, struct sources);
    struct diags *ds = arena_new(x->arena, struct diags);
    const char *file = arena_printf(x->arena, "const value = %s\n;", text);
    struct ast ast = {0};

    sources->arena = x->arena;
    diags_init(ds, x->arena, sources);
    if (!parse_text("-D", file, strlen(file), x->arena, x->names, sources, ds, &ast) || ast.decls == NULL ||
        ast.decls->next != NULL || ast.decls->kind != AST_CONST)
        return NULL;
    return ast.decls->as.constant;
}

/* A number, true, false or a size, with a sign at most. */
static bool literal_value(struct expansion *x, const struct ast_expr *e, struct span at, struct sema_value *result)
{
    const bool negative = e->kind == AST_UNARY && e->as.operation.op == AST_NEGATE;

    if (negative)
        e = e->as.operation.a;
    if (e->kind == AST_INT)
        *result = value_int(x->arena, negative ? -e->as.integer : e->as.integer, at);
    else if (e->kind == AST_FLOAT)
        *result = value_real(x->arena, negative ? -e->as.real : e->as.real, at);
    else if (e->kind == AST_BOOL && !negative)
        *result = value_bool(x->arena, e->as.boolean, at);
    else if (e->kind == AST_SIZE && !negative)
        *result = value_size(x->arena, &e->as.size, at);
    else
        return false;
    return true;
}

/* The override keeps the kind of the value that it replaces; a real takes an integer too. */
static bool override_value(struct expansion *x, struct constant *c)
{
    const struct sema_value file = c->operand;
    struct sema_value o;

    if (value_is(&file, LITERAL_STRING)) {
        c->operand = value_string(x->arena, c->override, file.at);
        return true;
    }
    const struct ast_expr *e = parse_value(x, c->override);
    if (e == NULL || !literal_value(x, e, file.at, &o))
        return bad_override(x, c, value_kind_text(&file));
    if (value_is(&file, LITERAL_REAL) && value_is(&o, LITERAL_INT))
        o = value_real(x->arena, (double)o.literal->as.integer, file.at);
    if (o.literal->kind != file.literal->kind)
        return bad_override(x, c, value_kind_text(&file));
    c->operand = o;
    return true;
}

bool globals_override(struct expansion *x, const struct override *overrides, size_t count)
{
    const struct globals *g = &x->globals;
    bool ok = true;

    for (size_t i = 0; i < count; i++) {
        struct constant *c = map_get(g->constants, intern(x->names, overrides[i].name, strlen(overrides[i].name)));
        if (c != NULL) {
            c->override = overrides[i].value;
            continue;
        }
        ok = diag_error(x->diags, SPAN_NONE, DIAG_BAD_OVERRIDE, "-D %s=%s: there is no const %s; there %s%s", overrides[i].name,
                        overrides[i].value, overrides[i].name, g->constant_names.count > 0 ? "are: " : "is none",
                        text_list(x->arena, g->constant_names.at, g->constant_names.count));
        diag_hint_nearest(x->diags, overrides[i].name, g->constant_names.at, g->constant_names.count);
    }
    return ok;
}

/* ---- Values ---------------------------------------------------------------------------------------------------------- */

/* "a -> b -> a": from the const that is asked for again, along those that are being evaluated. */
static bool circular(struct expansion *x, struct constant *c, struct span at)
{
    const char *text = c->decl->name.text;

    for (const struct constant *i = x->globals.evaluating; i != NULL; i = i == c ? NULL : i->user)
        text = arena_printf(x->arena, "%s -> %s", i->decl->name.text, text);
    return diag_error(x->diags, at, DIAG_RECURSION, "a const cannot depend on itself: %s", text);
}

static bool evaluate_constant(struct expansion *x, struct constant *c)
{
    struct graph *graph = x->graph;
    struct frame f;

    frame_init(&f, x, NULL);
    c->state = CONSTANT_BUSY;
    c->user = x->globals.evaluating;
    x->globals.evaluating = c;
    x->graph = NULL;
    const bool ok = evaluate(&f, c->decl->as.constant, &c->operand) && (c->override == NULL || override_value(x, c));
    x->graph = graph;
    x->globals.evaluating = c->user;
    c->state = ok ? CONSTANT_DONE : CONSTANT_FAILED;
    return ok;
}

bool globals_constant(struct expansion *x, const char *name, struct span at, bool *found, struct sema_value *result)
{
    struct constant *c = map_get(x->globals.constants, name);

    *found = c != NULL;
    if (c == NULL)
        return false;
    if (c->state == CONSTANT_BUSY)
        return circular(x, c, at);
    if (c->state == CONSTANT_NEW)
        evaluate_constant(x, c);
    *result = c->operand;
    return c->state == CONSTANT_DONE;
}

bool globals_evaluate(struct expansion *x)
{
    const struct globals *g = &x->globals;
    bool ok = true;

    for (size_t i = 0; i < g->constant_names.count && !x->stopped; i++) {
        struct constant *c = map_get(g->constants, g->constant_names.at[i]);
        if (c->state == CONSTANT_NEW)
            evaluate_constant(x, c);
        ok = c->state == CONSTANT_DONE && ok;
    }
    return ok && !x->stopped;
}

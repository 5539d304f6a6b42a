/* blocks: binds a block's parameters and runs its statements in a frame of its own. Recursion is found before it happens, by
 * the chain of frames. */
#include "compiler/sema/blocks.h"

#include "compiler/graph/build.h"
#include "compiler/sema/evaluate.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/shared.h"
#include "compiler/support/intern.h"

#include <string.h>

/* ---- Arguments ------------------------------------------------------------------------------------------------------- */

static const struct ast_param *find_param(const struct ast_decl *block, const char *name)
{
    const struct ast_param *p = block->as.block.params;

    while (p != NULL && p->name.text != name)
        p = p->next;
    return p;
}

static bool unknown_param(struct frame *f, const struct ast_decl *block, const struct ast_name *name)
{
    VEC(const char *) names = {0};

    for (const struct ast_param *p = block->as.block.params; p != NULL; p = p->next)
        vec_push(f->x->arena, &names, p->name.text);
    diag_error(f->x->diags, name->at, DIAG_UNKNOWN_ARGUMENT, "%s has no parameter %s", block->name.text, name->text);
    diag_hint_nearest(f->x->diags, name->text, names.at, names.count);
    diag_note(f->x->diags, block->name.at, "%s is declared here", block->name.text);
    return false;
}

static bool too_many(struct frame *f, const struct ast_decl *block, const struct ast_arg *a)
{
    diag_error(f->x->diags, a->at, DIAG_ARGUMENT_COUNT, "%s takes no further argument", block->name.text);
    diag_note(f->x->diags, block->name.at, "%s is declared here", block->name.text);
    if (block->as.block.params == NULL)
        diag_hint(f->x->diags, "a block's tensor is piped: x -> %s", block->name.text);
    return false;
}

/* Which parameter an argument is for, or NULL after an error. `next`: the parameter that the next positional one is for. */
static const struct ast_param *match(struct frame *f, const struct ast_decl *block, const struct ast_arg *a, bool named_before,
                                     const struct ast_param **next)
{
    const struct ast_param *p = *next;

    if (a->name.text != NULL) {
        p = find_param(block, a->name.text);
        if (p == NULL)
            unknown_param(f, block, &a->name);
        return p;
    }
    if (named_before) {
        diag_error(f->x->diags, a->at, DIAG_ARGUMENT_COUNT, "%s: a positional argument follows a named one", block->name.text);
        return NULL;
    }
    if (p == NULL)
        too_many(f, block, a);
    else
        *next = p->next;
    return p;
}

/* Evaluates the arguments in the caller and binds them in the block. */
static bool bind_arguments(struct frame *caller, struct frame *callee, const struct ast_call *call)
{
    const struct ast_decl *block = callee->decl;
    const struct ast_param *next = block->as.block.params;
    bool ok = true, named = false;

    for (const struct ast_arg *a = call->args; a != NULL; a = a->next) {
        struct sema_value o;
        const struct ast_param *p = match(caller, block, a, named, &next);
        named = named || a->name.text != NULL;
        ok = evaluate(caller, a->value, &o) && p != NULL && ok;
        if (p == NULL && a->name.text == NULL)
            break;    /* those behind it are too many as well */
        if (p == NULL)
            continue;
        if (a->name.text != NULL && scope_find(&callee->scope, p->name.text) != NULL)
            ok = diag_error(caller->x->diags, a->at, DIAG_DOUBLE_ARGUMENT, "%s: %s is given twice", block->name.text, p->name.text);
        scope_bind(&callee->scope, p->name.text, o, declare(&callee->x->declarations, &p->name, DECLARATION_PARAMETER));
    }
    return ok;
}

bool block_check_missing(struct frame *f, const struct ast_decl *decl, struct span at)
{
    bool ok = true;

    for (const struct ast_param *p = decl->as.block.params; p != NULL; p = p->next) {
        if (p->fallback != NULL || scope_find(&f->scope, p->name.text) != NULL)
            continue;
        ok = diag_error(f->x->diags, at, DIAG_MISSING_ARGUMENT, "%s: %s is missing", decl->name.text, p->name.text);
        diag_note(f->x->diags, p->name.at, "it is declared here, without a default");
        scope_bind(&f->scope, p->name.text, (struct sema_value){.kind = VALUE_POISON, .tensor = NO_NODE}, NULL);
    }
    return ok;
}

bool block_bind_defaults(struct frame *f, const struct ast_decl *decl)
{
    bool ok = true;

    for (const struct ast_param *p = decl->as.block.params; p != NULL; p = p->next) {
        struct sema_value o;
        if (p->fallback == NULL || scope_find(&f->scope, p->name.text) != NULL)
            continue;
        ok = evaluate(f, p->fallback, &o) && ok;
        scope_bind(&f->scope, p->name.text, o, declare(&f->x->declarations, &p->name, DECLARATION_PARAMETER));
    }
    return ok;
}

/* ---- Recursion ------------------------------------------------------------------------------------------------------- */

/* "residual -> stage -> residual", outermost first, from the frame that runs `block` to its call. */
static const char *cycle_text(struct frame *f, const struct ast_decl *block)
{
    const char *text = block->name.text;

    for (const struct frame *i = f; i != NULL; i = i->decl == block ? NULL : i->caller)
        text = arena_printf(f->x->arena, "%s -> %s", i->decl->name.text, text);
    return text;
}

static bool check_recursion(struct frame *f, const struct ast_decl *block, const struct ast_call *call)
{
    for (const struct frame *i = f; i != NULL; i = i->caller)
        if (i->decl == block)
            return diag_error(f->x->diags, call->callee.at, DIAG_RECURSION, "a block cannot call itself: %s", cycle_text(f, block));
    if (f->x->calls < MAX_CALL_DEPTH)
        return true;
    f->x->stopped = true;
    return diag_error(f->x->diags, call->callee.at, DIAG_TOO_DEEP, "calls of blocks are nested deeper than %d", MAX_CALL_DEPTH);
}

/* ---- Calls ----------------------------------------------------------------------------------------------------------- */

/* Runs the body, its arguments bound. */
static bool execute(struct frame *callee, struct span at, const char *layer, struct sema_values *results)
{
    const struct ast_decl *block = callee->decl;
    struct expansion *x = callee->x;

    diag_push_context(x->diags, at, block->name.text);
    x->calls++;
    bool ok = block_bind_defaults(callee, block) && expand_body(callee, block->as.block.body);
    if (ok && !callee->returned) {
        ok = diag_error(x->diags, block->name.at, DIAG_RESULT_COUNT, "%s returns nothing", block->name.text);
        diag_hint(x->diags, "return in -> ...;");
    }
    x->calls--;
    diag_pop_context(x->diags);
    for (size_t i = 0; ok && i < callee->results.count; i++) {
        struct sema_value o = callee->results.at[i];
        o.at = at;
        o.layer = layer;
        values_push(x->arena, results, o);
    }
    return ok;
}

struct frame *block_bind(struct frame *f, const struct ast_decl *block, const struct ast_call *call, struct span at)
{
    struct frame *callee = arena_new(f->x->arena, struct frame);

    frame_init(callee, f->x, NULL);
    callee->decl = block;
    return bind_arguments(f, callee, call) && block_check_missing(callee, block, at) ? callee : NULL;
}

/* The body of a block whose arguments are bound, as a scope of this name. */
static bool run_as(struct frame *f, struct frame *callee, const struct block_site *site, const struct layer_name *name,
                   struct sema_values *results)
{
    struct namer *namer = arena_new(f->x->arena, struct namer);

    namer_open(f->namer, name, -1, namer);
    if (site->shared != NULL) {
        namer->shared = site->shared->set;
        namer->applied_at = site->at;
    }
    callee->namer = namer;
    callee->caller = f;
    callee->call = graph_block_call(f->x->graph, site->at, f->call);
    if (site->piped != NULL)
        scope_bind(&callee->scope, intern(f->x->names, "in", 2), *site->piped, NULL);
    return execute(callee, site->at, name->parameters, results);
}

/* Whether a block can be called here, one level deeper until expand_leave. */
static bool enter(struct frame *f, const struct ast_decl *block, const struct ast_call *call, struct span at)
{
    if (f->x->graph == NULL)
        return diag_error(f->x->diags, at, DIAG_MISPLACED, "%s is a block, and there are no tensors here", block->name.text);
    return check_recursion(f, block, call) && expand_count(f->x, 1, at) && expand_enter(f->x, at);
}

bool block_call(struct frame *f, const struct ast_decl *block, const struct ast_call *call, const struct block_site *site,
                struct sema_values *results)
{
    struct layer_name name;

    if (!enter(f, block, call, site->at))
        return false;
    bool ok = namer_name(f->namer, site->label, block->name.text, site->at, &name);
    struct frame *callee = ok ? block_bind(f, block, call, site->at) : NULL;
    ok = callee != NULL && run_as(f, callee, site, &name, results);
    expand_leave(f->x);
    return ok;
}

bool block_apply(struct frame *f, const struct frame *bound, const struct ast_call *call, const struct block_site *site,
                 struct sema_values *results)
{
    struct frame *callee = arena_new(f->x->arena, struct frame);
    struct layer_name name;

    if (!enter(f, bound->decl, call, site->at))
        return false;
    bool ok = shared_name(f, site->shared, site->label, site->at, &name);
    if (ok) {
        frame_init(callee, f->x, NULL);
        callee->decl = bound->decl;
        scope_copy(&callee->scope, &bound->scope);
        ok = run_as(f, callee, site, &name, results);
    }
    expand_leave(f->x);
    return ok;
}

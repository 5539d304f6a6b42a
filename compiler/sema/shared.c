/* shared: declares and applies shared parameters. What is applied is a call whose arguments were bound once. */
#include "compiler/sema/shared.h"

#include "compiler/graph/build.h"
#include "compiler/ops/op.h"
#include "compiler/sema/call.h"
#include "compiler/sema/evaluate.h"
#include "compiler/sema/expand.h"

/* ---- Declaring ------------------------------------------------------------------------------------------------------- */

/* Binds the arguments of the call. */
static bool prepare(struct frame *f, struct shared *s)
{
    const struct ast_call *call = &s->stage->call;
    const struct ast_decl *block = globals_block(f->x, call->callee.text);

    if (block != NULL) {
        s->bound = block_bind(f, block, call, s->stage->at);
        return s->bound != NULL;
    }
    if (!call_check_name(f, &call->callee))
        return false;
    s->op = op_find(call->callee.text);
    s->arguments = call_prepare(f, s->op, s->stage);
    return s->arguments != NULL;
}

bool shared_declare(struct frame *f, const struct ast_stmt *stmt)
{
    const struct ast_name *name = &stmt->as.shared.name;
    struct shared *s = arena_new(f->x->arena, struct shared);
    struct sema_value o = {.kind = VALUE_POISON, .at = name->at, .tensor = NO_NODE};
    struct layer_name full;

    *s = (struct shared){.name = name->text, .at = name->at, .stage = stmt->as.shared.stage};
    const bool ok = prepare(f, s) && namer_name(f->namer, name, name->text, name->at, &full);
    if (ok) {
        s->parameters = full.parameters;
        s->set = f->namer->shared != NULL ? f->namer->shared : shared_parameters_create(f->x->arena, f->x->names);
        o.kind = OPERAND_SHARED;
        o.shared = s;
    }
    scope_bind(&f->scope, name->text, o, declare(&f->x->declarations, name, DECLARATION_BINDING));
    return ok;
}

/* ---- Applying -------------------------------------------------------------------------------------------------------- */

const struct shared *shared_find(const struct frame *f, const char *name)
{
    const struct binding *b = scope_find(&f->scope, name);

    return b != NULL && b->operand.kind == OPERAND_SHARED ? b->operand.shared : NULL;
}

bool shared_name(struct frame *f, const struct shared *s, const struct ast_name *label, struct span at, struct layer_name *name)
{
    if (!namer_name(f->namer, label, s->name, at, name))
        return false;
    name->parameters = s->parameters;
    return true;
}

/* The tensor that is applied to: what was piped, or the only argument. */
static bool find_tensor(struct frame *f, const struct shared *s, const struct ast_call *call, const struct block_site *site,
                        struct sema_value *tensor)
{
    const struct ast_arg *a = call->args;

    if (site->piped != NULL && a != NULL) {
        diag_error(f->x->diags, a->at, DIAG_ARGUMENT_COUNT, "%s takes no arguments where it is applied", s->name);
        diag_note(f->x->diags, s->stage->at, "they stand where it is declared");
        return false;
    }
    if (site->piped != NULL) {
        *tensor = *site->piped;
        return true;
    }
    if (a == NULL || a->next != NULL || a->name.text != NULL) {
        diag_error(f->x->diags, site->at, DIAG_INPUT_COUNT, "%s is applied to one tensor", s->name);
        diag_hint(f->x->diags, "x -> %s, or %s(x)", s->name, s->name);
        return false;
    }
    if (!evaluate(f, a->value, tensor))
        return false;
    return tensor->kind == VALUE_TENSOR || diag_error(f->x->diags, a->at, DIAG_VALUE_TYPE, "%s is applied to a tensor, this is %s",
                                                      s->name, value_kind_text(tensor));
}

static bool apply_operator(struct frame *f, const struct shared *s, const struct block_site *site, struct sema_values *results)
{
    const struct call_site at = {site->label, site->at, s};
    const struct block_call *outer = f->call;

    diag_push_context(f->x->diags, site->at, s->name);
    f->call = graph_block_call(f->x->graph, site->at, outer);
    const bool ok = call_prepared(f, s->op, s->arguments, &at, site->piped, results);
    f->call = outer;
    diag_pop_context(f->x->diags);
    return ok;
}

bool shared_apply(struct frame *f, const struct shared *s, const struct ast_call *call, const struct block_site *site,
                  struct sema_values *results)
{
    struct block_site on = *site;
    struct sema_value tensor;
    const size_t wanted = f->wanted;

    f->wanted = 1;
    scope_use(&f->scope, s->name);
    if (!find_tensor(f, s, call, site, &tensor))
        return false;
    f->wanted = s->bound != NULL ? 1 : wanted;
    on.piped = &tensor;
    return s->bound != NULL ? block_apply(f, s->bound, &s->stage->call, &on, results) : apply_operator(f, s, &on, results);
}

/* evaluate: one function for each kind of expression. An operand that failed is poison: its users fail without another message. */
#include "compiler/sema/evaluate.h"

#include "compiler/ops/op.h"
#include "compiler/sema/call.h"
#include "compiler/sema/expand.h"
#include "compiler/support/map.h"

#include <inttypes.h>
#include <string.h>

/* So many numbers a list holds at most, those of its lists included: fixed weights are for worked examples. */
enum { MAX_LIST_NUMBERS = 1 << 22 };

/* ---- Names ----------------------------------------------------------------------------------------------------------- */

static bool choice_of_operator(const struct op *op, const char *name)
{
    for (int i = 0; i < op->param_count; i++)
        for (const char *const *c = op->params[i].choices; c != NULL && *c != NULL; c++)
            if (strcmp(*c, name) == 0)
                return true;
    return false;
}

/* Whether some operator or section takes this bare name: same, he_normal, nearest. */
static bool is_enumerator(const char *name)
{
    static const struct {
        const char *word, *argument;    /* one that takes an argument is no bare name */
    } others[] = {
#define INITIALIZER(id, word, sees, argument, called, doc) {(word), (called)},
#include "runtime/include/netrt/words.def"
        {"same", NULL},
        {"valid", NULL},
        {"first", NULL},
        {"rest", NULL},
    };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i].argument == NULL && strcmp(others[i].word, name) == 0)
            return true;
    for (size_t i = 0; ops[i] != NULL; i++)
        if (choice_of_operator(ops[i], name))
            return true;
    return false;
}

bool evaluate_knows(const struct frame *f, const char *name)
{
    return scope_find(&f->scope, name) != NULL || map_get(f->x->globals.constants, name) != NULL;
}

static void suggest_name(struct frame *f, const char *name)
{
    const struct globals *g = &f->x->globals;
    const size_t count = f->scope.names.count + g->constant_names.count;
    const char **names = arena_array(f->x->arena, const char *, count + 1);
    size_t n = 0;

    for (size_t i = 0; i < f->scope.names.count; i++)
        if (scope_find(&f->scope, f->scope.names.at[i]) != NULL)
            names[n++] = f->scope.names.at[i];
    for (size_t i = 0; i < g->constant_names.count; i++)
        names[n++] = g->constant_names.at[i];

    const struct op *op = op_find(name);
    if (op != NULL && op->kind == OP_LOSS)
        diag_hint(f->x->diags, "%s compares two: %s(prediction, target)", name, name);
    else if (op != NULL || globals_block(f->x, name) != NULL)
        diag_hint(f->x->diags, "%s is called: x -> %s, or %s(x)", name, name, name);
    else if (!diag_hint_nearest(f->x->diags, name, names, n))
        call_suggest(f, name);
}

static bool nothing_piped(struct frame *f, struct span at)
{
    if (f->decl == NULL || f->decl->kind != AST_BLOCK)
        return diag_error(f->x->diags, at, DIAG_UNKNOWN_NAME, "in has a meaning only inside a block");
    diag_error(f->x->diags, at, DIAG_UNKNOWN_NAME, "nothing was piped into this block");
    diag_hint(f->x->diags, "x -> %s(...)", f->decl->name.text);
    return false;
}

/* Shared parameters are no tensor themselves. */
static bool applies_only(struct frame *f, const struct ast_expr *e)
{
    diag_error(f->x->diags, e->at, DIAG_VALUE_TYPE, "%s is a set of shared parameters, not a tensor", e->as.name);
    diag_hint(f->x->diags, "x -> %s applies it", e->as.name);
    return false;
}

static bool evaluate_name(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    const struct sema_value *bound = scope_use(&f->scope, e->as.name);
    bool found;

    if (bound != NULL) {
        *result = *bound;
        result->at = e->at;
        return bound->kind == OPERAND_SHARED ? applies_only(f, e) : bound->kind != VALUE_POISON;
    }
    if (globals_constant(f->x, e->as.name, e->at, &found, result)) {
        result->at = e->at;
        return true;
    }
    if (found)
        return false;
    if (is_enumerator(e->as.name)) {
        *result = value_name(f->x->arena, e->as.name, NULL, e->at);
        return true;
    }
    if (strcmp(e->as.name, "in") == 0)
        return nothing_piped(f, e->at);
    diag_error(f->x->diags, e->at, DIAG_UNKNOWN_NAME, "nothing is called %s", e->as.name);
    suggest_name(f, e->as.name);
    return false;
}

/* ---- Lists, indices, members ----------------------------------------------------------------------------------------- */

/* Adds the numbers in a literal to *count; false once there are too many. */
static bool count_numbers(const struct literal *l, int64_t *count)
{
    if (l->kind != LITERAL_LIST)
        return ++*count <= MAX_LIST_NUMBERS;
    for (size_t i = 0; i < l->as.list.count; i++)
        if (!count_numbers(l->as.list.at[i], count))
            return false;
    return ++*count <= MAX_LIST_NUMBERS;
}

static bool evaluate_list(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    struct literal *l = arena_new(f->x->arena, struct literal);
    size_t count = 0;
    int64_t numbers = 0;
    bool ok = true;

    for (const struct ast_expr *i = e->as.items; i != NULL; i = i->next)
        count++;
    const struct literal **items = arena_array(f->x->arena, const struct literal *, count + 1);
    *l = (struct literal){.kind = LITERAL_LIST, .at = e->at, .as.list = {.at = items, .count = count}};

    size_t n = 0;
    for (const struct ast_expr *i = e->as.items; i != NULL; i = i->next) {
        struct sema_value item;
        if (!evaluate(f, i, &item))
            ok = false;
        else if (item.kind != VALUE_LITERAL)
            ok = ok && diag_error(f->x->diags, i->at, DIAG_VALUE_TYPE, "a list holds values, not tensors");
        else
            items[n++] = item.literal;
    }
    if (!ok)
        return false;
    if (!count_numbers(l, &numbers))
        return diag_error(f->x->diags, e->at, DIAG_VALUE_RANGE, "a list of more than %d numbers", MAX_LIST_NUMBERS);
    *result = value_literal(l, e->at);
    return true;
}

static bool evaluate_index(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    struct sema_value of;
    int64_t i = 0, count;

    if (!evaluate(f, e->as.index.of, &of) || !evaluate_int(f, e->as.index.index, "an index", &i))
        return false;
    if (value_is(&of, LITERAL_SIZE))
        count = of.literal->as.size.rank;
    else if (value_is(&of, LITERAL_LIST))
        count = (int64_t)of.literal->as.list.count;
    else
        return diag_error(f->x->diags, e->as.index.of->at, DIAG_VALUE_TYPE, "only lists and sizes have items, this is %s",
                          value_kind_text(&of));
    if (i < -count || i >= count)
        return diag_error(f->x->diags, e->as.index.index->at, DIAG_INDEX_RANGE, "item %" PRId64 " of %" PRId64 ": the first is 0",
                          i, count);
    const int64_t at = i < 0 ? i + count : i;
    if (value_is(&of, LITERAL_SIZE))
        *result = value_int(f->x->arena, of.literal->as.size.dim[at], e->at);
    else
        *result = value_literal(of.literal->as.list.at[at], e->at);
    return true;
}

static bool member(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    if (!evaluate_member(f, e, result))
        return false;
    result->at = e->at;
    return true;
}

/* ---- Operations ------------------------------------------------------------------------------------------------------ */

/* `and` and `or` decide from the left: the right side may be meaningless where the left one has decided. */
static bool evaluate_logic(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    const bool decides = e->as.operation.op == AST_OR;
    const char *what = decides ? "an operand of `or`" : "an operand of `and`";
    bool b = false;

    if (!evaluate_bool(f, e->as.operation.a, what, &b))
        return false;
    if (b == decides)
        scope_use_expression(&f->scope, e->as.operation.b);
    else if (!evaluate_bool(f, e->as.operation.b, what, &b))
        return false;
    *result = value_bool(f->x->arena, b, e->at);
    return true;
}

static bool operation(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    struct sema_value a, b;

    if (e->kind == AST_UNARY)
        return evaluate(f, e->as.operation.a, &a) && evaluate_unary(f, e->as.operation.op, &a, e->at, result);
    if (e->as.operation.op == AST_AND || e->as.operation.op == AST_OR)
        return evaluate_logic(f, e, result);
    const bool left = evaluate(f, e->as.operation.a, &a);
    return evaluate(f, e->as.operation.b, &b) && left && evaluate_binary(f, e->as.operation.op, &a, &b, e->at, result);
}

static bool ternary(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    bool condition = false;

    if (!evaluate_bool(f, e->as.ternary.condition, "the condition", &condition))
        return false;
    scope_use_expression(&f->scope, condition ? e->as.ternary.no : e->as.ternary.yes);
    return evaluate(f, condition ? e->as.ternary.yes : e->as.ternary.no, result);
}

static bool dispatch(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    struct arena *a = f->x->arena;

    switch (e->kind) {
    case AST_INT: *result = value_int(a, e->as.integer, e->at); return true;
    case AST_FLOAT: *result = value_real(a, e->as.real, e->at); return true;
    case AST_SIZE: *result = value_size(a, &e->as.size, e->at); return true;
    case AST_STRING: *result = value_string(a, e->as.string.text, e->at); return true;
    case AST_BOOL: *result = value_bool(a, e->as.boolean, e->at); return true;
    case AST_NAME: return evaluate_name(f, e, result);
    case AST_LIST: return evaluate_list(f, e, result);
    case AST_UNARY:
    case AST_BINARY: return operation(f, e, result);
    case AST_TERNARY: return ternary(f, e, result);
    case AST_CALL: return call_expression(f, e, result);
    case AST_MEMBER: return member(f, e, result);
    case AST_INDEX: return evaluate_index(f, e, result);
    case AST_PIPE: return expand_single(f, e->as.pipe, result);
    }
    return false;
}

bool evaluate(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    *result = (struct sema_value){.kind = VALUE_POISON, .at = e->at, .tensor = NO_NODE};
    if (!expand_enter(f->x, e->at))
        return false;
    const bool ok = dispatch(f, e, result);
    expand_leave(f->x);
    return ok;
}

bool evaluate_bool(struct frame *f, const struct ast_expr *e, const char *what, bool *result)
{
    struct sema_value o;

    if (!evaluate(f, e, &o))
        return false;
    if (!value_is(&o, LITERAL_BOOL))
        return diag_error(f->x->diags, e->at, DIAG_VALUE_TYPE, "%s must be true or false, this is %s", what, value_kind_text(&o));
    *result = o.literal->as.boolean;
    return true;
}

bool evaluate_int(struct frame *f, const struct ast_expr *e, const char *what, int64_t *result)
{
    struct sema_value o;

    if (!evaluate(f, e, &o))
        return false;
    if (!value_is(&o, LITERAL_INT))
        return diag_error(f->x->diags, e->at, DIAG_VALUE_TYPE, "%s must be an integer, this is %s", what, value_kind_text(&o));
    *result = o.literal->as.integer;
    return true;
}

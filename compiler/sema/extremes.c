/* extremes: max and min of several tensors and numbers, element by element. */
#include "compiler/sema/extremes.h"

#include "compiler/sema/evaluate.h"
#include "compiler/sema/expand.h"

#include <string.h>

bool extremes_takes(const char *name)
{
    return strcmp(name, "max") == 0 || strcmp(name, "min") == 0;
}

bool extremes_compares(const struct ast_call *call)
{
    return extremes_takes(call->callee.text) && call->args != NULL && call->args->name.text == NULL;
}

/* What a tensor is compared with is a tensor or a number. */
static bool check_compared(struct frame *f, const char *name, const struct sema_value *o)
{
    return o->kind == VALUE_TENSOR || value_is_number(o) ||
           diag_error(f->x->diags, o->at, DIAG_VALUE_TYPE, "%s compares tensors and numbers, this is %s", name, value_kind_text(o));
}

static bool compare(struct frame *f, const char *name, const struct sema_value pair[2], const struct ast_name *label,
                    struct span at, struct sema_value *result)
{
    struct sema_value copy[2] = {pair[0], pair[1]};
    const struct sema_values both = {.at = copy, .count = 2};

    if (pair[0].kind != VALUE_TENSOR && pair[1].kind != VALUE_TENSOR)
        return value_function_call(f, value_function_find(name), &both, at, result);
    return check_compared(f, name, &pair[0]) && check_compared(f, name, &pair[1]) &&
           tensor_extreme(f, strcmp(name, "max") == 0, &pair[0], &pair[1], label, at, result);
}

bool extremes_call(struct frame *f, const char *name, const struct sema_values *args, const struct ast_name *label, struct span at,
                   struct sema_values *results)
{
    struct sema_value so_far = args->at[0];

    for (size_t i = 1; i < args->count; i++) {
        const struct sema_value pair[2] = {so_far, args->at[i]};
        if (!compare(f, name, pair, i + 1 == args->count ? label : NULL, at, &so_far))
            return false;
    }
    values_push(f->x->arena, results, so_far);
    return true;
}

/* A number alone is an axis to some and a limit to others. */
static bool report_number(struct frame *f, const char *name, struct span at)
{
    diag_error(f->x->diags, at, DIAG_ARGUMENT_TYPE, "%s: this number may be an axis, or what to compare with", name);
    diag_hint(f->x->diags, "%s(axis = ...) goes along an axis, %s(x, ...) compares", name, name);
    return false;
}

bool extremes_stage(struct frame *f, const struct ast_call *call, const struct ast_name *label, struct span at,
                    const struct sema_value *piped, struct sema_values *results)
{
    const char *name = call->callee.text;
    struct sema_values args = {0};
    bool any_tensor = false;

    values_push(f->x->arena, &args, *piped);
    for (const struct ast_arg *a = call->args; a != NULL; a = a->next) {
        struct sema_value o;
        if (a->name.text != NULL)
            return diag_error(f->x->diags, a->name.at, DIAG_UNKNOWN_ARGUMENT,
                              "%s takes no named arguments beside several tensors or numbers", name);
        if (!evaluate(f, a->value, &o))
            return false;
        any_tensor = any_tensor || o.kind == VALUE_TENSOR;
        values_push(f->x->arena, &args, o);
    }
    return any_tensor ? extremes_call(f, name, &args, label, at, results) : report_number(f, name, args.at[args.count - 1].at);
}

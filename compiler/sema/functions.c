/* functions: what expressions can compute from values (grammar/REFERENCE.md): len min max floor ceil sqrt mod size. */
#include "compiler/sema/evaluate.h"

#include "compiler/sema/expand.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct value_function {
    const char *name;
    size_t min_args, max_args;
    bool (*call)(struct frame *f, const struct sema_values *args, struct span at, struct sema_value *result);
};

static bool want_numbers(struct frame *f, const struct sema_values *args)
{
    for (size_t i = 0; i < args->count; i++)
        if (!value_is_number(&args->at[i]))
            return diag_error(f->x->diags, args->at[i].at, DIAG_VALUE_TYPE, "this must be a number, it is %s",
                              value_kind_text(&args->at[i]));
    return true;
}

static double number(const struct sema_values *args, size_t i)
{
    return literal_number(args->at[i].literal);
}

static bool call_len(struct frame *f, const struct sema_values *args, struct span at, struct sema_value *result)
{
    const struct sema_value *of = &args->at[0];
    int64_t length;

    if (value_is(of, LITERAL_LIST))
        length = (int64_t)of->literal->as.list.count;
    else if (value_is(of, LITERAL_SIZE))
        length = of->literal->as.size.rank;
    else if (value_is(of, LITERAL_STRING))
        length = (int64_t)strlen(of->literal->as.string);
    else
        return diag_error(f->x->diags, of->at, DIAG_VALUE_TYPE, "len wants a list, a size or a string, this is %s",
                          value_kind_text(of));
    *result = value_int(f->x->arena, length, at);
    return true;
}

static bool extreme(struct frame *f, const struct sema_values *args, struct sema_value *result, bool greatest)
{
    if (!want_numbers(f, args))
        return false;
    *result = args->at[0];
    for (size_t i = 1; i < args->count; i++) {
        const double best = literal_number(result->literal);
        if (greatest ? number(args, i) > best : number(args, i) < best)
            *result = args->at[i];
    }
    return true;
}

static bool call_min(struct frame *f, const struct sema_values *args, struct span at, struct sema_value *result)
{
    (void)at;
    return extreme(f, args, result, false);
}

static bool call_max(struct frame *f, const struct sema_values *args, struct span at, struct sema_value *result)
{
    (void)at;
    return extreme(f, args, result, true);
}

/* A real as an integer; every integral real below 2^63 is exact. */
static bool to_int(struct frame *f, double real, struct span at, struct sema_value *result)
{
    if (!(real >= -0x1p63 && real < 0x1p63))
        return diag_error(f->x->diags, at, DIAG_NUMBER_OVERFLOW, "the result does not fit into 64 bits");
    *result = value_int(f->x->arena, (int64_t)real, at);
    return true;
}

static bool call_floor(struct frame *f, const struct sema_values *args, struct span at, struct sema_value *result)
{
    if (!want_numbers(f, args))
        return false;
    *result = args->at[0];
    return value_is(&args->at[0], LITERAL_INT) || to_int(f, floor(number(args, 0)), at, result);
}

static bool call_ceil(struct frame *f, const struct sema_values *args, struct span at, struct sema_value *result)
{
    if (!want_numbers(f, args))
        return false;
    *result = args->at[0];
    return value_is(&args->at[0], LITERAL_INT) || to_int(f, ceil(number(args, 0)), at, result);
}

static bool call_sqrt(struct frame *f, const struct sema_values *args, struct span at, struct sema_value *result)
{
    if (!want_numbers(f, args))
        return false;
    if (number(args, 0) < 0)
        return diag_error(f->x->diags, args->at[0].at, DIAG_VALUE_RANGE, "the square root of %.15g is no real number",
                          number(args, 0));
    *result = value_real(f->x->arena, sqrt(number(args, 0)), at);
    return true;
}

/* The remainder of the floored quotient: it has the sign of the divisor. */
static bool call_mod(struct frame *f, const struct sema_values *args, struct span at, struct sema_value *result)
{
    int64_t divided[2];

    for (size_t i = 0; i < 2; i++) {
        if (!value_is(&args->at[i], LITERAL_INT))
            return diag_error(f->x->diags, args->at[i].at, DIAG_VALUE_TYPE, "mod wants integers, this is %s",
                              value_kind_text(&args->at[i]));
        divided[i] = args->at[i].literal->as.integer;
    }
    if (divided[1] == 0)
        return diag_error(f->x->diags, args->at[1].at, DIAG_DIVISION_BY_ZERO, "division by zero");
    const int64_t r = divided[1] == -1 ? 0 : divided[0] % divided[1];
    *result = value_int(f->x->arena, r != 0 && (r < 0) != (divided[1] < 0) ? r + divided[1] : r, at);
    return true;
}

static bool call_size(struct frame *f, const struct sema_values *args, struct span at, struct sema_value *result)
{
    struct shape s = {.rank = (int)args->count};

    for (size_t i = 0; i < args->count; i++) {
        if (!value_is(&args->at[i], LITERAL_INT))
            return diag_error(f->x->diags, args->at[i].at, DIAG_VALUE_TYPE, "a size is made of integers, this is %s",
                              value_kind_text(&args->at[i]));
        s.dim[i] = args->at[i].literal->as.integer;
    }
    *result = value_size(f->x->arena, &s, at);
    return true;
}

static const struct value_function functions[] = {
    {"len", 1, 1, call_len},   {"min", 1, SIZE_MAX, call_min}, {"max", 1, SIZE_MAX, call_max}, {"floor", 1, 1, call_floor},
    {"ceil", 1, 1, call_ceil}, {"sqrt", 1, 1, call_sqrt},      {"mod", 2, 2, call_mod},        {"size", 1, MAX_RANK, call_size},
};

const char *const value_function_names[] = {"len", "min", "max", "floor", "ceil", "sqrt", "mod", "size", NULL};

const struct value_function *value_function_find(const char *name)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    return NULL;
}

bool value_function_call(struct frame *f, const struct value_function *function, const struct sema_values *args, struct span at,
                         struct sema_value *result)
{
    if (args->count < function->min_args)
        return diag_error(f->x->diags, at, DIAG_MISSING_ARGUMENT, "%s wants %zu argument%s, got %zu", function->name,
                          function->min_args, function->min_args == 1 ? "" : "s", args->count);
    if (args->count > function->max_args)
        return diag_error(f->x->diags, args->at[function->max_args].at, DIAG_ARGUMENT_COUNT,
                          "%s wants at most %zu argument%s, got %zu", function->name, function->max_args,
                          function->max_args == 1 ? "" : "s", args->count);
    const bool ok = function->call(f, args, at, result);
    result->at = at;
    return ok;
}

/* arithmetic: operators on values known at compile time. Integers have 64 bits and never wrap; reals are finite. */
#include "compiler/ops/op.h"
#include "compiler/sema/evaluate.h"

#include "compiler/sema/expand.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A longer string is no path. */
enum { MAX_STRING = 1 << 16 };

static bool overflow(struct frame *f, struct span at)
{
    return diag_error(f->x->diags, at, DIAG_NUMBER_OVERFLOW, "the result does not fit into 64 bits");
}

static bool division_by_zero(struct frame *f, struct span at)
{
    return diag_error(f->x->diags, at, DIAG_DIVISION_BY_ZERO, "division by zero");
}

/* A name that is an enumerator, where an operator was meant. */
static void hint_call(struct frame *f, const struct sema_value *o)
{
    if (value_is(o, LITERAL_NAME) && op_find(o->literal->as.string) != NULL)
        diag_hint(f->x->diags, "%s is called: x -> %s, or %s(x)", o->literal->as.string, o->literal->as.string,
                  o->literal->as.string);
}

/* An exponent that is a tensor. */
static void hint_power(struct frame *f, const struct sema_value *base)
{
    if (value_is_number(base) && literal_number(base->literal) > 0)
        diag_hint(f->x->diags, "the exponent is a number; %.9g^x is x * %.9g -> exp", literal_number(base->literal),
                  log(literal_number(base->literal)));
    else
        diag_hint(f->x->diags, "the exponent is a number; a^b of tensors is (a -> log) * b -> exp");
}

static bool no_meaning(struct frame *f, enum ast_operator op, const struct sema_value *a, const struct sema_value *b,
                       struct span at)
{
    if (b == NULL)
        return diag_error(f->x->diags, at, DIAG_VALUE_TYPE, "%s has no meaning for %s", ast_operator_text(op), value_kind_text(a));
    diag_error(f->x->diags, at, DIAG_VALUE_TYPE, "%s has no meaning between %s and %s", ast_operator_text(op), value_kind_text(a),
               value_kind_text(b));
    hint_call(f, a);
    hint_call(f, b);
    if (value_is(a, LITERAL_SIZE) || value_is(b, LITERAL_SIZE))
        diag_hint(f->x->diags, "sizes are written in one word; a computed one is size(a, b)");
    else if (op == AST_POWER && b->kind == VALUE_TENSOR)
        hint_power(f, a);
    return false;
}

/* ---- Integers -------------------------------------------------------------------------------------------------------- */

static bool int_power(int64_t base, int64_t exponent, int64_t *result)
{
    *result = 1;
    /* -1, 0 and 1 have powers for any exponent; all others leave 64 bits within 63 steps. */
    if (base >= -1 && base <= 1)
        exponent = exponent > 2 ? 2 + exponent % 2 : exponent;
    for (int64_t i = 0; i < exponent; i++)
        if (!checked_multiply(*result, base, result))
            return false;
    return true;
}

static int64_t floor_quotient(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

/* `op` is one of + - * // ^, the exponent not negative. */
static bool int_result(struct frame *f, enum ast_operator op, int64_t a, int64_t b, struct span at, struct sema_value *result)
{
    int64_t r = 0;
    bool fits = true;

    if (op == AST_FLOOR_DIVIDE && b == 0)
        return division_by_zero(f, at);
    if (op == AST_ADD)
        fits = checked_add(a, b, &r);
    else if (op == AST_SUBTRACT)
        fits = !__builtin_sub_overflow(a, b, &r);
    else if (op == AST_MULTIPLY)
        fits = checked_multiply(a, b, &r);
    else if (op == AST_POWER)
        fits = int_power(a, b, &r);
    else if (a == INT64_MIN && b == -1)
        fits = false;
    else
        r = floor_quotient(a, b);
    if (!fits)
        return overflow(f, at);
    *result = value_int(f->x->arena, r, at);
    return true;
}

/* ---- Reals ----------------------------------------------------------------------------------------------------------- */

static bool real_result(struct frame *f, enum ast_operator op, double a, double b, struct span at, struct sema_value *result)
{
    double r = 0;

    if ((op == AST_DIVIDE || op == AST_FLOOR_DIVIDE) && b == 0)
        return division_by_zero(f, at);
    if (op == AST_ADD)
        r = a + b;
    else if (op == AST_SUBTRACT)
        r = a - b;
    else if (op == AST_MULTIPLY)
        r = a * b;
    else if (op == AST_DIVIDE)
        r = a / b;
    else if (op == AST_FLOOR_DIVIDE)
        r = floor(a / b);
    else
        r = pow(a, b);
    if (!isfinite(r))
        return diag_error(f->x->diags, at, DIAG_NUMBER_OVERFLOW, "the result is no finite number");
    *result = value_real(f->x->arena, r, at);
    return true;
}

static bool is_comparison(enum ast_operator op)
{
    return op == AST_EQ || op == AST_NE || op == AST_LT || op == AST_LE || op == AST_GT || op == AST_GE;
}

/* The truth of `a op b`, where `order` is negative, 0 or positive as a is less than, equal to or greater than b. */
static bool holds(enum ast_operator op, int order)
{
    return op == AST_EQ   ? order == 0
           : op == AST_NE ? order != 0
           : op == AST_LT ? order < 0
           : op == AST_LE ? order <= 0
           : op == AST_GT ? order > 0
                          : order >= 0;
}

static bool numbers(struct frame *f, enum ast_operator op, const struct sema_value *a, const struct sema_value *b, struct span at,
                    struct sema_value *result)
{
    const bool integers = value_is(a, LITERAL_INT) && value_is(b, LITERAL_INT);
    const double x = literal_number(a->literal), y = literal_number(b->literal);

    if (is_comparison(op)) {
        const int64_t i = integers ? a->literal->as.integer : 0, k = integers ? b->literal->as.integer : 0;
        const int order = integers ? (i > k) - (i < k) : (x > y) - (x < y);
        *result = value_bool(f->x->arena, holds(op, order), at);
        return true;
    }
    if (integers && op != AST_DIVIDE && !(op == AST_POWER && b->literal->as.integer < 0))
        return int_result(f, op, a->literal->as.integer, b->literal->as.integer, at, result);
    return real_result(f, op, x, y, at, result);
}

/* ---- Strings, truth values, sizes ------------------------------------------------------------------------------------ */

static bool strings(struct frame *f, enum ast_operator op, const struct sema_value *a, const struct sema_value *b, struct span at,
                    struct sema_value *result)
{
    const char *left = a->literal->as.string, *right = b->literal->as.string;

    if (is_comparison(op) && (op == AST_EQ || op == AST_NE)) {
        *result = value_bool(f->x->arena, holds(op, strcmp(left, right)), at);
        return true;
    }
    if (op != AST_ADD || !value_is(a, LITERAL_STRING))
        return no_meaning(f, op, a, b, at);
    if (strlen(left) + strlen(right) > MAX_STRING)
        return diag_error(f->x->diags, at, DIAG_VALUE_RANGE, "a string of more than %d bytes", MAX_STRING);
    *result = value_string(f->x->arena, arena_printf(f->x->arena, "%s%s", left, right), at);
    return true;
}

static bool equal(const struct literal *a, const struct literal *b)
{
    return a->kind == LITERAL_BOOL ? a->as.boolean == b->as.boolean : shape_equal(&a->as.size, &b->as.size);
}

/* ---- Dispatch -------------------------------------------------------------------------------------------------------- */

bool evaluate_unary(struct frame *f, enum ast_operator op, const struct sema_value *a, struct span at, struct sema_value *result)
{
    if (op == AST_NOT && value_is(a, LITERAL_BOOL)) {
        *result = value_bool(f->x->arena, !a->literal->as.boolean, at);
        return true;
    }
    if (op != AST_NEGATE)
        return no_meaning(f, op, a, NULL, at);
    if (a->kind == VALUE_TENSOR)
        return tensor_arithmetic(f, op, a, NULL, at, result);
    if (value_is(a, LITERAL_INT)) {
        if (a->literal->as.integer == INT64_MIN)
            return overflow(f, at);
        *result = value_int(f->x->arena, -a->literal->as.integer, at);
        return true;
    }
    if (!value_is(a, LITERAL_REAL))
        return no_meaning(f, op, a, NULL, at);
    *result = value_real(f->x->arena, -a->literal->as.real, at);
    return true;
}

/* Whether an operator has a meaning between these two, of which one is a tensor. */
static bool is_tensor_operation(enum ast_operator op, const struct sema_value *a, const struct sema_value *b)
{
    if (op == AST_POWER)
        return value_is_number(b);
    return (op == AST_ADD || op == AST_SUBTRACT || op == AST_MULTIPLY || op == AST_DIVIDE) &&
           (a->kind == VALUE_TENSOR || value_is_number(a)) && (b->kind == VALUE_TENSOR || value_is_number(b));
}

bool evaluate_binary(struct frame *f, enum ast_operator op, const struct sema_value *a, const struct sema_value *b, struct span at,
                     struct sema_value *result)
{
    if (a->kind == VALUE_TENSOR || b->kind == VALUE_TENSOR)
        return is_tensor_operation(op, a, b) ? tensor_arithmetic(f, op, a, b, at, result) : no_meaning(f, op, a, b, at);
    if (value_is_number(a) && value_is_number(b))
        return numbers(f, op, a, b, at, result);
    if (a->literal->kind != b->literal->kind)
        return no_meaning(f, op, a, b, at);
    if (value_is(a, LITERAL_STRING) || value_is(a, LITERAL_NAME))
        return strings(f, op, a, b, at, result);
    if ((op == AST_EQ || op == AST_NE) && (value_is(a, LITERAL_BOOL) || value_is(a, LITERAL_SIZE))) {
        *result = value_bool(f->x->arena, equal(a->literal, b->literal) == (op == AST_EQ), at);
        return true;
    }
    return no_meaning(f, op, a, b, at);
}

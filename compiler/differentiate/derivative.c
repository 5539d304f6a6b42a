/* derivative: reverse-mode differentiation of scalar expressions, by the table of functions. */
#include "compiler/differentiate/differentiate.h"
#include "compiler/graph/build.h"

#include <stddef.h>

static const struct expr *multiply(struct graph *g, const struct expr *a, const struct expr *b)
{
    if (a->kind == EXPR_CONSTANT && a->constant == 1)
        return b;
    if (b->kind == EXPR_CONSTANT && b->constant == 1)
        return a;
    return expr_binary(g, FUNCTION_MULTIPLY, a, b);
}

static const struct expr *one_minus(struct graph *g, const struct expr *a)
{
    return expr_binary(g, FUNCTION_SUBTRACT, expr_constant(g, 1), a);
}

/* exp(-a^2) * 2/sqrt(pi) */
static const struct expr *bell(struct graph *g, const struct expr *a)
{
    const double height = 1.12837916709551257390;
    const struct expr *square = expr_binary(g, FUNCTION_MULTIPLY, a, a);

    return multiply(g, expr_unary(g, FUNCTION_EXP, expr_unary(g, FUNCTION_NEGATE, square)), expr_constant(g, height));
}

/* exp(r^2/2) * sqrt(2 pi): of a quantile r, what its density divides by */
static const struct expr *inverse_density(struct graph *g, const struct expr *r)
{
    const double root = 2.50662827463100050242;
    const struct expr *square = expr_binary(g, FUNCTION_MULTIPLY, r, r);
    const struct expr *half = expr_binary(g, FUNCTION_MULTIPLY, square, expr_constant(g, 0.5));

    return multiply(g, expr_unary(g, FUNCTION_EXP, half), expr_constant(g, root));
}

/* x^p of a constant p has the slope p * x^(p-1), and 0 for p = 0, whatever x is. */
static const struct expr *power_slope(struct graph *g, const struct expr *x, double p)
{
    const struct expr *rest = p == 2 ? x : expr_binary(g, FUNCTION_POWER, x, expr_constant(g, p - 1));

    return p == 0 || p == 1 ? expr_constant(g, p) : multiply(g, expr_constant(g, p), rest);
}

/* What flows into argument `i` of the greater (smaller) of two: all to it, and half to each of equals. */
static const struct expr *extreme_flow(struct graph *g, const struct expr *f, const struct expr *seed, int i)
{
    const struct expr *own = f->arg[i], *other = f->arg[1 - i];
    const bool greatest = f->function == FUNCTION_MAXIMUM;
    const struct expr *wins = expr_binary(g, FUNCTION_LESS, greatest ? other : own, greatest ? own : other);
    const struct expr *equals = expr_binary(g, FUNCTION_EQUAL, own, other), *half = multiply(g, seed, expr_constant(g, 0.5));

    return expr_select(g, wins, seed, expr_select(g, equals, half, expr_constant(g, 0)));
}

/* What flows into argument `i` of `f` when `seed` flows into its result `r`; NULL: nothing ever does. */
static const struct expr *flow(struct graph *g, const struct expr *f, const struct expr *r, const struct expr *seed, int i)
{
    const struct expr *a = f->arg[0], *b = f->arg[1], *zero = expr_constant(g, 0);

    switch (f->function) {
    case FUNCTION_ADD: return seed;
    case FUNCTION_SUBTRACT: return i == 0 ? seed : expr_unary(g, FUNCTION_NEGATE, seed);
    case FUNCTION_MULTIPLY: return multiply(g, seed, i == 0 ? b : a);
    case FUNCTION_DIVIDE:    /* d(a/b) = da/b - r*db/b */
        if (i == 0)
            return expr_binary(g, FUNCTION_DIVIDE, seed, b);
        return expr_unary(g, FUNCTION_NEGATE, expr_binary(g, FUNCTION_DIVIDE, multiply(g, seed, r), b));
    case FUNCTION_NEGATE: return expr_unary(g, FUNCTION_NEGATE, seed);
    case FUNCTION_ABSOLUTE: return multiply(g, seed, expr_unary(g, FUNCTION_SIGN, a));
    case FUNCTION_SQRT: return expr_binary(g, FUNCTION_DIVIDE, multiply(g, seed, expr_constant(g, 0.5)), r);
    case FUNCTION_EXP: return multiply(g, seed, r);
    case FUNCTION_LOG: return expr_binary(g, FUNCTION_DIVIDE, seed, a);
    case FUNCTION_TANH: return multiply(g, seed, one_minus(g, multiply(g, r, r)));
    case FUNCTION_SIGMOID: return multiply(g, seed, multiply(g, r, one_minus(g, r)));
    case FUNCTION_ERF: return multiply(g, seed, bell(g, a));
    case FUNCTION_EXPM1: return multiply(g, seed, expr_binary(g, FUNCTION_ADD, r, expr_constant(g, 1)));
    case FUNCTION_SOFTPLUS: return multiply(g, seed, expr_unary(g, FUNCTION_SIGMOID, a));
    case FUNCTION_NORMAL_QUANTILE: return multiply(g, seed, inverse_density(g, r));
    case FUNCTION_RELU: return expr_select(g, expr_binary(g, FUNCTION_LESS, zero, r), seed, zero);
    case FUNCTION_MAXIMUM:
    case FUNCTION_MINIMUM: return extreme_flow(g, f, seed, i);
    case FUNCTION_POWER: return i == 0 ? multiply(g, seed, power_slope(g, a, b->constant)) : NULL;
    case FUNCTION_SELECT:
        if (i == 0)
            return NULL;
        return i == 1 ? expr_select(g, a, seed, zero) : expr_select(g, a, zero, seed);
    case FUNCTION_SIGN:
    case FUNCTION_LESS:
    case FUNCTION_EQUAL: return NULL;
    }
    return NULL;
}

const struct expr *expr_adjoint(struct graph *g, const struct expr *body, const struct expr *result, const struct expr *seed,
                                int to)
{
    const struct expr *total = NULL;

    if (body->kind == EXPR_ACCESS && body->access == to)
        return seed;
    for (int i = 0; body->kind == EXPR_FUNCTION && i < 3 && body->arg[i]; i++) {
        const struct expr *into = flow(g, body, result ? result : body, seed, i);
        const struct expr *part = into ? expr_adjoint(g, body->arg[i], NULL, into, to) : NULL;
        if (part)
            total = total ? expr_binary(g, FUNCTION_ADD, total, part) : part;
    }
    return total;
}

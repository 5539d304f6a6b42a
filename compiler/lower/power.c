/* power: x^p for a constant p, by what is exact where there is such.
 *
 *   |p| <= 64   x^n * x^r, n whole and 0 <= r < 1: x^n by squares, x^r by roots for quarters, else exp(r * log(x))
 *   |p| >  64   exp(p * log|x|), with the sign of x where p is odd: the error of a long product grows with p
 *
 * A negative p is 1 / x^-p. A negative x has no power that is not whole: NaN.
 */
#include "compiler/lower/expression.h"

#include "compiler/lower/lowering.h"

#include <math.h>

enum { LONGEST_PRODUCT = 64 };

static const struct loop_expr *call(struct lowering *l, enum loop_math which, const struct loop_expr *x)
{
    return loop_call(l->m, loop_math_function(l->m, which, l->type), x);
}

/* exp(p * log(x)) */
static const struct loop_expr *by_logarithm(struct lowering *l, const struct loop_expr *x, double p)
{
    const struct loop_expr *log = call(l, MATH_LOG, x);

    return call(l, MATH_EXP, loop_binary(l->m, LOOP_MULTIPLY, log, loop_real(l->m, l->type, p)));
}

/* x * x * ... with `count` factors; NULL for none. */
static const struct loop_expr *product_of(struct lowering *l, const struct loop_expr *x, int count, struct loop_list *out)
{
    const struct loop_expr *product = NULL, *square = x;

    for (; count > 0; count /= 2) {
        if (count % 2 == 1)
            product = product == NULL ? square : loop_binary(l->m, LOOP_MULTIPLY, product, square);
        if (count > 1)
            square = keep(l, "square", loop_binary(l->m, LOOP_MULTIPLY, square, square), out);
    }
    return product;
}

/* x^r for 0 <= r < 1; NULL for 0. */
static const struct loop_expr *root_of(struct lowering *l, const struct loop_expr *x, double r, struct loop_list *out)
{
    if (r == 0)
        return NULL;
    if (4 * r != floor(4 * r))
        return by_logarithm(l, x, r);
    const struct loop_expr *half = keep(l, "root", loop_unary(l->m, LOOP_SQRT, x), out);
    if (r == 0.5)
        return half;
    const struct loop_expr *quarter = loop_unary(l->m, LOOP_SQRT, half);
    return r < 0.5 ? quarter : loop_binary(l->m, LOOP_MULTIPLY, half, quarter);
}

static const struct loop_expr *long_power(struct lowering *l, const struct loop_expr *x, double p, struct loop_list *out)
{
    if (p != floor(p))
        return by_logarithm(l, x, p);
    const struct loop_expr *y = by_logarithm(l, loop_unary(l->m, LOOP_ABSOLUTE, x), p);
    if (fmod(p, 2) == 0)
        return y;
    y = keep(l, "power", y, out);
    const struct loop_expr *negative = loop_binary(l->m, LOOP_LESS, x, loop_real(l->m, l->type, 0));
    return loop_select(l->m, negative, loop_unary(l->m, LOOP_NEGATE, y), y);
}

const struct loop_expr *lower_power(struct lowering *l, const struct loop_expr *x, double p, struct loop_list *out)
{
    const double size = fabs(p);

    if (p == 0)
        return loop_real(l->m, l->type, 1);
    x = keep(l, "operand", x, out);
    if (size > LONGEST_PRODUCT)
        return long_power(l, x, p, out);
    const struct loop_expr *product = product_of(l, x, (int)size, out), *root = root_of(l, x, size - floor(size), out);
    const struct loop_expr *y = product == NULL ? root : root == NULL ? product : loop_binary(l->m, LOOP_MULTIPLY, product, root);
    return p < 0 ? loop_binary(l->m, LOOP_DIVIDE, loop_real(l->m, l->type, 1), y) : y;
}

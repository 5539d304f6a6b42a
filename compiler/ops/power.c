/* x^p of a positive x, by what is exact where there is such: multiplications for whole numbers, square roots for halves and
 * quarters. */
#include "compiler/ops/build.h"

static const struct expr *multiply(struct graph *g, const struct expr *a, const struct expr *b)
{
    return a == NULL ? b : expr_binary(g, FUNCTION_MULTIPLY, a, b);
}

const struct expr *op_expr_power(struct graph *g, const struct expr *x, double p)
{
    enum { LONGEST_PRODUCT = 4 };
    const double quarters = 4 * p;
    const struct expr *product = NULL;

    if (p < 0 || p > LONGEST_PRODUCT || quarters != floor(quarters)) {
        const struct expr *log = expr_unary(g, FUNCTION_LOG, x);
        return expr_unary(g, FUNCTION_EXP, expr_binary(g, FUNCTION_MULTIPLY, log, expr_constant(g, p)));
    }
    const int count = (int)p, rest = (int)quarters % 4;
    const struct expr *root = rest == 0 ? NULL : expr_unary(g, FUNCTION_SQRT, x);
    for (int i = 0; i < count; i++)
        product = multiply(g, product, x);
    if (rest >= 2)
        product = multiply(g, product, root);
    if (rest % 2 == 1)
        product = multiply(g, product, expr_unary(g, FUNCTION_SQRT, root));
    return product == NULL ? expr_constant(g, 1) : product;
}

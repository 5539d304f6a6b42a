/* power: x^p, for operators that need it (no operator of its own). By multiplications and square roots where 4p is whole and
 * 0 <= p <= 4, where x may be any number for a whole p; else exp(p log x) of a positive x. */
#include "compiler/ops/build.h"

/* a * b; NULL stands for 1. */
static const struct expr *multiply(struct graph *g, const struct expr *a, const struct expr *b)
{
    return a == NULL ? b : expr_binary(g, FUNCTION_MULTIPLY, a, b);
}

const struct expr *op_expr_power(struct graph *g, const struct expr *x, double p)
{
    enum { MOST_POWER = 4 };
    const double quarters = 4 * p;
    const struct expr *product = NULL;

    if (p < 0 || p > MOST_POWER || quarters != floor(quarters)) {
        const struct expr *log = expr_unary(g, FUNCTION_LOG, x);
        return expr_unary(g, FUNCTION_EXP, expr_binary(g, FUNCTION_MULTIPLY, log, expr_constant(g, p)));
    }
    const int count = (int)p, quarters_left = (int)quarters % 4;
    const struct expr *root = quarters_left == 0 ? NULL : expr_unary(g, FUNCTION_SQRT, x);
    for (int i = 0; i < count; i++)
        product = multiply(g, product, x);
    if (quarters_left >= 2)
        product = multiply(g, product, root);
    if (quarters_left % 2 == 1)
        product = multiply(g, product, expr_unary(g, FUNCTION_SQRT, root));
    return product == NULL ? expr_constant(g, 1) : product;
}

/* exp, log, abs, square, sqrt: y = f(x), element by element.
 *
 *   exp     e^x                                  the gradient is y
 *   log     the natural logarithm                1/x; -Inf at 0, NaN below
 *   abs     |x|                                  the sign of x, 0 at 0
 *   square  x*x                                  2*x
 *   sqrt    the square root                      1/(2*y); NaN below 0
 *
 * Source: PyTorch, `torch.exp` and its like.
 */
#include "compiler/ops/build.h"

static const struct expr *square(const struct op_call *c, const struct expr *x)
{
    return expr_binary(c->graph, FUNCTION_MULTIPLY, x, x);
}

static bool square_build(struct op_call *c, node_id *result)
{
    *result = op_add_elementwise(c, "square", c->in[0], square);
    return true;
}

#define PLAIN_BUILD(name, function)                                     \
    static bool name##_build(struct op_call *c, node_id *result)        \
    {                                                                   \
        *result = graph_add_unary(c->graph, #name, function, c->in[0]); \
        return true;                                                    \
    }

PLAIN_BUILD(exp, FUNCTION_EXP)
PLAIN_BUILD(log, FUNCTION_LOG)
PLAIN_BUILD(abs, FUNCTION_ABSOLUTE)
PLAIN_BUILD(sqrt, FUNCTION_SQRT)

const struct op op_exp = {
    .name = "exp",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = exp_build,
    .doc = "`exp`\n\n"
           "    y = e^x\n",
    .example = "net positive {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> exp;\n"
               "}\n",
};

const struct op op_log = {
    .name = "log",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = log_build,
    .doc = "`log`\n\n"
           "    y = log(x)\n\n"
           "The natural logarithm: -Inf at 0, NaN below.\n",
    .example = "net logarithmic {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> softplus -> log;\n"
               "}\n",
};

const struct op op_abs = {
    .name = "abs",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = abs_build,
    .doc = "`abs`\n\n"
           "    y = |x|\n\n"
           "The gradient at 0 is 0.\n",
    .example = "net magnitudes {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> abs;\n"
               "}\n",
};

const struct op op_square = {
    .name = "square",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = square_build,
    .doc = "`square`\n\n"
           "    y = x*x\n",
    .example = "net energy {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> square;\n"
               "}\n",
};

const struct op op_sqrt = {
    .name = "sqrt",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = sqrt_build,
    .doc = "`sqrt`\n\n"
           "    y = sqrt(x)\n\n"
           "NaN below 0; the gradient at 0 is infinite. `sqrt(x)` of a number is the value function.\n",
    .example = "net amplitudes {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> square -> sqrt;\n"
               "}\n",
};

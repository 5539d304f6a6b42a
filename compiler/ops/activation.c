/* relu, leaky_relu, sigmoid, tanh: y = f(x), element by element.
 *
 *   relu        0 > x ? 0 : x, which keeps NaN
 *   leaky_relu  0 > x ? slope*x : x
 *   sigmoid     1/(1 + exp(-x))
 *   tanh        the hyperbolic tangent
 *
 * Source: PyTorch, `torch.nn` (non-linear activations).
 */
#include "compiler/ops/build.h"

enum { SLOPE, PARAM_COUNT };

static const struct param leaky_params[PARAM_COUNT] = {
    [SLOPE] = {.name = "slope", .type = PARAM_REAL, .fallback = 0.01, .min = 0, .max = NO_MAXIMUM},
};

static bool leaky_relu_build(struct op_call *c, value *result)
{
    const struct shape shape = *op_shape(c, 0);
    const double slope = c->arg[SLOPE].real;
    struct graph *g = c->graph;
    struct nest n = {0};

    for (int d = 0; d < shape.rank; d++)
        n.out[d] = index_axis(nest_add_axis(&n, op_axis_name(shape.rank, d), shape.dim[d], false), 1);
    const struct expr *x = nest_read(g, &n, c->in[0], n.out);
    const struct expr *scaled = expr_binary(g, FUNCTION_MULTIPLY, expr_constant(g, slope), x);
    n.body = expr_select(g, expr_binary(g, FUNCTION_LESS, x, expr_constant(g, 0)), scaled, x);
    *result = graph_add_compute(g, c->op->name, &shape, &n, false);
    return true;
}

#define PLAIN_BUILD(name, function)                                     \
    static bool name##_build(struct op_call *c, value *result)          \
    {                                                                   \
        *result = graph_add_unary(c->graph, #name, function, c->in[0]); \
        return true;                                                    \
    }

PLAIN_BUILD(relu, FUNCTION_RELU)
PLAIN_BUILD(sigmoid, FUNCTION_SIGMOID)
PLAIN_BUILD(tanh, FUNCTION_TANH)

const struct op op_relu = {
    .name = "relu",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .relu_like = true,
    .build = relu_build,
    .doc = "`relu`\n\n"
           "    y = 0 > x ? 0 : x\n\n"
           "The gradient passes where x > 0. NaN stays NaN.\n",
    .example = "net rectified {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> relu;\n"
               "}\n",
};

const struct op op_leaky_relu = {
    .name = "leaky_relu",
    .kind = OP_LAYER,
    .params = leaky_params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .relu_like = true,
    .build = leaky_relu_build,
    .doc = "`leaky_relu(slope=0.01)`\n\n"
           "    y = x < 0 ? slope*x : x\n",
    .example = "net leaky {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> leaky_relu(0.2);\n"
               "}\n",
};

const struct op op_sigmoid = {
    .name = "sigmoid",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = sigmoid_build,
    .doc = "`sigmoid`\n\n"
           "    y = 1/(1 + exp(-x))\n",
    .example = "net gate {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> sigmoid;\n"
               "}\n",
};

const struct op op_tanh = {
    .name = "tanh",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = tanh_build,
    .doc = "`tanh`\n\n"
           "    y = (exp(x) - exp(-x))/(exp(x) + exp(-x))\n",
    .example = "net squashed {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> tanh;\n"
               "}\n",
};

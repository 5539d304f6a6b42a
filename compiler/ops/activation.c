/* relu, leaky_relu, relu6, hard_tanh, hard_sigmoid, hard_swish, elu, selu, gelu, silu, mish, softplus, softsign, sigmoid, tanh:
 * y = f(x), element by element.
 *
 *   relu          0 > x ? 0 : x, which keeps NaN
 *   leaky_relu    x > 0 ? x : slope*x
 *   relu6         relu, cut at 6
 *   hard_tanh     x between -1 and 1, else its sign
 *   hard_sigmoid  (x + 3)/6 between -3 and 3, else 0 below and 1 above
 *   hard_swish    x * hard_sigmoid(x)                                         Howard et al. 2019, section 5.2
 *   elu           x > 0 ? x : alpha*(exp(x) - 1)                              Clevert et al. 2015, equation 15
 *   selu          scale*(x > 0 ? x : alpha*(exp(x) - 1))                      Klambauer et al. 2017, equation 2
 *   gelu          x*Phi(x), Phi(x) = (1 + erf(x/sqrt(2)))/2                   Hendrycks & Gimpel 2016, section 2
 *   silu          x/(1 + exp(-x))                                             Elfwing et al. 2017, equation 2
 *   mish          x*tanh(log(1 + exp(x)))                                     Misra 2019, equation 1
 *   softplus      log(1 + exp(x)); x itself from 20 on
 *   softsign      x/(1 + |x|)
 *   sigmoid       1/(1 + exp(-x))
 *   tanh          the hyperbolic tangent
 *
 * Where f has a corner its gradient there is PyTorch's. All of them give NaN for NaN.
 *
 * Source: PyTorch, `torch.nn` (non-linear activations).
 */
#include "compiler/ops/build.h"

#include <string.h>

enum { SLOPE, LEAKY_PARAM_COUNT };

static const struct param leaky_params[LEAKY_PARAM_COUNT] = {
    [SLOPE] = {.name = "slope", .type = PARAM_REAL, .fallback = 0.01, .min = 0, .max = NO_MAXIMUM},
};

enum { ALPHA, ELU_PARAM_COUNT };

static const struct param elu_params[ELU_PARAM_COUNT] = {
    [ALPHA] = {.name = "alpha", .type = PARAM_REAL, .fallback = 1, .min = 0, .max = NO_MAXIMUM},
};

/* ---- Formulas ------------------------------------------------------------------------------------------------------ */

static const struct expr *less(struct graph *g, const struct expr *a, const struct expr *b)
{
    return expr_binary(g, FUNCTION_LESS, a, b);
}

static const struct expr *leaky_relu(const struct op_call *c, const struct expr *x)
{
    struct graph *g = c->graph;
    const struct expr *scaled = expr_binary(g, FUNCTION_MULTIPLY, expr_constant(g, c->arg[SLOPE].real), x);

    return expr_select(g, less(g, expr_constant(g, 0), x), x, scaled);
}

/* x = x asks whether x is a number; at 6 itself nothing flows back. */
static const struct expr *relu6(const struct op_call *c, const struct expr *x)
{
    struct graph *g = c->graph;
    const struct expr *six = expr_constant(g, 6);
    const struct expr *above = expr_select(g, expr_binary(g, FUNCTION_EQUAL, x, x), six, x);

    return expr_select(g, less(g, x, six), expr_unary(g, FUNCTION_RELU, x), above);
}

/* The sign of NaN is NaN, and nothing flows back through a sign: neither at -1 and 1 nor beyond. */
static const struct expr *hard_tanh(const struct op_call *c, const struct expr *x)
{
    struct graph *g = c->graph;
    const struct expr *inside = less(g, expr_unary(g, FUNCTION_ABSOLUTE, x), expr_constant(g, 1));

    return expr_select(g, inside, x, expr_unary(g, FUNCTION_SIGN, x));
}

/* Whether x lies between -3 and 3. */
static const struct expr *within_three(struct graph *g, const struct expr *x)
{
    return less(g, expr_unary(g, FUNCTION_ABSOLUTE, x), expr_constant(g, 3));
}

/* (x + 3)/6 */
static const struct expr *hard_ramp(struct graph *g, const struct expr *x)
{
    const struct expr *shifted = expr_binary(g, FUNCTION_ADD, x, expr_constant(g, 3));

    return expr_binary(g, FUNCTION_MULTIPLY, shifted, expr_constant(g, 1.0 / 6));
}

/* Outside the ramp (1 + sign(x))/2: 0, 1, or NaN; nothing flows back through a sign. */
static const struct expr *hard_sigmoid(const struct op_call *c, const struct expr *x)
{
    struct graph *g = c->graph;
    const struct expr *two = expr_binary(g, FUNCTION_ADD, expr_unary(g, FUNCTION_SIGN, x), expr_constant(g, 1));
    const struct expr *step = expr_binary(g, FUNCTION_MULTIPLY, two, expr_constant(g, 0.5));

    return expr_select(g, within_three(g, x), hard_ramp(g, x), step);
}

/* Outside the ramp relu(x): 0 or x. Its gradient is that of the same piece, 0 at -3 and 1 at 3. */
static const struct expr *hard_swish(const struct op_call *c, const struct expr *x)
{
    struct graph *g = c->graph;
    const struct expr *curve = expr_binary(g, FUNCTION_MULTIPLY, x, hard_ramp(g, x));

    return expr_select(g, within_three(g, x), curve, expr_unary(g, FUNCTION_RELU, x));
}

/* x > 0 ? x : alpha*(exp(x) - 1). Where x is positive the exponential is taken of 0: were it to overflow, a gradient of 0 through
 * it would be NaN. */
static const struct expr *exponential_unit(struct graph *g, const struct expr *x, double alpha)
{
    const struct expr *zero = expr_constant(g, 0), *positive = less(g, zero, x);
    const struct expr *grown = expr_unary(g, FUNCTION_EXPM1, expr_select(g, positive, zero, x));

    return expr_select(g, positive, x, expr_binary(g, FUNCTION_MULTIPLY, expr_constant(g, alpha), grown));
}

static const struct expr *elu(const struct op_call *c, const struct expr *x)
{
    return exponential_unit(c->graph, x, c->arg[ALPHA].real);
}

static const struct expr *selu(const struct op_call *c, const struct expr *x)
{
    const double alpha = 1.6732632423543772848170429916717, scale = 1.0507009873554804934193349852946;
    const struct expr *unit = exponential_unit(c->graph, x, alpha);

    return expr_binary(c->graph, FUNCTION_MULTIPLY, expr_constant(c->graph, scale), unit);
}

static const struct expr *softplus(const struct op_call *c, const struct expr *x)
{
    struct graph *g = c->graph;

    return expr_select(g, less(g, expr_constant(g, 20), x), x, expr_unary(g, FUNCTION_SOFTPLUS, x));
}

static const struct expr *softsign(const struct op_call *c, const struct expr *x)
{
    struct graph *g = c->graph;
    const struct expr *size = expr_binary(g, FUNCTION_ADD, expr_constant(g, 1), expr_unary(g, FUNCTION_ABSOLUTE, x));

    return expr_binary(g, FUNCTION_DIVIDE, x, size);
}

/* Phi(x) */
static const struct expr *normal_share(const struct op_call *c, const struct expr *x)
{
    struct graph *g = c->graph;
    const struct expr *scaled = expr_binary(g, FUNCTION_MULTIPLY, x, expr_constant(g, 0.70710678118654752440));
    const struct expr *sum = expr_binary(g, FUNCTION_ADD, expr_constant(g, 1), expr_unary(g, FUNCTION_ERF, scaled));

    return expr_binary(g, FUNCTION_MULTIPLY, expr_constant(g, 0.5), sum);
}

/* tanh(log(1 + exp(x))) */
static const struct expr *mish_gate(const struct op_call *c, const struct expr *x)
{
    return expr_unary(c->graph, FUNCTION_TANH, expr_unary(c->graph, FUNCTION_SOFTPLUS, x));
}

/* ---- Building ------------------------------------------------------------------------------------------------------ */

/* The gate is a node of its own, so that the gradient reads it instead of computing it again. */
static bool multiply_by_gate(struct op_call *c, node_id gate, node_id *result)
{
    const struct shape shape = *op_shape(c, 0);

    *result = graph_add_binary(c->graph, c->op->name, FUNCTION_MULTIPLY, c->in[0], gate, &shape);
    return true;
}

static bool gelu_build(struct op_call *c, node_id *result)
{
    return multiply_by_gate(c, op_add_elementwise(c, "gate", c->in[0], normal_share), result);
}

static bool silu_build(struct op_call *c, node_id *result)
{
    return multiply_by_gate(c, graph_add_unary(c->graph, "gate", FUNCTION_SIGMOID, c->in[0]), result);
}

static bool mish_build(struct op_call *c, node_id *result)
{
    return multiply_by_gate(c, op_add_elementwise(c, "gate", c->in[0], mish_gate), result);
}

#define PLAIN_BUILD(name, function)                                     \
    static bool name##_build(struct op_call *c, node_id *result)        \
    {                                                                   \
        *result = graph_add_unary(c->graph, #name, function, c->in[0]); \
        return true;                                                    \
    }

#define FORMULA_BUILD(name)                                      \
    static bool name##_build(struct op_call *c, node_id *result) \
    {                                                            \
        *result = op_add_elementwise(c, #name, c->in[0], name);  \
        return true;                                             \
    }

PLAIN_BUILD(relu, FUNCTION_RELU)
PLAIN_BUILD(sigmoid, FUNCTION_SIGMOID)
PLAIN_BUILD(tanh, FUNCTION_TANH)
FORMULA_BUILD(leaky_relu)
FORMULA_BUILD(relu6)
FORMULA_BUILD(hard_tanh)
FORMULA_BUILD(hard_sigmoid)
FORMULA_BUILD(hard_swish)
FORMULA_BUILD(elu)
FORMULA_BUILD(selu)
FORMULA_BUILD(softplus)
FORMULA_BUILD(softsign)

node_id op_scores_of_sigmoid(const struct graph *g, node_id v)
{
    const struct node *n = graph_node(g, v);

    if (n->kind != NODE_COMPUTE || n->layer < 0 || g->layer.at[n->layer].result != v ||
        strcmp(g->layer.at[n->layer].op_name, "sigmoid") != 0)
        return NO_NODE;
    return n->nest->in[0].of;
}

/* ---- The table ----------------------------------------------------------------------------------------------------- */

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
    .param_count = LEAKY_PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .relu_like = true,
    .build = leaky_relu_build,
    .doc = "`leaky_relu(slope=0.01)`\n\n"
           "    y = x > 0 ? x : slope*x\n",
    .example = "net leaky {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> leaky_relu(0.2);\n"
               "}\n",
};

const struct op op_relu6 = {
    .name = "relu6",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .relu_like = true,
    .build = relu6_build,
    .doc = "`relu6`\n\n"
           "    y = min(max(x, 0), 6)\n\n"
           "The gradient passes where 0 < x < 6.\n",
    .example = "net capped {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> relu6;\n"
               "}\n",
};

const struct op op_hard_tanh = {
    .name = "hard_tanh",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = hard_tanh_build,
    .doc = "`hard_tanh`\n\n"
           "    y = min(max(x, -1), 1)\n\n"
           "The gradient passes where -1 < x < 1.\n",
    .example = "net clipped {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> hard_tanh;\n"
               "}\n",
};

const struct op op_hard_sigmoid = {
    .name = "hard_sigmoid",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = hard_sigmoid_build,
    .doc = "`hard_sigmoid`\n\n"
           "    y = min(max(x + 3, 0), 6)/6\n"
           "\nThe gradient passes between -3 and 3.\n",
    .example = "net ramp {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> hard_sigmoid;\n"
               "}\n",
};

const struct op op_hard_swish = {
    .name = "hard_swish",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .relu_like = true,
    .build = hard_swish_build,
    .doc = "`hard_swish`\n\n"
           "    y = x*min(max(x + 3, 0), 6)/6\n"
           "\nThe gradient is 0 up to -3 and 1 from 3 on.\n",
    .example = "net mobile {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> hard_swish;\n"
               "}\n",
};

const struct op op_elu = {
    .name = "elu",
    .kind = OP_LAYER,
    .params = elu_params,
    .param_count = ELU_PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .relu_like = true,
    .build = elu_build,
    .doc = "`elu(alpha=1)`\n\n"
           "    y = x > 0 ? x : alpha*(exp(x) - 1)\n",
    .example = "net exponential {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> elu(0.5);\n"
               "}\n",
};

const struct op op_selu = {
    .name = "selu",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = selu_build,
    .doc = "`selu`\n\n"
           "    y = 1.0507*(x > 0 ? x : 1.6733*(exp(x) - 1))\n\n"
           "Keeps mean and variance from layer to layer where the weights are drawn with `init = lecun_normal`.\n",
    .example = "net normalizing {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> selu;\n"
               "}\n",
};

const struct op op_gelu = {
    .name = "gelu",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .relu_like = true,
    .build = gelu_build,
    .doc = "`gelu`\n\n"
           "    y = x*(1 + erf(x/sqrt(2)))/2\n\n"
           "The exact form, not the approximation by tanh.\n",
    .example = "net gaussian {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> gelu;\n"
               "}\n",
};

const struct op op_silu = {
    .name = "silu",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .relu_like = true,
    .build = silu_build,
    .doc = "`silu`\n\n"
           "    y = x/(1 + exp(-x))\n\n"
           "Also called swish.\n",
    .example = "net swish {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> silu;\n"
               "}\n",
};

const struct op op_mish = {
    .name = "mish",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .relu_like = true,
    .build = mish_build,
    .doc = "`mish`\n\n"
           "    y = x*tanh(log(1 + exp(x)))\n",
    .example = "net mild {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> mish;\n"
               "}\n",
};

const struct op op_softplus = {
    .name = "softplus",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = softplus_build,
    .doc = "`softplus`\n\n"
           "    y = x > 20 ? x : log(1 + exp(x))\n",
    .example = "net smooth {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> softplus;\n"
               "}\n",
};

const struct op op_softsign = {
    .name = "softsign",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .build = softsign_build,
    .doc = "`softsign`\n\n"
           "    y = x/(1 + |x|)\n",
    .example = "net bounded {\n"
               "    input x: 8;\n"
               "    output y = x -> dense(4) -> softsign;\n"
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

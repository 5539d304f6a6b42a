/* gaussian_noise: in training each element gets normal noise of mean 0.
 *
 *   y[i] = x[i] + std * z[i],  z[i] = Q(r[i] + 2^-24)
 *
 *   x, y of one shape
 *
 * Q is the quantile of the standard normal distribution, r uniform in [0, 1) in steps of 2^-23, so that its argument lies in the
 * middle of a step and |z| <= 5.29. Drawn anew for each element, sample and epoch. Outside training y = x.
 *
 * Source: Vincent, Larochelle, Bengio, Manzagol, "Extracting and composing robust features with denoising autoencoders" (2008); by
 * inversion, Devroye, "Non-Uniform Random Variate Generation" (1986), II.2.
 */
#include "compiler/ops/build.h"

enum { STD, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [STD] = {.name = "std", .type = PARAM_REAL, .required = true, .min = 0, .max = NO_MAXIMUM},
};

static const struct expr *noisy(const struct op_call *c, const struct expr *random, const struct expr *x)
{
    struct graph *g = c->graph;
    const struct expr *middle = expr_binary(g, FUNCTION_ADD, random, expr_constant(g, 0x1p-24));
    const struct expr *z = expr_unary(g, FUNCTION_NORMAL_QUANTILE, middle);

    return expr_binary(g, FUNCTION_ADD, x, expr_binary(g, FUNCTION_MULTIPLY, z, expr_constant(g, c->arg[STD].real)));
}

static bool gaussian_noise_build(struct op_call *c, node_id *result)
{
    *result = c->in[0];
    if (!op_want_drawable(c, op_shape(c, 0)))
        return false;
    if (c->arg[STD].real == 0)
        return true;
    *result = op_add_drawn(c, "gaussian_noise", noisy);
    return true;
}

const struct op op_gaussian_noise = {
    .name = "gaussian_noise",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = gaussian_noise_build,
    .doc =
        "`gaussian_noise(std)`\n\n"
        "Adds normal noise of mean 0 and standard deviation `std` in training. `eval` and `predict` leave everything as it is.\n\n"
        "    y[i] = x[i] + std * z[i]\n\n"
        "Which z[i] an element gets depends on the same as what `dropout` drops. They are quantiles of the middles of 2^23 equal steps:\n"
        "none is beyond 5.29.\n",
    .example = "net denoising {\n"
               "    input image: 1x8x8;\n"
               "    output y = image -> gaussian_noise(0.3) -> conv(4, 3x3, padding = 1) -> tanh -> conv(1, 3x3, padding = 1);\n"
               "}\n",
};

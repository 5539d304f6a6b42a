/* dense: every output sees every input.
 *
 *   y[u] = b[u] + sum over f of  x[f] * k[u,f]            a vector    x [F]     y [units]
 *   y[t,u] = b[u] + sum over f of  x[t,f] * k[u,f]        a sequence  x [T,F]   y [T,units]
 *
 *   k [units,F]   b [units]
 *
 * Source: PyTorch, `torch.nn.Linear` (layout of the weights).
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { UNITS, BIAS, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [UNITS] = {.name = "units", .type = PARAM_INT, .required = true, .min = 1, .max = NO_MAXIMUM},
    [BIAS] = {.name = "bias", .type = PARAM_BOOL, .fallback = 1},
};

static node_id add_contraction(struct op_call *c, node_id weights, const struct shape *y)
{
    const struct shape *in = op_shape(c, 0);
    struct nest n = {.combine = COMBINE_SUM};
    struct index x[2], k[2];
    int d = 0;

    if (in->rank == 2) {
        n.out[0] = x[0] = index_axis(nest_add_axis(&n, "t", in->dim[0], false), 1);
        d = 1;
    }
    n.out[d] = k[0] = index_axis(nest_add_axis(&n, "u", y->dim[d], false), 1);
    x[d] = k[1] = index_axis(nest_add_axis(&n, "f", in->dim[d], true), 1);

    const struct expr *feature = nest_read(c->graph, &n, c->in[0], x);
    n.body = expr_binary(c->graph, FUNCTION_MULTIPLY, feature, nest_read(c->graph, &n, weights, k));
    return graph_add_compute(c->graph, "dense", y, &n, false);
}

static bool want_vector(struct op_call *c)
{
    if (op_want_rank(c, 0, 1, 2, "a vector F or a sequence TxF"))
        return true;
    if (op_shape(c, 0)->rank > 2)
        diag_hint(c->diags, "flatten the input first: flatten -> dense(%" PRId64 ")", c->arg[UNITS].integer);
    return false;
}

static bool dense_build(struct op_call *c, node_id *result)
{
    if (!want_vector(c))
        return false;

    struct shape y = *op_shape(c, 0);
    const int64_t units = c->arg[UNITS].integer, features = y.dim[y.rank - 1];
    y.dim[y.rank - 1] = units;
    if (!op_want_size(c, &y))
        return false;

    const node_id weights =
        op_add_parameter(c, "weight", &(struct shape){.rank = 2, .dim = {units, features}}, true, features, units);
    if (weights == NO_NODE)
        return false;
    *result = add_contraction(c, weights, &y);
    return op_add_bias(c, BIAS, y.rank - 1, result);
}

const struct op op_dense = {
    .name = "dense",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .build = dense_build,
    .doc = "`dense(units, bias=true)`\n\n"
           "Every output sees every input: a vector `F` becomes `units`; of a sequence `TxF` each step does: `Txunits`.\n\n"
           "    y[u] = b[u] + sum over f of x[f] * k[u,f]\n\n"
           "An image must be flattened first.\n\n"
           "Parameters: `weight` [units, F], `bias` [units].\n",
    .example = "net perceptron {\n"
               "    input x: 784;\n"
               "    output logits = x -> dense(100) -> relu -> dense(10, bias = false);\n"
               "}\n",
};

/* prelu: a leaky relu whose slope is trained, one for all or one for each channel.
 *
 *   y = x > 0 ? x : w*x                          w [1], or [C] with y[c,…] = x[c,…] > 0 ? x[c,…] : w[c]*x[c,…]
 *
 * Source: He et al., "Delving Deep into Rectifiers" (2015), equation 1; PyTorch, `torch.nn.PReLU` (0.25 to begin with).
 */
#include "compiler/ops/build.h"

enum { PER_CHANNEL, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [PER_CHANNEL] = {.name = "per_channel", .type = PARAM_BOOL},
};

static const double first_slope = 0.25;

/* A slope is no weight of a contraction: it is not regularised by default, and no fan says how it begins. */
static node_id add_slope(struct op_call *c)
{
    const struct shape shape = {.rank = 1, .dim = {c->arg[PER_CHANNEL].boolean ? op_shape(c, 0)->dim[0] : 1}};
    const node_id w = op_add_parameter(c, "weight", &shape, true, 1, 1);

    if (w == NO_NODE)
        return w;
    struct parameter *p = graph_node(c->graph, w)->parameter;
    p->is_weight = false;
    if (p->init == INIT_DEFAULT) {
        p->init = INIT_CONSTANT;
        p->init_value = first_slope;
    }
    return w;
}

static bool prelu_build(struct op_call *c, node_id *result)
{
    struct graph *g = c->graph;
    struct nest n = {0};

    if (c->arg[PER_CHANNEL].boolean && !op_want_rank(c, 0, 1, MAX_RANK, "a tensor with at least one axis"))
        return false;
    const node_id w = op_want_no_bias(c) ? add_slope(c) : NO_NODE;
    if (w == NO_NODE)
        return false;
    const struct shape shape = *op_shape(c, 0);
    const struct expr *x = op_begin_elementwise(c, c->in[0], &n);
    const struct index slope = c->arg[PER_CHANNEL].boolean ? n.out[0] : index_constant(0);
    const struct expr *scaled = expr_binary(g, FUNCTION_MULTIPLY, nest_read(g, &n, w, &slope), x);
    n.body = expr_select(g, expr_binary(g, FUNCTION_LESS, expr_constant(g, 0), x), x, scaled);
    *result = graph_add_compute(g, "prelu", &shape, &n, false);
    return true;
}

const struct op op_prelu = {
    .name = "prelu",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .relu_like = true,
    .build = prelu_build,
    .doc =
        "`prelu(per_channel=false)`\n\n"
        "    y = x > 0 ? x : w*x\n\n"
        "The slope `weight` is trained: one number, or with `per_channel = true` one for each channel (the first axis). It begins "
        "at 0.25.\n",
    .example = "net rectified {\n"
               "    input image: 3x8x8;\n"
               "    output y = image -> conv(4, 3x3) -> prelu -> conv(4, 3x3) -> prelu(per_channel = true);\n"
               "}\n",
};

/* dropout, spatial_dropout: in training a part of the elements, or of the channels, is zero, and the rest is scaled up.
 *
 *   dropout            y[i] = r[i] < rate ? 0 : x[i] / (1 - rate)
 *   spatial_dropout    y[c,h,w] = x[c,h,w] * m[c],  m[c] = r[c] < rate ? 0 : 1 / (1 - rate)
 *
 *   x, y of one shape; spatial_dropout: [C,H,W] or [C,L]
 *
 * r is uniform in [0, 1) and drawn anew for each element (channel), sample and epoch. The gradient draws the same numbers again.
 * Outside training y = x.
 *
 * Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: a simple way to prevent neural networks from
 * overfitting" (2014), scaled in training as in PyTorch's `torch.nn.Dropout`; Tompson, Goroshin, Jain, LeCun, Bregler, "Efficient
 * object localization using convolutional networks" (2015), `torch.nn.Dropout2d`.
 */
#include "compiler/ops/build.h"

enum { RATE, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [RATE] = {.name = "rate", .type = PARAM_REAL, .required = true, .min = 0, .max = 1},
};

/* r < rate ? 0 : kept. Random numbers are multiples of 2^-23: the next of them that is not below the rate is exact in f32 too,
 * which thus drops the same elements as f64. */
static const struct expr *drop(const struct op_call *c, const struct expr *random, const struct expr *kept)
{
    struct graph *g = c->graph;
    const double rate = ceil(c->arg[RATE].real * 0x1p23) * 0x1p-23;

    return expr_select(g, expr_binary(g, FUNCTION_LESS, random, expr_constant(g, rate)), expr_constant(g, 0), kept);
}

/* 1 / (1 - rate); nothing is left to scale where everything is dropped. */
static const struct expr *scale(const struct op_call *c)
{
    const double rate = c->arg[RATE].real;

    return expr_constant(c->graph, rate < 1 ? 1 / (1 - rate) : 0);
}

static const struct expr *dropped(const struct op_call *c, const struct expr *random, const struct expr *x)
{
    return drop(c, random, expr_binary(c->graph, FUNCTION_MULTIPLY, x, scale(c)));
}

static bool dropout_build(struct op_call *c, node_id *result)
{
    *result = c->in[0];
    if (!op_want_drawable(c, op_shape(c, 0)))
        return false;
    if (c->arg[RATE].real == 0)
        return true;
    *result = op_add_drawn(c, "dropout", dropped);
    return true;
}

/* m[c] */
static node_id add_channel_mask(struct op_call *c, int64_t channels)
{
    struct graph *g = c->graph;
    const struct shape shape = {.rank = 1, .dim = {channels}};
    struct nest n = {0};

    n.out[0] = index_axis(nest_add_axis(&n, "c", channels, false), 1);
    n.body = drop(c, expr_random(g, &n, graph_add_stream(g, c->name), n.out[0]), scale(c));
    const node_id mask = graph_add_compute(g, "mask", &shape, &n, false);
    graph_node(g, mask)->no_gradient = true;
    return mask;
}

static bool spatial_dropout_build(struct op_call *c, node_id *result)
{
    *result = c->in[0];
    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL"))
        return false;
    const struct shape shape = *op_shape(c, 0);
    if (!op_want_drawable(c, &(struct shape){.rank = 1, .dim = {shape.dim[0]}}))
        return false;
    if (c->arg[RATE].real == 0)
        return true;
    const node_id outside = op_add_outside(c), mask = add_channel_mask(c, shape.dim[0]);
    *result = op_add_along(c, "spatial_dropout", FUNCTION_MULTIPLY, c->in[0], mask, (const int[]){0});
    graph_set_inference(c->graph, *result, outside);
    return true;
}

const struct op op_dropout = {
    .name = "dropout",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = dropout_build,
    .doc =
        "`dropout(rate)`\n\n"
        "In training each element is zero with probability `rate`, else divided by 1 - rate. `eval` and `predict` leave everything\n"
        "as it is.\n\n"
        "    y[i] = r[i] < rate ? 0 : x[i] / (1 - rate)\n\n"
        "`rate` runs from 0 to 1, or from 0% to 100%, and counts in steps of 2^-23. Which elements are dropped is a function of the\n"
        "seed, the layer's name, the epoch, the sample's place in the data set and the element: not of the batch, of threads or of\n"
        "the precision. The gradient computes it again; no mask is stored.\n",
    .example = "net careful {\n"
               "    input x: 16;\n"
               "    output y = x -> dense(32) -> relu -> dropout(50%) -> dense(4);\n"
               "}\n",
};

const struct op op_spatial_dropout = {
    .name = "spatial_dropout",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = spatial_dropout_build,
    .doc =
        "`spatial_dropout(rate)`\n\n"
        "Drops whole channels: in training each channel of a sample is zero with probability `rate`, else divided by 1 - rate. For an\n"
        "image `CxHxW` or a signal `CxL`. `eval` and `predict` leave everything as it is.\n\n"
        "    y[c,h,w] = r[c] < rate ? 0 : x[c,h,w] / (1 - rate)\n",
    .example = "net sparse {\n"
               "    input image: 1x12x12;\n"
               "    output y = image -> conv(8, 3x3) -> relu -> spatial_dropout(20%) -> conv(4, 3x3);\n"
               "}\n",
};

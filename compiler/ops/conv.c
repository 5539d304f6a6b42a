/* conv: cross-correlation of a sample's channels with learned kernels, zero padding.
 *
 *   y[o,h,w] = b[o] + sum over c,p,q of  x[c, h*s_h + p*d_h - top, w*s_w + q*d_w - left] * k[o,c,p,q]
 *
 *   x [C,H,W]   k [O,C/G,P,Q]   b [O]   y [O,H',W'],   H' = floor((H + top + bottom - d_h*(P - 1) - 1)/s_h) + 1
 *
 * With G groups the channels and the filters are split into G equal runs, and run g of the filters sees run g of the channels.
 * Signals [C,L] in one dimension less. connections= lists the channels that each filter sees (ops/connections.c).
 *
 * Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", relationship 6; PyTorch, `torch.nn.Conv2d`
 * (groups, layout of the weights).
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

enum { FILTERS, KERNEL, STRIDE, PADDING, DILATION, GROUPS, BIAS, CONNECTIONS, PARAM_COUNT };

static const char *const no_table[] = {"none", NULL};

static const struct param params[PARAM_COUNT] = {
    [FILTERS] = {.name = "filters", .type = PARAM_INT, .required = true, .min = 1, .max = NO_MAXIMUM},
    [KERNEL] = {.name = "kernel", .type = PARAM_SIZES, .required = true, .min = 1, .max = NO_MAXIMUM},
    [STRIDE] = {.name = "stride", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [PADDING] = {.name = "padding", .type = PARAM_PADDING, .fallback = 0, .min = 0, .max = NO_MAXIMUM},
    [DILATION] = {.name = "dilation", .type = PARAM_SIZES, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [GROUPS] = {.name = "groups", .type = PARAM_INT, .fallback = 1, .min = 1, .max = NO_MAXIMUM},
    [BIAS] = {.name = "bias", .type = PARAM_BOOL, .fallback = 1},
    [CONNECTIONS] = {.name = "connections", .type = PARAM_LIST, .choices = no_table},
};

/* A table is held as a matrix, so its size is bounded. A list too few or too many is another mistake. */
static bool want_small_table(struct op_call *c, const struct op_arg *arg)
{
    enum { MAX_PAIRS = 1 << 20 };
    const int64_t filters = c->arg[FILTERS].integer, channels = op_shape(c, 0)->dim[0];

    if (arg->literal->as.list.count != (size_t)filters || channels <= MAX_PAIRS / filters)
        return true;
    return diag_error(c->diags, arg->at, DIAG_CONNECTIONS,
                      "conv: connections: a table of %" PRId64 " filters and %" PRId64 " channels has more than %d pairs", filters,
                      channels, MAX_PAIRS);
}

/* What connections= says, or NULL; `count` pairs of a filter and a channel. */
static bool read_connections(struct op_call *c, const bool **connected, int64_t *count)
{
    const struct op_arg *arg = &c->arg[CONNECTIONS];

    if (arg->literal == NULL || arg->literal->kind == LITERAL_NAME)
        return true;
    if (c->arg[GROUPS].integer != 1)
        return diag_error(c->diags, arg->at, DIAG_CONNECTIONS, "conv: connections and groups cannot both say what a filter sees");
    if (c->arg[PARAM_COUNT + WEIGHT_WEIGHT].tensor != NO_NODE)
        return diag_error(c->diags, arg->at, DIAG_CONNECTIONS,
                          "conv: connections are those of a weight of its own, and this is tied");
    if (!want_small_table(c, arg))
        return false;
    *connected = op_read_connections(c, CONNECTIONS, c->arg[FILTERS].integer, count);
    return *connected != NULL;
}

/* Values of weight= where there is no connection would never be used. */
static bool want_zeros_apart(struct op_call *c, const struct node *kernels)
{
    const struct parameter *p = kernels->parameter;
    const int64_t pairs = kernels->shape.dim[0] * kernels->shape.dim[1], taps = shape_elements(&kernels->shape) / pairs;

    for (int64_t i = 0; p->init == INIT_VALUES && i < pairs * taps; i++)
        if (!p->connected[i / taps] && p->init_data[i] != 0)
            return diag_error(c->diags, c->arg[PARAM_COUNT + WEIGHT_WEIGHT].at, DIAG_CONNECTIONS,
                              "conv: weight holds %g between filter %" PRId64 " and channel %" PRId64 ", which are not connected",
                              p->init_data[i], i / taps / kernels->shape.dim[1], i / taps % kernels->shape.dim[1]);
    return true;
}

/* The kernels, [filters, C/groups, k…]. Fans as PyTorch counts them from the weight's shape: groups narrow the one, not the other.
 * Of connections the means count, to the nearest. */
static node_id add_kernels(struct op_call *c, const struct window *w)
{
    const int64_t filters = c->arg[FILTERS].integer, channels = op_shape(c, 0)->dim[0];
    struct fans fans = {channels / c->arg[GROUPS].integer, filters};
    const bool *connected = NULL;
    int64_t count = 0;

    if (!read_connections(c, &connected, &count))
        return NO_NODE;
    if (connected != NULL)
        fans = (struct fans){(2 * count + filters) / (2 * filters), (2 * count + channels) / (2 * channels)};
    fans.out = fans.out > 0 ? fans.out : 1;
    const node_id kernels = op_add_kernels(c, w->kernel, w->rank, filters, channels / c->arg[GROUPS].integer, fans);
    if (kernels == NO_NODE || connected == NULL)
        return kernels;
    graph_node(c->graph, kernels)->parameter->connected = connected;
    return want_zeros_apart(c, graph_node(c->graph, kernels)) ? op_add_connected(c, kernels, connected) : NO_NODE;
}

static bool conv_build(struct op_call *c, node_id *result)
{
    static const struct window_args args = {
        .kernel = KERNEL, .stride = STRIDE, .padding = PADDING, .dilation = DILATION, .ceil = -1};
    const int64_t filters = c->arg[FILTERS].integer;
    struct window w;

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL") || !op_want_groups(c, GROUPS, filters) ||
        !window_infer(c, &args, &w))
        return false;
    const struct shape y = window_shape(&w, filters);
    if (!op_want_size(c, &y))
        return false;

    const node_id kernels = add_kernels(c, &w);
    if (kernels == NO_NODE)
        return false;
    *result = op_add_contraction(c, &w, kernels, &y, c->arg[GROUPS].integer);
    return op_add_bias(c, BIAS, 0, result);
}

const struct op op_conv = {
    .name = "conv",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .build = conv_build,
    .doc =
        "`conv(filters, kernel, stride=1, padding=0, dilation=1, groups=1, bias=true, connections=none)`\n\n"
        "Convolution of an image `CxHxW` or a signal `CxL` with learned kernels.\n\n"
        "    y[o,h,w] = b[o] + sum over c,p,q of x[c, h*s + p*d - top, w*s + q*d - left] * k[o,c,p,q]\n\n"
        "As everywhere in the field, this is what mathematics calls cross-correlation: the kernel lies on the input as it is written. "
        "A convolution in the strict sense is the same with the kernel turned around, its last row and column first.\n\n"
        "Each spatial axis of n becomes floor((n + p_begin + p_end - d*(k - 1) - 1)/s) + 1. `padding` is a number, a size, `same` "
        "(out = ceil(n/s)), `valid`, or a list `[[begin, end], ...]`, of a signal `[begin, end]`. With `groups = G`, each G-th of the filters sees its own "
        "G-th of the channels.\n\n"
        "`connections = [[0, 1, 2], [1, 2, 3], ...]` lists for each filter the input channels that it sees. The weights of the "
        "others are zero and stay so; they do not count as parameters, and no product with them is "
        "computed (beyond 1,024 pairs of a filter and a channel they are multiplied by).\n\n"
        "Parameters: `weight` [filters, C/groups, k...], `bias` [filters].\n",
    .example = "net edges {\n"
               "    input image: 3x32x32;\n"
               "    output maps = image -> conv(16, 3x3, padding = same) -> conv(32, 3, stride = 2, padding = 1, groups = 4);\n"
               "}\n",
};

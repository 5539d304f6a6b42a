/* channel_shuffle: channels dealt out, so that each group of the next layer sees all groups of the last.
 *
 *   y[k*G + g, …] = x[g*(C/G) + k, …]            0 <= g < G, 0 <= k < C/G
 *
 * Source: Zhang et al., "ShuffleNet" (2017), section 3.1; PyTorch, `torch.nn.ChannelShuffle`.
 */
#include "compiler/ops/build.h"

enum { GROUPS, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [GROUPS] = {.name = "groups", .type = PARAM_INT, .required = true, .min = 1, .max = NO_MAXIMUM},
};

static bool channel_shuffle_build(struct op_call *c, node_id *result)
{
    const int64_t groups = c->arg[GROUPS].integer;
    struct index at[MAX_RANK];
    struct nest n = {0};

    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL") || !op_want_groups(c, GROUPS, op_shape(c, 0)->dim[0]))
        return false;
    const struct shape shape = *op_shape(c, 0);
    const int64_t size = shape.dim[0] / groups;
    const int k = nest_add_axis(&n, "k", size, false), group = nest_add_axis(&n, "g", groups, false);
    n.out[0] = index_add(index_axis(k, groups), index_axis(group, 1));
    at[0] = index_add(index_axis(group, size), index_axis(k, 1));
    for (int d = 1; d < shape.rank; d++)
        at[d] = n.out[d] = index_axis(nest_add_axis(&n, op_axis_name(shape.rank, d), shape.dim[d], false), 1);
    n.body = nest_read(c->graph, &n, c->in[0], at);
    *result = graph_add_compute(c->graph, "channel_shuffle", &shape, &n, false);
    return true;
}

const struct op op_channel_shuffle = {
    .name = "channel_shuffle",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = channel_shuffle_build,
    .doc =
        "`channel_shuffle(groups)`\n\n"
        "Deals the channels of an image `CxHxW` or a signal `CxL` out over the groups, so that each group of the next layer sees "
        "channels of all groups.\n\n"
        "    y[k*G + g] = x[g*(C/G) + k]\n",
    .example = "net shuffled {\n"
               "    input image: 6x8x8;\n"
               "    output y = image -> conv(6, 1x1, groups = 3) -> channel_shuffle(3) -> conv(6, 1x1, groups = 3);\n"
               "}\n",
};

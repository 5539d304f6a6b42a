/* groupnorm: each sample by the mean and the deviation of each of G equal runs of its channels.
 *
 *   y = (x - m) / sqrt(v + eps) * weight[c] + bias[c]        m = mean of x,  v = mean of (x - m)^2,  over the run and all places
 *
 *   x, y [C,H,W], [C,L] or [C]   weight, bias [C]
 *
 * Source: Wu & He, "Group Normalization" (2018), equations 1, 2 and 7; PyTorch, `torch.nn.GroupNorm`.
 */
#include "compiler/ops/build.h"

enum { GROUPS, EPS, AFFINE, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [GROUPS] = {.name = "groups", .type = PARAM_INT, .required = true, .min = 1, .max = NO_MAXIMUM},
    [EPS] = {.name = "eps", .type = PARAM_REAL, .fallback = 1e-5, .min = 0, .max = NO_MAXIMUM, .above_min = true},
    [AFFINE] = {.name = "affine", .type = PARAM_BOOL, .fallback = 1},
};

static bool groupnorm_build(struct op_call *c, node_id *result)
{
    return op_want_rank(c, 0, 1, 3, "an image CxHxW, a signal CxL or a vector C") &&
           op_want_groups(c, GROUPS, op_shape(c, 0)->dim[0]) && op_add_channel_norm(c, c->arg[GROUPS].integer, EPS, AFFINE, result);
}

const struct op op_groupnorm = {
    .name = "groupnorm",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .transparent = true,
    .build = groupnorm_build,
    .doc = "`groupnorm(groups, eps=1e-5, affine=true)`\n\n"
           "Splits the channels of each sample into equal runs; takes from each run its own mean and divides by its own "
           "deviation.\n\n"
           "    y = (x - m) / sqrt(v + eps) * weight[c] + bias[c],   m = mean of x,   v = mean of (x - m)^2\n\n"
           "The means run over the channels of a run and all their places. The input is an image `CxHxW`, a signal `CxL` or a "
           "vector `C`.\n\n"
           "Parameters: `weight` [C] (ones at first), `bias` [C] (zeros).\n",
    .example = "net normalized {\n"
               "    input image: 3x32x32;\n"
               "    output y = image -> conv(16, 3x3, padding = same) -> groupnorm(4) -> relu -> global_avgpool;\n"
               "}\n",
};

/* instancenorm: each channel of each sample by its own mean and deviation.
 *
 *   y = (x - m) / sqrt(v + eps) * weight[c] + bias[c]        m = mean of x,  v = mean of (x - m)^2,  over the places of channel c
 *
 *   x, y [C,H,W] or [C,L]   weight, bias [C]
 *
 * Source: Ulyanov, Vedaldi, Lempitsky, "Instance Normalization: The Missing Ingredient for Fast Stylization" (2016), equation 4;
 * PyTorch, `torch.nn.InstanceNorm2d`.
 */
#include "compiler/ops/build.h"

enum { EPS, AFFINE, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [EPS] = {.name = "eps", .type = PARAM_REAL, .fallback = 1e-5, .min = 0, .max = NO_MAXIMUM, .above_min = true},
    [AFFINE] = {.name = "affine", .type = PARAM_BOOL, .fallback = 1},
};

/* A mean of one element takes away all that there is. */
static bool want_places(struct op_call *c, const struct shape *shape)
{
    char text[SHAPE_TEXT];

    if (shape_elements(shape) > shape->dim[0])
        return true;
    diag_error(c->diags, c->at, DIAG_STATISTICS, "instancenorm: the channels of %s have one element each, which is its own mean",
               shape_text(shape, text));
    const struct span origin = op_origin(c, 0, 1);
    if (!span_is_none(origin))
        diag_note(c->diags, origin, "the size %s comes from here", text);
    diag_hint(c->diags, "groupnorm normalises over channels too");
    return false;
}

static bool instancenorm_build(struct op_call *c, node_id *result)
{
    return op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL") && want_places(c, op_shape(c, 0)) &&
           op_add_channel_norm(c, op_shape(c, 0)->dim[0], EPS, AFFINE, result);
}

const struct op op_instancenorm = {
    .name = "instancenorm",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .transparent = true,
    .build = instancenorm_build,
    .doc = "`instancenorm(eps=1e-5, affine=true)`\n\n"
           "Takes from each channel of each sample its own mean and divides by its own deviation.\n\n"
           "    y = (x - m) / sqrt(v + eps) * weight[c] + bias[c],   m = mean of x,   v = mean of (x - m)^2\n\n"
           "The means run over the places of the channel, in training and afterwards alike. The input is an image `CxHxW` or a "
           "signal `CxL` of more than one place.\n\n"
           "Parameters: `weight` [C] (ones at first), `bias` [C] (zeros).\n",
    .example = "net stylized {\n"
               "    input image: 3x32x32;\n"
               "    output y = image -> conv(8, 3x3, padding = same) -> instancenorm -> relu -> conv(3, 1x1);\n"
               "}\n",
};

/* global_avgpool: the mean of each channel over all places.
 *
 *   y[c] = (sum over h,w of  x[c,h,w]) / (H*W)
 *
 *   x [C,H,W] or [C,L]   y [C]
 *
 * Source: Lin, Chen, Yan, "Network In Network" (2013), section 3.2.
 */
#include "compiler/ops/build.h"

static bool global_avgpool_build(struct op_call *c, node_id *result)
{
    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL"))
        return false;

    const struct shape *in = op_shape(c, 0);
    const double places = (double)shape_elements(in) / (double)in->dim[0];
    const node_id sum = op_add_over_space(c, "sum", c->in[0], COMBINE_SUM);
    *result = graph_add_scaled(c->graph, "mean", FUNCTION_MULTIPLY, sum, 1 / places, false);
    return true;
}

const struct op op_global_avgpool = {
    .name = "global_avgpool",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = global_avgpool_build,
    .doc = "`global_avgpool`\n\n"
           "The mean of each channel over all places: an image `CxHxW` or a signal `CxL` becomes a vector `C`.\n\n"
           "    y[c] = (sum over h,w of x[c,h,w]) / (H*W)\n",
    .example = "net pooled {\n"
               "    input image: 3x32x32;\n"
               "    output y = image -> conv(10, 3x3) -> global_avgpool;\n"
               "}\n",
};

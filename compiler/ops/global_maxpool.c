/* global_maxpool: the greatest element of each channel over all places.
 *
 *   y[c] = max over h,w of  x[c,h,w]
 *
 *   x [C,H,W] or [C,L]   y [C]
 *
 * Source: Keras, `GlobalMaxPooling2D`.
 */
#include "compiler/ops/build.h"

static bool global_maxpool_build(struct op_call *c, node_id *result)
{
    if (!op_want_rank(c, 0, 2, 3, "an image CxHxW or a signal CxL"))
        return false;
    *result = op_add_over_space(c, "max", c->in[0], COMBINE_MAX);
    return true;
}

const struct op op_global_maxpool = {
    .name = "global_maxpool",
    .kind = OP_LAYER,
    .min_inputs = 1,
    .max_inputs = 1,
    .transparent = true,
    .build = global_maxpool_build,
    .doc =
        "`global_maxpool`\n\n"
        "The greatest element of each channel over all places: an image `CxHxW` or a signal `CxL` becomes a vector `C`. Of equal "
        "ones the first in row order passes the gradient on.\n\n"
        "    y[c] = max over h,w of x[c,h,w]\n",
    .example = "net pooled {\n"
               "    input image: 3x32x32;\n"
               "    output y = image -> conv(10, 3x3) -> global_maxpool;\n"
               "}\n",
};

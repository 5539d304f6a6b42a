/* layernorm: each sample by its own mean and deviation, over the whole sample or along some axes.
 *
 *   y = (x - m) / sqrt(v + eps) * weight + bias        m = mean of x,  v = mean of (x - m)^2
 *
 *   whole sample   m, v: one of each          weight, bias: the shape of x, as PyTorch's LayerNorm(x.shape)
 *   axis = d       m, v: one for each place   weight, bias [n], n the size of the axis; of several axes [n, m…], in their order
 *
 * Source: Ba, Kiros, Hinton, "Layer Normalization" (2016), equation 3; PyTorch, `torch.nn.LayerNorm`.
 */
#include "compiler/ops/build.h"

enum { EPS, AFFINE, AXIS, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [EPS] = {.name = "eps", .type = PARAM_REAL, .fallback = 1e-5, .min = 0, .max = NO_MAXIMUM, .above_min = true},
    [AFFINE] = {.name = "affine", .type = PARAM_BOOL, .fallback = 1},
    [AXIS] = {.name = "axis", .type = PARAM_AXES},
};

static bool layernorm_build(struct op_call *c, node_id *result)
{
    bool taken[MAX_RANK] = {false};
    int dims[MAX_RANK], count = 0;

    if (!op_want_rank(c, 0, 1, MAX_RANK, "a tensor with at least one axis") || !op_want_axis(c, AXIS))
        return false;
    const struct shape shape = *op_shape(c, 0);
    const bool whole = c->arg[AXIS].literal == NULL;
    struct statistic s = {.rank = shape.rank};
    if (!whole && !op_axes(c, AXIS, shape.rank, taken))
        return false;
    for (int d = 0; d < shape.rank; d++) {
        const bool is_of_set = whole || taken[d];
        s.segments[d] = is_of_set ? 1 : shape.dim[d];
        s.length[d] = is_of_set ? shape.dim[d] : 1;
        if (is_of_set)
            dims[count++] = d;
    }
    *result = op_add_normalized(c, &s, c->arg[EPS].real);
    return op_add_affine(c, AFFINE, dims, count, result);
}

const struct op op_layernorm = {
    .name = "layernorm",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .transparent = true,
    .build = layernorm_build,
    .doc =
        "`layernorm(eps=1e-5, affine=true, axis=)`\n\n"
        "Takes from each sample its own mean and divides by its own deviation.\n\n"
        "    y = (x - m) / sqrt(v + eps) * weight + bias,   m = mean of x,   v = mean of (x - m)^2\n\n"
        "Without `axis` the means run over the whole sample, and `weight` and `bias` have its shape, as PyTorch's "
        "`LayerNorm(x.shape)`. With `axis` they run along that axis, or those of a list, at each place of the others, and "
        "`weight` and `bias` have its size: `axis = [-2, -1]` is PyTorch's `LayerNorm(x.shape[-2:])`. Rank 2 wants `axis=`: 1 over the features of a sequence `TxF`, 0 over the channels of a signal "
        "`CxL`.\n\n"
        "Parameters: `weight` (ones at first), `bias` (zeros).\n",
    .example = "net normalized {\n"
               "    input sequence: 20x16;\n"
               "    output y = sequence -> dense(32) -> layernorm(axis = 1) -> relu -> dense(8);\n"
               "}\n",
};

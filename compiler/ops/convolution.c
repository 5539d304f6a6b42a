/* The contraction that conv and depthwise_conv share: groups of filters over groups of channels. */
#include "compiler/ops/build.h"

#include <inttypes.h>

bool op_want_groups(struct op_call *c, int groups_arg, int64_t filters)
{
    const int64_t groups = c->arg[groups_arg].integer, channels = op_shape(c, 0)->dim[0];
    const bool divides_channels = channels % groups == 0;
    const int64_t whole = divides_channels ? filters : channels;
    const int64_t common = greatest_common_divisor(channels, filters);
    const struct span origin = op_origin(c, 0, 0);
    char text[SHAPE_TEXT];

    if (divides_channels && filters % groups == 0)
        return true;
    diag_error(c->diags, c->arg[groups_arg].at, DIAG_GROUPS, "%s: %" PRId64 " groups do not divide %" PRId64 " %s%s", c->op->name,
               groups, whole, divides_channels ? "filter" : "channel", whole == 1 ? "" : "s");
    if (!divides_channels && !span_is_none(origin))
        diag_note(c->diags, origin, "the size %s comes from here", shape_text(op_shape(c, 0), text));
    if (common > 1)
        diag_hint(c->diags, "take a divisor of %" PRId64, common);
    else
        diag_hint(c->diags, "make them a multiple of %" PRId64, groups);
    return false;
}

node_id op_add_kernels(struct op_call *c, const int64_t kernel[], int space, int64_t outer, int64_t inner, struct fans fans)
{
    struct shape shape = {.rank = space + 2, .dim = {outer, inner}};
    int64_t taps = 1;

    for (int i = 0; i < space; i++)
        shape.dim[i + 2] = kernel[i];
    if (!op_want_size(c, &shape))
        return NO_NODE;
    for (int i = 0; i < space; i++)
        taps *= kernel[i];
    return op_add_parameter(c, "weight", &shape, true, fans.in * taps, fans.out * taps);
}

node_id op_add_contraction(struct op_call *c, const struct window *w, node_id kernels, const struct shape *y, int64_t groups)
{
    const int64_t channels = op_shape(c, 0)->dim[0] / groups, filters = y->dim[0] / groups;
    struct nest n = {.combine = COMBINE_SUM};
    struct index x[MAX_RANK], k[MAX_RANK];
    int space[3];

    const int g = nest_add_axis(&n, "g", groups, false), o = nest_add_axis(&n, "o", filters, false);
    n.out[0] = k[0] = index_add(index_axis(g, filters), index_axis(o, 1));
    window_add_space(w, &n, space, &n.out[1]);
    const int channel = nest_add_axis(&n, "c", channels, true), first_tap = n.axis_count;
    x[0] = index_add(index_axis(g, channels), index_axis(channel, 1));
    window_add_taps(w, &n, space, &x[1]);
    k[1] = index_axis(channel, 1);
    for (int i = 0; i < w->rank; i++)
        k[i + 2] = index_axis(first_tap + i, 1);

    const struct expr *pixel = nest_read(c->graph, &n, c->in[0], x);
    n.body = expr_binary(c->graph, FUNCTION_MULTIPLY, pixel, nest_read(c->graph, &n, kernels, k));
    return graph_add_compute(c->graph, "conv", y, &n, false);
}

/* Normalisation within a sample: what layernorm, groupnorm and instancenorm share.
 *
 *   y = (x - m) / sqrt(v + eps) * weight + bias        m = mean of x,  v = mean of (x - m)^2
 *
 * The means run over sets of elements. Along dimension d, of n elements, there are K equal runs of n/K, and a set is what lies in
 * one run of every dimension: K = 1 takes the dimension whole, K = n keeps its elements apart.
 */
#include "compiler/ops/build.h"

/* Adds for each dimension the axis of its runs, and returns the indices of the runs. */
static void add_segments(const struct statistic *s, struct nest *n, struct index segment[])
{
    for (int d = 0; d < s->rank; d++)
        segment[d] = index_axis(nest_add_axis(n, op_axis_name(s->rank, d), s->segments[d], false), 1);
}

/* Adds for each dimension the axis within a run, and returns the indices of x's elements. */
static void add_elements(const struct statistic *s, struct nest *n, const struct index segment[], bool reduced, struct index at[])
{
    static const char *const names[MAX_RANK] = {"r", "s", "t", "u", "v", "w"};

    for (int d = 0; d < s->rank; d++) {
        const int64_t length = s->length[d];
        struct index first = segment[d];
        for (int axis = 0; axis < MAX_AXES; axis++)
            first.factor[axis] *= length;
        at[d] = index_add(first, index_axis(nest_add_axis(n, names[d], length, reduced), 1));
    }
}

/* The mean of x, or of its squares, over each set: [K…]. */
static node_id add_mean(struct op_call *c, const struct statistic *s, node_id x, bool squared)
{
    struct graph *g = c->graph;
    struct shape shape = {.rank = s->rank};
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[MAX_RANK];
    double elements = 1;

    for (int d = 0; d < s->rank; d++) {
        shape.dim[d] = s->segments[d];
        elements *= (double)s->length[d];
    }
    add_segments(s, &n, n.out);
    add_elements(s, &n, n.out, true, at);
    const struct expr *element = nest_read(g, &n, x, at);
    n.body = squared ? expr_binary(g, FUNCTION_MULTIPLY, element, element) : element;
    const node_id sum = graph_add_compute(g, "sum", &shape, &n, false);
    return graph_add_scaled(g, "mean", FUNCTION_MULTIPLY, sum, 1 / elements, false);
}

/* x f m, where m [K…] holds a number for each set. */
static node_id add_with_sets(struct op_call *c, const struct statistic *s, const char *op_name, enum function f, node_id x,
                             node_id m)
{
    const struct shape shape = graph_node(c->graph, x)->shape;
    struct nest n = {0};
    struct index segment[MAX_RANK];

    add_segments(s, &n, segment);
    add_elements(s, &n, segment, false, n.out);
    const struct expr *element = nest_read(c->graph, &n, x, n.out);
    n.body = expr_binary(c->graph, f, element, nest_read(c->graph, &n, m, segment));
    return graph_add_compute(c->graph, op_name, &shape, &n, false);
}

/* 1 / sqrt(v + eps) */
static node_id add_scale(struct op_call *c, node_id variance, double eps)
{
    const node_id shifted = graph_add_scaled(c->graph, "add", FUNCTION_ADD, variance, eps, false);
    const node_id deviation = graph_add_unary(c->graph, "sqrt", FUNCTION_SQRT, shifted);

    return graph_add_scaled(c->graph, "inverse", FUNCTION_DIVIDE, deviation, 1, true);
}

node_id op_add_normalized(struct op_call *c, const struct statistic *s, double eps)
{
    const node_id centered = add_with_sets(c, s, "centered", FUNCTION_SUBTRACT, c->in[0], add_mean(c, s, c->in[0], false));
    const node_id scale = add_scale(c, add_mean(c, s, centered, true), eps);

    return add_with_sets(c, s, c->op->name, FUNCTION_MULTIPLY, centered, scale);
}

bool op_add_affine(struct op_call *c, int affine_arg, const int dims[], int count, node_id *x)
{
    struct shape shape = {.rank = count};

    for (int d = 0; d < count; d++)
        shape.dim[d] = graph_node(c->graph, *x)->shape.dim[dims[d]];
    if (!c->arg[affine_arg].boolean)
        return op_want_no_parameters(c, "affine = false");
    const node_id weight = op_add_gain(c, "weight", &shape);
    if (weight == NO_NODE)
        return false;
    *x = op_add_along(c, "scaled", FUNCTION_MULTIPLY, *x, weight, dims);
    const node_id bias = op_add_parameter(c, "bias", &shape, false, 0, 0);
    if (bias == NO_NODE)
        return false;
    *x = op_add_along(c, "add", FUNCTION_ADD, *x, bias, dims);
    return true;
}

bool op_add_channel_norm(struct op_call *c, int64_t groups, int eps_arg, int affine_arg, node_id *result)
{
    const struct shape *shape = op_shape(c, 0);
    struct statistic s = {.rank = shape->rank};

    for (int d = 0; d < shape->rank; d++) {
        s.segments[d] = d == 0 ? groups : 1;
        s.length[d] = shape->dim[d] / s.segments[d];
    }
    *result = op_add_normalized(c, &s, c->arg[eps_arg].real);
    return op_add_affine(c, affine_arg, (const int[]){0}, 1, result);
}

/* batchnorm: each channel with the mean and the variance that it has in the batch.
 *
 *   y = (x - mean) / sqrt(var + eps) * weight + bias
 *
 *   mean, var of a channel over all samples of the batch and all places, var with the divisor n
 *
 * Outside training the running statistics stand for those of the batch:
 *   running_mean += momentum * (mean - running_mean)       running_var += momentum * (var * n/(n - 1) - running_var)
 *
 * Two passes: the variance is a sum of squares around the mean that the first pass found. The mean in it is a constant to
 * differentiation, for what flows through it sums to zero.
 *
 * Sources: Ioffe & Szegedy, "Batch Normalization", 2015, algorithm 1; PyTorch, `torch.nn.BatchNorm2d` (running statistics, names).
 */
#include "compiler/ops/build.h"

enum { EPS, AFFINE, MOMENTUM, PARAM_COUNT };

static const struct param params[PARAM_COUNT] = {
    [EPS] = {.name = "eps", .type = PARAM_REAL, .fallback = 1e-5, .min = 0, .max = NO_MAXIMUM, .above_min = true},
    [AFFINE] = {.name = "affine", .type = PARAM_BOOL, .fallback = 1},
    [MOMENTUM] = {.name = "momentum", .type = PARAM_REAL, .fallback = 0.1, .min = 0, .max = 1},
};

/* The nodes of one call. Channels are [C], counts rank 0. */
struct statistics {
    struct op_call *call;
    struct graph *graph;
    struct shape shape, channels;
    node_id weight;                      /* of a sample in the batch's mean: 0 in dead lanes */
    node_id samples;                     /* of the batch */
    node_id running_mean, running_var;
    node_id mean, var, scale;            /* scale: 1 / sqrt(var + eps) */
};

static double places(const struct statistics *s)
{
    return (double)shape_elements(&s->shape) / (double)s->shape.dim[0];
}

/* A nest over x, with its channel free and, in a sum, its places reduced. `at` gets the indices of an element. */
static struct nest over_elements(const struct statistics *s, bool sum, struct index at[])
{
    struct nest n = {.combine = sum ? COMBINE_SUM : COMBINE_NONE};

    for (int d = 0; d < s->shape.rank; d++)
        at[d] = index_axis(nest_add_axis(&n, op_axis_name(s->shape.rank, d), s->shape.dim[d], sum && d > 0), 1);
    for (int d = 0; d < (sum ? 1 : s->shape.rank); d++)
        n.out[d] = at[d];
    return n;
}

static const struct expr *is_live(const struct statistics *s, struct nest *n)
{
    return expr_binary(s->graph, FUNCTION_LESS, expr_constant(s->graph, 0), nest_read(s->graph, n, s->weight, NULL));
}

/* The sum over the batch and all places of x - around, or of its square. Dead lanes are left out. */
static node_id add_sum(const struct statistics *s, const char *op_name, node_id around, bool squared)
{
    struct index at[MAX_RANK];
    struct nest n = over_elements(s, true, at);
    const struct expr *live = is_live(s, &n), *x = nest_read(s->graph, &n, s->call->in[0], at);
    const struct expr *rest = expr_binary(s->graph, FUNCTION_SUBTRACT, x, nest_read(s->graph, &n, around, at));

    if (squared)
        rest = expr_binary(s->graph, FUNCTION_MULTIPLY, rest, rest);
    n.body = expr_select(s->graph, live, rest, expr_constant(s->graph, 0));
    return graph_add_compute(s->graph, op_name, &s->channels, &n, true);
}

static node_id add_sample_count(const struct statistics *s)
{
    const struct shape number = {.rank = 0};
    struct nest n = {.combine = COMBINE_NONE};

    n.body = expr_select(s->graph, is_live(s, &n), expr_constant(s->graph, 1), expr_constant(s->graph, 0));
    return graph_add_compute(s->graph, "samples", &number, &n, true);
}

/* A nest over the channels. */
static struct nest over_channels(const struct statistics *s)
{
    struct nest n = {.combine = COMBINE_NONE};

    n.out[0] = index_axis(nest_add_axis(&n, "c", s->channels.dim[0], false), 1);
    return n;
}

/* How many values a channel has in the batch. */
static const struct expr *value_count(const struct statistics *s, struct nest *n)
{
    return expr_binary(s->graph, FUNCTION_MULTIPLY, nest_read(s->graph, n, s->samples, NULL), expr_constant(s->graph, places(s)));
}

/* sum / n, plus `to` where there is one */
static node_id add_mean(const struct statistics *s, const char *op_name, node_id sum, node_id to)
{
    struct nest n = over_channels(s);
    const struct expr *total = nest_read(s->graph, &n, sum, n.out);

    n.body = expr_binary(s->graph, FUNCTION_DIVIDE, total, value_count(s, &n));
    if (to != NO_NODE)
        n.body = expr_binary(s->graph, FUNCTION_ADD, nest_read(s->graph, &n, to, n.out), n.body);
    return graph_add_compute(s->graph, op_name, &s->channels, &n, false);
}

static node_id add_scale(const struct statistics *s, node_id var)
{
    struct nest n = over_channels(s);
    const struct expr *eps = expr_constant(s->graph, s->call->arg[EPS].real);
    const struct expr *sum = expr_binary(s->graph, FUNCTION_ADD, nest_read(s->graph, &n, var, n.out), eps);

    n.body = expr_binary(s->graph, FUNCTION_DIVIDE, expr_constant(s->graph, 1), expr_unary(s->graph, FUNCTION_SQRT, sum));
    return graph_add_compute(s->graph, "scale", &s->channels, &n, false);
}

/* The mean as a constant. */
static node_id add_fixed(const struct statistics *s, node_id v)
{
    struct nest n = over_channels(s);

    n.body = nest_read(s->graph, &n, v, n.out);
    const node_id fixed = graph_add_compute(s->graph, "fixed", &s->channels, &n, false);
    graph_node(s->graph, fixed)->no_gradient = true;
    return fixed;
}

/* running + momentum * (now - running), after the step; a shared layer takes one such step for each application, in order */
static void add_running(const struct statistics *s, node_id running, node_id now, bool unbiased)
{
    struct nest n = over_channels(s);
    struct graph *g = s->graph;
    struct graph_update *earlier = s->call->shared != NULL ? graph_find_update(g, running) : NULL;
    const node_id before = earlier != NULL ? earlier->source : running;
    const struct expr *old = nest_read(g, &n, before, n.out), *new = nest_read(g, &n, now, n.out);

    if (unbiased) {
        const struct expr *count = value_count(s, &n), *one = expr_constant(g, 1);
        const struct expr *less = expr_binary(g, FUNCTION_SUBTRACT, count, one);
        /* A last batch of a single value has no variance: nothing to divide. */
        const struct expr *divisor = expr_select(g, expr_binary(g, FUNCTION_LESS, one, count), less, one);
        new = expr_binary(g, FUNCTION_DIVIDE, expr_binary(g, FUNCTION_MULTIPLY, new, count), divisor);
    }
    const struct expr *step = expr_constant(g, s->call->arg[MOMENTUM].real);
    n.body =
        expr_binary(g, FUNCTION_ADD, old, expr_binary(g, FUNCTION_MULTIPLY, step, expr_binary(g, FUNCTION_SUBTRACT, new, old)));
    const node_id next = graph_add_compute(g, "running", &s->channels, &n, false);
    graph_node(g, next)->backward = true;
    graph_node(g, next)->no_gradient = true;
    if (earlier != NULL)
        earlier->source = next;
    else
        vec_push(g->arena, &g->update, ((struct graph_update){.target = running, .source = next}));
}

static void add_batch_statistics(struct statistics *s)
{
    s->samples = add_sample_count(s);
    s->mean = add_mean(s, "mean", add_sum(s, "sum", s->running_mean, false), s->running_mean);
    s->var = add_mean(s, "variance", add_sum(s, "squares", add_fixed(s, s->mean), true), NO_NODE);
    s->scale = add_scale(s, s->var);
    add_running(s, s->running_mean, s->mean, false);
    add_running(s, s->running_var, s->var, true);
}

/* (x - mean) * scale * weight + bias */
static node_id add_normalized(const struct statistics *s, node_id mean, node_id scale, node_id weight, node_id bias)
{
    struct index at[MAX_RANK];
    struct nest n = over_elements(s, false, at);
    struct graph *g = s->graph;
    const struct expr *x = nest_read(g, &n, s->call->in[0], at);

    n.body = expr_binary(g, FUNCTION_SUBTRACT, x, nest_read(g, &n, mean, at));
    n.body = expr_binary(g, FUNCTION_MULTIPLY, n.body, nest_read(g, &n, scale, at));
    if (weight != NO_NODE) {
        n.body = expr_binary(g, FUNCTION_MULTIPLY, n.body, nest_read(g, &n, weight, at));
        n.body = expr_binary(g, FUNCTION_ADD, n.body, nest_read(g, &n, bias, at));
    }
    return graph_add_compute(g, "batchnorm", &s->shape, &n, false);
}

static bool batchnorm_build(struct op_call *c, node_id *result)
{
    if (!op_want_rank(c, 0, 1, 3, "a vector F, a signal CxL or an image CxHxW"))
        return false;
    if (graph_node(c->graph, c->in[0])->uniform)
        return diag_error(c->diags, c->at, DIAG_STATISTICS,
                          "batchnorm: this is made from parameters alone: all samples of a batch have the same");
    struct statistics s = {.call = c, .graph = c->graph, .shape = *op_shape(c, 0)};
    node_id weight = NO_NODE, bias = NO_NODE;

    s.channels = (struct shape){.rank = 1, .dim = {s.shape.dim[0]}};
    if (c->arg[AFFINE].boolean) {
        weight = op_add_gain(c, "weight", &s.channels);
        bias = op_add_parameter(c, "bias", &s.channels, false, 0, 0);
        if (weight == NO_NODE || bias == NO_NODE)
            return false;
    } else if (!op_want_no_parameters(c, "affine = false")) {
        return false;
    }
    s.running_mean = op_add_statistic(c, "running_mean", &s.channels, INIT_ZEROS);
    s.running_var = op_add_statistic(c, "running_var", &s.channels, INIT_ONES);
    if (s.running_mean == NO_NODE || s.running_var == NO_NODE)
        return false;
    s.weight = graph_sample_weight(c->graph);
    const node_id outside = add_normalized(&s, s.running_mean, add_scale(&s, s.running_var), weight, bias);
    add_batch_statistics(&s);
    *result = add_normalized(&s, s.mean, s.scale, weight, bias);
    graph_set_inference(c->graph, *result, outside);
    return true;
}

/* A single value is its own mean: nothing of it is left. */
static int64_t batchnorm_least_batch(const struct shape *shape)
{
    return shape_elements(shape) > shape->dim[0] ? 1 : 2;
}

const struct op op_batchnorm = {
    .name = "batchnorm",
    .kind = OP_LAYER,
    .params = params,
    .param_count = PARAM_COUNT,
    .min_inputs = 1,
    .max_inputs = 1,
    .has_weights = true,
    .transparent = true,
    .build = batchnorm_build,
    .least_batch = batchnorm_least_batch,
    .doc =
        "`batchnorm(eps=1e-5, affine=true, momentum=0.1)`\n\n"
        "Normalises each channel over the batch and all places.\n\n"
        "    y = (x - mean) / sqrt(var + eps) * weight + bias\n\n"
        "Training uses the statistics of the batch and keeps running ones, as PyTorch does: `running_mean` and `running_var` in\n"
        "the checkpoint. `eval` and `predict` use the running ones. A channel that has a single value in the whole batch is an\n"
        "error.\n",
    .example = "net normalised {\n"
               "    input image: 1x8x8;\n"
               "    output y = image -> conv(4, 3x3, bias = false) -> batchnorm -> relu;\n"
               "}\n",
};

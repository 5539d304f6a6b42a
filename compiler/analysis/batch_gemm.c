/* batch_gemm: which sums over samples run along channels, and how.
 *
 * With lane accumulators a tile costs one reduction of lanes for each result, about 3/pixels of its time; transposing an operand
 * costs about 5/(channels * taps) of it. So a window that is used at many pixels by few channels keeps its lanes (the first layer
 * of a net), everything else is transposed: later convolutions, 1x1 convolutions and dense layers. Measured: a dense layer's
 * gradient at batch 128 takes an eighth of the time.
 */
#include "compiler/analysis/batch_gemm.h"

#include "compiler/analysis/access.h"
#include "compiler/analysis/gather_scatter.h"
#include "compiler/graph/build.h"
#include "compiler/graph/query.h"
#include "compiler/loop/loop.h"

enum { MIN_CHANNELS = 8 };

/* Elements between neighbours along an axis: of an access, over dimensions begin … end - 1 of its tensor. */
static int64_t stride_of(const struct shape *s, const struct index dim[], int begin, int end, int axis)
{
    int64_t stride = 0;

    for (int d = begin; d < end; d++)
        stride = stride * s->dim[d] + dim[d].factor[axis];
    return stride;
}

static const struct shape *shape_of(const struct graph *g, const struct nest *n, int access)
{
    return &graph_node(g, n->in[access].of)->shape;
}

static bool is_product(const struct graph *g, const struct nest *n)
{
    int factor[2];

    return n->in_count == 2 && match_product(n->body, factor) && !graph_node(g, n->in[0].of)->uniform &&
           !graph_node(g, n->in[1].of)->uniform;
}

static bool is_reduced_in(const struct nest *n, const struct index *i)
{
    for (int a = n->free_count; a < n->axis_count; a++)
        if (i->factor[a] != 0)
            return true;
    return false;
}

/* The channels of a vector: all dimensions, where no reduced axis moves in the tensor; else the first, where none moves there
 * (images); else those behind the last in which one moves (sequences). Returns false where there are none. */
static bool find_channels(const struct graph *g, const struct nest *n, struct batch_gemm *p)
{
    const struct shape *s = shape_of(g, n, p->vector);
    int last = -1;

    for (int d = 0; d < s->rank; d++)
        if (is_reduced_in(n, &n->in[p->vector].dim[d]))
            last = d;
    p->first = 0;
    p->end = s->rank;
    if (last >= 0 && is_reduced_in(n, &n->in[p->vector].dim[0]))
        p->first = last + 1;
    else if (last >= 0)
        p->end = 1;
    p->channels_last = p->first > 0;
    return p->first < p->end;
}

static bool channels_may_be_out_of_bounds(const struct graph *g, const struct nest *n, const struct batch_gemm *p)
{
    for (int d = p->first; d < p->end; d++) {
        int64_t low, high;
        index_range(n, &n->in[p->vector].dim[d], &low, &high);
        if (low < 0 || high >= shape_of(g, n, p->vector)->dim[d])
            return true;
    }
    return false;
}

/* The axes that only this operand has and that run along its channels one after the other, in the result too. */
static void collect_axes(const struct graph *g, const struct nest *n, const struct shape *result, struct batch_gemm *p)
{
    const struct shape *s = shape_of(g, n, p->vector);

    p->axis_count = 0;
    p->extent = 1;
    for (bool found = true; found;) {
        found = false;
        for (int a = 0; a < n->free_count && !found; a++) {
            int64_t out = stride_of(result, n->out, 0, result->rank, a);
            if (access_uses(g, &n->in[p->scalar], a) || stride_of(s, n->in[p->vector].dim, p->first, p->end, a) != p->extent ||
                (p->axis_count > 0 && out != p->out_stride * p->extent))
                continue;
            if (p->axis_count == 0)
                p->out_stride = out;
            p->axis[p->axis_count++] = a;
            p->extent *= n->extent[a];
            found = true;
        }
    }
}

static bool try_operand(const struct graph *g, node_id v, int vector, struct batch_gemm *p)
{
    const struct nest *n = &graph_node(g, v)->nest[0];
    const struct shape *s = shape_of(g, n, vector);

    *p = (struct batch_gemm){.vector = vector, .scalar = 1 - vector};
    if (!find_channels(g, n, p) || channels_may_be_out_of_bounds(g, n, p))
        return false;
    p->channels = p->pixels = 1;
    for (int d = 0; d < s->rank; d++)
        *(d >= p->first && d < p->end ? &p->channels : &p->pixels) *= s->dim[d];
    p->row = (p->channels + LANES - 1) / LANES * LANES;
    collect_axes(g, n, &graph_node(g, v)->shape, p);
    return p->axis_count > 0 && p->extent >= MIN_CHANNELS;
}

/* Channels that fill vectors, in percent. */
static int64_t fill_of(const struct batch_gemm *p)
{
    return 100 * p->extent / ((p->extent + LANES - 1) / LANES * LANES);
}

static bool is_better(const struct graph *g, const struct nest *n, const struct batch_gemm *a, const struct batch_gemm *b)
{
    if ((a->out_stride == 1) != (b->out_stride == 1))
        return a->out_stride == 1;
    if (fill_of(a) != fill_of(b))
        return fill_of(a) > fill_of(b);
    return access_has_window(g, n, &n->in[b->vector]) && !access_has_window(g, n, &n->in[a->vector]);
}

bool find_batch_gemm(const struct graph *g, node_id v, struct batch_gemm *p)
{
    const struct node *node = graph_node(g, v);
    struct batch_gemm other;

    if (node->nest_count != 1 || !node_sums_samples(g, node) || !is_product(g, &node->nest[0]))
        return false;
    bool first = try_operand(g, v, 0, p), second = try_operand(g, v, 1, &other);
    if (second && (!first || is_better(g, &node->nest[0], &other, p)))
        *p = other;
    return first || second;
}

/* A window whose lanes are worth adding: more than 0.6 pixels for each channel and tap (decision 4). */
static bool keeps_lanes(const struct graph *g, const struct nest *n)
{
    int64_t pixels = 1, results = 1;
    int window = access_has_window(g, n, &n->in[0]) ? 0 : access_has_window(g, n, &n->in[1]) ? 1 : -1;

    if (window < 0)
        return false;
    for (int a = n->free_count; a < n->axis_count; a++)
        pixels *= n->extent[a];
    for (int a = 0; a < n->free_count; a++)
        if (access_uses(g, &n->in[window], a))
            results *= n->extent[a];
    return 10 * pixels > 6 * results;
}

void choose_sample_orders(struct graph *g)
{
    struct batch_gemm p;
    struct gather_scatter s;

    for (size_t v = 0; v < g->node.count; v++) {
        if (g->node.at[v].kind != NODE_COMPUTE)
            continue;
        bool is_product = find_batch_gemm(g, (node_id)v, &p) && !keeps_lanes(g, &g->node.at[v].nest[0]);
        if (is_product)
            graph_set_sample_order(g, (node_id)v, ORDER_SAMPLES);
        else if (find_scatter(g, (node_id)v, &s))
            graph_set_sample_order(g, (node_id)v, ORDER_ROWS);
    }
}

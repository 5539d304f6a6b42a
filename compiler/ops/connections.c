/* conv's table of connections: which channels each filter sees.
 *
 * The kernels keep their whole shape [filters, C, k…]. The convolution reads them through a copy in which only what is listed stands:
 * the rest of the copy is zero, whatever the parameter holds, and no gradient reaches the rest of the parameter, which starts at
 * zero (parameter.connected). Products by the zeros are not computed (graph/zeros.c).
 *
 * Source: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition" (1998), table I.
 */
#include "compiler/graph/invert_access.h"
#include "compiler/ops/build.h"

#include <inttypes.h>
#include <string.h>

/* ---- Reading ------------------------------------------------------------------------------------------------------- */

static bool report(struct op_call *c, const struct literal *l, const char *text)
{
    return diag_error(c->diags, l->at, DIAG_CONNECTIONS, "%s: connections: %s", c->op->name, text);
}

static bool read_filter(struct op_call *c, const struct literal *l, int64_t filter, int64_t channels, bool seen[])
{
    struct arena *a = c->diags->arena;

    if (l->kind != LITERAL_LIST || l->as.list.count == 0)
        return report(c, l, arena_printf(a, "filter %" PRId64 " wants a list of the channels that it sees", filter));
    for (size_t i = 0; i < l->as.list.count; i++) {
        const struct literal *item = l->as.list.at[i];
        if (item->kind != LITERAL_INT || item->as.integer < 0 || item->as.integer >= channels)
            return report(c, item, arena_printf(a, "a channel is an integer from 0 to %" PRId64, channels - 1));
        if (seen[item->as.integer])
            return report(c, item, arena_printf(a, "filter %" PRId64 " lists channel %" PRId64 " twice", filter, item->as.integer));
        seen[item->as.integer] = true;
    }
    return true;
}

const bool *op_read_connections(struct op_call *c, int arg, int64_t filters, int64_t *count)
{
    const int64_t channels = op_shape(c, 0)->dim[0];
    const struct literal *l = c->arg[arg].literal;

    if (l->as.list.count != (size_t)filters) {
        report(c, l, arena_printf(c->diags->arena, "there are %zu lists for %" PRId64 " filters", l->as.list.count, filters));
        return NULL;
    }
    bool *connected = arena_array(c->graph->arena, bool, (size_t)(filters * channels));
    for (int64_t o = 0; o < filters; o++)
        if (!read_filter(c, l->as.list.at[o], o, channels, connected + o * channels))
            return NULL;
    *count = 0;
    for (int64_t i = 0; i < filters * channels; i++)
        *count += connected[i];
    return connected;
}

/* ---- Building ------------------------------------------------------------------------------------------------------ */

/* Filters `filter` … with one list, of which channels `channel`, `channel + step` … are a part. */
struct patch {
    int64_t filter, filters, channel, channels, step;
};

static int64_t next_channel(const bool seen[], int64_t channels, int64_t from)
{
    while (from < channels && !seen[from])
        from++;
    return from;
}

/* The listed channels from p->channel on that lie one step apart. Returns the first listed one after them. */
static int64_t measure_segment(const bool seen[], int64_t channels, struct patch *p)
{
    int64_t next = next_channel(seen, channels, p->channel + 1);

    p->channels = p->step = 1;
    if (next == channels)
        return next;
    p->step = next - p->channel;
    while (next < channels && next == p->channel + p->channels * p->step) {
        p->channels++;
        next = next_channel(seen, channels, next + 1);
    }
    return next;
}

static struct nest copy_patch(struct op_call *c, node_id kernels, const struct patch *p)
{
    const struct shape shape = graph_node(c->graph, kernels)->shape;
    struct nest n = {0};

    n.out[0] = index_axis(nest_add_axis(&n, "o", p->filters, false), 1);
    n.out[0].offset = p->filter;
    n.out[1] = index_axis(nest_add_axis(&n, "c", p->channels, false), p->step);
    n.out[1].offset = p->channel;
    for (int d = 2; d < shape.rank; d++)
        n.out[d] = index_axis(nest_add_axis(&n, op_tap_name(d - 2), shape.dim[d], false), 1);
    n.body = nest_read(c->graph, &n, kernels, n.out);
    return n;
}

node_id op_add_connected(struct op_call *c, node_id kernels, const bool connected[])
{
    const struct shape shape = graph_node(c->graph, kernels)->shape;
    const int64_t filters = shape.dim[0], channels = shape.dim[1];
    struct nest_list parts = {0};

    for (struct patch p = {.filter = 0}; p.filter < filters; p.filter += p.filters) {
        const bool *seen = connected + p.filter * channels;
        p.filters = 1;
        while (p.filter + p.filters < filters && memcmp(seen, seen + p.filters * channels, (size_t)channels * sizeof *seen) == 0)
            p.filters++;
        for (p.channel = next_channel(seen, channels, 0); p.channel < channels;) {
            const int64_t next = measure_segment(seen, channels, &p);
            const struct nest part = copy_patch(c, kernels, &p);
            vec_push(c->graph->arena, &parts, part);
            p.channel = next;
        }
    }
    return graph_add_parts(c->graph, "connected", &shape, (int)parts.count, parts.at, false);
}

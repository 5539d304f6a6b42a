/* zeros: rows of a uniform tensor that hold zeros for good, so that nobody need multiply by them.
 *
 * A row is what dimensions 0 and 1 fix: of kernels [filters, channels, k…] the taps between a filter and a channel.
 */
#include "compiler/graph/graph.h"
#include "compiler/graph/query.h"

/* Code that leaves rows out grows with their number; with more of them the zeros are multiplied by. */
enum { MOST_ROWS = 1024 };

/* How many values an index takes if at most one axis moves it, which is *axis, or -1; 0: several do. */
static int64_t values_along(const struct nest *n, const struct index *i, int *axis)
{
    int64_t values = 1;

    *axis = -1;
    for (int a = 0; a < n->axis_count; a++) {
        if (i->factor[a] == 0)
            continue;
        if (*axis >= 0)
            return 0;
        *axis = a;
        values = n->extent[a];
    }
    return values;
}

/* Marks the rows that a part reaches. Returns false if it ends within a row. */
static bool mark_rows(const struct nest *n, const struct shape *s, bool filled[])
{
    int axis[2];
    int64_t points = 1, row = shape_elements(s) / (s->dim[0] * s->dim[1]);
    const int64_t first = values_along(n, &n->out[0], &axis[0]), second = values_along(n, &n->out[1], &axis[1]);

    for (int a = 0; a < n->free_count; a++)
        points *= n->extent[a];
    if (first == 0 || second == 0 || points != first * second * row)
        return false;
    for (int64_t i = 0; i < first; i++)
        for (int64_t k = 0; k < second; k++) {
            const int64_t at = n->out[0].offset + (axis[0] < 0 ? 0 : i * n->out[0].factor[axis[0]]);
            const int64_t to = n->out[1].offset + (axis[1] < 0 ? 0 : k * n->out[1].factor[axis[1]]);
            filled[at * s->dim[1] + to] = true;
        }
    return true;
}

static const bool *filled_rows(const struct graph *g, const struct node *node)
{
    const struct shape *s = &node->shape;

    if (node->kind != NODE_COMPUTE || !node->uniform || s->rank < 2 || s->dim[0] * s->dim[1] > MOST_ROWS ||
        nests_cover(node->nest, node->nest_count, s))
        return NULL;
    bool *filled = arena_array(g->arena, bool, (size_t)(s->dim[0] * s->dim[1]));
    for (int i = 0; i < node->nest_count; i++)
        if (!mark_rows(&node->nest[i], s, filled))
            return NULL;
    return filled;
}

bool nest_find_rows(const struct graph *g, const struct nest *n, int access, struct nest_rows *r)
{
    const struct node *node = graph_node(g, n->in[access].of);

    r->filled = filled_rows(g, node);
    if (r->filled == NULL)
        return false;
    for (int d = 0; d < 2; d++) {
        const struct index *i = &n->in[access].dim[d];
        r->count[d] = node->shape.dim[d];
        if (values_along(n, i, &r->axis[d]) != r->count[d] || i->offset != 0 || (r->axis[d] >= 0 && i->factor[r->axis[d]] != 1))
            return false;
    }
    return true;
}

double nest_share_of_products(const struct graph *g, const struct nest *n)
{
    double share = 1;
    struct nest_rows r;

    for (int k = 0; k < n->in_count; k++) {
        if (!nest_find_rows(g, n, k, &r))
            continue;
        int64_t filled = 0;
        for (int64_t i = 0; i < r.count[0] * r.count[1]; i++)
            filled += r.filled[i];
        share *= (double)filled / (double)(r.count[0] * r.count[1]);
    }
    return share;
}

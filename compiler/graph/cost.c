/* cost: what the nests of a node compute, counted.
 *
 * A product of two reads under a sum, or with the weights of a layer, is a multiply-add; every other function of a body is an operation,
 * and so is the addition or comparison that a reduction does with it. Points at which an access lies outside its tensor count, as
 * papers count them (node_multiply_adds), or do not, as they are never computed (node_work).
 */
#include "compiler/graph/lattice.h"
#include "compiler/graph/query.h"

/* The last two axes that an index moves along, or the only one: the place and the tap of a window. Returns how many. */
static int moving_axes(const struct nest *n, const struct index *i, int axis[2])
{
    int count = 0;

    for (int x = n->axis_count; x-- > 0;)
        if (i->factor[x] != 0 && count++ < 2)
            axis[count - 1] = x;
    return count < 2 ? count : 2;
}

static double points_of(const struct nest *n)
{
    double points = 1;

    for (int a = 0; a < n->axis_count; a++)
        points *= (double)n->extent[a];
    return points;
}

/* Points at which all accesses are inside their tensors: exact where the conditions of different dimensions share no axes, as those of
 * windows; of conditions that share one, the first counts. */
static double points_inside(const struct graph *g, const struct nest *n)
{
    bool counted[MAX_AXES] = {false};
    double points = 1;

    for (int k = 0; k < n->in_count; k++)
        for (int d = 0; d < graph_node(g, n->in[k].of)->shape.rank; d++) {
            const struct index *i = &n->in[k].dim[d];
            const int64_t extent = graph_node(g, n->in[k].of)->shape.dim[d];
            struct lattice_axis along[2] = {{0, 1}, {0, 1}};
            int axis[2];
            int64_t low, high;
            index_range(n, i, &low, &high);
            const int count = moving_axes(n, i, axis);
            if ((low >= 0 && high < extent) || count == 0 || counted[axis[0]] || (count == 2 && counted[axis[1]]))
                continue;
            for (int x = 0; x < count; x++) {
                along[x] = (struct lattice_axis){i->factor[axis[x]], n->extent[axis[x]]};
                counted[axis[x]] = true;
            }
            points *= lattice_points_within(i->offset, along[0], along[1], extent);
        }
    for (int a = 0; a < n->axis_count; a++)
        if (!counted[a])
            points *= (double)n->extent[a];
    return points;
}

/* A contraction over one point has become a plain product; it is known by the weights of a layer in it. */
static bool reads_weights(const struct graph *g, const struct nest *n)
{
    for (int k = 0; k < n->in_count; k++) {
        const struct parameter *p = graph_node(g, n->in[k].of)->parameter;
        if (p != NULL && p->is_weight)
            return true;
    }
    return false;
}

static bool is_multiply_add(const struct graph *g, const struct node *node, const struct nest *n)
{
    int factor[2];

    return match_product(n->body, factor) && (n->combine == COMBINE_SUM || node_sums_samples(g, node) || reads_weights(g, n));
}

static double functions_in(const struct expr *e)
{
    double count = e->kind == EXPR_FUNCTION;

    for (int i = 0; i < 3 && e->arg[i]; i++)
        count += functions_in(e->arg[i]);
    return count;
}

double node_multiply_adds(const struct graph *g, node_id v)
{
    const struct node *node = graph_node(g, v);
    double total = 0;

    for (int q = 0; q < node->nest_count; q++)
        if (is_multiply_add(g, node, &node->nest[q]))
            total += points_of(&node->nest[q]) * nest_share_of_products(g, &node->nest[q]);
    return total;
}

struct work node_work(const struct graph *g, node_id v)
{
    const struct node *node = graph_node(g, v);
    const bool over_samples = node_sums_samples(g, node);
    struct work work = {0};

    for (int q = 0; q < node->nest_count; q++) {
        const struct nest *n = &node->nest[q];
        const double points = points_inside(g, n) * nest_share_of_products(g, n);
        if (is_multiply_add(g, node, n))
            work.multiply_adds += points;
        else
            work.operations += points * (functions_in(n->body) + (n->combine != COMBINE_NONE || over_samples));
    }
    return work;
}

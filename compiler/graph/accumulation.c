/* accumulation: how sums are nested.
 *
 * Rounding errors of a sum of n terms, taken one after the other, are at most (n - 1)*u of the sum of the terms' magnitudes, u = 2^-24
 * in f32; where the terms resemble each other, as in a mean of an image, they come near it. Of nested sums it is the sum of the lengths
 * along one path, s1 + s2 + ...: 2*sqrt(n) for two levels, and so on (Higham 2002, section 4.2; pairwise summation is the limit).
 *
 * Axes are taken from the innermost outwards as long as their points make no longer sum than is good; an axis that would is cut, at a
 * divisor of its extent where there is one near.
 */
#include "compiler/graph/accumulation.h"

#include "compiler/graph/build.h"
#include "compiler/graph/query.h"
#include "compiler/support/arena.h"

/* Terms of a partial sum at most. A partial sum costs an addition, and where accumulators fill the registers a load and a store, so
 * those of register tiles are longer. */
enum {
    MOST_TERMS = 128, /* a few sums at once: a pool, a statistic, a norm */
    MOST_PRODUCTS = 512, /* products, for each element of a weight gradient: the terms resemble each other less */
    MOST_CONTRACTED = 1024 /* products, for each element of each sample; no less, for the tiles lie in the innermost loops */
};

static bool is_product(const struct nest *n)
{
    return n->body->kind == EXPR_FUNCTION && n->body->function == FUNCTION_MULTIPLY;
}

/* A product of two different tensors' elements: there are tiles of those. */
static bool is_tiled(const struct nest *n)
{
    const struct expr *a = n->body->arg[0], *b = n->body->arg[1];

    return is_product(n) && a->kind == EXPR_ACCESS && b->kind == EXPR_ACCESS && a->access != b->access;
}

static int64_t most_terms(const struct nest *n, bool over_samples, bool varies)
{
    if (!is_tiled(n) || (!over_samples && !varies))
        return MOST_TERMS;
    return over_samples ? MOST_PRODUCTS : MOST_CONTRACTED;
}

/* At most `most`, and not much less: a divisor of the extent if there is one above half of it. */
static int64_t cut(int64_t extent, int64_t most)
{
    for (int64_t count = most; 2 * count > most; count--)
        if (extent % count == 0)
            return count;
    return most;
}

/* Nests the reduced axes; returns how many terms the innermost sum that is not closed yet has. */
static int64_t nest_axes(struct accumulation *sum, const struct nest *n, int64_t terms, int64_t most)
{
    struct partial inwards[MAX_PARTIALS];

    for (int axis = n->axis_count; axis-- > n->free_count;) {
        int64_t extent = n->extent[axis];
        while (extent > most / terms && sum->partial_count < MAX_PARTIALS) {
            const int64_t count = terms > most / 2 ? 1 : cut(extent, most / terms);
            const int64_t before = sum->partial_count > 0 ? inwards[sum->partial_count - 1].count : 1;
            const bool again = sum->partial_count > 0 && inwards[sum->partial_count - 1].axis == axis;
            inwards[sum->partial_count++] = (struct partial){axis, count * (again ? before : 1)};
            extent = (extent + count - 1) / count;
            terms = 1;
        }
        terms *= extent;
    }
    for (int i = 0; i < sum->partial_count; i++)
        sum->partial[i] = inwards[sum->partial_count - 1 - i];
    return terms;
}

struct accumulation accumulation_of(const struct graph *g, const struct node *node, const struct nest *n)
{
    const bool over_samples = node_sums_samples(g, node);
    struct accumulation sum = {.form = is_product(n) ? SUM_FMA : SUM_ADD};

    if (n->combine != COMBINE_SUM && !over_samples)
        return (struct accumulation){.form = SUM_ADD};
    if (over_samples && node->order == ORDER_ROWS)
        return sum;
    const int64_t most = most_terms(n, over_samples, !node->uniform);
    int64_t terms = nest_axes(&sum, n, over_samples && node->order == ORDER_SAMPLES ? BLOCK_SAMPLES : 1, most);
    /* A lane's sum ends with its block. */
    if (over_samples)
        sum.blocks = node->order == ORDER_LANES ? most : most / terms;
    return sum;
}

void graph_set_sample_order(struct graph *g, node_id v, enum sample_order order)
{
    struct node *node = graph_node(g, v);
    struct nest *nests = arena_array(g->arena, struct nest, (size_t)node->nest_count);

    node->order = order;
    for (int i = 0; i < node->nest_count; i++) {
        nests[i] = node->nest[i];
        nests[i].sum = accumulation_of(g, node, &nests[i]);
    }
    node->nest = nests;
}

bool accumulations_are_equal(const struct accumulation *a, const struct accumulation *b)
{
    if (a->form != b->form || a->partial_count != b->partial_count || a->blocks != b->blocks)
        return false;
    for (int i = 0; i < a->partial_count; i++)
        if (a->partial[i].axis != b->partial[i].axis || a->partial[i].count != b->partial[i].count)
            return false;
    return true;
}

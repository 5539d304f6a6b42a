/* clip: gradients are scaled so that the norm of them all stays within a limit.
 *
 *   norm  = sqrt(sum over all parameters, in their order, of the sum of the squares of their gradients, penalties included)
 *   scale = min(1, limit/(norm + 1e-6))
 *
 * Squares are summed first over all axes of a parameter but the first, then over the first: rounding grows with the length of a
 * sum.
 *
 * Source: Pascanu, Mikolov & Bengio 2013, algorithm 1; PyTorch, `torch.nn.utils.clip_grad_norm_`.
 */
#include "compiler/differentiate/update_builder.h"
#include "compiler/graph/build.h"
#include "compiler/graph/objective.h"

static const struct shape scalar = {.rank = 0};

static node_id add_node(struct updater *u, const char *name, const struct shape *shape, const struct nest *n)
{
    const node_id v = graph_add_compute(u->graph, "clip", shape, n, false);
    struct node *node = graph_node(u->graph, v);

    node->backward = true;
    node->layer = -1;
    node->name = name;
    return v;
}

static const char *name_of_squares(struct updater *u, node_id w)
{
    return arena_printf(u->graph->arena, "%s'.squares", graph_node(u->graph, w)->name);
}

/* The squares of w's gradient, summed over all axes from `kept` on. */
static node_id add_squares(struct updater *u, node_id w, int kept)
{
    const struct shape shape = graph_node(u->graph, w)->shape;
    struct update_builder s = {.updater = u, .graph = u->graph, .shape = shape, .nest = {.combine = COMBINE_SUM}};
    const struct shape sums = {.rank = kept, .dim = {shape.dim[0]}};

    for (int d = 0; d < shape.rank; d++) {
        static const char *const names[MAX_RANK] = {"i", "j", "k", "l", "m", "n"};
        s.at[d] = index_axis(nest_add_axis(&s.nest, names[d], shape.dim[d], d >= kept), 1);
        if (d < kept)
            s.nest.out[d] = s.at[d];
    }
    const struct expr *g = update_penalised_gradient(&s, w);
    s.nest.body = update_multiply(&s, g, g);
    return add_node(u, name_of_squares(u, w), &sums, &s.nest);
}

static node_id add_total(struct updater *u, node_id w)
{
    const struct shape shape = graph_node(u->graph, w)->shape;
    struct nest n = {.combine = COMBINE_SUM};

    if (shape.rank < 2)
        return add_squares(u, w, 0);
    const node_id rows = add_squares(u, w, 1);
    const struct index i = index_axis(nest_add_axis(&n, "i", shape.dim[0], true), 1);
    n.body = nest_read(u->graph, &n, rows, &i);
    return add_node(u, name_of_squares(u, w), &scalar, &n);
}

static node_id add_sum(struct updater *u, node_id a, node_id b)
{
    struct nest n = {0};
    const struct expr *left = nest_read(u->graph, &n, a, NULL);

    n.body = expr_binary(u->graph, FUNCTION_ADD, left, nest_read(u->graph, &n, b, NULL));
    return add_node(u, "clip.squares", &scalar, &n);
}

static node_id add_scale(struct updater *u, node_id squares)
{
    struct graph *g = u->graph;
    struct nest n = {0};
    const struct expr *norm = expr_unary(g, FUNCTION_SQRT, nest_read(g, &n, squares, NULL));
    const struct expr *above = expr_binary(g, FUNCTION_ADD, norm, expr_constant(g, 1e-6)), *one = expr_constant(g, 1);
    const struct expr *ratio = expr_binary(g, FUNCTION_DIVIDE, nest_read(g, &n, u->clip->limit, NULL), above);

    n.body = expr_select(g, expr_binary(g, FUNCTION_LESS, one, ratio), one, ratio);
    return add_node(u, "clip.scale", &scalar, &n);
}

node_id add_clip_scale(struct updater *u)
{
    const struct objective *o = u->objective;
    node_id squares = NO_NODE;

    for (size_t v = 0; v < o->forward; v++) {
        if (o->gradient[v] == NO_NODE)
            continue;
        const node_id its = add_total(u, (node_id)v);
        squares = squares == NO_NODE ? its : add_sum(u, squares, its);
    }
    return squares == NO_NODE ? NO_NODE : add_scale(u, squares);
}

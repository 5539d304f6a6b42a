/* gather_scatter: recognises one-hot sums, which are lowered as gathers and scatters. */
#include "compiler/analysis/gather_scatter.h"

#include "compiler/analysis/access.h"
#include "compiler/graph/query.h"
#include "compiler/loop/loop.h"

/* As many rows as the numbers that name them tell apart. */
static int64_t most_rows(const struct graph *g, node_id v)
{
    const struct node *n = graph_node(g, view_root(g, v));

    return n->kind == NODE_INPUT && g->input.at[n->number].is_class ? INT32_MAX : MAX_INDIRECT;
}

/* x = v ? source : 0, with an x that varies and does not depend on v. */
static bool match_body(const struct graph *g, const struct nest *n, struct gather_scatter *s)
{
    const struct expr *body = n->body;

    if (body->kind != EXPR_FUNCTION || body->function != FUNCTION_SELECT)
        return false;
    const struct expr *is = body->arg[0], *yes = body->arg[1], *no = body->arg[2];
    if (is->kind != EXPR_FUNCTION || is->function != FUNCTION_EQUAL || is->arg[0]->kind != EXPR_ACCESS ||
        is->arg[1]->kind != EXPR_INDEX || yes->kind != EXPR_ACCESS || no->kind != EXPR_CONSTANT || no->constant < 0 ||
        no->constant > 0)
        return false;
    *s = (struct gather_scatter){is->arg[0]->access, yes->access, index_only_axis(&is->arg[1]->index)};
    return s->axis >= 0 && n->extent[s->axis] <= most_rows(g, n->in[s->index_access].of) &&
           !graph_node(g, n->in[s->index_access].of)->uniform && !access_uses(g, &n->in[s->index_access], s->axis) &&
           !nest_may_be_out_of_bounds(g, n);
}

bool find_gather(const struct graph *g, node_id v, const struct nest *n, struct gather_scatter *s)
{
    return !graph_node(g, v)->uniform && n->combine == COMBINE_SUM && n->axis_count == n->free_count + 1 && match_body(g, n, s) &&
           s->axis == n->free_count && graph_node(g, n->in[s->source].of)->uniform;
}

bool find_scatter(const struct graph *g, node_id v, struct gather_scatter *s)
{
    const struct node *node = graph_node(g, v);

    if (node->nest_count != 1 || !node_sums_samples(g, node) || !node_is_covered(node))
        return false;
    const struct nest *n = node->nest;
    if (n->free_count > 2 || !match_body(g, n, s) || s->axis >= n->free_count || access_uses(g, &n->in[s->source], s->axis))
        return false;
    for (int a = 0; a < n->free_count; a++)
        if (access_uses(g, &n->in[s->index_access], a))
            return false;
    return !graph_node(g, n->in[s->source].of)->uniform;
}

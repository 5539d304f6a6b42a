/* forms: the form of each node, before kernels are made, and of each kernel, when its fused nodes are known.
 *
 * Ensures: plan.form holds one form for each nest of a computed node; plan_kernel.form is its anchor's, or UPDATE or RECURRENCE.
 */
#include "compiler/plan/plan.h"

void plan_match_forms(struct plan *p, struct arena *arena)
{
    const struct graph *g = p->graph;

    p->form = arena_array(arena, const struct nest_form *, g->node.count);
    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = &g->node.at[v];
        struct nest_form *forms = n->nest_count > 0 ? arena_array(arena, struct nest_form, (size_t)n->nest_count) : NULL;
        for (int q = 0; q < n->nest_count; q++)
            forms[q] = match_form(g, (node_id)v, &n->nest[q]);
        p->form[v] = forms;
    }
}

const struct nest_form *plan_form_of_nest(const struct plan *p, node_id v, const struct nest *n)
{
    return &p->form[v][n - graph_node(p->graph, v)->nest];
}

bool plan_moves_rows(const struct plan *p, node_id v)
{
    for (int q = 0; q < graph_node(p->graph, v)->nest_count; q++)
        if (p->form[v][q].form == FORM_GATHER || p->form[v][q].form == FORM_SCATTER)
            return true;
    return false;
}

/* ---- Updates ------------------------------------------------------------------------------------------------------- */

bool plan_is_number(const struct plan *p, const struct plan_kernel *k, node_id v)
{
    const struct node *n = graph_node(p->graph, v);
    const struct shape *elements = &graph_node(p->graph, k->fused.at[0].v)->shape;

    return n->kind == NODE_SETTING || (n->uniform && n->shape.rank == 0 && elements->rank > 0);
}

/* Whether an access reads the element that the nest computes. */
static bool is_same_element(const struct graph *g, const struct nest *n, const struct access *a, const struct shape *shape)
{
    if (!shape_equal(&graph_node(g, a->of)->shape, shape))
        return false;
    for (int d = 0; d < shape->rank; d++)
        for (int x = 0; x < MAX_AXES; x++)
            if (a->dim[d].factor[x] != n->out[d].factor[x] || a->dim[d].offset != n->out[d].offset)
                return false;
    return true;
}

/* Whether a fused node is computed element by element, in the shape of the first. */
static bool is_update(const struct plan *p, const struct plan_kernel *k, node_id v)
{
    const struct node *n = graph_node(p->graph, v);

    if (n->nest_count != 1 || n->nest[0].combine != COMBINE_NONE || !node_is_covered(n) ||
        !shape_equal(&n->shape, &graph_node(p->graph, k->fused.at[0].v)->shape))
        return false;
    for (struct access_iterator i = node_accesses(n); access_next(&i);)
        if (!plan_is_number(p, k, i.access->of) && !is_same_element(p->graph, i.nest, i.access, &n->shape))
            return false;
    return true;
}

enum form plan_form_of_kernel(const struct plan *p, const struct plan_kernel *k)
{
    bool update = k->kind == KERNEL_UNIFORM;

    for (size_t i = 0; update && i < k->fused.count; i++)
        update = is_update(p, k, k->fused.at[i].v);
    return update ? FORM_UPDATE : p->form[k->fused.at[0].v][0].form;
}

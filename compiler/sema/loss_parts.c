/* loss_parts: a loss as a weighted sum of its terms, where one of them is a mean over what counts.
 *
 * In a batch the loss is the mean of the samples' losses. Over an epoch it is not: a batch of which little counts would weigh as much
 * as one of which all does. So each term is summed apart from its counts, and divided at the end.
 *
 * Losses are only added, and multiplied by numbers (train_no_sum): what made the loss of its terms is linear.
 */
#include "compiler/sema/train.h"

#include <assert.h>

struct parting {
    struct graph *graph;
    struct objective *objective;
};

static void part(struct parting *p, node_id v, double factor);

static void add_part(struct parting *p, double factor, node_id sum, node_id count)
{
    const struct loss_part part = {.factor = factor, .sum = sum, .count = count};

    vec_push(p->graph->arena, &p->objective->part, part);
}

/* factor * (an expression over terms, in a nest of one point) */
static void part_expression(struct parting *p, const struct nest *n, const struct expr *e, double factor)
{
    if (e->kind == EXPR_CONSTANT) {
        add_part(p, factor * e->constant, NO_NODE, NO_NODE);
        return;
    }
    if (e->kind == EXPR_ACCESS) {
        part(p, n->in[e->access].of, factor);
        return;
    }
    assert(e->kind == EXPR_FUNCTION);
    const bool left_is_number = e->arg[0]->kind == EXPR_CONSTANT;
    switch ((int)e->function) {
    case FUNCTION_NEGATE: part_expression(p, n, e->arg[0], -factor); break;
    case FUNCTION_ADD:
    case FUNCTION_SUBTRACT:
        part_expression(p, n, e->arg[0], factor);
        part_expression(p, n, e->arg[1], e->function == FUNCTION_ADD ? factor : -factor);
        break;
    case FUNCTION_MULTIPLY: part_expression(p, n, e->arg[left_is_number], factor * e->arg[!left_is_number]->constant); break;
    case FUNCTION_DIVIDE: part_expression(p, n, e->arg[0], factor / e->arg[1]->constant); break;
    default: assert(!"a weighted sum of losses is linear");
    }
}

static const struct loss_term *find_term(const struct parting *p, node_id v)
{
    for (size_t i = 0; i < p->objective->terms.count; i++)
        if (p->objective->terms.at[i].result == v)
            return &p->objective->terms.at[i];
    return NULL;
}

static void part(struct parting *p, node_id v, double factor)
{
    const struct loss_term *term = find_term(p, v);
    const struct node *n = graph_node(p->graph, v);

    if (term != NULL && term->count != NO_NODE)
        add_part(p, factor, term->sum, term->count);
    else if (term != NULL || n->kind != NODE_COMPUTE)
        add_part(p, factor, v, NO_NODE);
    else
        part_expression(p, &n->nest[0], n->nest[0].body, factor);
}

void train_add_loss_parts(struct graph *g, struct objective *objective)
{
    struct parting p = {.graph = g, .objective = objective};
    bool counted = false;

    for (size_t i = 0; i < objective->terms.count; i++)
        counted = counted || objective->terms.at[i].count != NO_NODE;
    if (counted)
        part(&p, objective->loss, 1);
}

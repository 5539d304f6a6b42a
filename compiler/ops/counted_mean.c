/* counted_mean: a mean over what counts of a batch, where samples count for more or less than one another.
 *
 *   c = 1/n * sum over samples of count          loss = sum / c, or 0 where nothing counts
 *
 *   sum, count: one number a sample     c: one number     loss: one number a sample, whose mean over the batch is
 *   (sum over samples of sum) / (sum over samples of count)
 *
 * Counts follow from labels alone: no gradient flows through them. A batch of which nothing counts has a loss of 0 and moves no
 * parameter, where a division of zeros would end the training.
 *
 * Source: PyTorch, `torch.nn.CrossEntropyLoss` with `weight` or `ignore_index`, and `reduction = "mean"`.
 */
#include "compiler/ops/build.h"

/* The mean of the counts. Dead lanes weigh nothing. */
static node_id add_mean_count(struct graph *g, node_id count)
{
    const struct shape number = {.rank = 0};
    struct nest n = {.combine = COMBINE_NONE};
    const struct expr *counted = nest_read(g, &n, count, NULL);

    n.body = expr_binary(g, FUNCTION_MULTIPLY, counted, nest_read(g, &n, graph_sample_weight(g), NULL));
    const node_id v = graph_add_compute(g, "counted", &number, &n, true);
    graph_node(g, v)->no_gradient = true;
    return v;
}

node_id op_add_counted_mean(struct op_call *c, node_id sum, node_id count)
{
    struct graph *g = c->graph;
    const node_id mean = add_mean_count(g, count);
    struct nest n = {.combine = COMBINE_NONE};
    const struct expr *total = nest_read(g, &n, sum, NULL), *counted = nest_read(g, &n, mean, NULL);
    const struct expr *none = expr_binary(g, FUNCTION_EQUAL, counted, expr_constant(g, 0));

    /* 1 in the place of 0: a derivative of the quotient is asked for in any case. */
    n.body = expr_select(g, none, expr_constant(g, 0),
                         expr_binary(g, FUNCTION_DIVIDE, total, expr_select(g, none, expr_constant(g, 1), counted)));
    c->counted_sum = sum;
    c->count = count;
    return graph_add_compute(g, c->op->name, &(struct shape){.rank = 0}, &n, false);
}

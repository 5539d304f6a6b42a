/* adagrad: each element's gradient over the root of the sum of all its squares.
 *
 *   g  = gradient + weight_decay*w
 *   s' = s + g^2                                 t' = t + 1, one for all parameters (lr_decay)
 *   w' = w - lr/(1 + (t' - 1)*lr_decay) * g/(sqrt(initial_accumulator_value + s') + eps)
 *
 * States start at zero, so s is kept without the initial value. t counts up to 2^24 in single precision and stays there.
 *
 * Source: Duchi, Hazan & Singer 2011, figure 1; PyTorch, `torch.optim.Adagrad`.
 */
#include "compiler/differentiate/update_builder.h"
#include "compiler/graph/build.h"
#include "compiler/graph/objective.h"

void begin_adagrad(struct updater *u)
{
    const struct shape scalar = {.rank = 0};

    if (u->optimizer->lr_decay == NO_NODE)
        return;
    const node_id t = graph_add_state(u->graph, update_state_name(u, "optimizer", "step"), &scalar);
    struct update_builder s = update_begin(u, &scalar);
    const struct expr *next = update_add(&s, update_number(&s, t), expr_constant(u->graph, 1));
    u->shared[0] = update_end(&s, "adagrad", next, t);
}

static const struct expr *rate(struct update_builder *s)
{
    const struct optimizer *o = s->updater->optimizer;
    const struct expr *lr = update_number(s, o->lr), *one = expr_constant(s->graph, 1);

    if (o->lr_decay == NO_NODE)
        return lr;
    const struct expr *before = update_subtract(s, update_number(s, s->updater->shared[0]), one);
    return update_divide(s, lr, update_add(s, one, update_scaled(s, o->lr_decay, before)));
}

static node_id add_sum(struct updater *u, node_id w, const struct shape *shape)
{
    const node_id sum = update_add_state(u, w, "sum");
    struct update_builder s = update_begin(u, shape);
    const struct expr *g = update_gradient(&s, w, true);

    return update_end(&s, "adagrad", update_add(&s, update_element(&s, sum), update_multiply(&s, g, g)), sum);
}

void update_by_adagrad(struct updater *u, node_id w)
{
    const struct optimizer *o = u->optimizer;
    const struct shape shape = graph_node(u->graph, w)->shape;
    const node_id sum = add_sum(u, w, &shape);
    struct update_builder s = update_begin(u, &shape);
    const struct expr *g = update_gradient(&s, w, true), *squares = update_element(&s, sum);

    if (o->initial_sum != NO_NODE)
        squares = update_add(&s, update_number(&s, o->initial_sum), squares);
    const struct expr *root = update_add(&s, expr_unary(u->graph, FUNCTION_SQRT, squares), update_number(&s, o->eps));
    const struct expr *now = rate(&s), *weight = update_element(&s, w), *way = update_multiply(&s, now, update_divide(&s, g, root));
    update_end(&s, "adagrad", update_subtract(&s, weight, way), w);
}

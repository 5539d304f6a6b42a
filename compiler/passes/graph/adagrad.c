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
#include "compiler/passes/graph/step.h"
#include "compiler/sema/sema.h"

void begin_adagrad(struct updater *u)
{
    const struct shape scalar = {.rank = 0};

    if (u->optimizer->lr_decay == NO_VALUE)
        return;
    const value t = graph_add_state(u->graph, "optimizer.step", &scalar);
    struct step s = step_begin(u, &scalar);
    const struct expr *next = step_add(&s, step_number(&s, t), expr_constant(u->graph, 1));
    u->shared[0] = step_end(&s, "adagrad", next, t);
}

static const struct expr *rate(struct step *s)
{
    const struct optimizer *o = s->updater->optimizer;
    const struct expr *lr = step_number(s, o->lr), *one = expr_constant(s->graph, 1);

    if (o->lr_decay == NO_VALUE)
        return lr;
    const struct expr *before = step_subtract(s, step_number(s, s->updater->shared[0]), one);
    return step_divide(s, lr, step_add(s, one, step_scaled(s, o->lr_decay, before)));
}

static value add_sum(struct updater *u, value w, const struct shape *shape)
{
    const value sum = step_add_state(u, w, "sum");
    struct step s = step_begin(u, shape);
    const struct expr *g = step_gradient(&s, w, true);

    return step_end(&s, "adagrad", step_add(&s, step_element(&s, sum), step_multiply(&s, g, g)), sum);
}

void update_by_adagrad(struct updater *u, value w)
{
    const struct optimizer *o = u->optimizer;
    const struct shape shape = graph_node(u->graph, w)->shape;
    const value sum = add_sum(u, w, &shape);
    struct step s = step_begin(u, &shape);
    const struct expr *g = step_gradient(&s, w, true), *squares = step_element(&s, sum);

    if (o->initial_sum != NO_VALUE)
        squares = step_add(&s, step_number(&s, o->initial_sum), squares);
    const struct expr *root = step_add(&s, expr_unary(u->graph, FUNCTION_SQRT, squares), step_number(&s, o->eps));
    const struct expr *now = rate(&s), *weight = step_element(&s, w), *way = step_multiply(&s, now, step_divide(&s, g, root));
    step_end(&s, "adagrad", step_subtract(&s, weight, way), w);
}

/* adam, adamw: each element's step is the mean of its gradients over the root of the mean of their squares.
 *
 *   m' = beta1*m + (1 - beta1)*g        c1' = beta1*c1 + (1 - beta1)
 *   v' = beta2*v + (1 - beta2)*g^2      c2' = beta2*c2 + (1 - beta2)
 *   w' = w - lr * (m'/c1') / (sqrt(v'/c2') + eps)              amsgrad: with x' = max(x, v') for v'
 *
 *   adam    g = gradient + weight_decay*w
 *   adamw   g = gradient, and w*(1 - lr*weight_decay) for w
 *
 * The corrections of the bias are kept as states, one pair for all parameters. After t steps c is 1 - beta^t, rounded as m and v
 * are: the mean of equal gradients is that gradient exactly, however close to 1 the rounded beta.
 *
 * Source: Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2; Reddi et al. 2018, algorithm 2; the order of
 * roots and corrections as in PyTorch, `torch.optim.Adam`, `torch.optim.AdamW`.
 */
#include "compiler/passes/graph/step.h"
#include "compiler/sema/sema.h"

static const char *rule(const struct updater *u)
{
    return u->optimizer->rule == RULE_ADAMW ? "adamw" : "adam";
}

static value add_correction(struct updater *u, const char *name, value beta)
{
    const struct shape scalar = {.rank = 0};
    const value c = graph_add_state(u->graph, name, &scalar);
    struct step s = step_begin(u, &scalar);

    return step_end(&s, rule(u), step_mix(&s, beta, step_number(&s, c), expr_constant(u->graph, 1)), c);
}

void begin_adam(struct updater *u)
{
    u->shared[0] = add_correction(u, "optimizer.correction1", u->optimizer->beta1);
    u->shared[1] = add_correction(u, "optimizer.correction2", u->optimizer->beta2);
}

/* The greatest v so far; NaN is the greatest of all. */
static value add_greatest(struct updater *u, value w, value v, const struct shape *shape)
{
    const value greatest = step_add_state(u, w, "max_exp_avg_sq");
    struct step s = step_begin(u, shape);
    const struct expr *old = step_element(&s, greatest), *now = step_element(&s, v);

    return step_end(&s, rule(u), expr_select(u->graph, expr_binary(u->graph, FUNCTION_LESS, now, old), old, now), greatest);
}

/* w, or what weight decay leaves of it. */
static const struct expr *start(struct step *s, value w)
{
    const struct optimizer *o = s->updater->optimizer;
    const struct expr *weight = step_element(s, w);

    if (o->rule != RULE_ADAMW || o->weight_decay == NO_VALUE)
        return weight;
    const struct expr *lost = step_scaled(s, o->lr, step_number(s, o->weight_decay));
    return step_multiply(s, weight, step_subtract(s, expr_constant(s->graph, 1), lost));
}

static const struct expr *corrected(struct step *s, value mean, value correction)
{
    const struct expr *element = step_element(s, mean);

    return step_divide(s, element, step_number(s, correction));
}

void update_by_adam(struct updater *u, value w)
{
    const struct optimizer *o = u->optimizer;
    const struct shape shape = graph_node(u->graph, w)->shape;
    const bool decay = o->rule == RULE_ADAM;
    const value m = step_add_running_mean(u, w, rule(u), "exp_avg", o->beta1, false, decay);
    value v = step_add_running_mean(u, w, rule(u), "exp_avg_sq", o->beta2, true, decay);

    if (o->amsgrad)
        v = add_greatest(u, w, v, &shape);
    struct step s = step_begin(u, &shape);
    const struct expr *mean = corrected(&s, m, u->shared[0]), *squares = corrected(&s, v, u->shared[1]);
    const struct expr *root = step_add(&s, expr_unary(u->graph, FUNCTION_SQRT, squares), step_number(&s, o->eps));
    const struct expr *way = step_scaled(&s, o->lr, step_divide(&s, mean, root));
    const struct expr *from = start(&s, w);
    step_end(&s, rule(u), step_subtract(&s, from, way), w);
}

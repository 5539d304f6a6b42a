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
#include "compiler/differentiate/update_builder.h"
#include "compiler/graph/build.h"
#include "compiler/graph/objective.h"

static const char *rule(const struct updater *u)
{
    return u->optimizer->rule == RULE_ADAMW ? "adamw" : "adam";
}

static node_id add_correction(struct updater *u, const char *name, node_id beta)
{
    const struct shape scalar = {.rank = 0};
    const node_id c = graph_add_state(u->graph, update_state_name(u, "optimizer", name), &scalar);
    struct update_builder s = update_begin(u, &scalar);

    return update_end(&s, rule(u), update_mix(&s, beta, update_number(&s, c), expr_constant(u->graph, 1)), c);
}

void begin_adam(struct updater *u)
{
    u->shared[0] = add_correction(u, "correction1", u->optimizer->beta1);
    u->shared[1] = add_correction(u, "correction2", u->optimizer->beta2);
}

/* The greatest v so far; NaN is the greatest of all. */
static node_id add_greatest(struct updater *u, node_id w, node_id v, const struct shape *shape)
{
    const node_id greatest = update_add_state(u, w, "max_exp_avg_sq");
    struct update_builder s = update_begin(u, shape);
    const struct expr *old = update_element(&s, greatest), *now = update_element(&s, v);

    return update_end(&s, rule(u), expr_select(u->graph, expr_binary(u->graph, FUNCTION_LESS, now, old), old, now), greatest);
}

/* w, or what weight decay leaves of it. */
static const struct expr *start(struct update_builder *s, node_id w)
{
    const struct optimizer *o = s->updater->optimizer;
    const struct expr *weight = update_element(s, w);

    if (o->rule != RULE_ADAMW || o->weight_decay == NO_NODE)
        return weight;
    const struct expr *lost = update_scaled(s, o->lr, update_number(s, o->weight_decay));
    return update_multiply(s, weight, update_subtract(s, expr_constant(s->graph, 1), lost));
}

static const struct expr *corrected(struct update_builder *s, node_id mean, node_id correction)
{
    const struct expr *element = update_element(s, mean);

    return update_divide(s, element, update_number(s, correction));
}

void update_by_adam(struct updater *u, node_id w)
{
    const struct optimizer *o = u->optimizer;
    const struct shape shape = graph_node(u->graph, w)->shape;
    const bool decay = o->rule == RULE_ADAM;
    const node_id m = update_add_running_mean(u, w, rule(u), "exp_avg", o->beta1, false, decay);
    node_id v = update_add_running_mean(u, w, rule(u), "exp_avg_sq", o->beta2, true, decay);

    if (o->amsgrad)
        v = add_greatest(u, w, v, &shape);
    struct update_builder s = update_begin(u, &shape);
    const struct expr *mean = corrected(&s, m, u->shared[0]), *squares = corrected(&s, v, u->shared[1]);
    const struct expr *root = update_add(&s, expr_unary(u->graph, FUNCTION_SQRT, squares), update_number(&s, o->eps));
    const struct expr *way = update_scaled(&s, o->lr, update_divide(&s, mean, root));
    const struct expr *from = start(&s, w);
    update_end(&s, rule(u), update_subtract(&s, from, way), w);
}

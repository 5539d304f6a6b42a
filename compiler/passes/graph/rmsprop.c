/* rmsprop: each element's gradient over the root of the running mean of its squares.
 *
 *   g  = gradient + weight_decay*w
 *   v' = alpha*v + (1 - alpha)*g^2               a' = alpha*a + (1 - alpha)*g        (centered)
 *   d  = g/(sqrt(v') + eps)                      or, centered,  g/(sqrt(v' - a'^2) + eps)
 *   w' = w - lr*d                                or, with momentum,  b' = momentum*b + d,  w' = w - lr*b'
 *
 * Source: Hinton, "Neural networks for machine learning", lecture 6e; centered: Graves 2013, equations 38 to 40; PyTorch,
 * `torch.optim.RMSprop`.
 */
#include "compiler/passes/graph/step.h"
#include "compiler/sema/sema.h"

/* v' and, where the rule is centered, a'. */
struct means {
    value squares, gradient;
};

static const struct expr *direction(struct step *s, value w, const struct means *means)
{
    const struct expr *g = step_gradient(s, w, true), *spread = step_element(s, means->squares);

    if (means->gradient != NO_VALUE) {
        const struct expr *mean = step_element(s, means->gradient);
        spread = step_subtract(s, spread, step_multiply(s, mean, mean));
    }
    const struct expr *root = expr_unary(s->graph, FUNCTION_SQRT, spread);
    return step_divide(s, g, step_add(s, root, step_number(s, s->updater->optimizer->eps)));
}

static value add_momentum(struct updater *u, value w, const struct means *means, const struct shape *shape)
{
    const value b = step_add_state(u, w, "momentum_buffer");
    struct step s = step_begin(u, shape);
    const struct expr *decayed = step_scaled(&s, u->optimizer->momentum, step_element(&s, b));

    return step_end(&s, "rmsprop", step_add(&s, decayed, direction(&s, w, means)), b);
}

void update_by_rmsprop(struct updater *u, value w)
{
    const struct optimizer *o = u->optimizer;
    const struct shape shape = graph_node(u->graph, w)->shape;
    struct means means = {.gradient = NO_VALUE};

    means.squares = step_add_running_mean(u, w, "rmsprop", "square_avg", o->alpha, true, true);
    if (o->centered)
        means.gradient = step_add_running_mean(u, w, "rmsprop", "grad_avg", o->alpha, false, true);
    const value momentum = o->momentum == NO_VALUE ? NO_VALUE : add_momentum(u, w, &means, &shape);
    struct step s = step_begin(u, &shape);
    const struct expr *d = momentum == NO_VALUE ? direction(&s, w, &means) : step_element(&s, momentum);
    const struct expr *way = step_scaled(&s, o->lr, d), *weight = step_element(&s, w);
    step_end(&s, "rmsprop", step_subtract(&s, weight, way), w);
}

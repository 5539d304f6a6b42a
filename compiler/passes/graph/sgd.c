/* sgd: steepest descent, with momentum and Nesterov's form of it.
 *
 *   g  = gradient + weight_decay*w
 *   m' = momentum*m + g                          (momentum)
 *   w' = w - lr*g   or   w - lr*m'   or, with Nesterov's momentum,   w - lr*(g + momentum*m')
 *
 * Source: PyTorch, `torch.optim.SGD` (dampening 0).
 */
#include "compiler/passes/graph/step.h"
#include "compiler/sema/sema.h"

static value add_momentum(struct updater *u, value w, const struct shape *shape)
{
    struct step s = step_begin(u, shape);
    const value m = step_add_state(u, w, "momentum");
    const struct expr *decayed = step_scaled(&s, u->optimizer->momentum, step_element(&s, m));

    return step_end(&s, "sgd", step_add(&s, decayed, step_gradient(&s, w, true)), m);
}

void update_by_sgd(struct updater *u, value w)
{
    const struct optimizer *o = u->optimizer;
    const struct shape shape = graph_node(u->graph, w)->shape;
    const value momentum = o->momentum == NO_VALUE ? NO_VALUE : add_momentum(u, w, &shape);
    struct step s = step_begin(u, &shape);
    const struct expr *direction;

    if (momentum == NO_VALUE) {
        direction = step_gradient(&s, w, true);
    } else if (o->nesterov) {
        direction = step_gradient(&s, w, true);
        const struct expr *ahead = step_scaled(&s, o->momentum, step_element(&s, momentum));
        direction = step_add(&s, direction, ahead);
    } else {
        direction = step_element(&s, momentum);
    }
    const struct expr *way = step_scaled(&s, o->lr, direction), *weight = step_element(&s, w);
    step_end(&s, "sgd", step_subtract(&s, weight, way), w);
}

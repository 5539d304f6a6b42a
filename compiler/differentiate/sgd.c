/* sgd: steepest descent, with momentum and Nesterov's form of it.
 *
 *   g  = gradient + weight_decay*w
 *   m' = momentum*m + g                          (momentum)
 *   w' = w - lr*g   or   w - lr*m'   or, with Nesterov's momentum,   w - lr*(g + momentum*m')
 *
 * Source: PyTorch, `torch.optim.SGD` (dampening 0).
 */
#include "compiler/differentiate/update_builder.h"
#include "compiler/graph/objective.h"

static node_id add_momentum(struct updater *u, node_id w, const struct shape *shape)
{
    struct update_builder s = update_begin(u, shape);
    const node_id m = update_add_state(u, w, "momentum");
    const struct expr *decayed = update_scaled(&s, u->optimizer->momentum, update_element(&s, m));

    return update_end(&s, "sgd", update_add(&s, decayed, update_gradient(&s, w, true)), m);
}

void update_by_sgd(struct updater *u, node_id w)
{
    const struct optimizer *o = u->optimizer;
    const struct shape shape = graph_node(u->graph, w)->shape;
    const node_id momentum = o->momentum == NO_NODE ? NO_NODE : add_momentum(u, w, &shape);
    struct update_builder s = update_begin(u, &shape);
    const struct expr *direction;

    if (momentum == NO_NODE) {
        direction = update_gradient(&s, w, true);
    } else if (o->nesterov) {
        direction = update_gradient(&s, w, true);
        const struct expr *ahead = update_scaled(&s, o->momentum, update_element(&s, momentum));
        direction = update_add(&s, direction, ahead);
    } else {
        direction = update_element(&s, momentum);
    }
    const struct expr *way = update_scaled(&s, o->lr, direction), *weight = update_element(&s, w);
    update_end(&s, "sgd", update_subtract(&s, weight, way), w);
}

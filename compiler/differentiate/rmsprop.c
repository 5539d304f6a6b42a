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
#include "compiler/differentiate/update_builder.h"
#include "compiler/graph/build.h"
#include "compiler/graph/objective.h"

/* v' and, where the rule is centered, a'. */
struct means {
    node_id squares, gradient;
};

static const struct expr *direction(struct update_builder *s, node_id w, const struct means *means)
{
    const struct expr *g = update_gradient(s, w, true), *spread = update_element(s, means->squares);

    if (means->gradient != NO_NODE) {
        const struct expr *mean = update_element(s, means->gradient);
        spread = update_subtract(s, spread, update_multiply(s, mean, mean));
    }
    const struct expr *root = expr_unary(s->graph, FUNCTION_SQRT, spread);
    return update_divide(s, g, update_add(s, root, update_number(s, s->updater->optimizer->eps)));
}

static node_id add_momentum(struct updater *u, node_id w, const struct means *means, const struct shape *shape)
{
    const node_id b = update_add_state(u, w, "momentum_buffer");
    struct update_builder s = update_begin(u, shape);
    const struct expr *decayed = update_scaled(&s, u->optimizer->momentum, update_element(&s, b));

    return update_end(&s, "rmsprop", update_add(&s, decayed, direction(&s, w, means)), b);
}

void update_by_rmsprop(struct updater *u, node_id w)
{
    const struct optimizer *o = u->optimizer;
    const struct shape shape = graph_node(u->graph, w)->shape;
    struct means means = {.gradient = NO_NODE};

    means.squares = update_add_running_mean(u, w, "rmsprop", "square_avg", o->alpha, true, true);
    if (o->centered)
        means.gradient = update_add_running_mean(u, w, "rmsprop", "grad_avg", o->alpha, false, true);
    const node_id momentum = o->momentum == NO_NODE ? NO_NODE : add_momentum(u, w, &means, &shape);
    struct update_builder s = update_begin(u, &shape);
    const struct expr *d = momentum == NO_NODE ? direction(&s, w, &means) : update_element(&s, momentum);
    const struct expr *way = update_scaled(&s, o->lr, d), *weight = update_element(&s, w);
    update_end(&s, "rmsprop", update_subtract(&s, weight, way), w);
}

/* update: the optimizer's step for every parameter, as nodes.
 *
 *   gradient = d loss/dw + l1*sign(w) + 2*l2*w, then clipped
 *
 * The penalties are λ·Σ|w| and λ·Σw² (grammar/REFERENCE.md, Sections). What comes after is the rule's, in a file of its own.
 */
#include "compiler/differentiate/differentiate.h"
#include "compiler/differentiate/update_builder.h"
#include "compiler/graph/objective.h"

#include <stddef.h>

static void begin(struct updater *u)
{
    if (u->clip->kind == CLIP_NORM)
        u->clip_scale = add_clip_scale(u);
    if (u->optimizer->rule == RULE_ADAM || u->optimizer->rule == RULE_ADAMW)
        begin_adam(u);
    if (u->optimizer->rule == RULE_ADAGRAD)
        begin_adagrad(u);
}

static void update_parameter(struct updater *u, node_id w)
{
    switch (u->optimizer->rule) {
    case RULE_SGD: update_by_sgd(u, w); break;
    case RULE_ADAM:
    case RULE_ADAMW: update_by_adam(u, w); break;
    case RULE_RMSPROP: update_by_rmsprop(u, w); break;
    case RULE_ADAGRAD: update_by_adagrad(u, w); break;
    }
}

void add_updates(struct graph *g, struct objective *o)
{
    struct updater u = {
        .graph = g,
        .objective = o,
        .optimizer = &o->optimizer,
        .clip = &o->clip,
        .clip_scale = NO_NODE,
        .shared = {NO_NODE, NO_NODE},
    };

    begin(&u);
    for (size_t v = 0; v < o->forward; v++)
        if (o->gradient[v] != NO_NODE)
            update_parameter(&u, (node_id)v);
}

/* update_builder: what the optimizer's rules are written with: nests over the elements of a parameter. */
#ifndef NETC_DIFFERENTIATE_UPDATE_BUILDER_H
#define NETC_DIFFERENTIATE_UPDATE_BUILDER_H

#include "compiler/graph/graph.h"

struct clip;
struct objective;
struct optimizer;

/* The update of a whole net. */
struct updater {
    struct graph *graph;
    struct objective *objective;
    const struct optimizer *optimizer;    /* the objective's */
    const struct clip *clip;
    node_id clip_scale;    /* CLIP_NORM: by which every gradient is multiplied; else NO_NODE */
    node_id shared[2];     /* counts that a rule keeps for all parameters: what they are after this step; NO_NODE: none */
};

/* A nest over all elements of a parameter. */
struct update_builder {
    struct updater *updater;
    struct graph *graph;
    struct nest nest;
    struct shape shape;
    struct index at[MAX_RANK];
};

struct update_builder update_begin(struct updater *u, const struct shape *shape);

/* What `v` holds there: an element of a tensor of the same shape, or a number. */
const struct expr *update_element(struct update_builder *s, node_id v);
const struct expr *update_number(struct update_builder *s, node_id v);

const struct expr *update_add(struct update_builder *s, const struct expr *a, const struct expr *b);
const struct expr *update_subtract(struct update_builder *s, const struct expr *a, const struct expr *b);
const struct expr *update_multiply(struct update_builder *s, const struct expr *a, const struct expr *b);
/* A setting or another number times an expression. */
const struct expr *update_scaled(struct update_builder *s, node_id number, const struct expr *e);
const struct expr *update_divide(struct update_builder *s, const struct expr *a, const struct expr *b);

/* share*a + (1 - share)*b, where `share` is a setting. */
const struct expr *update_mix(struct update_builder *s, node_id share, const struct expr *a, const struct expr *b);

/* The gradient of w with its penalties, and that which the rule steps by: clipped, and with weight_decay where `decay` asks for
 * it. */
const struct expr *update_penalised_gradient(struct update_builder *s, node_id w);
const struct expr *update_gradient(struct update_builder *s, node_id w, bool decay);

/* Ends the nest: from the next step on `target` is what the body says. Returns the node. */
node_id update_end(struct update_builder *s, const char *rule, const struct expr *body, node_id target);

/* What a state is called: "owner.suffix", or "owner.NAME.suffix" of an objective with a name: each has states of its own. */
const char *update_state_name(const struct updater *u, const char *owner, const char *suffix);

/* A state that belongs to w and starts at zero. */
node_id update_add_state(struct updater *u, node_id w, const char *suffix);

/* The mean of x over the past, in which `share` of it remains at each step: a new state `name` of w, after this step. */
node_id update_add_running_mean(struct updater *u, node_id w, const char *rule, const char *name, node_id share, bool squares,
                                bool decay);

/* The factor of all gradients that keeps the norm of them all within the limit: min(1, limit/(norm + 1e-6)). (clip.c) */
node_id add_clip_scale(struct updater *u);

/* One parameter's step; each rule in the file of its name. */
void update_by_sgd(struct updater *u, node_id w);
void update_by_adam(struct updater *u, node_id w);
void update_by_rmsprop(struct updater *u, node_id w);
void update_by_adagrad(struct updater *u, node_id w);

/* The counts that a rule shares among the parameters, before the first of them. */
void begin_adam(struct updater *u);
void begin_adagrad(struct updater *u);

#endif

/* step: what the optimizer's rules are written with: nests over the elements of a parameter. */
#ifndef NETC_PASSES_GRAPH_STEP_H
#define NETC_PASSES_GRAPH_STEP_H

#include "compiler/graph/graph.h"

struct clip;
struct optimizer;

/* The update of a whole net. */
struct updater {
    struct graph *graph;
    const struct optimizer *optimizer;
    const struct clip *clip;
    value clip_scale;    /* CLIP_NORM: by which every gradient is multiplied; else NO_VALUE */
    value shared[2];     /* counts that a rule keeps for all parameters: what they are after this step; NO_VALUE: none */
};

/* A nest over all elements of a parameter. */
struct step {
    struct updater *updater;
    struct graph *graph;
    struct nest nest;
    struct shape shape;
    struct index at[MAX_RANK];
};

struct step step_begin(struct updater *u, const struct shape *shape);

/* What `v` holds there: an element of a tensor of the same shape, or a number. */
const struct expr *step_element(struct step *s, value v);
const struct expr *step_number(struct step *s, value v);

const struct expr *step_add(struct step *s, const struct expr *a, const struct expr *b);
const struct expr *step_subtract(struct step *s, const struct expr *a, const struct expr *b);
const struct expr *step_multiply(struct step *s, const struct expr *a, const struct expr *b);
/* A setting or another number times an expression. */
const struct expr *step_scaled(struct step *s, value number, const struct expr *e);
const struct expr *step_divide(struct step *s, const struct expr *a, const struct expr *b);

/* share*a + (1 - share)*b, where `share` is a setting. */
const struct expr *step_mix(struct step *s, value share, const struct expr *a, const struct expr *b);

/* The gradient of w with its penalties, and that which the rule steps by: clipped, and with weight_decay where `decay` asks for
 * it. */
const struct expr *step_penalised_gradient(struct step *s, value w);
const struct expr *step_gradient(struct step *s, value w, bool decay);

/* Ends the nest: from the next step on `target` is what the body says. Returns the node. */
value step_end(struct step *s, const char *rule, const struct expr *body, value target);

/* A state that belongs to w, "w.suffix", and starts at zero. */
value step_add_state(struct updater *u, value w, const char *suffix);

/* The mean of x over the past, in which `share` of it remains at each step: a new state `name` of w, after this step. */
value step_add_running_mean(struct updater *u, value w, const char *rule, const char *name, value share, bool squares, bool decay);

/* The factor of all gradients that keeps the norm of them all within the limit: min(1, limit/(norm + 1e-6)). (clip.c) */
value add_clip_scale(struct updater *u);

/* One parameter's step; each rule in the file of its name. */
void update_by_sgd(struct updater *u, value w);
void update_by_adam(struct updater *u, value w);
void update_by_rmsprop(struct updater *u, value w);
void update_by_adagrad(struct updater *u, value w);

/* The counts that a rule shares among the parameters, before the first of them. */
void begin_adam(struct updater *u);
void begin_adagrad(struct updater *u);

#endif

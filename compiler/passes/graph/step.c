#include "compiler/passes/graph/step.h"

#include "compiler/sema/sema.h"
#include "compiler/support/arena.h"

struct step step_begin(struct updater *u, const struct shape *shape)
{
    struct step s = {.updater = u, .graph = u->graph, .shape = *shape};

    for (int d = 0; d < shape->rank; d++) {
        static const char *const names[MAX_RANK] = {"i", "j", "k", "l", "m", "n"};
        s.at[d] = index_axis(nest_add_axis(&s.nest, names[d], shape->dim[d], false), 1);
        s.nest.out[d] = s.at[d];
    }
    return s;
}

/* ---- Expressions ----------------------------------------------------------------------------------------------------- */

/* Every read of a value is at the same place: one access serves them all. */
static const struct expr *read(struct step *s, value v, const struct index at[])
{
    for (int i = 0; i < s->nest.in_count; i++)
        if (s->nest.in[i].of == v) {
            struct expr *e = arena_new(s->graph->arena, struct expr);
            *e = (struct expr){.kind = EXPR_ACCESS, .access = i};
            return e;
        }
    return nest_read(s->graph, &s->nest, v, at);
}

const struct expr *step_element(struct step *s, value v)
{
    return read(s, v, s->at);
}

const struct expr *step_number(struct step *s, value v)
{
    return read(s, v, NULL);
}

const struct expr *step_add(struct step *s, const struct expr *a, const struct expr *b)
{
    return expr_binary(s->graph, FUNCTION_ADD, a, b);
}

const struct expr *step_subtract(struct step *s, const struct expr *a, const struct expr *b)
{
    return expr_binary(s->graph, FUNCTION_SUBTRACT, a, b);
}

const struct expr *step_multiply(struct step *s, const struct expr *a, const struct expr *b)
{
    return expr_binary(s->graph, FUNCTION_MULTIPLY, a, b);
}

const struct expr *step_scaled(struct step *s, value number, const struct expr *e)
{
    return step_multiply(s, step_number(s, number), e);
}

const struct expr *step_divide(struct step *s, const struct expr *a, const struct expr *b)
{
    return expr_binary(s->graph, FUNCTION_DIVIDE, a, b);
}

const struct expr *step_mix(struct step *s, value share, const struct expr *a, const struct expr *b)
{
    const struct expr *kept = step_number(s, share), *one = expr_constant(s->graph, 1);

    return step_add(s, step_multiply(s, kept, a), step_multiply(s, step_subtract(s, one, kept), b));
}

/* ---- Gradients ------------------------------------------------------------------------------------------------------- */

const struct expr *step_penalised_gradient(struct step *s, value w)
{
    const struct parameter *p = graph_node(s->graph, w)->parameter;
    const struct expr *g = step_element(s, p->gradient);
    const struct expr *weight = p->l1 != NO_VALUE || p->l2 != NO_VALUE ? step_element(s, w) : NULL;

    if (p->l1 != NO_VALUE)
        g = step_add(s, g, step_scaled(s, p->l1, expr_unary(s->graph, FUNCTION_SIGN, weight)));
    if (p->l2 != NO_VALUE) {
        const struct expr *twice = step_multiply(s, expr_constant(s->graph, 2), weight);
        g = step_add(s, g, step_scaled(s, p->l2, twice));
    }
    return g;
}

/* g within -limit … limit; NaN stays NaN. */
static const struct expr *clamped(struct step *s, const struct expr *g, const struct expr *limit)
{
    const struct expr *lowest = expr_unary(s->graph, FUNCTION_NEGATE, limit);
    const struct expr *below = expr_select(s->graph, expr_binary(s->graph, FUNCTION_LESS, limit, g), limit, g);

    return expr_select(s->graph, expr_binary(s->graph, FUNCTION_LESS, g, lowest), lowest, below);
}

static const struct expr *clipped(struct step *s, const struct expr *g)
{
    const struct clip *clip = s->updater->clip;

    switch (clip->kind) {
    case CLIP_NONE: return g;
    case CLIP_NORM: return step_scaled(s, s->updater->clip_scale, g);
    case CLIP_VALUE: return clamped(s, g, step_number(s, clip->limit));
    }
    return g;
}

const struct expr *step_gradient(struct step *s, value w, bool decay)
{
    const value weight_decay = s->updater->optimizer->weight_decay;
    const struct expr *g = clipped(s, step_penalised_gradient(s, w));

    if (!decay || weight_decay == NO_VALUE)
        return g;
    return step_add(s, g, step_scaled(s, weight_decay, step_element(s, w)));
}

/* ---- Results --------------------------------------------------------------------------------------------------------- */

value step_end(struct step *s, const char *rule, const struct expr *body, value target)
{
    struct graph *g = s->graph;

    s->nest.body = body;
    const value v = graph_add_compute(g, rule, &s->shape, &s->nest, false);
    struct node *n = graph_node(g, v);
    n->backward = true;
    n->layer = graph_node(g, target)->layer;
    n->at = graph_node(g, target)->at;
    n->name = arena_printf(g->arena, "%s+", graph_node(g, target)->name);
    const struct graph_update update = {.target = target, .source = v};
    vec_push(g->arena, &g->update, update);
    return v;
}

value step_add_state(struct updater *u, value w, const char *suffix)
{
    struct graph *g = u->graph;
    const struct shape shape = graph_node(g, w)->shape;

    return graph_add_state(g, arena_printf(g->arena, "%s.%s", graph_node(g, w)->name, suffix), &shape);
}

value step_add_running_mean(struct updater *u, value w, const char *rule, const char *name, value share, bool squares, bool decay)
{
    const struct shape shape = graph_node(u->graph, w)->shape;
    const value state = step_add_state(u, w, name);
    struct step s = step_begin(u, &shape);
    const struct expr *g = step_gradient(&s, w, decay);

    return step_end(&s, rule, step_mix(&s, share, step_element(&s, state), squares ? step_multiply(&s, g, g) : g), state);
}

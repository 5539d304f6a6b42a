/* update_builder: nests over the elements of a parameter, from which the optimizers' rules are built. Adds nodes, states and
 * updates to the graph; expressions alone add nothing. */
#include "compiler/differentiate/update_builder.h"

#include "compiler/graph/objective.h"

#include "compiler/graph/build.h"
#include "compiler/support/arena.h"

struct update_builder update_begin(struct updater *u, const struct shape *shape)
{
    struct update_builder s = {.updater = u, .graph = u->graph, .shape = *shape};

    for (int d = 0; d < shape->rank; d++) {
        static const char *const names[MAX_RANK] = {"i", "j", "k", "l", "m", "n"};
        s.at[d] = index_axis(nest_add_axis(&s.nest, names[d], shape->dim[d], false), 1);
        s.nest.out[d] = s.at[d];
    }
    return s;
}

/* ---- Expressions ----------------------------------------------------------------------------------------------------- */

/* Every read of a value is at the same place: one access serves them all. */
static const struct expr *read(struct update_builder *s, node_id v, const struct index at[])
{
    for (int i = 0; i < s->nest.in_count; i++)
        if (s->nest.in[i].of == v) {
            struct expr *e = arena_new(s->graph->arena, struct expr);
            *e = (struct expr){.kind = EXPR_ACCESS, .access = i};
            return e;
        }
    return nest_read(s->graph, &s->nest, v, at);
}

const struct expr *update_element(struct update_builder *s, node_id v)
{
    return read(s, v, s->at);
}

const struct expr *update_number(struct update_builder *s, node_id v)
{
    return read(s, v, NULL);
}

const struct expr *update_add(struct update_builder *s, const struct expr *a, const struct expr *b)
{
    return expr_binary(s->graph, FUNCTION_ADD, a, b);
}

const struct expr *update_subtract(struct update_builder *s, const struct expr *a, const struct expr *b)
{
    return expr_binary(s->graph, FUNCTION_SUBTRACT, a, b);
}

const struct expr *update_multiply(struct update_builder *s, const struct expr *a, const struct expr *b)
{
    return expr_binary(s->graph, FUNCTION_MULTIPLY, a, b);
}

const struct expr *update_scaled(struct update_builder *s, node_id number, const struct expr *e)
{
    return update_multiply(s, update_number(s, number), e);
}

const struct expr *update_divide(struct update_builder *s, const struct expr *a, const struct expr *b)
{
    return expr_binary(s->graph, FUNCTION_DIVIDE, a, b);
}

const struct expr *update_mix(struct update_builder *s, node_id share, const struct expr *a, const struct expr *b)
{
    const struct expr *kept = update_number(s, share), *one = expr_constant(s->graph, 1);

    return update_add(s, update_multiply(s, kept, a), update_multiply(s, update_subtract(s, one, kept), b));
}

/* ---- Gradients ------------------------------------------------------------------------------------------------------- */

const struct expr *update_penalised_gradient(struct update_builder *s, node_id w)
{
    const struct parameter *p = graph_node(s->graph, w)->parameter;
    const struct expr *g = update_element(s, objective_gradient(s->updater->objective, w));
    const struct expr *weight = p->l1 != NO_NODE || p->l2 != NO_NODE ? update_element(s, w) : NULL;

    if (p->l1 != NO_NODE)
        g = update_add(s, g, update_scaled(s, p->l1, expr_unary(s->graph, FUNCTION_SIGN, weight)));
    if (p->l2 != NO_NODE) {
        const struct expr *twice = update_multiply(s, expr_constant(s->graph, 2), weight);
        g = update_add(s, g, update_scaled(s, p->l2, twice));
    }
    return g;
}

/* g within -limit … limit; NaN stays NaN. */
static const struct expr *clamped(struct update_builder *s, const struct expr *g, const struct expr *limit)
{
    const struct expr *lowest = expr_unary(s->graph, FUNCTION_NEGATE, limit);
    const struct expr *below = expr_select(s->graph, expr_binary(s->graph, FUNCTION_LESS, limit, g), limit, g);

    return expr_select(s->graph, expr_binary(s->graph, FUNCTION_LESS, g, lowest), lowest, below);
}

static const struct expr *clipped(struct update_builder *s, const struct expr *g)
{
    const struct clip *clip = s->updater->clip;

    switch (clip->kind) {
    case CLIP_NONE: return g;
    case CLIP_NORM: return update_scaled(s, s->updater->clip_scale, g);
    case CLIP_VALUE: return clamped(s, g, update_number(s, clip->limit));
    }
    return g;
}

const struct expr *update_gradient(struct update_builder *s, node_id w, bool decay)
{
    const node_id weight_decay = s->updater->optimizer->weight_decay;
    const struct expr *g = clipped(s, update_penalised_gradient(s, w));

    if (!decay || weight_decay == NO_NODE)
        return g;
    return update_add(s, g, update_scaled(s, weight_decay, update_element(s, w)));
}

/* ---- Results --------------------------------------------------------------------------------------------------------- */

node_id update_end(struct update_builder *s, const char *rule, const struct expr *body, node_id target)
{
    struct graph *g = s->graph;

    s->nest.body = body;
    const node_id v = graph_add_compute(g, rule, &s->shape, &s->nest, false);
    struct node *n = graph_node(g, v);
    n->backward = true;
    n->layer = graph_node(g, target)->layer;
    n->at = graph_node(g, target)->at;
    n->name = arena_printf(g->arena, "%s+", graph_node(g, target)->name);
    const struct graph_update update = {.target = target, .source = v};
    vec_push(g->arena, &s->updater->objective->update, update);
    return v;
}

const char *update_state_name(const struct updater *u, const char *owner, const char *suffix)
{
    struct arena *a = u->graph->arena;
    const char *name = u->objective->name;

    return name == NULL ? arena_printf(a, "%s.%s", owner, suffix) : arena_printf(a, "%s.%s.%s", owner, name, suffix);
}

node_id update_add_state(struct updater *u, node_id w, const char *suffix)
{
    struct graph *g = u->graph;
    const struct shape shape = graph_node(g, w)->shape;

    return graph_add_state(g, update_state_name(u, graph_node(g, w)->name, suffix), &shape);
}

node_id update_add_running_mean(struct updater *u, node_id w, const char *rule, const char *name, node_id share, bool squares,
                                bool decay)
{
    const struct shape shape = graph_node(u->graph, w)->shape;
    const node_id state = update_add_state(u, w, name);
    struct update_builder s = update_begin(u, &shape);
    const struct expr *g = update_gradient(&s, w, decay);

    return update_end(&s, rule, update_mix(&s, share, update_element(&s, state), squares ? update_multiply(&s, g, g) : g), state);
}

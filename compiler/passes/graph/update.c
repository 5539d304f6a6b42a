/* update: the optimizer's step, as nodes.
 *
 *   g  = gradient + l1*sign(w) + 2*l2*w + weight_decay*w
 *   m' = momentum*m + g                          (momentum)
 *   w' = w - lr*g   or   w - lr*m'   or, with Nesterov's momentum,   w - lr*(g + momentum*m')
 *
 * Source: PyTorch's torch.optim.SGD (dampening 0); the penalties are λ·Σ|w| and λ·Σw² (language.md, §4).
 */
#include "compiler/graph/graph.h"
#include "compiler/passes/graph/graph_passes.h"
#include "compiler/sema/sema.h"

#include <stddef.h>

/* A nest over all elements of a parameter. */
struct step {
    struct graph *graph;
    struct nest nest;
    const struct shape *shape;
    struct index at[MAX_RANK];
};

static struct step begin_step(struct graph *g, const struct shape *shape)
{
    struct step s = {.graph = g, .shape = shape};

    for (int d = 0; d < shape->rank; d++) {
        static const char *const names[MAX_RANK] = {"i", "j", "k", "l", "m", "n"};
        s.at[d] = index_axis(nest_add_axis(&s.nest, names[d], shape->dim[d], false), 1);
        s.nest.out[d] = s.at[d];
    }
    return s;
}

static const struct expr *element(struct step *s, value v)
{
    return nest_read(s->graph, &s->nest, v, s->at);
}

static const struct expr *setting_times(struct step *s, value setting, const struct expr *e)
{
    return expr_binary(s->graph, FUNCTION_MULTIPLY, nest_read(s->graph, &s->nest, setting, NULL), e);
}

static const struct expr *add(struct step *s, const struct expr *a, const struct expr *b)
{
    return expr_binary(s->graph, FUNCTION_ADD, a, b);
}

static const struct expr *penalised_gradient(struct step *s, const struct optimizer *o, value w)
{
    const struct parameter *p = graph_node(s->graph, w)->parameter;
    const struct expr *g = element(s, p->gradient);
    bool reads_weight = p->l1 != NO_VALUE || p->l2 != NO_VALUE || o->weight_decay != NO_VALUE;
    const struct expr *weight = reads_weight ? element(s, w) : NULL;

    if (p->l1 != NO_VALUE)
        g = add(s, g, setting_times(s, p->l1, expr_unary(s->graph, FUNCTION_SIGN, weight)));
    if (p->l2 != NO_VALUE) {
        const struct expr *twice = expr_binary(s->graph, FUNCTION_MULTIPLY, expr_constant(s->graph, 2), weight);
        g = add(s, g, setting_times(s, p->l2, twice));
    }
    if (o->weight_decay != NO_VALUE)
        g = add(s, g, setting_times(s, o->weight_decay, weight));
    return g;
}

static value end_step(struct step *s, const struct expr *body, value of)
{
    struct graph *g = s->graph;

    s->nest.body = body;
    value v = graph_add_compute(g, "sgd", s->shape, &s->nest, false);
    struct node *n = graph_node(g, v);
    n->backward = true;
    n->layer = graph_node(g, of)->layer;
    n->at = graph_node(g, of)->at;
    n->name = arena_printf(g->arena, "%s+", graph_node(g, of)->name);
    return v;
}

static void add_update(struct graph *g, value target, value source)
{
    struct graph_update u = {.target = target, .source = source};

    vec_push(g->arena, &g->update, u);
}

static value add_momentum(struct graph *g, const struct optimizer *o, value w, const struct shape *shape)
{
    struct step s = begin_step(g, shape);
    value m = graph_add_state(g, arena_printf(g->arena, "%s.momentum", graph_node(g, w)->name), shape);
    const struct expr *decayed = setting_times(&s, o->momentum, element(&s, m));

    value next = end_step(&s, add(&s, decayed, penalised_gradient(&s, o, w)), m);
    add_update(g, m, next);
    return next;
}

static void update_parameter(struct graph *g, const struct optimizer *o, value w)
{
    struct shape shape = graph_node(g, w)->shape;
    value momentum = o->momentum == NO_VALUE ? NO_VALUE : add_momentum(g, o, w, &shape);
    struct step s = begin_step(g, &shape);
    const struct expr *direction;

    if (momentum == NO_VALUE)
        direction = penalised_gradient(&s, o, w);
    else if (o->nesterov)
        direction = add(&s, penalised_gradient(&s, o, w), setting_times(&s, o->momentum, element(&s, momentum)));
    else
        direction = element(&s, momentum);
    const struct expr *moved = expr_binary(g, FUNCTION_SUBTRACT, element(&s, w), setting_times(&s, o->lr, direction));
    add_update(g, w, end_step(&s, moved, w));
}

void add_updates(struct program *p)
{
    struct graph *g = p->graph;
    size_t count = g->node.count;

    for (size_t v = 0; v < count; v++) {
        const struct node *n = &g->node.at[v];
        if (n->kind == NODE_PARAMETER && n->parameter->gradient != NO_VALUE)
            update_parameter(g, &p->train->optimizer, (value)v);
    }
}

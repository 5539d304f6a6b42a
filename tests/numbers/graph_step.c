#include "tests/numbers/graph_step.h"

#include "compiler/graph/objective.h"
#include "compiler/support/arena.h"
#include "compiler/support/shape.h"
#include "tests/support/graph_eval.h"

#include <string.h>

static double *uniform_at(const struct netrt_step *step, int64_t offset)
{
    return (double *)(void *)(step->uniform + offset);
}

/* The sample is lane 0. */
static const double *sample_of(const double *block, int64_t elements, struct arena *arena)
{
    double *sample = arena_array(arena, double, (size_t)elements);

    for (int64_t i = 0; i < elements; i++)
        sample[i] = block[i * NETRT_LANES];
    return sample;
}

/* What graph_eval wants to be given. */
static const double **collect(const struct plan *p, const struct netrt_step *step, struct arena *arena)
{
    const struct graph *g = p->graph;
    const double **given = arena_array(arena, const double *, g->node.count);
    size_t count = 0;

    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = graph_node(g, (node_id)v);
        if (n->kind == NODE_INPUT)
            given[count++] = sample_of(step->input[n->number], shape_elements(&n->shape), arena);
        else if (n->kind == NODE_PARAMETER || n->kind == NODE_STATE)
            given[count++] = uniform_at(step, p->place[v].offset);
    }
    return given;
}

static void store(const struct plan *p, node_id v, const double x[], const struct netrt_step *step)
{
    const struct plan_place *place = &p->place[view_root(p->graph, v)];
    const int64_t elements = shape_elements(&graph_node(p->graph, v)->shape);

    if (place->kind == PLACE_UNIFORM)
        memcpy(uniform_at(step, place->offset), x, (size_t)elements * sizeof *x);
    for (int64_t i = 0; place->kind == PLACE_BLOCK && i < elements; i++)
        ((double *)(void *)(step->blocks + place->offset))[i * NETRT_LANES] = x[i];
}

static void store_training(const struct plan *p, double *const known[], const struct netrt_step *step)
{
    for (size_t v = 0; v < p->graph->node.count; v++) {
        const node_id gradient = objective_gradient(p->objective, (node_id)v);
        if (gradient != NO_NODE)
            store(p, gradient, known[gradient], step);
    }
    for (size_t i = 0; i < p->update.count; i++)
        store(p, p->update.at[i].target, known[p->update.at[i].source], step);
}

void graph_step(const struct plan *train, bool training, const struct netrt_step *step, struct arena *arena)
{
    const struct plan *p = !training && train->evaluation != NULL ? train->evaluation : train;
    struct graph *g = p->graph;

    for (size_t i = 0; i < g->setting.count; i++)
        g->setting.at[i].initial = ((const double *)step->setting)[i];
    double **known = graph_eval(g, collect(p, step, arena), arena);
    for (size_t i = 0; plan_result(p, i) != NO_NODE; i++)
        store(p, plan_result(p, i), known[plan_result(p, i)], step);
    if (training)
        store_training(p, known, step);
}

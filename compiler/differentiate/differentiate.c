/* differentiate: adds to the graph what the loss's gradient and the update need.
 *
 * Needs:   a verified graph with the input `weight` (1/n, 0 in dead lanes), where it has objectives.
 * Ensures: each objective has the gradient of every parameter that its loss depends on, and the optimizer's steps as its updates.
 * Keeps:   all forward nodes, their numbers and order. No gradient is computed for what no parameter stands behind.
 *
 * Reverse mode, mechanically: each access of each nest gets the adjoint of the nest's body, summed over the axes that the access
 * does not fix (nest_invert_access). A product needs no rule of its own, nor does a convolution.
 *
 * A recurrence is passed as a whole, and what flows within it is a recurrence that runs the other way (back-propagation through
 * time, Werbos 1990): what flows into a delay of x reaches x one step earlier, as a delay of the new recurrence. What flows out of
 * it, into parameters and into what came before, is computed from the whole sequence when the new recurrence is done.
 */
#include "compiler/differentiate/differentiate.h"
#include "compiler/analysis/batch_gemm.h"
#include "compiler/graph/build.h"
#include "compiler/graph/graph.h"
#include "compiler/graph/invert_access.h"
#include "compiler/graph/objective.h"

#include <stddef.h>

/* What has flowed from node `through` into parts of a value, as long as no two of them meet: one node computes it all. */
struct flow {
    node_id x, through;
    struct nest_list nests;
};

struct sweep {
    struct graph *graph;
    size_t forward;       /* nodes before differentiation */
    bool *needed;         /* whether a parameter stands behind a value */
    node_id *gradient;      /* of each forward value, or NO_NODE */
    struct flow *partial; /* what has flowed into some elements of each forward value, and is not in its gradient yet */
    /* Gradients flow into values first … last alone (`within`), or into all others. */
    node_id first, last;
    bool within;
};

static bool is_wanted(const struct sweep *s, node_id v)
{
    return s->needed[v] && (v >= s->first && v <= s->last) == s->within;
}

static bool depends_on_parameter(const struct sweep *s, const struct node *n)
{
    if (n->no_gradient)
        return false;
    if (n->kind == NODE_VIEW)
        return s->needed[n->view_of];
    for (struct access_iterator i = node_accesses(n); access_next(&i);)
        if (s->needed[i.access->of])
            return true;
    return false;
}

/* Marks what was added since `from` as the gradient of `of`, flowing back through `through`. */
static void mark_backward(struct graph *g, size_t from, node_id of, node_id through)
{
    for (size_t v = from; v < g->node.count; v++) {
        struct node *n = &g->node.at[v];
        n->backward = true;
        n->layer = graph_node(g, through)->layer;
        n->at = graph_node(g, through)->at;
        n->name = arena_printf(g->arena, "%s'", graph_node(g, of)->name);
    }
}

static void accumulate(struct sweep *s, node_id to, node_id part)
{
    struct graph *g = s->graph;
    node_id so_far = s->gradient[to];

    if (so_far != NO_NODE) {
        struct shape shape = graph_node(g, to)->shape;
        size_t from = g->node.count;
        part = graph_add_binary(g, "add", FUNCTION_ADD, so_far, part, &shape);
        mark_backward(g, from, to, to);
    }
    s->gradient[to] = part;
}

/* The number of a point in a nest's reduced space, counted in the order in which it runs. */
static struct index point_number(const struct nest *n)
{
    struct index number = index_constant(0);
    int64_t span = 1;

    for (int a = n->axis_count; a-- > n->free_count;) {
        number.factor[a] = span;
        span *= n->extent[a];
    }
    return number;
}

/* A maximum passes its gradient to the first of the greatest. */
static const struct expr *only_at_maximum(struct graph *g, struct nest *n, node_id y, const struct nest *original,
                                          const struct expr *seed)
{
    struct nest where = *original;
    struct shape shape = graph_node(g, y)->shape;
    size_t from = g->node.count;

    where.combine = COMBINE_ARGMAX;
    node_id argmax = graph_add_compute(g, "argmax", &shape, &where, false);
    mark_backward(g, from, y, y);
    graph_node(g, argmax)->name = arena_printf(g->arena, "%s.argmax", graph_node(g, y)->name);
    const struct expr *number = expr_index(g, point_number(original));
    const struct expr *is_it = expr_binary(g, FUNCTION_EQUAL, nest_read(g, n, argmax, original->out), number);
    return expr_select(g, is_it, seed, expr_constant(g, 0));
}

/* The loops of `part` with the adjoint of its body towards access `to` as the body. Returns false if nothing flows there. */
static bool make_adjoint(struct sweep *s, node_id y, const struct nest *part, int to, struct nest *adjoint)
{
    struct graph *g = s->graph;
    *adjoint = *part;
    const struct expr *seed = nest_read(g, adjoint, s->gradient[y], part->out);
    const struct expr *result = NULL;

    if (part->combine == COMBINE_NONE && part->body->kind == EXPR_FUNCTION)
        result = nest_read(g, adjoint, y, part->out);
    if (part->combine == COMBINE_MAX)
        seed = only_at_maximum(g, adjoint, y, part, seed);
    adjoint->body = expr_adjoint(g, part->body, result, seed, to);
    return adjoint->body != NULL;
}

/* The value that a nest only copies, element for element and whole; NO_NODE if it does more. */
static node_id copied_value(const struct graph *g, const struct nest_list *nests, const struct shape *shape)
{
    const struct nest *n = nests->at;

    if (nests->count != 1 || n->combine != COMBINE_NONE || n->body->kind != EXPR_ACCESS || n->in_count != 1)
        return NO_NODE;
    node_id of = n->in[0].of;
    if (!shape_equal(&graph_node(g, of)->shape, shape))
        return NO_NODE;
    for (int d = 0; d < shape->rank; d++) {
        if (n->in[0].dim[d].offset != n->out[d].offset)
            return NO_NODE;
        for (int a = 0; a < n->axis_count; a++)
            if (n->in[0].dim[d].factor[a] != n->out[d].factor[a])
                return NO_NODE;
    }
    int64_t points = 1;
    for (int a = 0; a < n->free_count; a++)
        points *= n->extent[a];
    return points == shape_elements(shape) ? of : NO_NODE;
}

static bool are_apart(const struct nest_list *a, const struct nest_list *b, int rank)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (!nests_are_disjoint(&a->at[i], &b->at[k], rank))
                return false;
    return true;
}

static void add_nests(struct sweep *s, struct nest_list *to, const struct nest_list *more)
{
    for (size_t i = 0; i < more->count; i++)
        vec_push(s->graph->arena, to, more->at[i]);
}

static bool sums_samples(const struct sweep *s, const struct flow *f)
{
    return graph_node(s->graph, f->x)->uniform && !graph_node(s->graph, f->through)->uniform;
}

static void add_to_gradient(struct sweep *s, const struct flow *f)
{
    struct graph *g = s->graph;
    const struct shape shape = graph_node(g, f->x)->shape;
    const bool over_samples = sums_samples(s, f);
    const node_id copied = over_samples ? NO_NODE : copied_value(g, &f->nests, &shape);

    if (copied != NO_NODE) {
        accumulate(s, f->x, copied);
        return;
    }
    const size_t from = g->node.count;
    const node_id dx =
        graph_add_parts(g, graph_node(g, f->through)->op_name, &shape, (int)f->nests.count, f->nests.at, over_samples);
    mark_backward(g, from, f->x, f->through);
    accumulate(s, f->x, dx);
}

/* The whole gradient of a value, when all of its users have been passed; NO_NODE: nothing has flowed into it. */
static node_id gradient_of(struct sweep *s, node_id x)
{
    if (s->partial[x].nests.count > 0)
        add_to_gradient(s, &s->partial[x]);
    s->partial[x].nests.count = 0;
    return s->gradient[x];
}

/* Parts from several users (the slices of a split) are collected: they become one node rather than a sum of zeros. */
static void collect(struct sweep *s, const struct flow *f)
{
    struct flow *partial = &s->partial[f->x];

    if (!are_apart(&partial->nests, &f->nests, graph_node(s->graph, f->x)->shape.rank))
        gradient_of(s, f->x);
    partial->x = f->x;
    partial->through = f->through;
    add_nests(s, &partial->nests, &f->nests);
}

static void end_flow(struct sweep *s, struct flow *f)
{
    const struct flow ended = *f;

    *f = (struct flow){.x = NO_NODE, .through = f->through};
    if (ended.nests.count == 0)
        return;
    if (sums_samples(s, &ended) || nests_cover(ended.nests.at, (int)ended.nests.count, &graph_node(s->graph, ended.x)->shape))
        add_to_gradient(s, &ended);
    else
        collect(s, &ended);
}

/* The flow through `adjoint` to its access `to`, which reads `x`; none where every window lies in the padding. */
static void add_flow(struct sweep *s, const struct nest *adjoint, int to, struct flow *f)
{
    const node_id x = adjoint->in[to].of;
    struct nest_list nests = {0};

    nest_invert_access(s->graph, adjoint, to, &nests);
    /* A sum over samples has one part. */
    if (f->x != x || (f->nests.count > 0 && sums_samples(s, f)) ||
        !are_apart(&f->nests, &nests, graph_node(s->graph, x)->shape.rank))
        end_flow(s, f);
    f->x = x;
    add_nests(s, &f->nests, &nests);
}

static void flow_through_parts(struct sweep *s, node_id y)
{
    struct flow f = {.x = NO_NODE, .through = y};
    struct nest adjoint;

    for (struct access_iterator i = node_accesses(graph_node(s->graph, y)); access_next(&i);)
        if (is_wanted(s, i.access->of) && make_adjoint(s, y, i.nest, i.number, &adjoint))
            add_flow(s, &adjoint, i.number, &f);
    end_flow(s, &f);
}

/* Access 0 of the nest reads, in the adjoint, what flows into the places that the points added to. */
static void flow_through_scatter(struct sweep *s, node_id y)
{
    struct graph *g = s->graph;
    struct nest adjoint = *graph_node(g, y)->scatter;
    const struct expr *body = adjoint.body;
    struct expr *seed = arena_new(g->arena, struct expr);
    struct flow f = {.x = NO_NODE, .through = y};

    *seed = (struct expr){.kind = EXPR_ACCESS, .access = 0};
    adjoint.in[0].of = s->gradient[y];
    for (int i = 1; i < adjoint.in_count; i++) {
        adjoint.body = is_wanted(s, adjoint.in[i].of) ? expr_adjoint(g, body, NULL, seed, i) : NULL;
        if (adjoint.body != NULL)
            add_flow(s, &adjoint, i, &f);
    }
    end_flow(s, &f);
}

static void flow_through(struct sweep *s, node_id y)
{
    struct graph *g = s->graph;

    if (graph_node(g, y)->kind == NODE_VIEW) {
        node_id x = graph_node(g, y)->view_of;
        struct shape shape = graph_node(g, x)->shape;
        size_t from = g->node.count;
        if (!is_wanted(s, x))
            return;
        node_id dx = graph_add_view(g, s->gradient[y], &shape);
        mark_backward(g, from, x, y);
        accumulate(s, x, dx);
        return;
    }
    if (graph_node(g, y)->scatter != NULL)
        flow_through_scatter(s, y);
    else
        flow_through_parts(s, y);
}

/* ---- Recurrences --------------------------------------------------------------------------------------------------- */

/* A delay of the new recurrence for each delay of the old one that anything flows through. */
static void begin_delays(struct sweep *s, const struct recurrence *r, node_id delays[])
{
    struct graph *g = s->graph;

    for (node_id v = r->first; v <= r->last; v++) {
        delays[v - r->first] = NO_NODE;
        if (!graph_node(g, v)->delay || !s->needed[v])
            continue;
        const node_id x = graph_node(g, v)->nest[0].in[0].of;
        const struct shape shape = graph_node(g, x)->shape;
        const size_t from = g->node.count;
        delays[v - r->first] = graph_add_delay(g, &shape);
        mark_backward(g, from, v, v);
        accumulate(s, x, delays[v - r->first]);
    }
}

/* Whether anything has flowed into the recurrence. Its parts are complete: all users outside have been passed. */
static bool is_reached(struct sweep *s, const struct recurrence *r)
{
    bool reached = false;

    for (node_id v = r->first; v <= r->last; v++)
        reached = (gradient_of(s, v) != NO_NODE && s->needed[v]) || reached;
    return reached;
}

static void flow_through_recurrence(struct sweep *s, const struct recurrence *r)
{
    struct graph *g = s->graph;
    node_id *delays = arena_array(g->arena, node_id, (size_t)(r->last - r->first) + 1);

    if (!is_reached(s, r))
        return;
    s->first = r->first;
    s->last = r->last;
    s->within = true;
    graph_begin_recurrence(g, r->steps, !r->descending);
    begin_delays(s, r, delays);
    for (node_id v = r->last; v >= r->first; v--) {
        if (delays[v - r->first] != NO_NODE)
            graph_set_delayed(g, delays[v - r->first], gradient_of(s, v));
        else if (gradient_of(s, v) != NO_NODE && s->needed[v])
            flow_through(s, v);
    }
    graph_end_recurrence(g);
    s->within = false;
    for (node_id v = r->last; v >= r->first; v--)
        if (s->gradient[v] != NO_NODE && s->needed[v])
            flow_through(s, v);
    s->first = s->last = NO_NODE;
}

/* ---- The pass ------------------------------------------------------------------------------------------------------ */

/* A delay may read what stands behind it: once more until nothing changes. */
static void find_needed(struct sweep *s)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t v = 0; v < s->forward; v++) {
            const struct node *n = &s->graph->node.at[v];
            const bool needed = (n->kind == NODE_PARAMETER && !n->no_gradient) || depends_on_parameter(s, n);
            changed = changed || needed != s->needed[v];
            s->needed[v] = needed;
        }
    }
}

/* Passes all nodes, users first, with what flows from the loss. */
static void sweep_from(struct sweep *s, node_id loss)
{
    const struct graph *g = s->graph;

    s->gradient[loss] = g->weight;
    for (size_t v = s->forward; v-- > 0;) {
        const int recurrence = g->node.at[v].recurrence;
        if (recurrence >= 0) {
            const struct recurrence r = g->recurrence.at[recurrence];
            flow_through_recurrence(s, &r);
            v = (size_t)r.first;
        } else if (gradient_of(s, (node_id)v) != NO_NODE && s->needed[v] && g->node.at[v].kind != NODE_PARAMETER) {
            flow_through(s, (node_id)v);
        }
    }
}

static void differentiate(struct graph *g, struct objective *o)
{
    struct sweep s = {.graph = g, .forward = g->node.count, .first = NO_NODE, .last = NO_NODE};

    s.needed = arena_array(g->arena, bool, s.forward);
    s.gradient = arena_array(g->arena, node_id, s.forward);
    s.partial = arena_array(g->arena, struct flow, s.forward);
    find_needed(&s);
    for (size_t v = 0; v < s.forward; v++)
        s.gradient[v] = NO_NODE;
    sweep_from(&s, o->loss);
    for (size_t v = 0; v < s.forward; v++)
        if (g->node.at[v].kind != NODE_PARAMETER || !s.needed[v])
            s.gradient[v] = NO_NODE;
    o->gradient = s.gradient;
    o->forward = s.forward;
    add_updates(g, o);
}

void pass_differentiate(struct graph *g)
{
    for (size_t i = 0; i < g->objective.count; i++)
        differentiate(g, g->objective.at[i]);
    choose_sample_orders(g);
}

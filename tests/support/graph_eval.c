#include "tests/support/graph_eval.h"

#include "netrt/random.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Where a nest stands: its node, the elements known so far, and a point of its axes. */
struct point {
    const struct graph *g;
    const struct nest *nest;
    double **known;
    int64_t at[MAX_AXES];
};

static int64_t index_at(const struct point *p, const struct index *i)
{
    int64_t place = i->offset;

    for (int axis = 0; axis < p->nest->axis_count; axis++)
        place += i->factor[axis] * p->at[axis];
    return place;
}

/* The element under an index, or -1 if it lies outside. */
static int64_t element_at(const struct point *p, const struct index dim[], const struct shape *s)
{
    int64_t element = 0;

    for (int d = 0; d < s->rank; d++) {
        const int64_t place = index_at(p, &dim[d]);
        if (place < 0 || place >= s->dim[d])
            return -1;
        element = element * s->dim[d] + place;
    }
    return element;
}

static bool counts(const struct point *p)
{
    for (int k = 0; k < p->nest->in_count; k++)
        if (element_at(p, p->nest->in[k].dim, &graph_node(p->g, p->nest->in[k].of)->shape) < 0)
            return false;
    return true;
}

double graph_eval_function(enum function f, const double x[3])
{
    switch (f) {
    case FUNCTION_ADD: return x[0] + x[1];
    case FUNCTION_SUBTRACT: return x[0] - x[1];
    case FUNCTION_MULTIPLY: return x[0] * x[1];
    case FUNCTION_DIVIDE: return x[0] / x[1];
    case FUNCTION_NEGATE: return -x[0];
    case FUNCTION_ABSOLUTE: return fabs(x[0]);
    case FUNCTION_SIGN: return x[0] > 0 ? 1 : x[0] < 0 ? -1 : x[0];
    case FUNCTION_SQRT: return sqrt(x[0]);
    case FUNCTION_EXP: return exp(x[0]);
    case FUNCTION_LOG: return log(x[0]);
    case FUNCTION_TANH: return tanh(x[0]);
    case FUNCTION_SIGMOID: return 1 / (1 + exp(-x[0]));
    case FUNCTION_ERF: return erf(x[0]);
    case FUNCTION_EXPM1: return expm1(x[0]);
    case FUNCTION_SOFTPLUS: return log1p(exp(x[0]));
    case FUNCTION_NORMAL_QUANTILE: return netrt_normal_quantile(x[0]);
    case FUNCTION_RELU: return 0 > x[0] ? 0 : x[0];
    case FUNCTION_LESS: return x[0] < x[1];
    case FUNCTION_EQUAL: return x[0] == x[1];
    case FUNCTION_MAXIMUM: return x[0] < x[1] || isnan(x[1]) ? x[1] : x[0];
    case FUNCTION_MINIMUM: return x[1] < x[0] || isnan(x[1]) ? x[1] : x[0];
    case FUNCTION_POWER: return pow(x[0], x[1]);
    case FUNCTION_SELECT: return x[0] != 0 ? x[1] : x[2];
    }
    assert(!"a function has a meaning");
    return NAN;
}

static uint64_t whole(const struct point *p, const node_id half[], int count)
{
    uint64_t number = 0;

    while (count-- > 0)
        number = number << 16 | (uint64_t)p->known[half[count]][0];
    return number;
}

static double evaluate(const struct point *p, const struct expr *e);

/* By the runtime's own generator, whose streams the compiler numbers too. */
static double draw(const struct point *p, const struct expr *e)
{
    const struct graph_random *r = p->g->random;
    const struct netrt_stream stream = {
        .seed = whole(p, r->seed, SEED_HALVES),
        .purpose = e->stream,
        .epoch = (uint32_t)whole(p, r->epoch, EPOCH_HALVES),
        .index = (uint32_t)evaluate(p, e->arg[1]) << 16 | (uint32_t)evaluate(p, e->arg[0]),
    };

    return (netrt_random_u32(&stream, (uint32_t)index_at(p, &e->index)) >> 9) * 0x1p-23;
}

static double evaluate(const struct point *p, const struct expr *e)
{
    double x[3] = {0};

    switch (e->kind) {
    case EXPR_CONSTANT: return e->constant;
    case EXPR_INDEX: return (double)index_at(p, &e->index);
    case EXPR_RANDOM: return draw(p, e);
    case EXPR_ACCESS: {
        const struct access *a = &p->nest->in[e->access];
        return p->known[a->of][element_at(p, a->dim, &graph_node(p->g, a->of)->shape)];
    }
    case EXPR_FUNCTION:
        for (int i = 0; i < 3 && e->arg[i] != NULL; i++)
            x[i] = evaluate(p, e->arg[i]);
        return graph_eval_function(e->function, x);
    }
    return NAN;
}

/* Steps axes from … to - 1 to their next point, the last running fastest; false after the last one. */
static bool step(struct point *p, int from, int to)
{
    for (int axis = to; axis-- > from;) {
        if (++p->at[axis] < p->nest->extent[axis])
            return true;
        p->at[axis] = 0;
    }
    return false;
}

/* What a point adds to a sum. */
static double add_term(const struct point *p, double sum)
{
    const struct expr *body = p->nest->body;

    if (!counts(p))
        return sum;
    if (p->nest->sum.form == SUM_FMA)
        return fma(evaluate(p, body->arg[0]), evaluate(p, body->arg[1]), sum);
    return sum + evaluate(p, body);
}

/* `sum` and what the points begin … end - 1 of an axis add to it, in the nest's order; `cut`: partial sums that are open. */
static double add_axis(struct point *p, int axis, int64_t begin, int64_t end, int cut, double sum)
{
    const struct nest *n = p->nest;

    if (axis == n->axis_count)
        return add_term(p, sum);
    if (cut < n->sum.partial_count && n->sum.partial[cut].axis == axis) {
        const int64_t count = n->sum.partial[cut].count;
        for (int64_t i = begin; i < end; i += count)
            sum += add_axis(p, axis, i, i + count < end ? i + count : end, cut + 1, 0);
        return sum;
    }
    for (int64_t i = begin; i < end; i++) {
        p->at[axis] = i;
        sum = add_axis(p, axis + 1, 0, axis + 1 < n->axis_count ? n->extent[axis + 1] : 0, cut, sum);
    }
    return sum;
}

static double combine(struct point *p)
{
    const struct nest *n = p->nest;
    double greatest = -INFINITY, at = 0, number = 0;

    if (n->combine == COMBINE_NONE)
        return counts(p) ? evaluate(p, n->body) : n->otherwise;
    if (n->combine == COMBINE_SUM) {
        const double sum = add_axis(p, n->free_count, 0, n->extent[n->free_count], 0, 0);
        memset(&p->at[n->free_count], 0, sizeof *p->at * (size_t)(n->axis_count - n->free_count));
        return sum;
    }
    do {
        if (counts(p)) {
            const double x = evaluate(p, n->body);
            if (x > greatest || x != x) {
                greatest = x;
                at = number;
            }
        }
        number++;
    } while (step(p, n->free_count, n->axis_count));
    return n->combine == COMBINE_MAX ? greatest : at;
}

static void compute(const struct graph *g, node_id v, double **known)
{
    const struct node *node = graph_node(g, v);

    for (int part = 0; part < node->nest_count; part++) {
        struct point p = {.g = g, .nest = &node->nest[part], .known = known};
        do {
            const double x = combine(&p);
            known[v][element_at(&p, node->nest[part].out, &node->shape)] = x;
        } while (step(&p, 0, p.nest->free_count));
    }
}

/* What a node reads of its recurrence is known after as many rounds as there are steps before it. */
static void compute_recurrence(const struct graph *g, const struct recurrence *r, double **known)
{
    for (int64_t round = 0; round < r->steps; round++)
        for (node_id v = r->first; v <= r->last; v++)
            compute(g, v, known);
}

/* A recurrence is computed when the last of its nodes is asked for. */
static void compute_node(const struct graph *g, node_id v, double **known)
{
    const int recurrence = graph_node(g, v)->recurrence;

    if (recurrence < 0)
        compute(g, v, known);
    else if (v == g->recurrence.at[recurrence].last)
        compute_recurrence(g, &g->recurrence.at[recurrence], known);
}

double **graph_eval(const struct graph *g, const double *const given[], struct arena *arena)
{
    double **known = arena_array(arena, double *, g->node.count);

    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = &g->node.at[v];
        const size_t count = (size_t)shape_elements(&n->shape);
        known[v] = arena_array(arena, double, count);
        switch (n->kind) {
        case NODE_INPUT:
        case NODE_PARAMETER:
        case NODE_STATE: memcpy(known[v], *given++, count * sizeof(double)); break;
        case NODE_SETTING: known[v][0] = g->setting.at[n->number].initial; break;
        case NODE_VIEW: memcpy(known[v], known[n->view_of], count * sizeof(double)); break;
        case NODE_COMPUTE: compute_node(g, (node_id)v, known); break;
        }
    }
    return known;
}

/* verify: holds a graph to what graph.h and nest.h promise. Reports the first breach of each node and goes on. */
#include "compiler/graph/graph.h"

#include "compiler/graph/inspect.h"
#include "compiler/graph/objective.h"
#include "compiler/graph/query.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct verifier {
    const struct graph *g;
    FILE *out;
    node_id at;    /* the node that is being verified, or NO_NODE */
    bool ok;
};

static void __attribute__((format(printf, 2, 3))) broken(struct verifier *c, const char *format, ...)
{
    va_list arguments;

    c->ok = false;
    if (c->at != NO_NODE)
        fprintf(c->out, "%%%d (%s): ", (int)c->at, graph_node(c->g, c->at)->name);
    va_start(arguments, format);
    vfprintf(c->out, format, arguments);
    va_end(arguments);
    fputc('\n', c->out);
}

static bool is_value(const struct graph *g, node_id v)
{
    return v >= 0 && (size_t)v < g->node.count;
}

static bool has_kind(const struct graph *g, node_id v, enum node_kind kind)
{
    return is_value(g, v) && graph_node(g, v)->kind == kind;
}

/* ---- Indices ------------------------------------------------------------------------------------------------------- */

static bool uses_only(const struct index *i, int axes)
{
    for (int axis = axes; axis < MAX_AXES; axis++)
        if (i->factor[axis] != 0)
            return false;
    return true;
}

/* Whether two points of the free axes that differ in an axis of `i` differ in the index: the axes form a mixed radix, each
 * factor reaching beyond what the smaller ones span together. */
static bool is_mixed_radix(const struct nest *n, const struct index *i)
{
    bool taken[MAX_AXES] = {false};
    int64_t span = 0;

    for (int round = 0; round < n->free_count; round++) {
        int smallest = -1;
        for (int axis = 0; axis < n->free_count; axis++)
            if (i->factor[axis] != 0 && !taken[axis] && (smallest < 0 || llabs(i->factor[axis]) < llabs(i->factor[smallest])))
                smallest = axis;
        if (smallest < 0)
            break;
        if (llabs(i->factor[smallest]) <= span)
            return false;
        taken[smallest] = true;
        span += llabs(i->factor[smallest]) * (n->extent[smallest] - 1);
    }
    return true;
}

static void verify_out(struct verifier *c, const struct node *node, const struct nest *n)
{
    bool told_apart[MAX_AXES] = {false};

    for (int d = 0; d < MAX_RANK; d++) {
        const struct index *i = &n->out[d];
        int64_t low, high;
        index_range(n, i, &low, &high);
        if (!uses_only(i, d < node->shape.rank ? n->free_count : 0))
            broken(c, "dimension %d of the result uses an axis that is not free", d);
        else if (d < node->shape.rank && (low < 0 || high >= node->shape.dim[d]))
            broken(c, "dimension %d of the result runs from %" PRId64 " to %" PRId64 " of %" PRId64, d, low, high,
                   node->shape.dim[d]);
        for (int axis = 0; is_mixed_radix(n, i) && axis < n->free_count; axis++)
            told_apart[axis] |= i->factor[axis] != 0;
    }
    for (int axis = 0; axis < n->free_count; axis++)
        if (!told_apart[axis])
            broken(c, "two points of axis %s have the same place in the result", n->axis_name[axis]);
}

/* ---- Nests --------------------------------------------------------------------------------------------------------- */

static void verify_axes(struct verifier *c, const struct nest *n)
{
    double points = 1;

    for (int axis = 0; axis < n->axis_count; axis++) {
        if (n->extent[axis] < 2)
            broken(c, "axis %d has extent %" PRId64, axis, n->extent[axis]);
        if (n->axis_name[axis] == NULL)
            broken(c, "axis %d has no name", axis);
        points *= axis >= n->free_count ? (double)n->extent[axis] : 1;
    }
    if ((n->combine == COMBINE_NONE) != (n->axis_count == n->free_count))
        broken(c, n->combine == COMBINE_NONE ? "reduced axes are not combined" : "there is nothing to combine");
    /* The number of the greatest point must be exact in f32. */
    if (n->combine == COMBINE_ARGMAX && points > 16777216)
        broken(c, "argmax over %.9g points", points);
}

static void verify_expr(struct verifier *c, const struct nest *n, const struct expr *e)
{
    switch (e->kind) {
    case EXPR_CONSTANT: break;
    case EXPR_ACCESS:
        if (e->access < 0 || e->access >= n->in_count)
            broken(c, "the body reads access %d of %d", e->access, n->in_count);
        break;
    case EXPR_INDEX:
        if (!uses_only(&e->index, n->axis_count))
            broken(c, "the body uses the index of an unknown axis");
        break;
    case EXPR_RANDOM:
        if (!uses_only(&e->index, n->axis_count))
            broken(c, "the body draws for an element of an unknown axis");
        for (int i = 0; i < 2; i++)
            if (e->arg[i] == NULL || e->arg[i]->kind != EXPR_ACCESS)
                broken(c, "a random number belongs to a sample");
            else
                verify_expr(c, n, e->arg[i]);
        break;
    case EXPR_FUNCTION:
        for (int i = 0; i < 3; i++) {
            if ((i < function_arity(e->function)) != (e->arg[i] != NULL))
                broken(c, "%s has not %d arguments", function_name(e->function), function_arity(e->function));
            else if (e->arg[i] != NULL)
                verify_expr(c, n, e->arg[i]);
        }
        if (e->function == FUNCTION_POWER && e->arg[1] != NULL && e->arg[1]->kind != EXPR_CONSTANT)
            broken(c, "the exponent of a power is no constant");
        break;
    }
}

/* Whether the node under verification is a delay that reads a later node of its recurrence. */
static bool looks_ahead(const struct verifier *c, node_id of)
{
    const struct node *n = graph_node(c->g, c->at);

    return n->delay && n->recurrence >= 0 && (size_t)n->recurrence < c->g->recurrence.count &&
           of <= c->g->recurrence.at[n->recurrence].last;
}

static void verify_accesses(struct verifier *c, const struct nest *n)
{
    for (int k = 0; k < n->in_count; k++) {
        const struct access *a = &n->in[k];
        if (!is_value(c->g, a->of) || (a->of >= c->at && !looks_ahead(c, a->of))) {
            broken(c, "access %d reads %%%d, which does not precede it", k, (int)a->of);
            continue;
        }
        const int rank = graph_node(c->g, a->of)->shape.rank;
        for (int d = 0; d < MAX_RANK; d++)
            if (!uses_only(&a->dim[d], d < rank ? n->axis_count : 0))
                broken(c, "dimension %d of access %d uses an unknown axis", d, k);
    }
}

/* The accumulation is the one that shapes and the order of samples give, whoever made or changed the node. */
static void verify_accumulation(struct verifier *c, const struct node *node, const struct nest *n)
{
    const struct accumulation expected = accumulation_of(c->g, node, n);

    if (n->sum.form == SUM_FMA && (n->body->kind != EXPR_FUNCTION || n->body->function != FUNCTION_MULTIPLY))
        broken(c, "a sum of fused multiply-adds, but its body is no product");
    for (int i = 0; i < n->sum.partial_count && i < MAX_PARTIALS; i++) {
        const struct partial *p = &n->sum.partial[i];
        if (p->axis < n->free_count || p->axis >= n->axis_count || p->count < 1 || p->count >= n->extent[p->axis])
            broken(c, "partial sums over %" PRId64 " of axis %d, which is no part of a reduced axis", p->count, p->axis);
    }
    if (!accumulations_are_equal(&n->sum, &expected))
        broken(c, "a sum is accumulated in another way than its shapes say");
}

static void verify_nest(struct verifier *c, const struct node *node, const struct nest *n)
{
    if (n->free_count < 0 || n->axis_count < n->free_count || n->axis_count > MAX_AXES || n->in_count < 0 ||
        n->in_count > MAX_ACCESSES || n->body == NULL) {
        broken(c, "a nest of %d axes, %d of them free, with %d accesses", n->axis_count, n->free_count, n->in_count);
        return;
    }
    verify_axes(c, n);
    verify_out(c, node, n);
    verify_accesses(c, n);
    verify_expr(c, n, n->body);
    if (c->ok)
        verify_accumulation(c, node, n);
    if (node->order != ORDER_LANES && !node->uniform)
        broken(c, "an order of samples, but samples are not summed");
    for (int k = 0; node->uniform && k < n->in_count; k++)
        if (is_value(c->g, n->in[k].of) && !graph_node(c->g, n->in[k].of)->uniform && n->combine != COMBINE_NONE &&
            n->combine != COMBINE_SUM)
            broken(c, "samples are summed, so their points cannot be compared");
}

/* ---- Recurrences --------------------------------------------------------------------------------------------------- */

/* Whether two indices differ by `offset` alone. */
static bool differ_by(const struct index *a, const struct index *b, int64_t offset)
{
    for (int axis = 0; axis < MAX_AXES; axis++)
        if (a->factor[axis] != b->factor[axis])
            return false;
    return a->offset == b->offset + offset;
}

/* A nest of a recurrence makes one step for each point of its step axis, from the same step of its fellows. */
static void verify_steps(struct verifier *c, const struct node *node, const struct recurrence *r, const struct nest *n)
{
    const int step = nest_timestep_axis(n);
    const struct index expected = step < 0 ? index_constant(0) : index_axis(step, 1);

    if (r->steps > 1 && (step < 0 || n->extent[step] != r->steps))
        broken(c, "a nest of a recurrence does not run over its %" PRId64 " steps", r->steps);
    if (!differ_by(&n->out[0], &expected, 0))
        broken(c, "the steps of the result are not those of the recurrence");
    for (int k = 0; k < n->in_count; k++) {
        const node_id of = n->in[k].of;
        const int64_t before = !node->delay ? 0 : r->descending ? 1 : -1;
        if (of >= r->first && of <= r->last && !differ_by(&n->in[k].dim[0], &n->out[0], before))
            broken(c, "access %d reads another step of %%%d", k, (int)of);
    }
}

static void verify_recurrence(struct verifier *c, const struct node *n)
{
    if (n->delay && n->recurrence < 0)
        broken(c, "a delay outside a recurrence");
    if (n->recurrence < 0)
        return;
    if ((size_t)n->recurrence >= c->g->recurrence.count) {
        broken(c, "there is no recurrence %d", n->recurrence);
        return;
    }
    const struct recurrence *r = &c->g->recurrence.at[n->recurrence];
    if (c->at < r->first || c->at > r->last)
        broken(c, "not among the nodes of its recurrence");
    if (n->kind != NODE_COMPUTE || n->uniform || n->shape.rank == 0 || n->shape.dim[0] != r->steps) {
        broken(c, "a node of a recurrence computes its steps for each sample");
        return;
    }
    for (int p = 0; p < n->nest_count; p++)
        verify_steps(c, n, r, &n->nest[p]);
}

/* ---- Parts --------------------------------------------------------------------------------------------------------- */

/* The distance of which all places in a dimension are multiples, from the first; 0: there is one place. */
static int64_t step_of(const struct nest *n, const struct index *i)
{
    int64_t step = 0;

    for (int axis = 0; axis < n->free_count; axis++)
        step = greatest_common_divisor(step, llabs(i->factor[axis]));
    return step;
}

bool nests_are_disjoint(const struct nest *a, const struct nest *b, int rank)
{
    for (int d = 0; d < rank; d++) {
        int64_t a_low, a_high, b_low, b_high;
        index_range(a, &a->out[d], &a_low, &a_high);
        index_range(b, &b->out[d], &b_low, &b_high);
        const int64_t step = greatest_common_divisor(step_of(a, &a->out[d]), step_of(b, &b->out[d]));
        if (a_high < b_low || b_high < a_low || (step > 0 && (a_low - b_low) % step != 0))
            return true;
    }
    return false;
}

static void verify_parts(struct verifier *c, const struct node *node)
{
    if (node->nest_count < 1 || node->nest == NULL) {
        broken(c, "nothing is computed");
        return;
    }
    for (int i = 0; i < node->nest_count; i++) {
        verify_nest(c, node, &node->nest[i]);
        for (int k = 0; k < i; k++)
            if (!nests_are_disjoint(&node->nest[k], &node->nest[i], node->shape.rank))
                broken(c, "parts %d and %d are not shown to be apart", k, i);
    }
    if (c->ok && node->nest_count > 1 && node_sums_samples(c->g, node))
        broken(c, "a sum over samples has one part");
}

/* ---- Nodes --------------------------------------------------------------------------------------------------------- */

static void verify_parameter(struct verifier *c, const struct node *n)
{
    const struct parameter *p = n->parameter;

    if (!n->uniform || p == NULL) {
        broken(c, "a parameter is uniform and has its facts");
        return;
    }
    if (p->init == INIT_VALUES && p->init_data == NULL)
        broken(c, "no initial values");
    if ((p->l1 != NO_NODE && !has_kind(c->g, p->l1, NODE_SETTING)) || (p->l2 != NO_NODE && !has_kind(c->g, p->l2, NODE_SETTING)))
        broken(c, "a penalty is a setting");
}

static void verify_setting(struct verifier *c, const struct node *n)
{
    if (!n->uniform || n->shape.rank != 0 || n->number < 0 || (size_t)n->number >= c->g->setting.count ||
        c->g->setting.at[n->number].v != c->at) {
        broken(c, "a setting is one number in the table of settings");
        return;
    }
    const struct graph_setting *s = &c->g->setting.at[n->number];
    if (!(s->minimum <= s->initial && s->initial <= s->maximum))
        broken(c, "%.9g is not within [%.9g, %.9g]", s->initial, s->minimum, s->maximum);
}

static void verify_view(struct verifier *c, const struct node *n)
{
    if (!is_value(c->g, n->view_of) || n->view_of >= c->at) {
        broken(c, "a view of %%%d, which does not precede it", (int)n->view_of);
        return;
    }
    const struct node *of = graph_node(c->g, n->view_of);
    if (of->uniform != n->uniform || shape_elements(&of->shape) != shape_elements(&n->shape))
        broken(c, "a view has the elements of what it shows");
}

static void verify_node(struct verifier *c, const struct node *n)
{
    if (n->name == NULL)
        broken(c, "no name");
    if (!shape_is_valid(&n->shape)) {
        broken(c, "impossible shape");
        return;
    }
    if (n->layer < -1 || (n->layer >= 0 && (size_t)n->layer >= c->g->layer.count))
        broken(c, "there is no layer %d", n->layer);
    switch (n->kind) {
    case NODE_INPUT:
        if (n->uniform || n->number < 0 || (size_t)n->number >= c->g->input.count || c->g->input.at[n->number].v != c->at)
            broken(c, "an input varies and stands in the table of inputs");
        break;
    case NODE_PARAMETER: verify_parameter(c, n); break;
    case NODE_STATE:
        if (!n->uniform)
            broken(c, "a state is uniform");
        break;
    case NODE_SETTING: verify_setting(c, n); break;
    case NODE_VIEW: verify_view(c, n); break;
    case NODE_COMPUTE: verify_parts(c, n); break;
    }
    if (c->ok)
        verify_recurrence(c, n);
}

/* ---- Tables -------------------------------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void verify_unique(struct verifier *c, const char **names, size_t count, const char *what)
{
    if (count < 2)
        return;
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            broken(c, "two %s are called %s", what, names[i]);
}

static void verify_names(struct verifier *c)
{
    const struct graph *g = c->g;
    const char **names = arena_array(g->arena, const char *, g->node.count + g->layer.count + g->output.count);
    size_t count = 0;

    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = &g->node.at[v];
        if (n->name != NULL && n->kind != NODE_VIEW && n->kind != NODE_COMPUTE)
            names[count++] = n->name;
    }
    verify_unique(c, names, count, "inputs, parameters, states or settings");
    for (count = 0; count < g->layer.count; count++)
        names[count] = g->layer.at[count].name;
    verify_unique(c, names, count, "layers");
    for (count = 0; count < g->output.count; count++)
        names[count] = g->output.at[count].name;
    verify_unique(c, names, count, "outputs");
}

/* Or left out. */
static bool is_number_of_sample(const struct graph *g, node_id v)
{
    return v == NO_NODE || (is_value(g, v) && !graph_node(g, v)->uniform && graph_node(g, v)->shape.rank == 0);
}

static void verify_tables(struct verifier *c)
{
    const struct graph *g = c->g;

    for (size_t i = 0; i < g->layer.count; i++)
        if (!is_value(g, g->layer.at[i].result))
            broken(c, "layer %s has no result", g->layer.at[i].name);
    for (size_t i = 0; i < g->input.count; i++)
        if (!has_kind(g, g->input.at[i].v, NODE_INPUT))
            broken(c, "input %s is no input", g->input.at[i].name);
    for (size_t i = 0; i < g->setting.count; i++)
        if (!has_kind(g, g->setting.at[i].v, NODE_SETTING))
            broken(c, "setting %s is no setting", g->setting.at[i].name);
    for (size_t i = 0; i < g->output.count; i++)
        if (!is_value(g, g->output.at[i].v))
            broken(c, "output %s has no value", g->output.at[i].name);
    if (g->weight != NO_NODE && !has_kind(g, g->weight, NODE_INPUT))
        broken(c, "the samples' weight is no input");
}

static void verify_updates(struct verifier *c, const struct graph_update *at, size_t count, bool *updated)
{
    const struct graph *g = c->g;

    for (size_t i = 0; i < count; i++) {
        const struct graph_update *u = &at[i];
        if (!has_kind(g, u->target, NODE_PARAMETER) && !has_kind(g, u->target, NODE_STATE))
            broken(c, "update %zu changes no parameter or state", i);
        else if (!is_value(g, u->source) || !graph_node(g, u->source)->uniform ||
                 !shape_equal(&graph_node(g, u->source)->shape, &graph_node(g, u->target)->shape))
            broken(c, "update %zu of %s has another shape", i, graph_node(g, u->target)->name);
        else if (updated[u->target])
            broken(c, "%s is updated twice", graph_node(g, u->target)->name);
        else
            updated[u->target] = true;
    }
}

static void verify_gradients(struct verifier *c, const struct objective *o)
{
    const struct graph *g = c->g;

    for (size_t v = 0; v < o->forward; v++) {
        const node_id gradient = o->gradient[v];
        if (gradient == NO_NODE)
            continue;
        if (!has_kind(g, (node_id)v, NODE_PARAMETER))
            broken(c, "a gradient of what is no parameter");
        else if (!is_value(g, gradient) || !graph_node(g, gradient)->uniform ||
                 !shape_equal(&graph_node(g, gradient)->shape, &g->node.at[v].shape))
            broken(c, "the gradient of %s has another shape", g->node.at[v].name);
    }
}

static bool same_name(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* An objective's updates and those of the forward pass make one step. */
static void verify_objective(struct verifier *c, size_t i)
{
    const struct graph *g = c->g;
    const struct objective *o = g->objective.at[i];
    bool *updated = arena_array(g->arena, bool, g->node.count + 1);

    for (size_t k = 0; k < i; k++)
        if (same_name(g->objective.at[k]->name, o->name))
            broken(c, "two objectives have one name");
    if (!is_value(g, o->loss) || graph_node(g, o->loss)->uniform || graph_node(g, o->loss)->shape.rank != 0)
        broken(c, "the loss is not one number a sample");
    for (size_t k = 0; k < o->part.count; k++)
        if (!is_number_of_sample(g, o->part.at[k].sum) || !is_number_of_sample(g, o->part.at[k].count))
            broken(c, "a part of the loss is no number a sample");
    for (const struct metric *m = o->metrics; m != NULL; m = m->next)
        if (!is_value(g, m->prediction) || !has_kind(g, m->target, NODE_INPUT))
            broken(c, "the metric %s compares no value with an input", m->name);
    verify_gradients(c, o);
    verify_updates(c, g->update.at, g->update.count, updated);
    verify_updates(c, o->update.at, o->update.count, updated);
}

bool graph_verify_tables(const struct graph *g, FILE *out)
{
    struct verifier c = {.g = g, .out = out, .at = NO_NODE, .ok = true};

    verify_names(&c);
    verify_tables(&c);
    verify_updates(&c, g->update.at, g->update.count, arena_array(g->arena, bool, g->node.count + 1));
    for (size_t i = 0; i < g->objective.count; i++)
        verify_objective(&c, i);
    return c.ok;
}

bool graph_verify(const struct graph *g, FILE *out)
{
    struct verifier c = {.g = g, .out = out, .at = NO_NODE, .ok = true};

    for (size_t v = 0; v < g->node.count; v++) {
        c.at = (node_id)v;
        verify_node(&c, &g->node.at[v]);
    }
    return graph_verify_tables(g, out) && c.ok;
}

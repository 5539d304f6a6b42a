/* digest_graph: the canonical form of a graph.
 *
 * A node's digest is made of its kind, its shape, its formula and the digests of what it reads (a Merkle tree), so it is the same
 * however nodes are numbered. A delay reads what is computed later: within a recurrence digests are refined round by round, each delay
 * taking what it reads from the round before, until every delay has had its say in every other (colour refinement).
 *
 * Everything that has a name in the language or in a dump goes in by that name. What a node is called does not count, unless it is
 * an input, a parameter, a state or a setting.
 */
#include "compiler/sema/digest.h"

#include "compiler/graph/objective.h"
#include "compiler/graph/query.h"
#include "compiler/support/arena.h"

/* Digests by node. */
struct digester {
    const struct graph *g;
    struct digest *of;
};

static void add_shape(struct sha256 *h, const struct shape *s)
{
    digest_add_int(h, s->rank);
    for (int i = 0; i < s->rank; i++)
        digest_add_int(h, s->dim[i]);
}

/* ---- Nests --------------------------------------------------------------------------------------------------------- */

static void add_index(struct sha256 *h, const struct nest *n, const struct index *index)
{
    int terms = 0;

    for (int i = 0; i < n->axis_count; i++)
        terms += index->factor[i] != 0;
    digest_add_int(h, index->offset);
    digest_add_int(h, terms);
    for (int i = 0; i < n->axis_count; i++) {
        if (index->factor[i] == 0)
            continue;
        digest_add_int(h, i);
        digest_add_int(h, index->factor[i]);
    }
}

static void add_access(struct sha256 *h, const struct digester *d, const struct nest *n, const struct access *a)
{
    digest_add(h, &d->of[a->of]);
    for (int i = 0; i < graph_node(d->g, a->of)->shape.rank; i++)
        add_index(h, n, &a->dim[i]);
}

static void add_expr(struct sha256 *h, const struct digester *d, const struct nest *n, const struct expr *e)
{
    switch (e->kind) {
    case EXPR_CONSTANT:
        digest_add_text(h, "constant");
        digest_add_real(h, e->constant);
        break;
    case EXPR_ACCESS:
        digest_add_text(h, "read");
        add_access(h, d, n, &n->in[e->access]);
        break;
    case EXPR_INDEX:
        digest_add_text(h, "index");
        add_index(h, n, &e->index);
        break;
    case EXPR_RANDOM:
        digest_add_text(h, "random");
        digest_add_int(h, e->stream);
        add_index(h, n, &e->index);
        break;
    case EXPR_FUNCTION:
        digest_add_text(h, function_name(e->function));
        digest_add_int(h, function_arity(e->function));
        for (int i = 0; i < function_arity(e->function); i++)
            add_expr(h, d, n, e->arg[i]);
        break;
    }
}

static const char *combine_name(enum combine c)
{
    switch (c) {
    case COMBINE_NONE: return "none";
    case COMBINE_SUM: return "sum";
    case COMBINE_MAX: return "max";
    case COMBINE_ARGMAX: return "argmax";
    }
    return "";
}

/* All accesses count, for they are conditions too. They are a set. */
static void add_conditions(struct sha256 *h, const struct digester *d, const struct nest *n)
{
    struct digest condition[MAX_ACCESSES];

    for (int i = 0; i < n->in_count; i++) {
        struct sha256 one;
        sha256_init(&one);
        add_access(&one, d, n, &n->in[i]);
        condition[i] = digest_end(&one);
    }
    digests_sort(condition, (size_t)n->in_count);
    for (int i = 0; i < n->in_count; i++)
        digest_add(h, &condition[i]);
}

static struct digest digest_of_nest(const struct digester *d, const struct nest *n, const struct shape *shape)
{
    struct sha256 h;

    sha256_init(&h);
    digest_add_text(&h, combine_name(n->combine));
    digest_add_int(&h, n->axis_count);
    digest_add_int(&h, n->free_count);
    for (int i = 0; i < n->axis_count; i++)
        digest_add_int(&h, n->extent[i]);
    for (int i = 0; i < shape->rank; i++)
        add_index(&h, n, &n->out[i]);
    digest_add_real(&h, n->combine == COMBINE_NONE ? n->otherwise : 0);
    add_expr(&h, d, n, n->body);
    add_conditions(&h, d, n);
    return digest_end(&h);
}

/* ---- Nodes --------------------------------------------------------------------------------------------------------- */

static void add_input(struct sha256 *h, const struct graph *g, const struct node *n)
{
    const struct graph_input *in = &g->input.at[n->number];

    digest_add_text(h, "input");
    digest_add_text(h, n->name);
    digest_add_text(h, in->is_class ? "class" : "real");
    digest_add_int(h, in->classes);
}

/* A setting goes in by its name: its value is no part of the net. */
static void add_setting(struct sha256 *h, const struct graph *g, node_id v)
{
    digest_add_text(h, v == NO_NODE ? NULL : graph_node(g, v)->name);
}

static void add_parameter(struct sha256 *h, const struct graph *g, const struct node *n)
{
    const struct parameter *p = n->parameter;

    digest_add_text(h, "parameter");
    digest_add_text(h, n->name);
    digest_add_text(h, initializer_name(p->init));
    digest_add_real(h, p->init_value);
    digest_add_int(h, p->fan_in);
    digest_add_int(h, p->fan_out);
    digest_add_int(h, p->matrices);
    add_setting(h, g, p->l1);
    add_setting(h, g, p->l2);
    for (int64_t i = 0; p->connected != NULL && i < n->shape.dim[0] * n->shape.dim[1]; i++)
        digest_add_int(h, p->connected[i]);
    for (int64_t i = 0; p->init == INIT_VALUES && i < shape_elements(&n->shape); i++)
        digest_add_real(h, p->init_data[i]);
}

/* The parts are a set. */
static void add_computed(struct sha256 *h, const struct digester *d, const struct node *n, struct arena *scratch)
{
    struct digest *part = arena_array(scratch, struct digest, (size_t)n->nest_count);

    digest_add_text(h, n->uniform ? "computed once" : "computed for each sample");
    if (n->recurrence >= 0) {
        const struct recurrence *r = &d->g->recurrence.at[n->recurrence];
        digest_add_text(h, n->delay ? "delay" : "step");
        digest_add_int(h, r->steps);
        digest_add_text(h, r->descending ? "descending" : "ascending");
    }
    for (int i = 0; i < n->nest_count; i++)
        part[i] = digest_of_nest(d, &n->nest[i], &n->shape);
    digests_sort(part, (size_t)n->nest_count);
    for (int i = 0; i < n->nest_count; i++)
        digest_add(h, &part[i]);
}

static struct digest digest_of_node(const struct digester *d, node_id v, struct arena *scratch)
{
    const struct node *n = graph_node(d->g, v);
    struct sha256 h;

    sha256_init(&h);
    switch (n->kind) {
    case NODE_INPUT: add_input(&h, d->g, n); break;
    case NODE_PARAMETER: add_parameter(&h, d->g, n); break;
    case NODE_STATE:
        digest_add_text(&h, "state");
        digest_add_text(&h, n->name);
        break;
    case NODE_SETTING:
        digest_add_text(&h, "setting");
        digest_add_text(&h, n->name);
        break;
    case NODE_VIEW:
        digest_add_text(&h, "view");
        digest_add(&h, &d->of[n->view_of]);
        break;
    case NODE_COMPUTE: add_computed(&h, d, n, scratch); break;
    }
    add_shape(&h, &n->shape);
    digest_add_text(&h, n->no_gradient ? "constant to gradients" : NULL);
    if (n->inference != NO_NODE) {
        digest_add_text(&h, "outside training");
        digest_add(&h, &d->of[n->inference]);
    }
    return digest_end(&h);
}

/* What a delay reads goes in as it was in the round before, wherever it is numbered. */
static struct digest digest_of_delay(struct digester *d, node_id v, const struct digest *before, node_id first,
                                     struct arena *scratch)
{
    const node_id of = graph_node(d->g, v)->nest[0].in[0].of;
    const struct digest now = d->of[of];

    d->of[of] = before[of - first];
    const struct digest made = digest_of_node(d, v, scratch);
    d->of[of] = now;
    return made;
}

static void refine(struct digester *d, const struct recurrence *r, struct arena *scratch)
{
    const size_t count = (size_t)(r->last - r->first) + 1;
    struct digest *before = arena_array(scratch, struct digest, count);
    int64_t rounds = 2;

    for (node_id v = r->first; v <= r->last; v++)
        rounds += graph_node(d->g, v)->delay;
    for (int64_t round = 0; round < rounds; round++) {
        for (node_id v = r->first; v <= r->last; v++)
            d->of[v] =
                graph_node(d->g, v)->delay ? digest_of_delay(d, v, before, r->first, scratch) : digest_of_node(d, v, scratch);
        for (size_t i = 0; i < count; i++)
            before[i] = d->of[r->first + (node_id)i];
    }
}

static struct digester digest_nodes(struct arena *scratch, const struct graph *g)
{
    struct digester d = {g, arena_array(scratch, struct digest, g->node.count + 1)};

    for (size_t v = 0; v < g->node.count; v++) {
        const int recurrence = g->node.at[v].recurrence;
        if (recurrence < 0) {
            d.of[v] = digest_of_node(&d, (node_id)v, scratch);
            continue;
        }
        refine(&d, &g->recurrence.at[recurrence], scratch);
        v = (size_t)g->recurrence.at[recurrence].last;
    }
    return d;
}

/* ---- Graph --------------------------------------------------------------------------------------------------------- */

static struct digest named(const char *what, const char *name, const struct digest *value)
{
    struct sha256 h;

    sha256_init(&h);
    digest_add_text(&h, what);
    digest_add_text(&h, name);
    digest_add(&h, value);
    return digest_end(&h);
}

struct digest digest_of_graph(struct arena *scratch, const struct graph *g)
{
    const struct digester d = digest_nodes(scratch, g);
    struct digest *all =
        arena_array(scratch, struct digest, g->node.count + g->output.count + g->update.count + g->objective.count);
    size_t count = 0;
    struct sha256 h;

    for (size_t v = 0; v < g->node.count; v++)
        if (g->node.at[v].kind == NODE_PARAMETER)
            all[count++] = d.of[v];
    for (size_t i = 0; i < g->output.count; i++)
        all[count++] = named("output", g->output.at[i].name, &d.of[g->output.at[i].v]);
    for (size_t i = 0; i < g->update.count; i++)
        all[count++] = named("update", graph_node(g, g->update.at[i].target)->name, &d.of[g->update.at[i].source]);
    for (size_t i = 0; i < g->objective.count; i++)
        all[count++] = named("loss", g->objective.at[i]->name, &d.of[g->objective.at[i]->loss]);
    digests_sort(all, count);
    sha256_init(&h);
    for (size_t i = 0; i < count; i++)
        digest_add(&h, &all[i]);
    return digest_end(&h);
}

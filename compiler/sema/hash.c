/* hash: what makes two programs one and the same run, as sixty-four digits: what the net computes and on which data it learns.
 *
 * Left out is what a run may change and still go on: metrics and what only they need, names of files, numbers that are settings
 * (they have names, and are compared one by one), batch, epochs and seed.
 */
#include "compiler/sema/hash.h"

#include "compiler/sema/sema.h"
#include "compiler/sema/sha256.h"

#include <string.h>

/* Numbers go in as eight bytes, the lowest first, and texts with their length: no two different streams look alike. */
static void add_int(struct sha256 *h, int64_t number)
{
    unsigned char bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
    sha256_add(h, bytes, sizeof bytes);
}

static void add_real(struct sha256 *h, double number)
{
    int64_t bits;

    memcpy(&bits, &number, sizeof bits);
    add_int(h, bits);
}

static void add_text(struct sha256 *h, const char *text)
{
    const size_t length = text == NULL ? 0 : strlen(text);

    add_int(h, (int64_t)length);
    sha256_add(h, text == NULL ? "" : text, length);
}

/* ---- What counts ----------------------------------------------------------------------------------------------------- */

/* A graph whose nodes have numbers of their own among those that count: a metric must not move them. */
struct counted {
    const struct graph *g;
    int64_t *number;    /* by node; 0: it does not count */
};

/* Whether `v` counts only from here on. */
static bool mark(const struct counted *c, node_id v)
{
    if (v == NO_NODE || c->number[v] != 0)
        return false;
    c->number[v] = 1;
    return true;
}

static bool mark_inputs(const struct counted *c, const struct node *n)
{
    bool any = n->kind == NODE_VIEW && mark(c, n->view_of);

    any = mark(c, n->inference) || any;
    for (struct access_iterator i = node_accesses(n); access_next(&i);)
        any = mark(c, i.access->of) || any;
    return any;
}

/* Outputs, the loss and all parameters, with what they are computed from. Inputs precede what reads them, but for the delays of a
 * recurrence. */
static struct counted count_nodes(struct arena *scratch, const struct graph *g)
{
    const struct counted c = {g, arena_array(scratch, int64_t, g->node.count + 1)};
    int64_t next = 0;

    mark(&c, g->loss);
    for (size_t i = 0; i < g->output.count; i++)
        mark(&c, g->output.at[i].v);
    for (size_t v = 0; v < g->node.count; v++)
        if (graph_node(g, (node_id)v)->kind == NODE_PARAMETER)
            mark(&c, (node_id)v);
    for (bool grew = true; grew;) {
        grew = false;
        for (size_t v = g->node.count; v-- > 0;)
            if (c.number[v] != 0)
                grew = mark_inputs(&c, graph_node(g, (node_id)v)) || grew;
    }
    for (size_t v = 0; v < g->node.count; v++)
        if (c.number[v] != 0)
            c.number[v] = ++next;
    return c;
}

static int64_t number_of(const struct counted *c, node_id v)
{
    return v == NO_NODE ? 0 : c->number[v];
}

/* ---- Graph ----------------------------------------------------------------------------------------------------------- */

static void add_shape(struct sha256 *h, const struct shape *s)
{
    add_int(h, s->rank);
    for (int i = 0; i < s->rank; i++)
        add_int(h, s->dim[i]);
}

static void add_index(struct sha256 *h, const struct nest *n, const struct index *index)
{
    add_int(h, index->offset);
    for (int i = 0; i < n->axis_count; i++)
        add_int(h, index->factor[i]);
}

static void add_expr(struct sha256 *h, const struct nest *n, const struct expr *e)
{
    add_int(h, e->kind);
    switch (e->kind) {
    case EXPR_CONSTANT: add_real(h, e->constant); break;
    case EXPR_ACCESS: add_int(h, e->access); break;
    case EXPR_INDEX: add_index(h, n, &e->index); break;
    case EXPR_RANDOM:
        add_int(h, e->stream);
        add_index(h, n, &e->index);
        break;
    case EXPR_FUNCTION:
        add_int(h, e->function);
        for (int i = 0; i < 3 && e->arg[i] != NULL; i++)
            add_expr(h, n, e->arg[i]);
        add_int(h, -1);
        break;
    }
}

static void add_nest(struct sha256 *h, const struct counted *c, const struct nest *n, const struct shape *shape)
{
    add_int(h, n->axis_count);
    add_int(h, n->free_count);
    for (int i = 0; i < n->axis_count; i++)
        add_int(h, n->extent[i]);
    for (int i = 0; i < shape->rank; i++)
        add_index(h, n, &n->out[i]);
    add_int(h, n->in_count);
    for (int i = 0; i < n->in_count; i++) {
        add_int(h, number_of(c, n->in[i].of));
        for (int d = 0; d < graph_node(c->g, n->in[i].of)->shape.rank; d++)
            add_index(h, n, &n->in[i].dim[d]);
    }
    add_int(h, n->combine);
    add_real(h, n->otherwise);
    add_expr(h, n, n->body);
}

/* A setting goes in by its name: its value is no part of the net. */
static void add_setting(struct sha256 *h, const struct graph *g, node_id v)
{
    add_text(h, v == NO_NODE ? NULL : graph_node(g, v)->name);
}

static void add_parameter(struct sha256 *h, const struct graph *g, const struct node *n)
{
    const struct parameter *p = n->parameter;

    add_text(h, n->name);
    add_int(h, p->init);
    add_real(h, p->init_value);
    add_int(h, p->fan_in);
    add_int(h, p->fan_out);
    add_setting(h, g, p->l1);
    add_setting(h, g, p->l2);
    add_int(h, n->no_gradient);
    for (int64_t i = 0; p->connected != NULL && i < n->shape.dim[0] * n->shape.dim[1]; i++)
        add_int(h, p->connected[i]);
    for (int64_t i = 0; p->init == INIT_VALUES && i < shape_elements(&n->shape); i++)
        add_real(h, p->init_data[i]);
}

static void add_node(struct sha256 *h, const struct counted *c, const struct node *n)
{
    add_int(h, n->kind);
    add_int(h, n->uniform);
    add_shape(h, &n->shape);
    if (n->kind == NODE_PARAMETER)
        add_parameter(h, c->g, n);
    else if (n->kind == NODE_INPUT || n->kind == NODE_STATE || n->kind == NODE_SETTING)
        add_text(h, n->name);
    else if (n->kind == NODE_VIEW)
        add_int(h, number_of(c, n->view_of));
    add_int(h, number_of(c, n->inference));
    for (int i = 0; i < n->nest_count; i++)
        add_nest(h, c, &n->nest[i], &n->shape);
}

static void add_graph(struct sha256 *h, const struct counted *c)
{
    const struct graph *g = c->g;

    for (size_t v = 0; v < g->node.count; v++)
        if (c->number[v] != 0)
            add_node(h, c, graph_node(g, (node_id)v));
    for (size_t i = 0; i < g->input.count; i++) {
        if (number_of(c, g->input.at[i].v) == 0)
            continue;
        add_int(h, g->input.at[i].is_class);
        add_int(h, g->input.at[i].classes);
    }
    for (size_t i = 0; i < g->output.count; i++) {
        add_text(h, g->output.at[i].name);
        add_int(h, number_of(c, g->output.at[i].v));
    }
    add_int(h, number_of(c, g->loss));
}

/* ---- Sections -------------------------------------------------------------------------------------------------------- */

static void add_numbers(struct sha256 *h, const double *numbers, size_t count)
{
    for (size_t i = 0; numbers != NULL && i < count; i++)
        add_real(h, numbers[i]);
}

static void add_steps(struct sha256 *h, const struct data_step *list)
{
    for (const struct data_step *s = list; s != NULL; s = s->next) {
        add_int(h, s->kind);
        add_int(h, s->count);
        add_int(h, s->seed);
        add_real(h, s->noise);
        add_real(h, s->fraction);
        add_real(h, s->value);
        add_real(h, s->factor);
        add_int(h, s->first);
        for (int i = 0; i < 2; i++)
            for (int k = 0; k < 2; k++)
                add_int(h, s->amount[i][k]);
        add_int(h, (int64_t)s->list_count);
        for (size_t i = 0; s->classes != NULL && i < s->list_count; i++)
            add_int(h, s->classes[i]);
        add_numbers(h, s->mean, s->list_count);
        add_numbers(h, s->std, s->list_count);
    }
    add_int(h, -1);
}

static void add_optimizer(struct sha256 *h, const struct graph *g, const struct optimizer *o)
{
    const node_id settings[] = {o->lr,    o->weight_decay, o->momentum,    o->beta1, o->beta2,
                                o->alpha, o->lr_decay,     o->initial_sum, o->eps};

    add_int(h, o->rule);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        add_setting(h, g, settings[i]);
    add_int(h, o->nesterov);
    add_int(h, o->amsgrad);
    add_int(h, o->centered);
}

static void add_train(struct sha256 *h, const struct graph *g, const struct train_section *t, const struct clip *clip)
{
    add_optimizer(h, g, &t->optimizer);
    add_int(h, clip->kind);
    add_setting(h, g, clip->kind == CLIP_NONE ? NO_NODE : clip->limit);
}

void program_hash(struct arena *scratch, const struct program *p, uint64_t hash[4])
{
    const struct counted counted = count_nodes(scratch, p->graph);
    struct sha256 h;

    sha256_init(&h);
    add_text(&h, "netc 2");
    add_graph(&h, &counted);
    add_int(&h, p->data != NULL);
    if (p->data != NULL) {
        add_steps(&h, p->data->train);
        add_steps(&h, p->data->prepare);
    }
    add_int(&h, p->train != NULL);
    if (p->train != NULL)
        add_train(&h, p->graph, p->train, &p->clip);
    sha256_finish(&h, hash);
}

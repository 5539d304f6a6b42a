/* graph: adds nodes, layers and tables. Nodes are only ever appended: a node_id stays valid, a pointer to a node does not. */
#include "compiler/graph/graph.h"

#include "compiler/graph/build.h"
#include "compiler/graph/field_cache.h"
#include "compiler/graph/query.h"

#include <assert.h>
#include <string.h>

struct graph *graph_create(struct arena *a, const char *name)
{
    struct graph *g = arena_new(a, struct graph);

    g->arena = a;
    g->name = arena_strdup(a, name);
    g->weight = NO_NODE;
    g->field_cache = field_cache_create(a);
    return g;
}

/* ---- Layers -------------------------------------------------------------------------------------------------------- */

/* A layer without a result yet is the one that is being built. One that could not be built keeps no result, and the next layer
 * takes its place. */
static int current_layer(const struct graph *g)
{
    return g->layer.count > 0 && g->layer.at[g->layer.count - 1].result == NO_NODE ? (int)g->layer.count - 1 : -1;
}

void graph_begin_layer(struct graph *g, const char *name, const char *op_name, const char *text, struct span at)
{
    const struct layer layer = {
        .name = arena_strdup(g->arena, name),
        .op_name = arena_strdup(g->arena, op_name),
        .at = at,
        .result = NO_NODE,
        .text = text != NULL ? arena_strdup(g->arena, text) : NULL,
    };
    vec_push(g->arena, &g->layer, layer);
}

void graph_set_call(struct graph *g, const struct block_call *call)
{
    if (current_layer(g) >= 0)
        g->layer.at[current_layer(g)].call = call;
}

const struct block_call *graph_block_call(struct graph *g, struct span at, const struct block_call *outer)
{
    struct block_call *call = arena_new(g->arena, struct block_call);

    *call = (struct block_call){at, outer};
    return call;
}

void graph_set_formula(struct graph *g, const char *formula)
{
    if (current_layer(g) >= 0)
        g->layer.at[current_layer(g)].formula = arena_strdup(g->arena, formula);
}

void graph_end_layer(struct graph *g, node_id result)
{
    const int layer = current_layer(g);

    assert(layer >= 0 && result >= 0 && (size_t)result < g->node.count);
    g->layer.at[layer].result = result;

    /* An operator that adds nothing (identity) ends in a node of another layer, which keeps its name. */
    struct node *n = graph_node(g, result);
    if (n->layer == layer && (n->kind == NODE_COMPUTE || n->kind == NODE_VIEW))
        n->name = g->layer.at[layer].name;
}

/* "softmax1.max"; the second of its kind in the layer is "softmax1.max2". */
static const char *name_in_layer(const struct graph *g, int layer, const char *op_name)
{
    int same = 1;

    for (size_t v = g->node.count; v-- > 0 && g->node.at[v].layer == layer;)
        if (g->node.at[v].op_name != NULL && strcmp(g->node.at[v].op_name, op_name) == 0)
            same++;
    const char *name = g->layer.at[layer].name;
    return same == 1 ? arena_printf(g->arena, "%s.%s", name, op_name) : arena_printf(g->arena, "%s.%s%d", name, op_name, same);
}

/* ---- Nodes --------------------------------------------------------------------------------------------------------- */

static node_id add_node(struct graph *g, struct node n)
{
    assert(n.shape.rank == 0 || shape_is_valid(&n.shape));
    assert(g->node.count < INT32_MAX);
    n.layer = current_layer(g);
    n.inference = NO_NODE;
    n.recurrence = g->in_recurrence ? (int)g->recurrence.count - 1 : -1;
    if (n.kind == NODE_COMPUTE || n.kind == NODE_VIEW) {
        n.name = n.layer >= 0 ? name_in_layer(g, n.layer, n.op_name) : arena_strdup(g->arena, n.op_name);
        n.op_name = arena_strdup(g->arena, n.op_name);
        n.at = n.layer >= 0 ? g->layer.at[n.layer].at : SPAN_NONE;
    }
    vec_push(g->arena, &g->node, n);
    return (node_id)(g->node.count - 1);
}

node_id graph_add_input(struct graph *g, const char *name, const struct shape *shape, bool is_class, struct span at)
{
    const struct graph_input input = {.v = (node_id)g->node.count, .name = arena_strdup(g->arena, name), .is_class = is_class};
    const struct node n = {
        .kind = NODE_INPUT, .shape = *shape, .name = input.name, .at = at, .number = (int)g->input.count, .view_of = NO_NODE};

    vec_push(g->arena, &g->input, input);
    return add_node(g, n);
}

node_id graph_sample_weight(struct graph *g)
{
    if (g->weight == NO_NODE) {
        g->weight = graph_add_input(g, "netrt.weight", &(struct shape){.rank = 0}, false, SPAN_NONE);
        g->input.at[g->input.count - 1].is_weight = true;
    }
    return g->weight;
}

node_id graph_add_parameter(struct graph *g, const char *name, const struct shape *shape, struct span at)
{
    struct parameter *p = arena_new(g->arena, struct parameter);

    *p = (struct parameter){.init = INIT_DEFAULT, .l1 = NO_NODE, .l2 = NO_NODE};
    return add_node(g, (struct node){.kind = NODE_PARAMETER,
                                     .uniform = true,
                                     .of_parameters = true,
                                     .shape = *shape,
                                     .name = arena_strdup(g->arena, name),
                                     .at = at,
                                     .view_of = NO_NODE,
                                     .parameter = p});
}

struct graph_update *graph_find_update(const struct graph *g, node_id target)
{
    for (size_t i = g->update.count; i-- > 0;)
        if (g->update.at[i].target == target)
            return &g->update.at[i];
    return NULL;
}

node_id graph_add_state(struct graph *g, const char *name, const struct shape *shape)
{
    return add_node(g, (struct node){.kind = NODE_STATE,
                                     .uniform = true,
                                     .shape = *shape,
                                     .name = arena_strdup(g->arena, name),
                                     .at = SPAN_NONE,
                                     .view_of = NO_NODE});
}

node_id graph_add_setting(struct graph *g, const char *name, double initial, double minimum, double maximum)
{
    const struct graph_setting setting = {.name = arena_strdup(g->arena, name),
                                          .v = (node_id)g->node.count,
                                          .initial = initial,
                                          .minimum = minimum,
                                          .maximum = maximum};
    const struct node n = {.kind = NODE_SETTING,
                           .uniform = true,
                           .name = setting.name,
                           .at = SPAN_NONE,
                           .number = (int)g->setting.count,
                           .view_of = NO_NODE};

    vec_push(g->arena, &g->setting, setting);
    return add_node(g, n);
}

node_id graph_add_view(struct graph *g, node_id v, const struct shape *shape)
{
    const struct node *from = graph_node(g, v);

    if (shape_equal(&from->shape, shape))
        return v;
    assert(shape_elements(&from->shape) == shape_elements(shape));
    return add_node(g, (struct node){.kind = NODE_VIEW,
                                     .uniform = from->uniform,
                                     .of_parameters = from->of_parameters,
                                     .shape = *shape,
                                     .op_name = "view",
                                     .view_of = v});
}

node_id graph_add_compute(struct graph *g, const char *op_name, const struct shape *shape, const struct nest *nest,
                          bool over_samples)
{
    return graph_add_parts(g, op_name, shape, 1, nest, over_samples);
}

static bool shows_input(const struct graph *g, node_id v)
{
    while (graph_node(g, v)->kind == NODE_VIEW)
        v = graph_node(g, v)->view_of;
    return graph_node(g, v)->kind == NODE_INPUT;
}

void node_mark_reads(const struct node *n, bool *marked)
{
    if (n->kind == NODE_VIEW)
        marked[n->view_of] = true;
    for (struct access_iterator i = node_accesses(n); access_next(&i);)
        marked[i.access->of] = true;
}

/* Users come after their inputs, so one backward sweep sees each node's uses first, but for delays: what they read may follow
 * them. */
void graph_mark_sources(const struct graph *g, bool *marked)
{
    size_t found = 0, before;

    do {
        before = found;
        found = 0;
        for (size_t v = g->node.count; v-- > 0;) {
            if (marked[v])
                node_mark_reads(&g->node.at[v], marked);
            found += marked[v];
        }
    } while (found != before);
}

/* A free axis for each dimension of the result. */
static struct nest elements_of(const struct shape *shape)
{
    static const char *const axes[MAX_RANK] = {"i", "j", "k", "l", "m", "n"};
    struct nest n = {0};

    for (int d = 0; d < shape->rank; d++)
        n.out[d] = index_axis(nest_add_axis(&n, axes[d], shape->dim[d], false), 1);
    return n;
}

node_id graph_add_constant(struct graph *g, const char *op_name, const struct shape *shape, double x)
{
    struct nest n = elements_of(shape);

    n.body = expr_constant(g, x);
    const node_id v = graph_add_compute(g, op_name, shape, &n, false);
    graph_node(g, v)->uniform = graph_node(g, v)->of_parameters = false;
    return v;
}

node_id graph_add_result(struct graph *g, node_id v, const char *name, struct span at)
{
    const struct shape shape = graph_node(g, v)->shape;
    const bool uniform = graph_node(g, v)->uniform;
    struct nest n = elements_of(&shape);

    if (!uniform && !shows_input(g, v))
        return v;
    n.body = nest_read(g, &n, v, n.out);
    if (uniform)
        nest_read(g, &n, graph_sample_weight(g), NULL);    /* what reads a sample's value has a result for each sample */
    const node_id copy = graph_add_compute(g, "copy", &shape, &n, false);
    struct node *node = graph_node(g, copy);
    node->layer = -1;
    node->name = name;
    node->at = at;
    return copy;
}

/* What a delay reads is not known yet, but varies. */
static bool reads_samples(const struct graph *g, const struct node *n)
{
    for (struct access_iterator i = node_accesses(n); access_next(&i);)
        if (i.access->of == NO_NODE || !graph_node(g, i.access->of)->uniform)
            return true;
    return false;
}

static bool reads_parameters_alone(const struct graph *g, const struct node *n)
{
    for (struct access_iterator i = node_accesses(n); access_next(&i);)
        if (i.access->of == NO_NODE || !graph_node(g, i.access->of)->of_parameters)
            return false;
    return true;
}

node_id graph_add_parts(struct graph *g, const char *op_name, const struct shape *shape, int count, const struct nest nests[],
                        bool over_samples)
{
    struct nest *kept = arena_array(g->arena, struct nest, (size_t)count);

    assert(count > 0);
    for (int i = 0; i < count; i++)
        kept[i] = nest_without_unit_axes(g, &nests[i]);
    struct node n = {
        .kind = NODE_COMPUTE, .shape = *shape, .op_name = op_name, .view_of = NO_NODE, .nest_count = count, .nest = nests};
    n.uniform = over_samples || !reads_samples(g, &n);    /* by what was asked to be read, be it over a single point */
    n.of_parameters = reads_parameters_alone(g, &n);
    n.nest = kept;
    for (int i = 0; i < count; i++)
        kept[i].sum = accumulation_of(g, &n, &kept[i]);
    return add_node(g, n);
}

int64_t parameter_elements(const struct node *n)
{
    const int64_t all = shape_elements(&n->shape);
    int64_t connected = 0;

    if (n->parameter->connected == NULL)
        return all;
    const int64_t rows = n->shape.dim[0] * n->shape.dim[1];
    for (int64_t i = 0; i < rows; i++)
        connected += n->parameter->connected[i];
    return connected * (all / rows);
}

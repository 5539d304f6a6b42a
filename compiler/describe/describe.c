/* describe: the JSON that the runtime reads (runtime/include/netrt/description.md). */
#include "compiler/describe/describe.h"

#include "compiler/graph/query.h"
#include "compiler/ops/build.h"
#include "compiler/plan/plan.h"
#include "compiler/sema/sema.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *shape_json(const struct shape *s)
{
    json_t *list = json_array();

    for (int d = 0; d < s->rank; d++)
        json_array_append_new(list, json_integer(s->dim[d]));
    return list;
}

static json_t *number_or_null(double d)
{
    return isfinite(d) ? json_real(d) : json_null();
}

static json_t *place_json(const struct plan *p, node_id v, const char *name)
{
    json_t *o = json_object();

    if (name)
        json_object_set_new(o, "name", json_string(name));
    json_object_set_new(o, "shape", shape_json(&graph_node(p->graph, v)->shape));
    json_object_set_new(o, "offset", json_integer(p->place[v].offset));
    return o;
}

/* ---- The graph ----------------------------------------------------------------------------------------------------- */

/* What the results are computed from outside training, the loss apart. */
static const bool *needed_for_results(const struct plan *p, node_id scores, struct arena *arena)
{
    const struct plan *run = p->evaluation ? p->evaluation : p;
    const struct graph *g = run->graph;
    bool *needed = arena_array(arena, bool, g->node.count + 1);

    for (size_t i = 0; i < g->output.count; i++)
        needed[g->output.at[i].v] = true;
    for (size_t i = 0; scores != NO_NODE && plan_result(p, i) != NO_NODE; i++)
        if (plan_result(p, i) == view_root(p->graph, scores))
            needed[plan_result(run, i)] = true;
    graph_mark_sources(g, needed);
    return needed;
}

static json_t *inputs_json(const struct plan *p, node_id scores, struct arena *arena)
{
    const bool *needed = needed_for_results(p, scores, arena);
    json_t *list = json_array();

    for (size_t i = 0; i < p->graph->input.count; i++) {
        const struct graph_input *in = &p->graph->input.at[i];
        json_t *o = json_object();
        json_object_set_new(o, "name", json_string(in->name));
        json_object_set_new(o, "shape", shape_json(&graph_node(p->graph, in->v)->shape));
        json_object_set_new(o, "kind",
                            json_string(in->is_weight  ? "weight"
                                        : in->is_index ? "index"
                                        : in->is_class ? "class"
                                                       : "real"));
        if (in->is_class)
            json_object_set_new(o, "classes", json_integer(in->classes));
        if (in->ignores)
            json_object_set_new(o, "ignored", json_integer(in->ignored));
        if (i == 0)
            json_object_set_new(o, "main", json_true());
        if (needed[in->v] && !input_is_runtime(in))
            json_object_set_new(o, "needed", json_true());
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *outputs_json(const struct plan *p)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->graph->output.count; i++)
        if (p->place[p->graph->output.at[i].v].kind == PLACE_BLOCK)
            json_array_append_new(list, place_json(p, p->graph->output.at[i].v, p->graph->output.at[i].name));
    return list;
}

static json_t *values_json(const struct parameter *f, const struct shape *s)
{
    json_t *list = json_array();

    for (int64_t i = 0; i < shape_elements(s); i++)
        json_array_append_new(list, json_real(f->init_data[i]));
    return list;
}

/* For each place of the first axis, where the second is connected. */
static json_t *connections_json(const bool connected[], const struct shape *s)
{
    json_t *list = json_array();

    for (int64_t i = 0; i < s->dim[0]; i++) {
        json_t *row = json_array();
        for (int64_t k = 0; k < s->dim[1]; k++)
            if (connected[i * s->dim[1] + k])
                json_array_append_new(row, json_integer(k));
        json_array_append_new(list, row);
    }
    return list;
}

static json_t *init_json(const struct parameter *f, const struct shape *s)
{
    static const char *const argument[] = {
        [INIT_DEFAULT] = "none",
#define INITIALIZER(id, word, sees, named, called, doc) [INIT_##id] = #named,
#include "runtime/include/netrt/words.def"
        [INIT_VALUES] = "none",
    };
    json_t *o = json_object();

    json_object_set_new(o, "kind", json_string(initializer_name(f->init)));
    json_object_set_new(o, "fan_in", json_integer(f->fan_in));
    json_object_set_new(o, "fan_out", json_integer(f->fan_out));
    if (strcmp(argument[f->init], "none") != 0)
        json_object_set_new(o, argument[f->init], json_real(f->init_value));
    if (f->init == INIT_VALUES)
        json_object_set_new(o, "data", values_json(f, s));
    if (f->init == INIT_ORTHOGONAL && f->matrices > 1)
        json_object_set_new(o, "matrices", json_integer(f->matrices));
    if (f->connected)
        json_object_set_new(o, "connections", connections_json(f->connected, s));
    return o;
}

static json_t *setting_index(const struct plan *p, node_id v)
{
    return v == NO_NODE ? json_null() : json_integer(graph_node(p->graph, v)->number);
}

static json_t *parameter_json(const struct plan *p, node_id v)
{
    const struct node *n = graph_node(p->graph, v);
    json_t *o = place_json(p, v, n->name);
    const node_id gradient = p->objective ? objective_gradient(p->objective, v) : NO_NODE;
    const bool trained = gradient != NO_NODE;

    json_object_set_new(o, "gradient", trained ? json_integer(p->place[gradient].offset) : json_null());
    json_object_set_new(o, "trainable", json_boolean(trained));
    json_object_set_new(o, "init", init_json(n->parameter, &n->shape));
    json_object_set_new(o, "l1", setting_index(p, n->parameter->l1));
    json_object_set_new(o, "l2", setting_index(p, n->parameter->l2));
    return o;
}

static json_t *nodes_json(const struct plan *p, enum node_kind kind)
{
    json_t *list = json_array();

    for (size_t v = 0; v < p->graph->node.count; v++) {
        const struct node *n = &p->graph->node.at[v];
        if (n->kind == kind)
            json_array_append_new(list,
                                  kind == NODE_PARAMETER ? parameter_json(p, (node_id)v) : place_json(p, (node_id)v, n->name));
    }
    return list;
}

static json_t *settings_json(const struct plan *p)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->graph->setting.count; i++) {
        const struct graph_setting *s = &p->graph->setting.at[i];
        json_t *o = json_pack("{s:s, s:f, s:o, s:o}", "name", s->name, "value", s->initial, "minimum", number_or_null(s->minimum),
                              "maximum", number_or_null(s->maximum));
        if (s->fact != RUNTIME_NONE) {
            json_object_set_new(o, "kind", json_string(s->fact == RUNTIME_SEED ? "seed" : "epoch"));
            json_object_set_new(o, "half", json_integer(s->half));
        }
        json_array_append_new(list, o);
    }
    return list;
}

/* What the layers cost, one by one. */
struct layer_costs {
    int64_t parameters;
    double multiply_adds;
};

static struct layer_costs *costs_of_layers(const struct graph *g, struct arena *arena)
{
    struct layer_costs *costs = arena_array(arena, struct layer_costs, g->layer.count);

    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = &g->node.at[v];
        if (n->layer < 0)
            continue;
        if (n->kind == NODE_PARAMETER && !n->no_gradient)
            costs[n->layer].parameters += parameter_elements(n);
        if (!n->backward)
            costs[n->layer].multiply_adds += node_multiply_adds(g, (node_id)v);
    }
    return costs;
}

static json_t *layers_json(const struct plan *p, const struct layer_costs costs[])
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->graph->layer.count; i++) {
        const struct layer *l = &p->graph->layer.at[i];
        int64_t field[MAX_RANK];
        int axes = graph_receptive_field(p->graph, l->result, field);
        json_t *o = json_object(), *seen = json_array();
        json_object_set_new(o, "name", json_string(l->name));
        json_object_set_new(o, "operator", json_string(l->op_name));
        json_object_set_new(o, "output", shape_json(&graph_node(p->graph, l->result)->shape));
        json_object_set_new(o, "parameters", json_integer(costs[i].parameters));
        json_object_set_new(o, "multiply_adds", json_integer((json_int_t)costs[i].multiply_adds));
        for (int a = 0; a < axes; a++)
            json_array_append_new(seen, json_integer(field[a]));
        json_object_set_new(o, "receptive_field", seen);
        json_array_append_new(list, o);
    }
    return list;
}

/* ---- What the net answers with -------------------------------------------------------------------------------------- */

static bool is_result(const struct plan *p, node_id v)
{
    for (size_t i = 0; plan_result(p, i) != NO_NODE; i++)
        if (plan_result(p, i) == view_root(p->graph, v))
            return true;
    return false;
}

/* What a prediction is to the loss, or else by how it was made. */
static enum op_prediction meaning_of(const struct plan *p, node_id v)
{
    const struct loss_terms *terms = &p->objective->terms;

    for (size_t i = 0; i < terms->count; i++)
        if (terms->at[i].prediction == v)
            return terms->at[i].predicts;
    if (op_scores_of_softmax(p->graph, v) != NO_NODE)
        return PREDICTS_PROBABILITIES;
    return op_scores_of_sigmoid(p->graph, v) != NO_NODE ? PREDICTS_BINARY_PROBABILITIES : PREDICTS_PLAIN;
}

/* The value that answers: what a metric on classes looks at, or the first term's prediction, or the output that is its softmax or
 * sigmoid. NO_NODE: there is none, or no program leaves it behind. */
static node_id find_scores(const struct plan *p)
{
    const struct objective *o = p->objective;

    if (!o)
        return NO_NODE;
    for (const struct metric *m = o->metrics; m; m = m->next)
        if (m->kind != METRIC_MAE && m->kind != METRIC_MSE)
            return m->prediction;
    if (o->terms.count == 0 || o->terms.at[0].predicts == PREDICTS_VALUES)
        return NO_NODE;
    const node_id prediction = o->terms.at[0].prediction;
    if (is_result(p, prediction))
        return prediction;
    for (size_t i = 0; i < p->graph->output.count; i++) {
        const node_id output = p->graph->output.at[i].v;
        if (op_scores_of_softmax(p->graph, output) == prediction || op_scores_of_sigmoid(p->graph, output) == prediction)
            return output;
    }
    return NO_NODE;
}

static json_t *scores_json(const struct plan *p, node_id scores)
{
    static const char *const kinds[] = {
#define SCORES(id, word) [PREDICTS_##id] = (word),
#include "runtime/include/netrt/words.def"
    };
    json_t *o = place_json(p, scores, NULL);

    json_object_set_new(o, "kind", json_string(kinds[meaning_of(p, scores)]));
    return o;
}

/* ---- Training ------------------------------------------------------------------------------------------------------ */

static json_t *metrics_json(const struct plan *p)
{
    static const char *const names[] = {
#define METRIC(id, word) [METRIC_##id] = (word),
#include "runtime/include/netrt/words.def"
    };
    json_t *list = json_array();

    for (const struct metric *m = p->objective ? p->objective->metrics : NULL; m; m = m->next) {
        json_t *o = json_object();
        json_object_set_new(o, "name", json_string(m->name));
        json_object_set_new(o, "kind", json_string(names[m->kind]));
        if (m->kind == METRIC_TOP)
            json_object_set_new(o, "k", json_integer(m->k));
        json_object_set_new(o, "prediction", place_json(p, m->prediction, NULL));
        json_object_set_new(o, "target", json_integer(graph_node(p->graph, m->target)->number));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *reals_json(const double *at, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_real(at[i]));
    return list;
}

static json_t *classes_json(const struct data_step *s)
{
    json_t *list = json_array();

    for (size_t i = 0; i < s->list_count; i++)
        json_array_append_new(list, json_integer(s->classes[i]));
    return list;
}

/* Rows, then columns. */
static json_t *amounts_json(const struct data_step *s)
{
    json_t *list = json_array();

    for (int axis = 0; axis < 2; axis++)
        json_array_append_new(list, json_pack("[I, I]", (json_int_t)s->amount[axis][0], (json_int_t)s->amount[axis][1]));
    return list;
}

static json_t *step_json(const struct data_step *s)
{
    switch (s->kind) {
    case DATA_IDX: return json_pack("{s:s, s:s, s:s}", "kind", "idx", "images", s->images, "labels", s->labels);
    case DATA_DIGITS:
        return json_pack("{s:s, s:I, s:I, s:f}", "kind", "digits", "count", (json_int_t)s->count, "seed", (json_int_t)s->seed,
                         "noise", s->noise);
    case DATA_TAKE: return json_pack("{s:s, s:I}", "kind", "take", "count", (json_int_t)s->count);
    case DATA_DROP: return json_pack("{s:s, s:I}", "kind", "drop", "count", (json_int_t)s->count);
    case DATA_SPLIT:
        return json_pack("{s:s, s:f, s:s}", "kind", "split", "fraction", s->fraction, "part", s->first ? "first" : "rest");
    case DATA_SHUFFLE: return json_pack("{s:s, s:I}", "kind", "shuffle", "seed", (json_int_t)s->seed);
    case DATA_FILTER: return json_pack("{s:s, s:o}", "kind", "filter", "classes", classes_json(s));
    case DATA_PAD: return json_pack("{s:s, s:o, s:f}", "kind", "pad", "amount", amounts_json(s), "value", s->value);
    case DATA_SCALE: return json_pack("{s:s, s:f}", "kind", "scale", "factor", s->factor);
    case DATA_NORMALIZE:
        return json_pack("{s:s, s:o, s:o}", "kind", "normalize", "mean", reals_json(s->mean, s->list_count), "std",
                         reals_json(s->std, s->list_count));
    }
    return json_null();
}

static json_t *steps_json(const struct data_step *s)
{
    json_t *list = json_array();

    for (; s; s = s->next)
        json_array_append_new(list, step_json(s));
    return list;
}

static json_t *data_json(const struct data_section *d)
{
    json_t *o;

    if (!d)
        return json_null();
    o = json_object();
    if (d->train)
        json_object_set_new(o, "train", steps_json(d->train));
    if (d->val)
        json_object_set_new(o, "val", steps_json(d->val));
    if (d->test)
        json_object_set_new(o, "test", steps_json(d->test));
    json_object_set_new(o, "prepare", steps_json(d->prepare));
    return o;
}

static json_int_t offset_of(const struct plan *p, node_id v)
{
    return (json_int_t)p->place[view_root(p->graph, v)].offset;
}

static json_t *loss_json(const struct plan *p)
{
    const struct objective *learnt = p->objective;
    json_t *o = json_pack("{s:I}", "offset", offset_of(p, learnt->loss)), *parts = json_array();

    for (size_t i = 0; i < learnt->part.count; i++) {
        const struct loss_part *part = &learnt->part.at[i];
        json_t *item = json_pack("{s:f}", "factor", part->factor);
        if (part->sum != NO_NODE)
            json_object_set_new(item, "sum", json_integer(offset_of(p, part->sum)));
        if (part->count != NO_NODE)
            json_object_set_new(item, "count", json_integer(offset_of(p, part->count)));
        json_array_append_new(parts, item);
    }
    if (learnt->part.count > 0)
        json_object_set(o, "parts", parts);
    json_decref(parts);
    return o;
}

static void add_training(json_t *o, const struct plan *p, const struct program *program)
{
    const struct train_section *t = program->train;

    json_object_set_new(o, "metrics", metrics_json(p));
    json_object_set_new(o, "data", data_json(program->data));
    json_object_set_new(o, "batch", json_integer(p->batch));
    if (p->objective)
        json_object_set_new(o, "loss", loss_json(p));
    if (t)
        json_object_set_new(o, "train",
                            json_pack("{s:I, s:I, s:I, s:I}", "epochs", (json_int_t)t->epochs, "seed", (json_int_t)t->seed, "batch",
                                      (json_int_t)p->batch, "least_batch", (json_int_t)t->least_batch));
}

static void add_totals(json_t *o, const struct plan *p, const struct layer_costs costs[])
{
    int64_t parameters = 0;
    double multiply_adds = 0;

    for (size_t i = 0; i < p->graph->layer.count; i++) {
        parameters += costs[i].parameters;
        multiply_adds += costs[i].multiply_adds;
    }
    json_object_set_new(o, "parameters_total", json_integer(parameters));
    json_object_set_new(o, "multiply_adds", json_integer((json_int_t)multiply_adds));
    json_object_set_new(o, "memory",
                        json_pack("{s:I, s:I}", "uniform", (json_int_t)p->uniform_bytes, "block", (json_int_t)p->block_bytes));
}

const char *plan_describe(const struct plan *p, const struct program *program, const char *backend, const char *compiler,
                          const char *march, struct arena *arena)
{
    json_t *o = json_object();
    const struct layer_costs *costs = costs_of_layers(p->graph, arena);
    const uint64_t *h = program->hash;
    const node_id scores = find_scores(p);
    const char *hash = arena_printf(arena, "%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64, h[0], h[1], h[2], h[3]);

    json_object_set_new(o, "net", json_string(program->net));
    json_object_set_new(o, "source", json_string(program->source));
    json_object_set_new(o, "hash", json_string(hash));
    json_object_set_new(o, "netc", json_string(NETC_VERSION));
    json_object_set_new(o, "backend", json_string(backend));
    json_object_set_new(o, "compiler", json_string(compiler));
    json_object_set_new(o, "march", json_string(march));
    json_object_set_new(o, "precision", json_string(p->precision == 8 ? "f64" : "f32"));
    json_object_set_new(o, "inputs", inputs_json(p, scores, arena));
    json_object_set_new(o, "outputs", outputs_json(p));
    if (scores != NO_NODE && p->place[scores].kind == PLACE_BLOCK)
        json_object_set_new(o, "scores", scores_json(p, scores));
    json_object_set_new(o, "parameters", nodes_json(p, NODE_PARAMETER));
    json_object_set_new(o, "states", nodes_json(p, NODE_STATE));
    json_object_set_new(o, "settings", settings_json(p));
    json_object_set_new(o, "layers", layers_json(p, costs));
    add_totals(o, p, costs);
    add_training(o, p, program);
    char *text = json_dumps(o, JSON_COMPACT);
    const char *copy = text ? arena_strdup(arena, text) : NULL;
    free(text);
    json_decref(o);
    return copy;
}

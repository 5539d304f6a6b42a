/* description: parses and checks each table of the description. The first fault ends it, and its message names the member. */
#include "netrt/description.h"

#include "runtime/description_data.h"
#include "runtime/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct memory {
    json_t *root;
    struct json_block *blocks;
};

struct parser {
    struct json_reader reader;
    const struct netrt_model *model;
    struct netrt_description *d;
};

/* Checks that `count` items of `size` bytes from `offset` lie in an arena of `bytes`, on a boundary of the item. */
static size_t place(struct parser *p, const json_t *object, const char *where, const char *member, int64_t count, size_t size,
                    size_t bytes)
{
    size_t offset = (size_t)json_whole(&p->reader, object, where, member);

    if (offset > bytes || (size_t)count > (bytes - offset) / size)
        json_fail(&p->reader, "%s: %" PRId64 " elements from byte %zu leave the arena of %zu bytes", where, count, offset, bytes);
    if (offset % (size_t)p->model->precision != 0)
        json_fail(&p->reader, "%s: byte %zu is no boundary of %d bytes", where, offset, p->model->precision);
    return offset;
}

static size_t place_block(struct parser *p, const json_t *object, const char *where, int64_t elements)
{
    return place(p, object, where, "offset", elements, (size_t)p->model->precision * NETRT_LANES, p->model->block_bytes);
}

static size_t place_uniform(struct parser *p, const json_t *object, const char *where, const char *member, int64_t elements)
{
    return place(p, object, where, member, elements, (size_t)p->model->precision, p->model->uniform_bytes);
}

static void parse_input(struct parser *p, const json_t *object, struct netrt_input *input)
{
    static const char *const kinds[] = {"real", "class", "weight", "index", NULL};

    input->name = json_text(&p->reader, object, "input", "name");
    input->shape = json_shape(&p->reader, object, input->name, "shape");
    input->kind = (enum netrt_input_kind)json_choice(&p->reader, object, input->name, "kind", kinds);
    input->main = json_flag_or(&p->reader, object, input->name, "main", false);
    input->needed = json_flag_or(&p->reader, object, input->name, "needed", false);
    if (input->kind == NETRT_INPUT_CLASS) {
        input->classes = json_whole(&p->reader, object, input->name, "classes");
        if (input->classes < 1)
            json_fail(&p->reader, "%s: a class input needs at least one class", input->name);
        input->ignored = json_whole_or(&p->reader, object, input->name, "ignored", -1);
        input->ignores = input->ignored >= 0;
    }
    if (input->kind == NETRT_INPUT_INDEX && input->shape.elements != 2)
        json_fail(&p->reader, "%s: an index comes in two halves", input->name);
}

size_t netrt_input_element_bytes(const struct netrt_input *input, int precision)
{
    return input->kind == NETRT_INPUT_CLASS ? sizeof(int32_t) : (size_t)precision;
}

bool netrt_input_takes_records(const struct netrt_input *input)
{
    if (input->kind == NETRT_INPUT_WEIGHT || strcmp(input->name, "label") == 0)
        return false;
    return input->main || strcmp(input->name, "image") == 0;
}

static void parse_metric(struct parser *p, const json_t *object, struct netrt_metric *metric)
{
    static const char *const kinds[] = {
#define METRIC(id, word) (word),
#include "netrt/words.def"
        NULL};
    const json_t *prediction = json_member(&p->reader, object, "metric", "prediction");

    metric->name = json_text(&p->reader, object, "metric", "name");
    metric->kind = (enum netrt_metric_kind)json_choice(&p->reader, object, metric->name, "kind", kinds);
    metric->prediction = json_shape(&p->reader, prediction, metric->name, "shape");
    metric->offset = place_block(p, prediction, metric->name, metric->prediction.elements);
    metric->target = (int)json_whole(&p->reader, object, metric->name, "target");
    metric->k = metric->kind == NETRT_METRIC_TOP ? json_whole(&p->reader, object, metric->name, "k") : 1;
    if (p->reader.failed)
        return;
    if (metric->target >= p->d->input_count) {
        json_fail(&p->reader, "%s: there is no input %d", metric->name, metric->target);
        return;
    }

    const struct netrt_input *target = &p->d->input[metric->target];
    bool counts_classes = metric->kind != NETRT_METRIC_MAE && metric->kind != NETRT_METRIC_MSE;
    int64_t expected = metric->prediction.elements;
    if (counts_classes && metric->prediction.rank > 0)
        expected /= metric->prediction.dim[0];
    if (counts_classes && (target->kind != NETRT_INPUT_CLASS || metric->prediction.rank == 0))
        json_fail(&p->reader, "%s: the metric needs scores and a class", metric->name);
    else if (target->shape.elements != expected)
        json_fail(&p->reader, "%s: prediction and target \"%s\" do not agree in shape", metric->name, target->name);
    else if (counts_classes && target->classes > metric->prediction.dim[0])
        json_fail(&p->reader, "%s: %" PRId64 " classes but %" PRId64 " scores", metric->name, target->classes,
                  metric->prediction.dim[0]);
}

/* Flattens a nested list of numbers; returns how many there are beyond `count` too, so that a wrong number shows. */
static int64_t flatten(const json_t *list, double *values, int64_t used, int64_t count)
{
    size_t i;
    json_t *item;

    if (json_is_number(list)) {
        if (used < count)
            values[used] = json_number_value(list);
        return used + 1;
    }
    json_array_foreach(list, i, item) used = flatten(item, values, used, count);
    return used;
}

/* One list for each place of the first axis: the places of the second that are connected with it. */
static void parse_connections(struct parser *p, const json_t *lists, struct netrt_parameter *parameter)
{
    const struct netrt_shape *shape = &parameter->shape;
    size_t i, k;
    json_t *list, *item;

    if (lists == NULL)
        return;
    if (shape->rank < 2 || !json_is_array(lists) || json_array_size(lists) != (size_t)shape->dim[0]) {
        json_fail(&p->reader, "%s: the connections do not fit its shape", parameter->name);
        return;
    }
    parameter->init.connected = json_allocate(&p->reader, (size_t)(shape->dim[0] * shape->dim[1]), sizeof(bool));
    json_array_foreach(lists, i, list)
    {
        json_array_foreach(list, k, item)
        {
            const json_int_t at = json_is_integer(item) ? json_integer_value(item) : -1;
            if (at < 0 || at >= shape->dim[1])
                json_fail(&p->reader, "%s: a connection beyond its shape", parameter->name);
            else if (!p->reader.failed)
                parameter->init.connected[(int64_t)i * shape->dim[1] + at] = true;
        }
    }
}

static void parse_init(struct parser *p, const json_t *object, struct netrt_parameter *parameter)
{
    enum { ELEMENTS, MATRIX, FANS };
    static const char *const kinds[] = {
#define INITIALIZER(id, word, sees, argument, called, doc) (word),
#include "netrt/words.def"
        "values", NULL};
    static const int sees[] = {
#define INITIALIZER(id, word, what, argument, called, doc) (what),
#include "netrt/words.def"
        ELEMENTS};
    struct json_reader *r = &p->reader;
    struct netrt_init *init = &parameter->init;
    const json_t *from = json_member(r, object, parameter->name, "init");

    init->kind = (enum netrt_init_kind)json_choice(r, from, parameter->name, "kind", kinds);
    bool fans = sees[init->kind] == FANS;
    init->fan_in = fans ? json_number(r, from, parameter->name, "fan_in") : 1;
    init->fan_out = fans ? json_number_or(r, from, parameter->name, "fan_out", 0) : 1;
    init->std = init->kind == NETRT_INIT_NORMAL ? json_number(r, from, parameter->name, "std") : 1;
    init->bound = init->kind == NETRT_INIT_UNIFORM ? json_number(r, from, parameter->name, "bound") : 1;
    init->value = init->kind == NETRT_INIT_CONSTANT ? json_number(r, from, parameter->name, "value") : 0;
    init->matrices = json_whole_or(r, from, parameter->name, "matrices", 1);
    if (init->matrices < 1 || parameter->shape.rank < 1 ? init->matrices != 1 : parameter->shape.dim[0] % init->matrices != 0)
        json_fail(r, "%s: %" PRId64 " matrices do not divide its rows", parameter->name, init->matrices);
    parse_connections(p, json_object_get(from, "connections"), parameter);
    if (fans && !(init->fan_in > 0))
        json_fail(r, "%s: fan_in must be above 0", parameter->name);
    if (init->kind == NETRT_INIT_VALUES) {
        int64_t count = parameter->shape.elements;
        init->values = json_allocate(r, (size_t)count, sizeof init->values[0]);
        int64_t found = r->failed ? count : flatten(json_object_get(from, "data"), init->values, 0, count);
        if (found != count)
            json_fail(r, "%s: expected %" PRId64 " starting values, found %" PRId64, parameter->name, count, found);
    }
}

static int parse_setting_index(struct parser *p, const json_t *object, const char *where, const char *name)
{
    int64_t index = json_whole_or(&p->reader, object, where, name, -1);

    if (index >= p->d->setting_count)
        json_fail(&p->reader, "%s: \"%s\" names setting %" PRId64 " of %d", where, name, index, p->d->setting_count);
    return (int)index;
}

static void parse_parameter(struct parser *p, const json_t *object, struct netrt_parameter *parameter)
{
    parameter->name = json_text(&p->reader, object, "parameter", "name");
    parameter->shape = json_shape(&p->reader, object, parameter->name, "shape");
    parameter->offset = place_uniform(p, object, parameter->name, "offset", parameter->shape.elements);
    parameter->trainable = json_flag_or(&p->reader, object, parameter->name, "trainable", true);
    if (json_is_integer(json_object_get(object, "gradient")))
        (void)place_uniform(p, object, parameter->name, "gradient", parameter->shape.elements);
    parse_init(p, object, parameter);
    parameter->l1 = parse_setting_index(p, object, parameter->name, "l1");
    parameter->l2 = parse_setting_index(p, object, parameter->name, "l2");
}

static void parse_setting(struct parser *p, const json_t *object, struct netrt_setting *setting)
{
    static const char *const kinds[] = {"given", "seed", "epoch", NULL};
    static const int64_t halves[] = {[NETRT_SETTING_SEED] = 4, [NETRT_SETTING_EPOCH] = 2};

    setting->name = json_text(&p->reader, object, "setting", "name");
    setting->kind = json_object_get(object, "kind") == NULL
                        ? NETRT_SETTING_GIVEN
                        : (enum netrt_setting_kind)json_choice(&p->reader, object, setting->name, "kind", kinds);
    if (setting->kind != NETRT_SETTING_GIVEN) {
        int64_t half = json_whole(&p->reader, object, setting->name, "half");
        if (half >= halves[setting->kind])
            json_fail(&p->reader, "%s: half %" PRId64 " of %" PRId64, setting->name, half, halves[setting->kind]);
        setting->half = (int)half;
    }
    setting->value = json_number(&p->reader, object, setting->name, "value");
    setting->minimum = json_number_or(&p->reader, object, setting->name, "minimum", -(double)INFINITY);
    setting->maximum = json_number_or(&p->reader, object, setting->name, "maximum", (double)INFINITY);
}

static void parse_layer(struct parser *p, const json_t *object, struct netrt_layer *layer)
{
    layer->name = json_text(&p->reader, object, "layer", "name");
    layer->operator_name = json_text(&p->reader, object, layer->name, "operator");
    layer->output = json_shape(&p->reader, object, layer->name, "output");
    layer->parameters = json_whole(&p->reader, object, layer->name, "parameters");
    layer->multiply_adds = json_whole(&p->reader, object, layer->name, "multiply_adds");
    if (json_is_array(json_object_get(object, "receptive_field")))
        layer->receptive_field = json_shape(&p->reader, object, layer->name, "receptive_field");
}

static void parse_output(struct parser *p, const json_t *object, struct netrt_output *output)
{
    output->name = json_text(&p->reader, object, "output", "name");
    output->shape = json_shape(&p->reader, object, output->name, "shape");
    output->offset = place_block(p, object, output->name, output->shape.elements);
}

static void parse_scores(struct parser *p, const json_t *object)
{
    static const char *const kinds[] = {
#define SCORES(id, word) (word),
#include "netrt/words.def"
        NULL};
    struct netrt_scores *scores = &p->d->scores;

    if (object == NULL)
        return;
    scores->kind = (enum netrt_scores_kind)json_choice(&p->reader, object, "scores", "kind", kinds);
    scores->shape = json_shape(&p->reader, object, "scores", "shape");
    scores->offset = place_block(p, object, "scores", scores->shape.elements);
}

static void parse_state(struct parser *p, const json_t *object, struct netrt_state *state)
{
    state->name = json_text(&p->reader, object, "state", "name");
    state->shape = json_shape(&p->reader, object, state->name, "shape");
    state->offset = place_uniform(p, object, state->name, "offset", state->shape.elements);
}

/* Parses the list `name` into `array` of `count` items with one call of `parse` an item. */
#define PARSE_LIST(p, name, array, count, parse)                                    \
    do {                                                                            \
        const json_t *list_ = json_list(&(p)->reader, root, "description", (name)); \
        size_t count_ = json_array_size(list_);                                     \
        (array) = json_allocate(&(p)->reader, count_, sizeof *(array));             \
        (count) = (p)->reader.failed ? 0 : (int)count_;                             \
        for (int i_ = 0; i_ < (count) && !(p)->reader.failed; i_++)                 \
            parse((p), json_array_get(list_, (size_t)i_), &(array)[i_]);            \
    } while (0)

static void parse_lists(struct parser *p, const json_t *root)
{
    struct netrt_description *d = p->d;

    PARSE_LIST(p, "inputs", d->input, d->input_count, parse_input);
    PARSE_LIST(p, "outputs", d->output, d->output_count, parse_output);
    parse_scores(p, json_object_get(root, "scores"));
    PARSE_LIST(p, "metrics", d->metric, d->metric_count, parse_metric);
    PARSE_LIST(p, "settings", d->setting, d->setting_count, parse_setting);
    PARSE_LIST(p, "parameters", d->parameter, d->parameter_count, parse_parameter);
    PARSE_LIST(p, "states", d->state, d->state_count, parse_state);
    PARSE_LIST(p, "layers", d->layer, d->layer_count, parse_layer);
    if (!p->reader.failed && d->input_count != p->model->input_count)
        json_fail(&p->reader, "%d inputs, but the kernels take %d", d->input_count, p->model->input_count);
    if (!p->reader.failed && d->setting_count != p->model->setting_count)
        json_fail(&p->reader, "%d settings, but the kernels take %d", d->setting_count, p->model->setting_count);
}

static size_t place_number(struct parser *p, const json_t *object, const char *member)
{
    return place(p, object, "loss", member, 1, (size_t)p->model->precision * NETRT_LANES, p->model->block_bytes);
}

static void parse_loss(struct parser *p, const json_t *loss)
{
    const json_t *parts = json_object_get(loss, "parts");
    const size_t count = json_array_size(parts);

    p->d->loss_offset = place_block(p, loss, "loss", 1);
    p->d->loss_part = json_allocate(&p->reader, count, sizeof *p->d->loss_part);
    for (size_t i = 0; i < count && !p->reader.failed; i++) {
        const json_t *object = json_array_get(parts, i);
        struct netrt_loss_part *part = &p->d->loss_part[i];
        part->factor = json_number(&p->reader, object, "loss", "factor");
        part->has_sum = json_object_get(object, "sum") != NULL;
        part->has_count = json_object_get(object, "count") != NULL;
        part->sum = part->has_sum ? place_number(p, object, "sum") : 0;
        part->count = part->has_count ? place_number(p, object, "count") : 0;
    }
    p->d->loss_part_count = p->reader.failed ? 0 : (int)count;
}

/* How the net learns; one without a train section does not. */
static void parse_training(struct parser *p, const json_t *root)
{
    struct netrt_description *d = p->d;
    struct json_reader *r = &p->reader;
    const json_t *train = json_object_get(root, "train");

    d->learns = train != NULL;
    d->batch = json_whole(r, d->learns ? train : root, d->learns ? "train" : "description", "batch");
    d->least_batch = 1;
    d->seed = 1;
    if (d->learns) {
        d->epochs = json_whole(r, train, "train", "epochs");
        d->seed = (uint64_t)json_whole(r, train, "train", "seed");
        d->least_batch = json_whole_or(r, train, "train", "least_batch", 1);
        parse_loss(p, json_member(r, root, "description", "loss"));
    }
    if (!r->failed && (d->batch < 1 || d->batch != p->model->batch))
        json_fail(r, "train: a batch of %" PRId64 ", but the kernels take %" PRId64, d->batch, p->model->batch);
}

static void parse_facts(struct parser *p, const json_t *root)
{
    struct netrt_description *d = p->d;
    struct json_reader *r = &p->reader;

    d->net = json_text(r, root, "description", "net");
    d->source = json_text_or(r, root, "description", "source", "");
    d->hash = json_text(r, root, "description", "hash");
    d->netc = json_text_or(r, root, "description", "netc", "");
    d->backend = json_text_or(r, root, "description", "backend", "");
    d->compiler = json_text_or(r, root, "description", "compiler", "");
    d->march = json_text_or(r, root, "description", "march", "");
    d->precision = json_text(r, root, "description", "precision");
    d->parameters_total = json_whole(r, root, "description", "parameters_total");
    d->multiply_adds = json_whole(r, root, "description", "multiply_adds");
    parse_training(p, root);
}

enum netrt_status netrt_description_open(struct netrt_description *description, const struct netrt_model *model,
                                         struct netrt_error *error)
{
    struct parser p = {{.what = "the model's description", .error = error}, model, description};
    struct memory *memory = calloc(1, sizeof *memory);
    json_error_t reason;

    *description = (struct netrt_description){.memory = memory};
    if (memory == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for the model's description");
    memory->root = json_loads(model->description, 0, &reason);
    if (memory->root == NULL)
        json_fail(&p.reader, "line %d, column %d: %s", reason.line, reason.column, reason.text);
    if (model->precision != (int)sizeof(float) && model->precision != (int)sizeof(double))
        json_fail(&p.reader, "reals of %d bytes: expected 4 or 8", model->precision);
    parse_facts(&p, memory->root);
    parse_lists(&p, memory->root);
    description_parse_data(&p.reader, memory->root, description);
    memory->blocks = p.reader.blocks;
    if (!p.reader.failed)
        return NETRT_OK;
    netrt_description_close(description);
    return error->status;
}

void netrt_description_close(struct netrt_description *description)
{
    struct memory *memory = description->memory;

    if (memory != NULL) {
        json_decref(memory->root);
        json_free(memory->blocks);
        free(memory);
    }
    *description = (struct netrt_description){0};
}

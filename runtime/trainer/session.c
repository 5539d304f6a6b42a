/* session: opens what a command needs in the order in which it can fail, and closes it in the opposite one. */
#include "runtime/trainer/session.h"

#include "netrt/memory.h"
#include "netrt/real.h"
#include "netrt/step.h"
#include "runtime/trainer/suggest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t blocks_bytes(const struct netrt_model *model)
{
    return model->block_bytes * (size_t)netrt_block_count(model->batch);
}

size_t session_bytes(const struct netrt_description *description, const struct netrt_model *model)
{
    return model->uniform_bytes + blocks_bytes(model) + netrt_batches_bytes(description, model);
}

/* One --set KEY=VALUE. */
static enum netrt_status apply_setting(struct session *s, const char *text)
{
    const struct netrt_description *d = &s->description;
    const char *equals = strchr(text, '='), *known[MOST_SETTINGS + 1] = {NULL};
    char name[128], *end;
    int given = 0;

    if (equals == NULL || equals == text || (size_t)(equals - text) >= sizeof name)
        return netrt_fail(&s->error, NETRT_E_USAGE, "--set %s: expected KEY=VALUE", text);
    snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
    for (int i = 0; i < d->setting_count; i++) {
        const struct netrt_setting *setting = &d->setting[i];
        if (setting->kind != NETRT_SETTING_GIVEN)
            continue;
        if (given < MOST_SETTINGS)
            known[given++] = setting->name;
        if (strcmp(setting->name, name) != 0)
            continue;
        double value = strtod(equals + 1, &end);
        if (equals[1] == '\0' || *end != '\0' || !isfinite(value))
            return netrt_fail(&s->error, NETRT_E_USAGE, "--set %s: expected a number", text);
        if (value < setting->minimum || value > setting->maximum)
            return netrt_fail(&s->error, NETRT_E_USAGE, "--set %s: expected a value from %.9g to %.9g", text, setting->minimum,
                              setting->maximum);
        s->setting[i] = value;
        return NETRT_OK;
    }
    const char *near = suggest(name, known);
    return netrt_fail(&s->error, NETRT_E_USAGE, "--set %s: this net has no setting %s%s%s%s", text, name,
                      near != NULL ? ": did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

/* As the kernels read it. */
static void put_setting(struct session *s, int number)
{
    netrt_put_real(s->setting_reals, s->model->precision, number, s->setting[number]);
}

static void put_fact(struct session *s, enum netrt_setting_kind kind, uint64_t fact)
{
    for (int i = 0; i < s->description.setting_count; i++) {
        const struct netrt_setting *setting = &s->description.setting[i];
        if (setting->kind != kind)
            continue;
        s->setting[i] = netrt_half(fact, setting->half);
        put_setting(s, i);
    }
}

void session_begin_epoch(struct session *s, int64_t epoch)
{
    put_fact(s, NETRT_SETTING_EPOCH, (uint64_t)epoch);
}

static enum netrt_status open_settings(struct session *s)
{
    int count = s->description.setting_count;

    s->setting = calloc((size_t)count + 1, sizeof *s->setting);
    s->setting_reals = calloc((size_t)count + 1, sizeof(double));
    if (s->setting == NULL || s->setting_reals == NULL)
        return netrt_fail(&s->error, NETRT_E_SYSTEM, "out of memory for settings");
    for (int i = 0; i < count; i++)
        s->setting[i] = s->description.setting[i].value;
    for (int i = 0; i < s->options->set_count; i++) {
        enum netrt_status status = apply_setting(s, s->options->set[i]);
        if (status != NETRT_OK)
            return status;
    }
    for (int i = 0; i < count; i++)
        put_setting(s, i);
    put_fact(s, NETRT_SETTING_SEED, s->seed);
    return NETRT_OK;
}

static enum netrt_status open_arenas(struct session *s)
{
    size_t wanted = session_bytes(&s->description, s->model), available = netrt_memory_available();
    void *uniform = NULL, *blocks = NULL;
    char need[NETRT_SIZE_TEXT], there[NETRT_SIZE_TEXT];

    if (wanted > available)
        return netrt_fail(&s->error, NETRT_E_SYSTEM, "%s needs %s of memory, but %s are available", s->description.net,
                          netrt_size_print(wanted, need), netrt_size_print(available, there));
    s->blocks_bytes = blocks_bytes(s->model);
    enum netrt_status status = netrt_memory_map(&uniform, s->model->uniform_bytes, "parameters", &s->error);
    if (status == NETRT_OK)
        status = netrt_memory_map(&blocks, s->blocks_bytes, "activations", &s->error);
    s->uniform = uniform;
    s->blocks = blocks;
    s->step = (struct netrt_step){.uniform = uniform, .blocks = blocks, .setting = s->setting_reals};
    return status;
}

/* Whether the net can do what the command needs. */
static bool has_program(const struct session *s)
{
    static const char *const needed[COMMAND_COUNT] = {
        [COMMAND_TRAIN] = "train", [COMMAND_EVAL] = "evaluate", [COMMAND_PREDICT] = "predict"};
    const char *name = needed[s->options->command];

    return name == NULL || netrt_model_program(s->model, name) != NULL;
}

static enum netrt_status check_model(struct session *s)
{
    const char *feature;

    if (s->model->version != NETRT_MODEL_VERSION)
        return netrt_fail(&s->error, NETRT_E_CONTENT, "the net was compiled for version %d of the runtime, but this is version %d",
                          s->model->version, NETRT_MODEL_VERSION);
    if (!has_program(s))
        return netrt_fail(
            &s->error, NETRT_E_CONTENT,
            "%s was compiled without a train section: it predicts, and neither learns nor knows a loss; add one to %s, "
            "train { loss = ...; optimizer = ...; }",
            s->description.net, s->description.source);
    feature = s->model->unsupported != NULL ? s->model->unsupported() : NULL;
    if (feature != NULL)
        return netrt_fail(&s->error, NETRT_E_SYSTEM,
                          "this CPU lacks %s, which the net was compiled for; compile with netc -march=...", feature);
    return NETRT_OK;
}

enum netrt_status session_open(struct session *s, const struct options *options, const struct netrt_model *model,
                               const volatile sig_atomic_t *stop)
{
    *s = (struct session){.options = options, .model = model, .stop = stop};
    enum netrt_status status = netrt_description_open(&s->description, model, &s->error);
    if (status != NETRT_OK || options->command == COMMAND_INFO)
        return status;
    s->seed = options->has_seed ? options->seed : s->description.seed;
    status = check_model(s);
    if (status == NETRT_OK)
        status = open_settings(s);
    if (status == NETRT_OK)
        status = open_arenas(s);
    if (status == NETRT_OK)
        status = netrt_pool_open(&s->pool, options->threads > 0 ? options->threads : netrt_cpu_count(), &s->error);
    if (status == NETRT_OK)
        status = netrt_metrics_open(&s->metrics, &s->description, model, &s->error);
    return status;
}

void session_close(struct session *s)
{
    netrt_batches_close(s->batches);
    netrt_prepare_close(&s->preparation);
    netrt_part_free(&s->train);
    netrt_part_free(&s->val);
    netrt_part_free(&s->test);
    netrt_library_close(s->library);
    netrt_metrics_close(s->metrics);
    netrt_pool_close(s->pool);
    if (s->model != NULL)
        netrt_memory_unmap(s->uniform, s->model->uniform_bytes);
    netrt_memory_unmap(s->blocks, s->blocks_bytes);
    free(s->setting);
    free(s->setting_reals);
    netrt_description_close(&s->description);
}

/* The least number of integers that an input takes, of those that take records or of the others; 0 if there is none. */
static int64_t class_limit(const struct netrt_description *d, bool records)
{
    int64_t least = 0;

    for (int i = 0; i < d->input_count; i++) {
        const struct netrt_input *input = &d->input[i];
        if (input->kind == NETRT_INPUT_CLASS && netrt_input_takes_records(input) == records &&
            (least == 0 || input->classes < least))
            least = input->classes;
    }
    return least;
}

/* The label that does not count for any input of labels; -1 if there is none. */
static int64_t ignored_label(const struct netrt_description *d)
{
    int64_t ignored = -1;

    for (int i = 0; i < d->input_count; i++) {
        const struct netrt_input *input = &d->input[i];
        if (input->kind != NETRT_INPUT_CLASS || netrt_input_takes_records(input))
            continue;
        if (!input->ignores || (ignored >= 0 && ignored != input->ignored))
            return -1;
        ignored = input->ignored;
    }
    return ignored;
}

static enum netrt_status open_part(struct session *s, const char *name, const struct netrt_data_part *steps, bool needed,
                                   struct netrt_part *part)
{
    const struct netrt_description *d = &s->description;
    struct netrt_part_options options = {.name = name,
                                         .classes = class_limit(d, false),
                                         .ignored = ignored_label(d),
                                         .limit = s->options->limit,
                                         .integers = class_limit(d, true),
                                         .description = d};

    if (steps->count == 0 && needed)
        return netrt_fail(&s->error, NETRT_E_CONTENT, "the net's data section has no part %s", name);
    if (steps->count == 0)
        return NETRT_OK;
    enum netrt_status status = netrt_part_open(part, s->library, steps, &options, &s->error);
    if (status != NETRT_OK)
        return status;

    char expected[NETRT_SHAPE_TEXT], found[NETRT_SHAPE_TEXT];
    const struct netrt_shape *shape = &part->records->shape;
    if (s->batches == NULL) {
        status = netrt_prepare_open(&s->preparation, part->records, s->description.prepare, s->description.prepare_count,
                                    s->model->precision, &s->error);
        if (status == NETRT_OK)
            status = netrt_batches_open(&s->batches, &s->description, s->model, &s->preparation, &s->error);
        return status == NETRT_OK ? netrt_batches_check(s->batches, part, &s->error) : status;
    }
    if (!netrt_shape_equal(shape, &s->preparation.in))
        return netrt_fail(&s->error, NETRT_E_CONTENT, "%s: expected records of %s, as in the other parts, found %s",
                          part->records->image_name, netrt_shape_print(&s->preparation.in, expected),
                          netrt_shape_print(shape, found));
    return netrt_batches_check(s->batches, part, &s->error);
}

enum netrt_status session_open_data(struct session *s, int parts)
{
    const struct netrt_description *d = &s->description;

    if (!d->has_data)
        return netrt_fail(&s->error, NETRT_E_CONTENT, "%s has no data section", d->net);
    enum netrt_status status = netrt_library_open(&s->library, s->options->data, &s->error);
    if (status == NETRT_OK && (parts & SESSION_TRAIN) != 0)
        status = open_part(s, "train", &d->train, true, &s->train);
    if (status == NETRT_OK && (parts & SESSION_TRAIN) != 0)
        status = open_part(s, "val", &d->val, false, &s->val);
    if (status == NETRT_OK && (parts & SESSION_TEST) != 0)
        status = open_part(s, "test", &d->test, (parts & SESSION_TRAIN) == 0, &s->test);
    return status;
}

void session_take(struct session *s, const struct netrt_batch *batch)
{
    s->step.input = batch->input;
    s->step.samples = batch->samples;
    s->step.block_count = batch->block_count;
}

enum netrt_status session_evaluate(struct session *s, const struct netrt_part *part)
{
    const struct netrt_program *program = netrt_model_program(s->model, "evaluate");
    struct netrt_batch batch;

    netrt_metrics_reset(s->metrics);
    enum netrt_status status = netrt_batches_begin(s->batches, part, &s->error);
    while (status == NETRT_OK && *s->stop == 0 && netrt_batches_next(s->batches, &batch)) {
        session_take(s, &batch);
        netrt_step_run(s->pool, s->model, program, 0, program->phase_count, &s->step);
        netrt_metrics_add(s->metrics, s->pool, &s->step);
    }
    return status;
}

enum netrt_status session_check_loss(struct session *s, const struct netrt_summary *test)
{
    if (isfinite(test->loss))
        return NETRT_OK;
    if (netrt_metrics_has_count(s->metrics))
        return netrt_fail(&s->error, NETRT_E_DIVERGED, "the loss of the test part is %s", isnan(test->loss) ? "NaN" : "infinite");
    return netrt_fail(&s->error, NETRT_E_CONTENT,
                      "the test part has no loss: every label in it is ignored, or of a class of weight 0");
}

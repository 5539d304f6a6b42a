#include "tests/numbers/numbers.h"

#include "netrt/description.h"
#include "netrt/safetensors.h"
#include "tests/support/generator.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, NAME_ROOM = 256, MAX_TENSORS = 4096 };

struct subject {
    const struct netrt_model *model;
    const struct numbers_options *options;
    struct netrt_description d;
    json_t *json;
    struct netrt_step step;
    unsigned char **input;
    struct netrt_tensor tensor[MAX_TENSORS];
    int count;
};

/* ---- Command line ---------------------------------------------------------------------------------------------------- */

static bool number_option(int argc, char **argv, int *at, const char *name, int64_t *to)
{
    char *end = NULL;

    if (strcmp(argv[*at], name) != 0 || *at + 1 >= argc)
        return false;
    *to = strtoll(argv[*at + 1], &end, 10);
    if (end == argv[*at + 1] || *end != '\0')
        return false;
    ++*at;
    return true;
}

bool numbers_read_options(int argc, char **argv, struct numbers_options *o)
{
    int64_t seed = 1, threads = 1;

    *o = (struct numbers_options){.steps = 1};
    for (int i = 1; i < argc; i++) {
        if (number_option(argc, argv, &i, "--steps", &o->steps) || number_option(argc, argv, &i, "--samples", &o->samples) ||
            number_option(argc, argv, &i, "--seed", &seed) || number_option(argc, argv, &i, "--threads", &threads))
            continue;
        if (strcmp(argv[i], "--by-place") == 0) {
            o->by_place = true;
        } else if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
            o->output = argv[++i];
        } else if (argv[i][0] != '-' && !o->net) {
            o->net = argv[i];
        } else {
            fprintf(stderr, "%s: what is '%s'?\n", argv[0], argv[i]);
            return false;
        }
    }
    o->seed = (uint64_t)seed;
    o->threads = (int)threads;
    if (o->output && o->steps >= 1 && o->samples >= 0 && threads >= 1)
        return true;
    fprintf(stderr, "usage: %s [--steps N] [--samples N] [--seed N] [--threads N] [--by-place] -o FILE\n", argv[0]);
    return false;
}

/* ---- Memory ------------------------------------------------------------------------------------------------------------ */

static void *allocate(size_t bytes)
{
    void *memory = aligned_alloc(ALIGNMENT, (bytes / ALIGNMENT + 1) * ALIGNMENT);

    if (!memory) {
        fputs("no memory\n", stderr);
        exit(3);
    }
    return memset(memory, 0, (bytes / ALIGNMENT + 1) * ALIGNMENT);
}

static void put(const struct subject *s, void *to, int64_t i, double x)
{
    if (s->model->precision == 4)
        ((float *)to)[i] = (float)x;
    else
        ((double *)to)[i] = x;
}

static double get(const struct subject *s, const void *from, int64_t i)
{
    return s->model->precision == 4 ? (double)((const float *)from)[i] : ((const double *)from)[i];
}

static void make_memory(struct subject *s)
{
    const struct netrt_model *m = s->model;
    unsigned char *settings = allocate((size_t)m->setting_count * sizeof(double));

    s->step.samples = s->options->samples > 0 ? s->options->samples : m->batch;
    s->step.block_count = (s->step.samples + NETRT_LANES - 1) / NETRT_LANES;
    s->step.uniform = allocate(m->uniform_bytes);
    s->step.blocks = allocate((size_t)s->step.block_count * m->block_bytes);
    s->input = allocate((size_t)m->input_count * sizeof *s->input);
    for (int i = 0; i < m->input_count; i++) {
        const size_t reals = (size_t)(s->d.input[i].shape.elements * s->step.block_count * NETRT_LANES);
        s->input[i] = allocate(reals * (size_t)m->precision);
    }
    for (int i = 0; i < s->d.setting_count; i++)
        put(s, settings, i,
            s->d.setting[i].kind == NETRT_SETTING_GIVEN ? s->d.setting[i].value
                                                        : generator_half(generator_hash(s->d.setting[i].name), 0));
    s->step.setting = settings;
    s->step.input = (const void *const *)s->input;
}

/* ---- Numbers ----------------------------------------------------------------------------------------------------------- */

static double rounded(double x)
{
    return (double)(float)x;
}

static void fill_parameters(struct subject *s)
{
    for (int p = 0; p < s->d.parameter_count; p++) {
        const struct netrt_parameter *w = &s->d.parameter[p];
        const uint64_t key = (s->options->by_place ? (uint64_t)p << 32 : generator_hash(w->name)) + s->options->seed;
        const double scale = generator_scale(w->shape.rank, w->shape.rank > 0 ? w->shape.dim[0] : 1, w->shape.elements);
        for (int64_t i = 0; i < w->shape.elements; i++)
            put(s, s->step.uniform + w->offset, i, rounded(generator_shift(w->name) + scale * generator_number(key, (uint64_t)i)));
    }
}

static double input_number(const struct subject *s, const struct netrt_input *in, int64_t place, bool dead)
{
    const uint64_t key = generator_hash(in->name) + s->options->seed;

    switch (in->kind) {
    case NETRT_INPUT_WEIGHT: return dead ? 0 : 1 / (double)s->step.samples;
    case NETRT_INPUT_CLASS: return (double)(generator_bits(key, (uint64_t)place) % (uint64_t)in->classes);
    case NETRT_INPUT_INDEX: return generator_half((uint64_t)place / 2, (int)(place % 2));
    case NETRT_INPUT_REAL: break;
    }
    return rounded(generator_number(key, (uint64_t)place));
}

/* Dead lanes copy the last sample. Interpreters, models without kernels, are given every number as a double. */
static void fill_inputs(struct subject *s, int64_t step)
{
    for (int i = 0; i < s->d.input_count; i++) {
        const struct netrt_input *in = &s->d.input[i];
        const int64_t elements = in->shape.elements;
        const bool integers = in->kind == NETRT_INPUT_CLASS && s->model->kernel;
        for (int64_t lane = 0; lane < s->step.block_count * NETRT_LANES; lane++) {
            const bool dead = lane >= s->step.samples;
            const int64_t sample = dead ? s->step.samples - 1 : lane;
            for (int64_t e = 0; e < elements; e++) {
                const int64_t at = (lane / NETRT_LANES * elements + e) * NETRT_LANES + lane % NETRT_LANES;
                const double x = input_number(s, in, (step * s->step.samples + sample) * elements + e, dead);
                if (integers)
                    ((int32_t *)s->input[i])[at] = (int32_t)x;
                else
                    put(s, s->input[i], at, x);
            }
        }
    }
}

/* ---- What comes out ---------------------------------------------------------------------------------------------------- */

static double *add_tensor(struct subject *s, const char *kind, const char *name, const struct netrt_shape *shape, int64_t copies)
{
    char *full = allocate(NAME_ROOM);
    int64_t dim[NETRT_MOST_AXES] = {copies};
    const int extra = copies > 0;

    snprintf(full, NAME_ROOM, "%s%s", kind, name);
    for (int d = 0; shape && d < shape->rank; d++)
        dim[d + extra] = shape->dim[d];
    struct netrt_tensor *t = &s->tensor[s->count++];
    t->name = full;
    t->precision = sizeof(double);
    netrt_shape_make(&t->shape, (shape ? shape->rank : 0) + extra, dim);
    double *data = allocate((size_t)t->shape.elements * sizeof *data);
    t->data = data;
    return data;
}

static void keep_uniform(struct subject *s, const char *kind, const char *name, const struct netrt_shape *shape, size_t offset)
{
    double *to = add_tensor(s, kind, name, shape, 0);

    for (int64_t i = 0; i < shape->elements; i++)
        to[i] = get(s, s->step.uniform + offset, i);
}

static double lane_number(const struct subject *s, size_t offset, int64_t sample, int64_t element)
{
    const unsigned char *block = s->step.blocks + (size_t)(sample / NETRT_LANES) * s->model->block_bytes;

    return get(s, block + offset, element * NETRT_LANES + sample % NETRT_LANES);
}

static void keep_outputs(struct subject *s, const char *kind)
{
    for (int o = 0; o < s->d.output_count; o++) {
        const struct netrt_output *out = &s->d.output[o];
        double *to = add_tensor(s, kind, out->name, &out->shape, s->step.samples);
        for (int64_t n = 0; n < s->step.samples; n++)
            for (int64_t e = 0; e < out->shape.elements; e++)
                to[n * out->shape.elements + e] = lane_number(s, out->offset, n, e);
    }
}

static void keep_first_step(struct subject *s)
{
    keep_outputs(s, "output.");
    const json_t *list = json_object_get(s->json, "parameters");
    for (int p = 0; p < s->d.parameter_count; p++) {
        const json_t *gradient = json_object_get(json_array_get(list, (size_t)p), "gradient");
        if (json_is_integer(gradient))
            keep_uniform(s, "gradient.", s->d.parameter[p].name, &s->d.parameter[p].shape, (size_t)json_integer_value(gradient));
    }
}

static void keep_last_step(struct subject *s)
{
    for (int p = 0; p < s->d.parameter_count; p++)
        keep_uniform(s, "parameter.", s->d.parameter[p].name, &s->d.parameter[p].shape, s->d.parameter[p].offset);
    for (int i = 0; i < s->d.state_count; i++)
        keep_uniform(s, "state.", s->d.state[i].name, &s->d.state[i].shape, s->d.state[i].offset);
}

static double mean_loss(const struct subject *s)
{
    double sum = 0;

    for (int64_t n = 0; n < s->step.samples; n++)
        sum += lane_number(s, s->d.loss_offset, n, 0);
    return sum / (double)s->step.samples;
}

static void release(struct subject *s)
{
    for (int i = 0; i < s->count; i++) {
        free((void *)(uintptr_t)s->tensor[i].name);
        free((void *)(uintptr_t)s->tensor[i].data);
    }
    for (int i = 0; i < s->model->input_count; i++)
        free(s->input[i]);
    free(s->input);
    free((void *)(uintptr_t)s->step.setting);
    free(s->step.uniform);
    free(s->step.blocks);
    json_decref(s->json);
    netrt_description_close(&s->d);
    free(s);
}

static int refuse(struct subject *s, const struct netrt_error *error)
{
    fprintf(stderr, "%s\n", error->text);
    free(s);
    return 1;
}

int numbers_run(const struct netrt_model *model, const struct numbers_options *options, numbers_step_fn *run, void *context)
{
    struct subject *s = allocate(sizeof *s);
    const struct netrt_shape steps = {1, {options->steps}, options->steps};
    struct netrt_error error = {0};

    s->model = model;
    s->options = options;
    if (netrt_description_open(&s->d, model, &error) != NETRT_OK)
        return refuse(s, &error);
    s->json = json_loads(model->description, 0, NULL);
    make_memory(s);
    fill_parameters(s);
    double *loss = add_tensor(s, "loss", "", &steps, 0);
    for (int64_t step = 0; step < options->steps; step++) {
        fill_inputs(s, step);
        run(context, NUMBERS_TRAIN, &s->step);
        loss[step] = mean_loss(s);
        if (step == 0)
            keep_first_step(s);
    }
    keep_last_step(s);
    fill_inputs(s, 0);
    run(context, NUMBERS_EVALUATE, &s->step);
    keep_outputs(s, "evaluated.");
    const bool ok = netrt_safetensors_write(options->output, s->tensor, s->count, NULL, 0, &error) == NETRT_OK;
    if (!ok)
        fprintf(stderr, "%s\n", error.text);
    release(s);
    return ok ? 0 : 3;
}

/* predict: what given weights make of single pictures, a line of JSON each. */
#include "netrt/format.h"
#include "netrt/idx.h"
#include "netrt/image.h"
#include "netrt/memory.h"
#include "netrt/real.h"
#include "netrt/source.h"
#include "netrt/step.h"
#include "netrt/weights.h"
#include "runtime/trainer/answer.h"
#include "runtime/trainer/session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Records are gathered until a step is full. */
struct predictor {
    struct session *s;
    const struct netrt_input *image;
    unsigned char *bytes;          /* [batch][record_bytes] */
    size_t record_bytes;
    struct answer_place *waiting;  /* [batch] */
    int64_t count, answered;       /* records that wait, and those before them */
    void **input;                  /* [input_count] */
    struct netrt_records labels;   /* of --labels, as records of their own; else none */
    struct answer_place odd;       /* the first record whose answer was no number; its file is NULL: there is none */
};

/* ---- Labels ---------------------------------------------------------------------------------------------------------- */

/* Whether an input wants labels without which the net cannot answer. */
static bool wants_labels(const struct netrt_input *input)
{
    return input->needed && input->kind == NETRT_INPUT_CLASS && !netrt_input_takes_records(input);
}

static const struct netrt_input *find_wanting(const struct netrt_description *d)
{
    for (int i = 0; i < d->input_count; i++) {
        if (wants_labels(&d->input[i]))
            return &d->input[i];
    }
    return NULL;
}

static enum netrt_status read_labels(struct predictor *p, const struct netrt_input *input)
{
    struct session *s = p->s;
    struct netrt_idx idx;
    char expected[NETRT_SHAPE_TEXT], found[NETRT_SHAPE_TEXT];
    enum netrt_status status = netrt_idx_read(&idx, s->options->labels, &s->error);

    if (status != NETRT_OK)
        return status;
    p->labels =
        (struct netrt_records){.count = idx.shape.dim[0], .element = idx.element, .image = idx.bytes, .image_name = idx.name};
    netrt_shape_make(&p->labels.shape, idx.shape.rank - 1, idx.shape.dim + 1);
    if (!netrt_shape_feeds(&p->labels.shape, &input->shape))
        return netrt_fail(&s->error, NETRT_E_CONTENT, "%s: expected labels for the input %s, %s, found %s", idx.name, input->name,
                          netrt_shape_print(&input->shape, expected), netrt_shape_print(&p->labels.shape, found));
    for (int64_t i = 0; i < p->labels.count && status == NETRT_OK; i++)
        status = netrt_check_integers(&p->labels, i, input->classes, &s->error);
    return status;
}

static enum netrt_status open_labels(struct predictor *p)
{
    struct session *s = p->s;
    const struct options *o = s->options;
    const struct netrt_input *input = find_wanting(&s->description);
    bool given = o->has_label || o->labels != NULL;

    if (input == NULL && given)
        return netrt_fail(&s->error, NETRT_E_USAGE, "%s: what %s answers depends on no label",
                          o->has_label ? "--label" : "--labels", s->description.net);
    if (input == NULL)
        return NETRT_OK;
    if (!given)
        return netrt_fail(&s->error, NETRT_E_USAGE,
                          "%s also takes the input %s, a class of 0 to %" PRId64
                          ": give --label N for all records, or --labels F, an IDX file with the label of each",
                          s->description.net, input->name, input->classes - 1);
    if (o->has_label && o->label >= input->classes)
        return netrt_fail(&s->error, NETRT_E_USAGE, "--label %" PRId64 ": expected a class of 0 to %" PRId64 " for the input %s",
                          o->label, input->classes - 1, input->name);
    return o->labels != NULL ? read_labels(p, input) : NETRT_OK;
}

/* Of each record that waits; dead lanes repeat the last. */
static void fill_labels(const struct predictor *p, const struct netrt_input *input, void *to)
{
    const int64_t lanes = netrt_block_count(p->count) * NETRT_LANES;

    for (int64_t i = 0; p->labels.image == NULL && i < input->shape.elements * lanes; i++)
        ((int32_t *)to)[i] = (int32_t)p->s->options->label;
    for (int64_t i = 0; p->labels.image != NULL && i < lanes; i++) {
        int64_t record = p->answered + (i < p->count ? i : p->count - 1);
        netrt_put_integers(to, i, p->labels.image + (size_t)record * netrt_record_bytes(&p->labels), p->labels.element,
                           input->shape.elements);
    }
}

/* ---- Steps ----------------------------------------------------------------------------------------------------------- */

/* The records that wait as the input that takes them; dead lanes repeat the last. */
static void fill_records(const struct predictor *p, void *to)
{
    const struct netrt_preparation *prepared = &p->s->preparation;
    const size_t block_bytes = (size_t)(prepared->out.elements * NETRT_LANES) * (size_t)prepared->precision;
    const unsigned char *record[NETRT_LANES];

    for (int64_t i = 0; i < netrt_block_count(p->count) * NETRT_LANES; i++) {
        const int lane = (int)(i % NETRT_LANES);
        record[lane] = p->bytes + (size_t)(i < p->count ? i : p->count - 1) * p->record_bytes;
        if (p->image->kind == NETRT_INPUT_CLASS)
            netrt_put_integers(to, i, record[lane], prepared->element, prepared->in.elements);
        else if (lane == NETRT_LANES - 1)
            netrt_prepare_block(prepared, record, (unsigned char *)to + (size_t)(i / NETRT_LANES) * block_bytes);
    }
}

/* Runs the gathered records and prints their lines. */
static void flush(struct predictor *p)
{
    struct session *s = p->s;
    const struct netrt_program *program = netrt_model_program(s->model, "predict");
    int image = (int)(p->image - s->description.input);

    if (p->count == 0)
        return;
    s->step.samples = p->count;
    s->step.block_count = netrt_block_count(p->count);
    s->step.input = (const void *const *)p->input;
    fill_records(p, p->input[image]);
    /* The records' indices stay zero: nothing is drawn outside training. */
    for (int i = 0; i < s->description.input_count; i++) {
        if (s->description.input[i].kind == NETRT_INPUT_WEIGHT)
            netrt_fill_weights(p->input[i], s->model->precision, p->count);
        else if (wants_labels(&s->description.input[i]))
            fill_labels(p, &s->description.input[i], p->input[i]);
    }
    netrt_step_run(s->pool, s->model, program, 0, program->phase_count, &s->step);
    for (int64_t i = 0; i < p->count; i++) {
        if (!answer_print(s, &p->waiting[i], i, s->options->raw) && p->odd.file == NULL)
            p->odd = p->waiting[i];
    }
    p->answered += p->count;
    p->count = 0;
}

/* The preparation of records like these, and room for a batch of them. */
static enum netrt_status prepare_for(struct predictor *p, const char *file, const struct netrt_records *records)
{
    struct session *s = p->s;
    char expected[NETRT_SHAPE_TEXT], found[NETRT_SHAPE_TEXT];

    flush(p);
    free(p->bytes);
    p->bytes = NULL;
    netrt_prepare_close(&s->preparation);
    enum netrt_status status = netrt_prepare_open(&s->preparation, records, s->description.prepare, s->description.prepare_count,
                                                  s->model->precision, &s->error);
    if (status != NETRT_OK)
        return status;
    if (!netrt_shape_feeds(&s->preparation.out, &p->image->shape))
        return netrt_fail(&s->error, NETRT_E_CONTENT, "%s: expected %s for the input %s, but the prepared picture is %s", file,
                          netrt_shape_print(&p->image->shape, expected), p->image->name,
                          netrt_shape_print(&s->preparation.out, found));
    p->record_bytes = netrt_record_bytes(records);
    p->bytes = malloc((size_t)s->model->batch * p->record_bytes);
    return p->bytes != NULL ? NETRT_OK : netrt_fail(&s->error, NETRT_E_SYSTEM, "out of memory for pictures");
}

/* The first file decides the shape of records; all others must have the same, but may be finer or coarser. */
static enum netrt_status accept_records(struct predictor *p, const char *file, const struct netrt_records *records)
{
    struct session *s = p->s;
    char expected[NETRT_SHAPE_TEXT], found[NETRT_SHAPE_TEXT];

    if (p->image->kind == NETRT_INPUT_CLASS && records->element == NETRT_U16)
        return netrt_fail(&s->error, NETRT_E_CONTENT, "%s: the input %s takes whole numbers, but the samples have 16 bits", file,
                          p->image->name);
    if (p->bytes == NULL)
        return prepare_for(p, file, records);
    if (!netrt_shape_equal(&records->shape, &s->preparation.in))
        return netrt_fail(&s->error, NETRT_E_CONTENT, "%s: expected %s, as in the files before, found %s", file,
                          netrt_shape_print(&s->preparation.in, expected), netrt_shape_print(&records->shape, found));
    return records->element == s->preparation.element ? NETRT_OK : prepare_for(p, file, records);
}

static enum netrt_status read_file(struct predictor *p, const char *file, struct netrt_records *records, bool *picture)
{
    struct session *s = p->s;
    enum netrt_format format = NETRT_FORMAT_OTHER;
    char seems[NETRT_FORMAT_TEXT];
    int64_t channels = p->image->shape.rank == 3 ? p->image->shape.dim[0] : 1;
    enum netrt_status status = netrt_format_of(file, &format, seems, &s->error);

    if (status != NETRT_OK)
        return status;
    *picture = format == NETRT_FORMAT_PNG;
    switch (format) {
    case NETRT_FORMAT_PNG: return netrt_image_read_png(records, file, channels, &s->error);
    case NETRT_FORMAT_IDX: return netrt_idx_read_records(records, file, NULL, &s->error);
    case NETRT_FORMAT_OTHER: break;
    }
    return netrt_fail(&s->error, NETRT_E_CONTENT, "%s: neither PNG nor IDX, but %s; predict reads PNG pictures and IDX files", file,
                      seems);
}

/* Takes the records; runs a step whenever a batch is full. */
static void gather(struct predictor *p, const char *file, const struct netrt_records *records, bool picture)
{
    for (int64_t i = 0; i < records->count; i++) {
        memcpy(p->bytes + (size_t)p->count * p->record_bytes, records->image + (size_t)i * p->record_bytes, p->record_bytes);
        p->waiting[p->count++] = (struct answer_place){file, picture ? -1 : i};
        if (p->count == p->s->model->batch)
            flush(p);
    }
}

static enum netrt_status predict_file(struct predictor *p, const char *file)
{
    struct session *s = p->s;
    struct netrt_records records = {0};
    bool picture = false;
    enum netrt_status status = read_file(p, file, &records, &picture);

    if (status != NETRT_OK)
        return status;
    if (records.shape.rank == 2)    /* as a grey picture of the same size would be */
        netrt_shape_make(&records.shape, 3, (int64_t[]){1, records.shape.dim[0], records.shape.dim[1]});
    status = accept_records(p, file, &records);
    for (int64_t i = 0; i < records.count && status == NETRT_OK && p->image->kind == NETRT_INPUT_CLASS; i++)
        status = netrt_check_integers(&records, i, p->image->classes, &s->error);
    if (status == NETRT_OK && p->labels.image != NULL && records.count > p->labels.count - p->answered - p->count)
        status = netrt_fail(&s->error, NETRT_E_CONTENT, "%s: %s has %" PRId64 " labels, but this is record %" PRId64, file,
                            p->labels.image_name, p->labels.count, p->answered + p->count + records.count);
    if (status == NETRT_OK)
        gather(p, file, &records, picture);
    netrt_records_free(&records);
    return status;
}

static enum netrt_status open_predictor(struct predictor *p)
{
    struct session *s = p->s;
    const struct netrt_description *d = &s->description;
    enum netrt_status status = NETRT_OK;

    for (int i = 0; i < d->input_count; i++) {
        bool takes = d->input[i].kind == NETRT_INPUT_REAL || netrt_input_takes_records(&d->input[i]);
        if (takes && (p->image == NULL || d->input[i].main))
            p->image = &d->input[i];
    }
    if (p->image == NULL)
        return netrt_fail(&s->error, NETRT_E_USAGE, "%s takes no records", d->net);
    p->input = calloc((size_t)d->input_count + 1, sizeof *p->input);
    p->waiting = calloc((size_t)s->model->batch, sizeof *p->waiting);
    if (p->input == NULL || p->waiting == NULL)
        return netrt_fail(&s->error, NETRT_E_SYSTEM, "out of memory for pictures");
    for (int i = 0; i < d->input_count && status == NETRT_OK; i++)
        status = netrt_memory_map(&p->input[i], netrt_input_bytes(&d->input[i], s->model), d->input[i].name, &s->error);
    if (status == NETRT_OK)
        status = open_labels(p);
    return status == NETRT_OK ? netrt_weights_load(d, s->model->precision, s->options->weights, s->uniform, &s->error) : status;
}

static void close_predictor(struct predictor *p)
{
    for (int i = 0; p->input != NULL && i < p->s->description.input_count; i++)
        netrt_memory_unmap(p->input[i], netrt_input_bytes(&p->s->description.input[i], p->s->model));
    free(p->input);
    free(p->waiting);
    free(p->bytes);
    netrt_records_free(&p->labels);
}

/* What is left to say when all files have been answered. */
static enum netrt_status check_answers(struct predictor *p)
{
    struct session *s = p->s;
    char record[32] = "";

    if (p->odd.record >= 0)
        snprintf(record, sizeof record, ", record %" PRId64, p->odd.record);
    if (p->odd.file != NULL)
        return netrt_fail(&s->error, NETRT_E_CONTENT, "%s%s: the net's answer is no number (null above)", p->odd.file, record);
    if (p->labels.image != NULL && p->answered < p->labels.count)
        return netrt_fail(&s->error, NETRT_E_CONTENT, "%s has %" PRId64 " labels for %" PRId64 " records", p->labels.image_name,
                          p->labels.count, p->answered);
    return NETRT_OK;
}

int command_predict(struct session *s)
{
    struct predictor p = {.s = s};
    enum netrt_status status = open_predictor(&p);

    for (int i = 0; i < s->options->file_count && status == NETRT_OK; i++)
        status = predict_file(&p, s->options->files[i]);
    /* What was read before a bad file is still answered. */
    flush(&p);
    if (status == NETRT_OK)
        status = check_answers(&p);
    close_predictor(&p);
    return status == NETRT_OK ? 0 : session_report(s);
}

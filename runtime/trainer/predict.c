/* predict: what given weights make of single pictures, a line of JSON each. */
#include "netrt/format.h"
#include "netrt/idx.h"
#include "netrt/image.h"
#include "netrt/memory.h"
#include "netrt/real.h"
#include "netrt/source.h"
#include "netrt/step.h"
#include "netrt/weights.h"
#include "runtime/trainer/session.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_STYLE = JSON_COMPACT | JSON_REAL_PRECISION(9) };

struct waiting {
    const char *file;
    int64_t record;    /* in an IDX file; -1 for a picture */
};

/* Records are gathered until a step is full. */
struct predictor {
    struct session *s;
    const struct netrt_input *image;
    unsigned char *bytes;          /* [batch][record_bytes] */
    size_t record_bytes;
    struct waiting *waiting;       /* [batch] */
    int64_t count;
    void **input;                  /* [input_count] */
    const struct netrt_output *scores;    /* of classes, or NULL: then all outputs are printed */
    struct netrt_output metric_scores;
};

/* Scores of classes: what a metric on classes looks at, or else the only output that has as many elements as a class input has
 * classes. */
static void find_scores(struct predictor *p)
{
    const struct netrt_description *d = &p->s->description;
    int64_t classes = 0;

    for (int i = 0; i < d->metric_count && p->scores == NULL; i++) {
        const struct netrt_metric *m = &d->metric[i];
        if (m->kind == NETRT_METRIC_MAE || m->kind == NETRT_METRIC_MSE || m->prediction.elements != m->prediction.dim[0])
            continue;
        p->metric_scores = (struct netrt_output){m->name, m->prediction, m->offset};
        p->scores = &p->metric_scores;
    }
    for (int i = 0; i < d->input_count; i++)
        if (d->input[i].kind == NETRT_INPUT_CLASS && &d->input[i] != p->image)
            classes = d->input[i].classes;
    if (p->scores == NULL && classes > 0 && d->output_count == 1 && d->output[0].shape.elements == classes)
        p->scores = &d->output[0];
}

static double value_at(const struct predictor *p, const struct netrt_output *output, int64_t sample, int64_t element)
{
    const struct session *s = p->s;
    const unsigned char *block = s->blocks + (size_t)(sample / NETRT_LANES) * s->model->block_bytes + output->offset;
    int64_t place = element * NETRT_LANES + sample % NETRT_LANES;

    return netrt_real(block, s->model->precision, place);
}

/* Scores that are a distribution already are left as they are; others go through softmax. */
static json_t *probabilities(const struct predictor *p, int64_t sample, int64_t *best)
{
    int64_t classes = p->scores->shape.elements;
    double sum = 0, exponentials = 0;
    bool distribution = true;
    json_t *list = json_array();

    *best = 0;
    for (int64_t c = 0; c < classes; c++) {
        double score = value_at(p, p->scores, sample, c);
        sum += score;
        distribution = distribution && score >= 0;
        if (score > value_at(p, p->scores, sample, *best))
            *best = c;
    }
    distribution = distribution && fabs(sum - 1) < 1e-3;
    double highest = value_at(p, p->scores, sample, *best);
    for (int64_t c = 0; c < classes; c++)
        exponentials += exp(value_at(p, p->scores, sample, c) - highest);
    for (int64_t c = 0; c < classes; c++) {
        double score = value_at(p, p->scores, sample, c);
        json_t *share = json_real(distribution ? score : exp(score - highest) / exponentials);
        json_array_append_new(list, share != NULL ? share : json_null());
    }
    return list;
}

static json_t *outputs(const struct predictor *p, int64_t sample)
{
    const struct netrt_description *d = &p->s->description;
    json_t *object = json_object();

    for (int i = 0; i < d->output_count; i++) {
        json_t *list = json_array();
        for (int64_t e = 0; e < d->output[i].shape.elements; e++) {
            json_t *value = json_real(value_at(p, &d->output[i], sample, e));
            json_array_append_new(list, value != NULL ? value : json_null());
        }
        json_object_set_new(object, d->output[i].name, list);
    }
    return object;
}

static void print_line(const struct predictor *p, int64_t sample)
{
    const struct waiting *waiting = &p->waiting[sample];
    json_t *line = json_object(), *file = json_string(waiting->file);

    json_object_set_new(line, "file", file != NULL ? file : json_string("(a name that is no UTF-8)"));
    if (waiting->record >= 0)
        json_object_set_new(line, "record", json_integer(waiting->record));
    if (p->scores != NULL) {
        int64_t best;
        json_t *list = probabilities(p, sample, &best);
        json_object_set_new(line, "class", json_integer(best));
        json_object_set_new(line, "probabilities", list);
    } else {
        json_object_set_new(line, "outputs", outputs(p, sample));
    }
    json_dumpf(line, stdout, JSON_STYLE);
    fputc('\n', stdout);
    json_decref(line);
}

/* Runs the gathered records and prints their lines. */
static void flush(struct predictor *p)
{
    struct session *s = p->s;
    const struct netrt_program *program = &s->model->evaluate;
    const struct netrt_preparation *prepared = &s->preparation;
    int image = (int)(p->image - s->description.input);

    if (p->count == 0)
        return;
    s->step.samples = p->count;
    s->step.block_count = netrt_block_count(p->count);
    s->step.input = (const void *const *)p->input;
    for (int64_t block = 0; block < s->step.block_count; block++) {
        const unsigned char *record[NETRT_LANES];
        for (int lane = 0; lane < NETRT_LANES; lane++) {
            int64_t sample = block * NETRT_LANES + lane;
            record[lane] = p->bytes + (size_t)(sample < p->count ? sample : p->count - 1) * p->record_bytes;
        }
        netrt_prepare_block(prepared, record,
                            (unsigned char *)p->input[image] +
                                (size_t)(block * prepared->out.elements * NETRT_LANES) * (size_t)prepared->precision);
    }
    /* The records' indices stay zero: nothing is drawn outside training. */
    for (int i = 0; i < s->description.input_count; i++) {
        if (s->description.input[i].kind == NETRT_INPUT_WEIGHT)
            netrt_fill_weights(p->input[i], s->model->precision, p->count);
    }
    netrt_step_run(s->pool, s->model, program, 0, program->phase_count, &s->step);
    for (int64_t i = 0; i < p->count; i++)
        print_line(p, i);
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
    p->record_bytes = (size_t)records->shape.elements * (records->wide ? sizeof(uint16_t) : 1);
    p->bytes = malloc((size_t)s->model->batch * p->record_bytes);
    return p->bytes != NULL ? NETRT_OK : netrt_fail(&s->error, NETRT_E_SYSTEM, "out of memory for pictures");
}

/* The first file decides the shape of records; all others must have the same, but may be finer or coarser. */
static enum netrt_status accept_records(struct predictor *p, const char *file, const struct netrt_records *records)
{
    struct session *s = p->s;
    char expected[NETRT_SHAPE_TEXT], found[NETRT_SHAPE_TEXT];

    if (p->image->kind == NETRT_INPUT_CLASS && records->wide)
        return netrt_fail(&s->error, NETRT_E_CONTENT, "%s: the input %s takes whole numbers, but the samples have 16 bits", file,
                          p->image->name);
    if (p->bytes == NULL)
        return prepare_for(p, file, records);
    if (!netrt_shape_equal(&records->shape, &s->preparation.in))
        return netrt_fail(&s->error, NETRT_E_CONTENT, "%s: expected %s, as in the files before, found %s", file,
                          netrt_shape_print(&s->preparation.in, expected), netrt_shape_print(&records->shape, found));
    return records->wide == s->preparation.wide ? NETRT_OK : prepare_for(p, file, records);
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
    for (int64_t i = 0; i < records.count && status == NETRT_OK; i++) {
        memcpy(p->bytes + (size_t)p->count * p->record_bytes, records.image + (size_t)i * p->record_bytes, p->record_bytes);
        p->waiting[p->count++] = (struct waiting){file, picture ? -1 : i};
        if (p->count == s->model->batch)
            flush(p);
    }
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
        return netrt_fail(&s->error, NETRT_E_USAGE, "%s takes no picture", d->net);
    p->input = calloc((size_t)d->input_count + 1, sizeof *p->input);
    p->waiting = calloc((size_t)s->model->batch, sizeof *p->waiting);
    if (p->input == NULL || p->waiting == NULL)
        return netrt_fail(&s->error, NETRT_E_SYSTEM, "out of memory for pictures");
    for (int i = 0; i < d->input_count && status == NETRT_OK; i++)
        status = netrt_memory_map(&p->input[i], netrt_input_bytes(&d->input[i], s->model), d->input[i].name, &s->error);
    find_scores(p);
    return status == NETRT_OK ? netrt_weights_load(d, s->model->precision, s->options->weights, s->uniform, &s->error) : status;
}

static void close_predictor(struct predictor *p)
{
    for (int i = 0; p->input != NULL && i < p->s->description.input_count; i++)
        netrt_memory_unmap(p->input[i], netrt_input_bytes(&p->s->description.input[i], p->s->model));
    free(p->input);
    free(p->waiting);
    free(p->bytes);
}

int command_predict(struct session *s)
{
    struct predictor p = {.s = s};
    enum netrt_status status = open_predictor(&p);

    for (int i = 0; i < s->options->file_count && status == NETRT_OK; i++)
        status = predict_file(&p, s->options->files[i]);
    /* What was read before a bad file is still answered. */
    flush(&p);
    close_predictor(&p);
    return status == NETRT_OK ? 0 : session_report(s);
}

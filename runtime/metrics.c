/* metrics: one function for each metric's value of a sample; totals are kept in double, and can be saved and restored. */
#include "netrt/metrics.h"

#include "netrt/pool.h"
#include "netrt/real.h"

#include <stdlib.h>
#include <string.h>

struct tally {
    double sum;
    double *sample;       /* [batch]: each sample's value in the present step */
    int64_t *confusion;   /* [classes][classes], or NULL */
    int64_t classes;
};

struct netrt_metrics {
    const struct netrt_description *description;
    const struct netrt_model *model;
    const struct netrt_step *step;    /* the present one */
    struct tally *tally;              /* [metric_count] */
    int64_t samples;
    double loss;
};

enum netrt_status netrt_metrics_open(struct netrt_metrics **result, const struct netrt_description *description,
                                     const struct netrt_model *model, struct netrt_error *error)
{
    struct netrt_metrics *m = calloc(1, sizeof *m);
    bool complete = m != NULL;

    if (m != NULL) {
        m->description = description;
        m->model = model;
        m->tally = calloc((size_t)description->metric_count + 1, sizeof *m->tally);
        complete = m->tally != NULL;
    }
    for (int i = 0; complete && i < description->metric_count; i++) {
        struct tally *t = &m->tally[i];
        const struct netrt_metric *metric = &description->metric[i];
        t->sample = calloc((size_t)model->batch + NETRT_LANES, sizeof *t->sample);
        if (metric->kind == NETRT_METRIC_CONFUSION) {
            t->classes = metric->prediction.dim[0];
            t->confusion = calloc((size_t)(t->classes * t->classes), sizeof *t->confusion);
        }
        complete = t->sample != NULL && (t->classes == 0 || t->confusion != NULL);
    }
    if (!complete) {
        netrt_metrics_close(m);
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for metrics");
    }
    *result = m;
    return NETRT_OK;
}

void netrt_metrics_close(struct netrt_metrics *m)
{
    if (m == NULL)
        return;
    for (int i = 0; m->tally != NULL && i < m->description->metric_count; i++) {
        free(m->tally[i].sample);
        free(m->tally[i].confusion);
    }
    free(m->tally);
    free(m);
}

void netrt_metrics_reset(struct netrt_metrics *m)
{
    m->samples = 0;
    m->loss = 0;
    for (int i = 0; i < m->description->metric_count; i++) {
        struct tally *t = &m->tally[i];
        t->sum = 0;
        if (t->confusion != NULL)
            memset(t->confusion, 0, (size_t)(t->classes * t->classes) * sizeof *t->confusion);
    }
}

/* Element `i` of lane `lane` in a tensor of lane vectors. */
static double get(const void *at, int precision, int64_t i, int lane)
{
    return netrt_real(at, precision, i * NETRT_LANES + lane);
}

static const void *in_block(const struct netrt_metrics *m, int64_t block, size_t offset)
{
    return m->step->blocks + (size_t)block * m->model->block_bytes + offset;
}

/* The target's tensor of one lane block. */
static const void *target_block(const struct netrt_metrics *m, const struct netrt_metric *metric, int64_t block)
{
    int64_t elements = m->description->input[metric->target].shape.elements;
    size_t bytes = (size_t)(elements * NETRT_LANES) * (size_t)m->model->precision;

    return (const unsigned char *)m->step->input[metric->target] + (size_t)block * bytes;
}

/* Scores that rank above class `target` at one position: the first of equals ranks higher. */
static int64_t rank_of(const void *scores, int precision, int64_t classes, int64_t positions, int64_t at, int lane, int64_t target)
{
    double own = get(scores, precision, target * positions + at, lane);
    int64_t above = 0;

    for (int64_t c = 0; c < classes; c++) {
        double other = get(scores, precision, c * positions + at, lane);
        above += other > own || (c < target && !(other < own) && !(other > own));
    }
    return above;
}

static int64_t highest(const void *scores, int precision, int64_t classes, int64_t positions, int64_t at, int lane)
{
    int64_t best = 0;

    for (int64_t c = 1; c < classes; c++) {
        if (get(scores, precision, c * positions + at, lane) > get(scores, precision, best * positions + at, lane))
            best = c;
    }
    return best;
}

/* The share of a sample's positions whose target is among the k highest scores. */
static double class_value(const struct netrt_metrics *m, const struct netrt_metric *metric, int64_t block, int lane)
{
    const void *scores = in_block(m, block, metric->offset), *targets = target_block(m, metric, block);
    int64_t classes = metric->prediction.dim[0], positions = metric->prediction.elements / classes, hits = 0;
    int precision = m->model->precision;

    for (int64_t at = 0; at < positions; at++) {
        int64_t target = (int64_t)get(targets, precision, at, lane);
        hits += rank_of(scores, precision, classes, positions, at, lane, target) < metric->k;
    }
    return (double)hits / (double)positions;
}

static double distance_value(const struct netrt_metrics *m, const struct netrt_metric *metric, int64_t block, int lane)
{
    const void *prediction = in_block(m, block, metric->offset), *target = target_block(m, metric, block);
    int precision = m->model->precision;
    double sum = 0;

    for (int64_t i = 0; i < metric->prediction.elements; i++) {
        double error = get(prediction, precision, i, lane) - get(target, precision, i, lane);
        sum += metric->kind == NETRT_METRIC_MSE ? error * error : error < 0 ? -error : error;
    }
    return sum / (double)metric->prediction.elements;
}

/* Values of the samples of one lane block. */
static void measure_block(void *context, int64_t block)
{
    struct netrt_metrics *m = context;

    for (int i = 0; i < m->description->metric_count; i++) {
        const struct netrt_metric *metric = &m->description->metric[i];
        double *value = m->tally[i].sample + block * NETRT_LANES;
        for (int lane = 0; lane < NETRT_LANES && block * NETRT_LANES + lane < m->step->samples; lane++) {
            if (metric->kind == NETRT_METRIC_ACCURACY || metric->kind == NETRT_METRIC_TOP)
                value[lane] = class_value(m, metric, block, lane);
            else if (metric->kind != NETRT_METRIC_CONFUSION)
                value[lane] = distance_value(m, metric, block, lane);
        }
    }
}

static void count_confusion(struct netrt_metrics *m, const struct netrt_metric *metric, struct tally *t)
{
    int64_t positions = metric->prediction.elements / t->classes;
    int precision = m->model->precision;

    for (int64_t s = 0; s < m->step->samples; s++) {
        int64_t block = s / NETRT_LANES;
        int lane = (int)(s % NETRT_LANES);
        const void *scores = in_block(m, block, metric->offset), *targets = target_block(m, metric, block);
        for (int64_t at = 0; at < positions; at++) {
            int64_t target = (int64_t)get(targets, precision, at, lane);
            t->confusion[target * t->classes + highest(scores, precision, t->classes, positions, at, lane)]++;
        }
    }
}

double netrt_metrics_step_loss(const struct netrt_metrics *m, const struct netrt_step *step)
{
    double sum = 0;

    for (int64_t s = 0; s < step->samples; s++) {
        const unsigned char *block = step->blocks + (size_t)(s / NETRT_LANES) * m->model->block_bytes;
        sum += get(block + m->description->loss_offset, m->model->precision, 0, (int)(s % NETRT_LANES));
    }
    return sum;
}

void netrt_metrics_add(struct netrt_metrics *m, struct netrt_pool *pool, const struct netrt_step *step)
{
    m->step = step;
    m->loss += netrt_metrics_step_loss(m, step);
    m->samples += step->samples;
    if (m->description->metric_count > 0)
        netrt_pool_run(pool, step->block_count, measure_block, m);
    for (int i = 0; i < m->description->metric_count; i++) {
        struct tally *t = &m->tally[i];
        if (t->confusion != NULL)
            count_confusion(m, &m->description->metric[i], t);
        for (int64_t s = 0; t->confusion == NULL && s < step->samples; s++)
            t->sum += t->sample[s];
    }
}

int64_t netrt_metrics_samples(const struct netrt_metrics *m)
{
    return m->samples;
}

double netrt_metrics_loss(const struct netrt_metrics *m)
{
    return m->samples > 0 ? m->loss / (double)m->samples : 0;
}

double netrt_metrics_value(const struct netrt_metrics *m, int metric)
{
    return m->samples > 0 ? m->tally[metric].sum / (double)m->samples : 0;
}

void netrt_metrics_sums(const struct netrt_metrics *m, double sums[])
{
    sums[0] = (double)m->samples;
    sums[1] = m->loss;
    for (int i = 0; i < m->description->metric_count; i++)
        sums[2 + i] = m->tally[i].sum;
}

void netrt_metrics_restore(struct netrt_metrics *m, const double sums[])
{
    netrt_metrics_reset(m);
    m->samples = (int64_t)sums[0];
    m->loss = sums[1];
    for (int i = 0; i < m->description->metric_count; i++)
        m->tally[i].sum = sums[2 + i];
}

const int64_t *netrt_metrics_confusion(const struct netrt_metrics *m, int metric, int64_t *classes)
{
    *classes = m->tally[metric].classes;
    return m->tally[metric].confusion;
}

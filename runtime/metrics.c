/* metrics: one function for each metric's value of a sample; totals are kept in double, and can be saved and restored. */
#include "netrt/metrics.h"

#include "netrt/pool.h"
#include "netrt/real.h"

#include <stdlib.h>
#include <string.h>

struct tally {
    double sum, count;
    double *sample;       /* [batch]: each sample's value in the present step */
    double *counted;      /* [batch]: targets that count in it, where some are ignored: the value is a number of hits; or NULL */
    int64_t *confusion;   /* [classes][classes], or NULL */
    int64_t classes;
};

/* Of a part of the loss. */
struct part {
    double sum, count;
};

struct netrt_metrics {
    const struct netrt_description *description;
    const struct netrt_model *model;
    const struct netrt_step *step;    /* the present one */
    struct tally *tally;              /* [metric_count] */
    struct part *part;                /* [loss_part_count] */
    int64_t samples;
    double loss;
};

/* Whether a metric is a share of the targets that count, rather than a mean over samples. */
static bool leaves_out(const struct netrt_description *d, int metric)
{
    const enum netrt_metric_kind kind = d->metric[metric].kind;

    return (kind == NETRT_METRIC_ACCURACY || kind == NETRT_METRIC_TOP) && d->input[d->metric[metric].target].ignores;
}

enum netrt_status netrt_metrics_open(struct netrt_metrics **result, const struct netrt_description *description,
                                     const struct netrt_model *model, struct netrt_error *error)
{
    struct netrt_metrics *m = calloc(1, sizeof *m);
    bool complete = m != NULL;

    if (m != NULL) {
        m->description = description;
        m->model = model;
        m->tally = calloc((size_t)description->metric_count + 1, sizeof *m->tally);
        m->part = calloc((size_t)description->loss_part_count + 1, sizeof *m->part);
        complete = m->tally != NULL && m->part != NULL;
    }
    for (int i = 0; complete && i < description->metric_count; i++) {
        struct tally *t = &m->tally[i];
        const struct netrt_metric *metric = &description->metric[i];
        t->sample = calloc((size_t)model->batch + NETRT_LANES, sizeof *t->sample);
        if (leaves_out(description, i))
            t->counted = calloc((size_t)model->batch + NETRT_LANES, sizeof *t->counted);
        if (metric->kind == NETRT_METRIC_CONFUSION) {
            t->classes = metric->prediction.dim[0];
            t->confusion = calloc((size_t)(t->classes * t->classes), sizeof *t->confusion);
        }
        complete =
            t->sample != NULL && (t->classes == 0 || t->confusion != NULL) && (t->counted != NULL || !leaves_out(description, i));
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
        free(m->tally[i].counted);
        free(m->tally[i].confusion);
    }
    free(m->tally);
    free(m->part);
    free(m);
}

void netrt_metrics_reset(struct netrt_metrics *m)
{
    m->samples = 0;
    m->loss = 0;
    memset(m->part, 0, (size_t)m->description->loss_part_count * sizeof *m->part);
    for (int i = 0; i < m->description->metric_count; i++) {
        struct tally *t = &m->tally[i];
        t->sum = t->count = 0;
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

/* The target's tensor of one lane block: classes as int32_t. */
static const void *target_block(const struct netrt_metrics *m, const struct netrt_metric *metric, int64_t block)
{
    const struct netrt_input *input = &m->description->input[metric->target];
    size_t bytes = (size_t)(input->shape.elements * NETRT_LANES) * netrt_input_element_bytes(input, m->model->precision);

    return (const unsigned char *)m->step->input[metric->target] + (size_t)block * bytes;
}

static int64_t class_of(const void *targets, int64_t i, int lane)
{
    return ((const int32_t *)targets)[i * NETRT_LANES + lane];
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

static bool is_ignored(const struct netrt_metrics *m, const struct netrt_metric *metric, int64_t target)
{
    const struct netrt_input *input = &m->description->input[metric->target];

    return input->ignores && target == input->ignored;
}

/* The share of a sample's positions whose target is among the k highest scores. `counted`, where it is not NULL, gets the number of
 * positions that count, and the result is the number of hits among them. */
static double class_value(const struct netrt_metrics *m, const struct netrt_metric *metric, int64_t block, int lane,
                          double *counted)
{
    const void *scores = in_block(m, block, metric->offset), *targets = target_block(m, metric, block);
    int64_t classes = metric->prediction.dim[0], positions = metric->prediction.elements / classes, hits = 0, ignored = 0;
    int precision = m->model->precision;

    for (int64_t at = 0; at < positions; at++) {
        int64_t target = class_of(targets, at, lane);
        if (is_ignored(m, metric, target))
            ignored++;
        else
            hits += rank_of(scores, precision, classes, positions, at, lane, target) < metric->k;
    }
    if (counted == NULL)
        return (double)hits / (double)positions;
    *counted = (double)(positions - ignored);
    return (double)hits;
}

static double distance_value(const struct netrt_metrics *m, const struct netrt_metric *metric, int64_t block, int lane)
{
    const void *prediction = in_block(m, block, metric->offset), *target = target_block(m, metric, block);
    const bool is_class = m->description->input[metric->target].kind == NETRT_INPUT_CLASS;
    int precision = m->model->precision;
    double sum = 0;

    for (int64_t i = 0; i < metric->prediction.elements; i++) {
        double wanted = is_class ? (double)class_of(target, i, lane) : get(target, precision, i, lane);
        double error = get(prediction, precision, i, lane) - wanted;
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
        const int64_t first = block * NETRT_LANES;
        double *value = m->tally[i].sample + first;
        double *counted = m->tally[i].counted != NULL ? m->tally[i].counted + first : NULL;
        for (int lane = 0; lane < NETRT_LANES && block * NETRT_LANES + lane < m->step->samples; lane++) {
            if (metric->kind == NETRT_METRIC_ACCURACY || metric->kind == NETRT_METRIC_TOP)
                value[lane] = class_value(m, metric, block, lane, counted != NULL ? counted + lane : NULL);
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
            int64_t target = class_of(targets, at, lane);
            if (is_ignored(m, metric, target))
                continue;
            t->confusion[target * t->classes + highest(scores, precision, t->classes, positions, at, lane)]++;
        }
    }
}

/* The sum over the samples of a number in their blocks, in order. */
static double sum_of_step(const struct netrt_metrics *m, const struct netrt_step *step, size_t offset)
{
    double sum = 0;

    for (int64_t s = 0; s < step->samples; s++) {
        const unsigned char *block = step->blocks + (size_t)(s / NETRT_LANES) * m->model->block_bytes;
        sum += get(block + offset, m->model->precision, 0, (int)(s % NETRT_LANES));
    }
    return sum;
}

double netrt_metrics_step_loss(const struct netrt_metrics *m, const struct netrt_step *step)
{
    return sum_of_step(m, step, m->description->loss_offset);
}

static void add_parts(struct netrt_metrics *m, const struct netrt_step *step)
{
    for (int i = 0; i < m->description->loss_part_count; i++) {
        const struct netrt_loss_part *part = &m->description->loss_part[i];
        m->part[i].sum += part->has_sum ? sum_of_step(m, step, part->sum) : (double)step->samples;
        m->part[i].count += part->has_count ? sum_of_step(m, step, part->count) : (double)step->samples;
    }
}

void netrt_metrics_add(struct netrt_metrics *m, struct netrt_pool *pool, const struct netrt_step *step)
{
    m->step = step;
    m->loss += netrt_metrics_step_loss(m, step);
    m->samples += step->samples;
    add_parts(m, step);
    if (m->description->metric_count > 0)
        netrt_pool_run(pool, step->block_count, measure_block, m);
    for (int i = 0; i < m->description->metric_count; i++) {
        struct tally *t = &m->tally[i];
        if (t->confusion != NULL)
            count_confusion(m, &m->description->metric[i], t);
        for (int64_t s = 0; t->confusion == NULL && s < step->samples; s++)
            t->sum += t->sample[s];
        for (int64_t s = 0; t->counted != NULL && s < step->samples; s++)
            t->count += t->counted[s];
    }
}

int64_t netrt_metrics_samples(const struct netrt_metrics *m)
{
    return m->samples;
}

double netrt_metrics_loss(const struct netrt_metrics *m)
{
    double sum = 0;

    if (m->samples == 0 || m->description->loss_part_count == 0)
        return m->samples > 0 ? m->loss / (double)m->samples : 0;
    for (int i = 0; i < m->description->loss_part_count; i++)
        sum += m->description->loss_part[i].factor * (m->part[i].sum / m->part[i].count);
    return sum;
}

bool netrt_metrics_has_count(const struct netrt_metrics *m)
{
    for (int i = 0; i < m->description->loss_part_count; i++) {
        if (!(m->part[i].count > 0))
            return false;
    }
    return m->samples > 0;
}

double netrt_metrics_value(const struct netrt_metrics *m, int metric)
{
    const struct tally *t = &m->tally[metric];

    if (m->samples == 0)
        return 0;
    return t->sum / (t->counted != NULL ? t->count : (double)m->samples);
}

int netrt_metrics_sum_count(const struct netrt_description *d)
{
    int count = 2 + d->metric_count + 2 * d->loss_part_count;

    for (int i = 0; i < d->metric_count; i++)
        count += leaves_out(d, i);
    return count;
}

void netrt_metrics_sums(const struct netrt_metrics *m, double sums[])
{
    double *next = sums;

    *next++ = (double)m->samples;
    *next++ = m->loss;
    for (int i = 0; i < m->description->metric_count; i++)
        *next++ = m->tally[i].sum;
    for (int i = 0; i < m->description->loss_part_count; i++) {
        *next++ = m->part[i].sum;
        *next++ = m->part[i].count;
    }
    for (int i = 0; i < m->description->metric_count; i++)
        if (leaves_out(m->description, i))
            *next++ = m->tally[i].count;
}

void netrt_metrics_restore(struct netrt_metrics *m, const double sums[])
{
    const double *next = sums;

    netrt_metrics_reset(m);
    m->samples = (int64_t)*next++;
    m->loss = *next++;
    for (int i = 0; i < m->description->metric_count; i++)
        m->tally[i].sum = *next++;
    for (int i = 0; i < m->description->loss_part_count; i++) {
        m->part[i].sum = *next++;
        m->part[i].count = *next++;
    }
    for (int i = 0; i < m->description->metric_count; i++)
        if (leaves_out(m->description, i))
            m->tally[i].count = *next++;
}

const int64_t *netrt_metrics_confusion(const struct netrt_metrics *m, int metric, int64_t *classes)
{
    *classes = m->tally[metric].classes;
    return m->tally[metric].confusion;
}

/* weights: parameters, and what a run needs to go on, between the arena and safetensors files. */
#include "netrt/weights.h"

#include "netrt/init.h"
#include "netrt/real.h"
#include "netrt/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 512, PLACES = 3, PART_TEXT = 64 };

enum netrt_status netrt_weights_init(const struct netrt_description *d, int precision, uint64_t seed, unsigned char *uniform,
                                     struct netrt_error *error)
{
    enum netrt_status status = NETRT_OK;

    for (int i = 0; i < d->state_count; i++)
        memset(uniform + d->state[i].offset, 0, (size_t)d->state[i].shape.elements * (size_t)precision);
    for (int i = 0; i < d->parameter_count && status == NETRT_OK; i++)
        status = netrt_init_parameter(&d->parameter[i], (uint32_t)i, seed, precision, uniform + d->parameter[i].offset, error);
    return status;
}

static bool ends_in(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);

    return a >= b && strcmp(text + a - b, end) == 0;
}

static bool is_parameter(const struct netrt_description *d, const char *name)
{
    for (int i = 0; i < d->parameter_count; i++) {
        if (strcmp(d->parameter[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool is_state(const struct netrt_description *d, const char *name)
{
    for (int i = 0; i < d->state_count; i++) {
        if (strcmp(d->state[i].name, name) == 0)
            return true;
    }
    return strcmp(name, "position") == 0 || strcmp(name, "sums") == 0;
}

/* Beside the parameters a file may hold PyTorch's counter and the state of a run: any, or where `resumed` that of this net. */
static enum netrt_status refuse_unknown(const struct netrt_description *d, const struct netrt_safetensors *file, const char *path,
                                        bool resumed, struct netrt_error *error)
{
    for (int i = 0; i < file->count; i++) {
        const char *name = file->tensor[i].name;
        const bool state = strncmp(name, "netc.", 5) == 0;
        if (is_parameter(d, name) || (state && (!resumed || is_state(d, name + 5))) ||
            (!resumed && ends_in(name, "num_batches_tracked")))
            continue;
        if (state)
            return netrt_fail(error, NETRT_E_CONTENT, "%s: the run of %s has no state called %s", path, d->net, name);
        return netrt_fail(error, NETRT_E_CONTENT, "%s: %s holds no parameter called %s (it has %d parameters, the first %s)", path,
                          d->net, name, d->parameter_count, d->parameter_count > 0 ? d->parameter[0].name : "none");
    }
    return NETRT_OK;
}

/* Widening is exact. An F64 number that F32 does not hold would be rounded: how many there are, and how far off the worst is. */
static enum netrt_status convert(const struct netrt_parameter *parameter, int precision, const struct netrt_tensor *tensor,
                                 const char *path, unsigned char *to, struct netrt_error *error)
{
    int64_t rounded = 0;
    double worst = 0;

    for (int64_t e = 0; e < tensor->shape.elements; e++) {
        const double number = netrt_real(tensor->data, tensor->precision, e);
        netrt_put_real(to, precision, e, number);
        const double kept = netrt_real(to, precision, e), off = fabs(kept - number);
        if (off > 0) {
            rounded++;
            worst = fmax(worst, off / fabs(number));
        }
    }
    if (rounded == 0)
        return NETRT_OK;
    return netrt_fail(error, NETRT_E_CONTENT,
                      "%s: %s is F64, and F32 would lose digits of %" PRId64 " of its %" PRId64
                      " numbers (up to %.1e of their size): compile the net with --precision=f64, or convert the file",
                      path, parameter->name, rounded, tensor->shape.elements, worst);
}

static enum netrt_status check_finite(const struct netrt_parameter *parameter, int precision, const char *path,
                                      const unsigned char *at, struct netrt_error *error)
{
    for (int64_t e = 0; e < parameter->shape.elements; e++) {
        const double number = netrt_real(at, precision, e);
        if (!isfinite(number))
            return netrt_fail(error, NETRT_E_CONTENT, "%s: %s: element %" PRId64 " is %s: these weights compute nothing", path,
                              parameter->name, e, isnan(number) ? "NaN" : "infinite");
    }
    return NETRT_OK;
}

static enum netrt_status load_one(const struct netrt_parameter *parameter, int precision, const struct netrt_safetensors *file,
                                  const char *path, unsigned char *to, struct netrt_error *error)
{
    const struct netrt_tensor *tensor = netrt_safetensors_find(file, parameter->name);
    char expected[NETRT_SHAPE_TEXT], found[NETRT_SHAPE_TEXT];

    if (tensor == NULL)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: expected a tensor %s of shape %s, found none (%d tensors, the first %s)",
                          path, parameter->name, netrt_shape_print(&parameter->shape, expected), file->count,
                          file->count > 0 ? file->tensor[0].name : "none");
    if (!netrt_shape_equal(&tensor->shape, &parameter->shape))
        return netrt_fail(error, NETRT_E_CONTENT, "%s: %s: expected shape %s, found %s", path, parameter->name,
                          netrt_shape_print(&parameter->shape, expected), netrt_shape_print(&tensor->shape, found));
    if (tensor->precision == 0)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: %s: expected type F32 or F64, found another", path, parameter->name);
    enum netrt_status status = convert(parameter, precision, tensor, path, to, error);
    return status == NETRT_OK ? check_finite(parameter, precision, path, to, error) : status;
}

enum netrt_status netrt_weights_load(const struct netrt_description *d, int precision, const char *path, unsigned char *uniform,
                                     struct netrt_error *error)
{
    struct netrt_safetensors file;
    enum netrt_status status = netrt_safetensors_read(&file, path, error);

    if (status != NETRT_OK)
        return status;
    for (int i = 0; i < d->parameter_count && status == NETRT_OK; i++)
        status = load_one(&d->parameter[i], precision, &file, path, uniform + d->parameter[i].offset, error);
    if (status == NETRT_OK)
        status = refuse_unknown(d, &file, path, false, error);
    netrt_safetensors_close(&file);
    return status;
}

/* One tensor under "netc.", copied whole. */
static enum netrt_status load_state(const struct netrt_safetensors *file, const char *path, const char *name,
                                    const struct netrt_shape *shape, int precision, void *to, struct netrt_error *error)
{
    char full[NAME_BYTES], expected[NETRT_SHAPE_TEXT];

    snprintf(full, sizeof full, "netc.%s", name);
    const struct netrt_tensor *tensor = netrt_safetensors_find(file, full);
    if (tensor == NULL || tensor->precision != precision || !netrt_shape_equal(&tensor->shape, shape))
        return netrt_fail(error, NETRT_E_CONTENT, "%s: expected %s of shape %s, found %s", path, full,
                          netrt_shape_print(shape, expected),
                          tensor == NULL ? "none: it is no checkpoint of a run" : "another shape or type");
    memcpy(to, tensor->data, (size_t)shape->elements * (size_t)precision);
    return NETRT_OK;
}

/* The names of the metrics, as metadata keep them. */
static void metrics_text(const struct netrt_description *d, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (int i = 0; i < d->metric_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? " " : "", d->metric[i].name);
}

/* Sums of other metrics than the net's mean nothing to it: the unfinished epoch counts them from here on. */
static enum netrt_status load_sums(const struct netrt_description *d, const struct netrt_safetensors *file, const char *path,
                                   struct netrt_position *position, int *changed, struct netrt_error *error)
{
    const char *metrics = netrt_safetensors_metadata(file, "netc.metrics");
    char now[NAME_BYTES];
    struct netrt_shape sums;

    metrics_text(d, now, sizeof now);
    if (metrics != NULL && strcmp(metrics, now) != 0) {
        memset(position->sums, 0, (size_t)position->sum_count * sizeof position->sums[0]);
        *changed |= NETRT_RESUMED_METRICS;
        return NETRT_OK;
    }
    netrt_shape_make(&sums, 1, (int64_t[]){position->sum_count});
    return load_state(file, path, "sums", &sums, (int)sizeof(double), position->sums, error);
}

/* A position within an epoch is that of a whole step, or the batches that follow would not be those of the run. */
static enum netrt_status check_position(const struct netrt_description *d, const char *path, const struct netrt_position *position,
                                        struct netrt_error *error)
{
    const int64_t count = position->part[NETRT_TRAIN].samples;

    if (position->samples > count)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: stopped after %" PRId64 " samples of an epoch, but there are %" PRId64, path,
                          position->samples, count);
    if (position->samples < count && position->samples % d->batch != 0)
        return netrt_fail(error, NETRT_E_CONTENT,
                          "%s: stopped after %" PRId64 " samples of an epoch: that is neither a number of whole batches of %" PRId64
                          " nor all %" PRId64 " samples",
                          path, position->samples, d->batch, count);
    return NETRT_OK;
}

static enum netrt_status load_position(const struct netrt_description *d, const struct netrt_safetensors *file, const char *path,
                                       struct netrt_position *position, int *changed, struct netrt_error *error)
{
    double place[PLACES];
    struct netrt_shape places;

    netrt_shape_make(&places, 1, (int64_t[]){PLACES});
    enum netrt_status status = load_state(file, path, "position", &places, (int)sizeof(double), place, error);
    if (status == NETRT_OK)
        status = load_sums(d, file, path, position, changed, error);
    if (status != NETRT_OK)
        return status;
    if (!(place[0] >= 0 && place[0] < 0x1p52 && place[1] >= 0 && place[1] < 0x1p52))
        return netrt_fail(error, NETRT_E_CONTENT, "%s: netc.position holds no epoch and sample", path);
    position->epoch = (int64_t)place[0];
    position->samples = (int64_t)place[1];
    position->best = isnan(place[2]) ? INFINITY : place[2];
    return check_position(d, path, position, error);
}

static const char *const part_keys[NETRT_PARTS] = {"netc.train", "netc.val", "netc.test"};

static void part_text(const struct netrt_part_print *part, char text[PART_TEXT])
{
    snprintf(text, PART_TEXT, "%" PRId64 " samples, check sum %08" PRIx32, part->samples, part->sum);
}

/* Files that were written before there were check sums are taken as they are. */
static enum netrt_status check_data(const struct netrt_safetensors *file, const char *path, const struct netrt_position *position,
                                    int *changed, struct netrt_error *error)
{
    char now[PART_TEXT];

    for (int i = 0; i < NETRT_PARTS; i++) {
        const char *before = netrt_safetensors_metadata(file, part_keys[i]);
        part_text(&position->part[i], now);
        if (before == NULL || strcmp(before, now) == 0)
            continue;
        if (i != NETRT_TEST)
            return netrt_fail(error, NETRT_E_CONTENT,
                              "%s: the run was begun with other data: %s had %s, now it has %s; "
                              "train --weights %s begins a new run with these weights",
                              path, part_keys[i] + 5, before, now, path);
        *changed |= NETRT_RESUMED_TEST;
    }
    return NETRT_OK;
}

static enum netrt_status check_origin(const struct netrt_description *d, const struct netrt_safetensors *file, const char *path,
                                      uint64_t seed, struct netrt_error *error)
{
    const char *net = netrt_safetensors_metadata(file, "netc.net"), *from = netrt_safetensors_metadata(file, "netc.seed");
    char expected[24];

    snprintf(expected, sizeof expected, "%" PRIu64, seed);
    if (net == NULL || strcmp(net, d->hash) != 0)
        return netrt_fail(
            error, NETRT_E_CONTENT,
            "%s: the run was begun with another net, optimizer or data section (hash %.12s, now %.12s): go on with the "
            "trainer that began it, or begin a new run from its weights: train --weights %s",
            path, net != NULL ? net : "none", d->hash, path);
    if (from == NULL || strcmp(from, expected) != 0)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: the run was begun with seed %s, now it is %s: --seed %s goes on with it",
                          path, from != NULL ? from : "none", expected, from != NULL ? from : "N");
    return NETRT_OK;
}

enum netrt_status netrt_weights_resume(const struct netrt_description *d, int precision, const char *path, unsigned char *uniform,
                                       struct netrt_position *position, int *changed, struct netrt_error *error)
{
    struct netrt_safetensors file;
    enum netrt_status status = netrt_safetensors_read(&file, path, error);

    if (status != NETRT_OK)
        return status;
    *changed = 0;
    status = check_origin(d, &file, path, position->seed, error);
    if (status == NETRT_OK)
        status = check_data(&file, path, position, changed, error);
    if (status == NETRT_OK)
        status = refuse_unknown(d, &file, path, true, error);
    for (int i = 0; i < d->parameter_count && status == NETRT_OK; i++)
        status = load_one(&d->parameter[i], precision, &file, path, uniform + d->parameter[i].offset, error);
    for (int i = 0; i < d->state_count && status == NETRT_OK; i++)
        status = load_state(&file, path, d->state[i].name, &d->state[i].shape, precision, uniform + d->state[i].offset, error);
    if (status == NETRT_OK)
        status = load_position(d, &file, path, position, changed, error);
    netrt_safetensors_close(&file);
    return status;
}

/* What a checkpoint is made of, with room for the names of states. */
struct list {
    struct netrt_tensor *tensor;
    char (*names)[NAME_BYTES];
    double place[PLACES];
    int count;
};

static void add_tensor(struct list *list, const char *name, const struct netrt_shape *shape, int precision, const void *data)
{
    list->tensor[list->count++] = (struct netrt_tensor){name, *shape, precision, data};
}

static void list_state(struct list *list, const struct netrt_description *d, int precision, const unsigned char *uniform,
                       const struct netrt_position *position)
{
    struct netrt_shape shape;

    for (int i = 0; i < d->state_count; i++) {
        snprintf(list->names[i], NAME_BYTES, "netc.%s", d->state[i].name);
        add_tensor(list, list->names[i], &d->state[i].shape, precision, uniform + d->state[i].offset);
    }
    list->place[0] = (double)position->epoch;
    list->place[1] = (double)position->samples;
    list->place[2] = position->best;
    netrt_shape_make(&shape, 1, (int64_t[]){PLACES});
    add_tensor(list, "netc.position", &shape, (int)sizeof(double), list->place);
    if (position->sum_count > 0) {
        netrt_shape_make(&shape, 1, (int64_t[]){position->sum_count});
        add_tensor(list, "netc.sums", &shape, (int)sizeof(double), position->sums);
    }
}

/* What the metadata of a checkpoint say. */
struct facts {
    char seed[24], epoch[24], samples[24], metrics[NAME_BYTES], part[NETRT_PARTS][PART_TEXT];
    struct netrt_metadata pair[6 + NETRT_PARTS];
    int count;
};

static void add_fact(struct facts *f, const char *key, const char *value)
{
    f->pair[f->count++] = (struct netrt_metadata){key, value};
}

static void gather_facts(struct facts *f, const struct netrt_description *d, const struct netrt_position *position, bool with_state)
{
    snprintf(f->seed, sizeof f->seed, "%" PRIu64, position->seed);
    snprintf(f->epoch, sizeof f->epoch, "%" PRId64, position->epoch);
    snprintf(f->samples, sizeof f->samples, "%" PRId64, position->samples);
    add_fact(f, "format", "pt");
    add_fact(f, "netc.net", d->hash);
    add_fact(f, "netc.seed", f->seed);
    add_fact(f, "netc.epoch", f->epoch);
    add_fact(f, "netc.position", f->samples);
    if (!with_state)
        return;
    metrics_text(d, f->metrics, sizeof f->metrics);
    add_fact(f, "netc.metrics", f->metrics);
    for (int i = 0; i < NETRT_PARTS; i++) {
        if (position->part[i].samples == 0)
            continue;
        part_text(&position->part[i], f->part[i]);
        add_fact(f, part_keys[i], f->part[i]);
    }
}

enum netrt_status netrt_weights_save(const struct netrt_description *d, int precision, const char *path,
                                     const unsigned char *uniform, const struct netrt_position *position, bool with_state,
                                     struct netrt_error *error)
{
    struct list list = {.tensor = calloc((size_t)(d->parameter_count + d->state_count) + 2, sizeof *list.tensor),
                        .names = calloc((size_t)d->state_count + 1, sizeof *list.names)};
    struct facts facts = {.count = 0};
    enum netrt_status status;

    gather_facts(&facts, d, position, with_state);
    if (list.tensor == NULL || list.names == NULL) {
        status = netrt_fail(error, NETRT_E_SYSTEM, "out of memory to write %s", path);
    } else {
        for (int i = 0; i < d->parameter_count; i++)
            add_tensor(&list, d->parameter[i].name, &d->parameter[i].shape, precision, uniform + d->parameter[i].offset);
        if (with_state)
            list_state(&list, d, precision, uniform, position);
        status = netrt_safetensors_write(path, list.tensor, list.count, facts.pair, facts.count, error);
    }
    free(list.tensor);
    free(list.names);
    return status;
}

double netrt_weights_penalty(const struct netrt_description *d, int precision, const unsigned char *uniform, const double setting[])
{
    double sum = 0;

    for (int i = 0; i < d->parameter_count; i++) {
        const struct netrt_parameter *p = &d->parameter[i];
        double absolute = 0, square = 0;
        if (p->l1 < 0 && p->l2 < 0)
            continue;
        for (int64_t e = 0; e < p->shape.elements; e++) {
            double w = netrt_real(uniform + p->offset, precision, e);
            absolute += fabs(w);
            square += w * w;
        }
        if (p->l1 >= 0)
            sum += setting[p->l1] * absolute;
        if (p->l2 >= 0)
            sum += setting[p->l2] * square;
    }
    return sum;
}

const char *netrt_weights_first_wrong(const struct netrt_description *d, int precision, const unsigned char *uniform)
{
    for (int i = 0; i < d->parameter_count; i++) {
        for (int64_t e = 0; e < d->parameter[i].shape.elements; e++) {
            if (!isfinite(netrt_real(uniform + d->parameter[i].offset, precision, e)))
                return d->parameter[i].name;
        }
    }
    return NULL;
}

#include "netrt/weights.h"

#include "netrt/init.h"
#include "netrt/real.h"
#include "netrt/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 512, PLACES = 3 };

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

static enum netrt_status refuse_unknown(const struct netrt_description *d, const struct netrt_safetensors *file, const char *path,
                                        struct netrt_error *error)
{
    for (int i = 0; i < file->count; i++) {
        const char *name = file->tensor[i].name;
        if (strncmp(name, "netc.", 5) == 0 || ends_in(name, "num_batches_tracked") || is_parameter(d, name))
            continue;
        return netrt_fail(error, NETRT_E_CONTENT, "%s: %s holds no parameter called %s (it has %d parameters, the first %s)", path,
                          d->net, name, d->parameter_count, d->parameter_count > 0 ? d->parameter[0].name : "none");
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
    if (tensor->precision != precision)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: %s: expected type %s, found %s", path, parameter->name,
                          precision == 4 ? "F32" : "F64",
                          tensor->precision == 4   ? "F32"
                          : tensor->precision == 8 ? "F64"
                                                   : "another");
    memcpy(to, tensor->data, (size_t)tensor->shape.elements * (size_t)precision);
    return NETRT_OK;
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
        status = refuse_unknown(d, &file, path, error);
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

static enum netrt_status load_position(const struct netrt_safetensors *file, const char *path, struct netrt_position *position,
                                       struct netrt_error *error)
{
    double place[PLACES];
    struct netrt_shape places, sums;

    netrt_shape_make(&places, 1, (int64_t[]){PLACES});
    netrt_shape_make(&sums, 1, (int64_t[]){position->sum_count});
    enum netrt_status status = load_state(file, path, "position", &places, (int)sizeof(double), place, error);
    if (status == NETRT_OK)
        status = load_state(file, path, "sums", &sums, (int)sizeof(double), position->sums, error);
    if (status != NETRT_OK)
        return status;
    if (!(place[0] >= 0 && place[0] < 0x1p52 && place[1] >= 0 && place[1] < 0x1p52))
        return netrt_fail(error, NETRT_E_CONTENT, "%s: netc.position holds no epoch and sample", path);
    position->epoch = (int64_t)place[0];
    position->samples = (int64_t)place[1];
    position->best = place[2];
    return NETRT_OK;
}

static enum netrt_status check_origin(const struct netrt_description *d, const struct netrt_safetensors *file, const char *path,
                                      uint64_t seed, struct netrt_error *error)
{
    const char *net = netrt_safetensors_metadata(file, "netc.net"), *from = netrt_safetensors_metadata(file, "netc.seed");
    char expected[24];

    snprintf(expected, sizeof expected, "%" PRIu64, seed);
    if (net == NULL || strcmp(net, d->hash) != 0)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: made by another net or other sections: expected hash %.12s, found %.12s",
                          path, d->hash, net != NULL ? net : "none");
    if (from == NULL || strcmp(from, expected) != 0)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: expected seed %s, found %s", path, expected, from != NULL ? from : "none");
    return NETRT_OK;
}

enum netrt_status netrt_weights_resume(const struct netrt_description *d, int precision, const char *path, unsigned char *uniform,
                                       struct netrt_position *position, struct netrt_error *error)
{
    struct netrt_safetensors file;
    enum netrt_status status = netrt_safetensors_read(&file, path, error);

    if (status != NETRT_OK)
        return status;
    status = check_origin(d, &file, path, position->seed, error);
    for (int i = 0; i < d->parameter_count && status == NETRT_OK; i++)
        status = load_one(&d->parameter[i], precision, &file, path, uniform + d->parameter[i].offset, error);
    for (int i = 0; i < d->state_count && status == NETRT_OK; i++)
        status = load_state(&file, path, d->state[i].name, &d->state[i].shape, precision, uniform + d->state[i].offset, error);
    if (status == NETRT_OK)
        status = load_position(&file, path, position, error);
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

enum netrt_status netrt_weights_save(const struct netrt_description *d, int precision, const char *path,
                                     const unsigned char *uniform, const struct netrt_position *position, bool with_state,
                                     struct netrt_error *error)
{
    struct list list = {.tensor = calloc((size_t)(d->parameter_count + d->state_count) + 2, sizeof *list.tensor),
                        .names = calloc((size_t)d->state_count + 1, sizeof *list.names)};
    char seed[24], epoch[24], samples[24];
    const struct netrt_metadata metadata[] = {
        {"format", "pt"}, {"netc.net", d->hash}, {"netc.seed", seed}, {"netc.epoch", epoch}, {"netc.position", samples}};
    enum netrt_status status;

    snprintf(seed, sizeof seed, "%" PRIu64, position->seed);
    snprintf(epoch, sizeof epoch, "%" PRId64, position->epoch);
    snprintf(samples, sizeof samples, "%" PRId64, position->samples);
    if (list.tensor == NULL || list.names == NULL) {
        status = netrt_fail(error, NETRT_E_SYSTEM, "out of memory to write %s", path);
    } else {
        for (int i = 0; i < d->parameter_count; i++)
            add_tensor(&list, d->parameter[i].name, &d->parameter[i].shape, precision, uniform + d->parameter[i].offset);
        if (with_state)
            list_state(&list, d, precision, uniform, position);
        status =
            netrt_safetensors_write(path, list.tensor, list.count, metadata, (int)(sizeof metadata / sizeof metadata[0]), error);
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

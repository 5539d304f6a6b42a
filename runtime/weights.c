#include "netrt/weights.h"

#include "netrt/init.h"
#include "netrt/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 512 };

static double get(const unsigned char *at, int precision, int64_t i)
{
    return precision == (int)sizeof(float) ? (double)((const float *)(const void *)at)[i] : ((const double *)(const void *)at)[i];
}

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

/* The list of tensors to write; names of states are built in `names`. */
static int list_tensors(const struct netrt_description *d, int precision, const unsigned char *uniform, const double position[2],
                        struct netrt_tensor *tensor, char (*names)[NAME_BYTES], bool with_state)
{
    static const int64_t pair = 2;
    int count = 0;

    for (int i = 0; i < d->parameter_count; i++) {
        const struct netrt_parameter *p = &d->parameter[i];
        tensor[count++] = (struct netrt_tensor){p->name, p->shape, precision, uniform + p->offset};
    }
    if (!with_state)
        return count;
    for (int i = 0; i < d->state_count; i++) {
        const struct netrt_state *s = &d->state[i];
        snprintf(names[i], NAME_BYTES, "netc.%s", s->name);
        tensor[count++] = (struct netrt_tensor){names[i], s->shape, precision, uniform + s->offset};
    }
    tensor[count] = (struct netrt_tensor){.name = "netc.position", .precision = (int)sizeof(double), .data = position};
    netrt_shape_make(&tensor[count].shape, 1, &pair);
    return count + 1;
}

enum netrt_status netrt_weights_save(const struct netrt_description *d, int precision, const char *path,
                                     const unsigned char *uniform, const struct netrt_position *position, bool with_state,
                                     struct netrt_error *error)
{
    const double place[2] = {(double)position->epoch, (double)position->samples};
    struct netrt_tensor *tensor = calloc((size_t)(d->parameter_count + d->state_count) + 1, sizeof *tensor);
    char(*names)[NAME_BYTES] = calloc((size_t)d->state_count + 1, sizeof *names);
    char seed[24], epoch[24], samples[24];
    const struct netrt_metadata metadata[] = {
        {"format", "pt"}, {"netc.net", d->hash}, {"netc.seed", seed}, {"netc.epoch", epoch}, {"netc.position", samples}};

    snprintf(seed, sizeof seed, "%" PRIu64, position->seed);
    snprintf(epoch, sizeof epoch, "%" PRId64, position->epoch);
    snprintf(samples, sizeof samples, "%" PRId64, position->samples);
    enum netrt_status status;
    if (tensor == NULL || names == NULL) {
        status = netrt_fail(error, NETRT_E_SYSTEM, "out of memory to write %s", path);
    } else {
        int count = list_tensors(d, precision, uniform, place, tensor, names, with_state);
        status = netrt_safetensors_write(path, tensor, count, metadata, (int)(sizeof metadata / sizeof metadata[0]), error);
    }
    free(tensor);
    free(names);
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
            double w = get(uniform + p->offset, precision, e);
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
            if (!isfinite(get(uniform + d->parameter[i].offset, precision, e)))
                return d->parameter[i].name;
        }
    }
    return NULL;
}

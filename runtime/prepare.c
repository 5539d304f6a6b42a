/* prepare: works the chain of steps out once for each possible value of an element, and copies records through that table. */
#include "netrt/prepare.h"

#include "netrt/real.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES = 256, WIDE = 65536, WIDE_STEPS = 257 };

/* The chain while it is worked out: rows of doubles, one a value. Row r belongs to channel r % channels. */
struct work {
    struct netrt_preparation *p;
    struct netrt_error *error;
    const char *name;    /* of the records, for messages */
    int64_t channels, rows;
    double *table;
};

static enum netrt_status out_of_memory(struct netrt_error *error)
{
    return netrt_fail(error, NETRT_E_SYSTEM, "prepare: out of memory");
}

/* Rows for what a pad adds: one a channel, the same value for every byte. */
static bool add_padding_rows(struct work *w, double value)
{
    int64_t rows = w->rows + w->channels, values = w->p->values;
    double *grown = realloc(w->table, (size_t)(rows * values) * sizeof *grown);

    if (grown == NULL)
        return false;
    w->table = grown;
    for (int64_t i = w->rows * values; i < rows * values; i++)
        w->table[i] = value;
    w->rows = rows;
    return true;
}

/* The element of the smaller tensor at position `e` of the padded one, or -1 in the border. */
static int64_t inside(const struct netrt_shape *padded, const struct netrt_shape *shape, const int64_t before[], int64_t e)
{
    int64_t at[NETRT_MOST_AXES] = {0}, index = 0;

    for (int a = padded->rank - 1; a >= 0; a--) {
        at[a] = e % padded->dim[a] - before[a];
        e /= padded->dim[a];
    }
    for (int a = 0; a < shape->rank; a++) {
        if (at[a] < 0 || at[a] >= shape->dim[a])
            return -1;
        index = index * shape->dim[a] + at[a];
    }
    return index;
}

static void map_padded(struct work *w, const struct netrt_shape *padded, const int64_t before[], int32_t *from, int32_t *row)
{
    const struct netrt_shape *shape = &w->p->out;
    int64_t per_channel = padded->elements / w->channels;

    for (int64_t e = 0; e < padded->elements; e++) {
        int64_t index = inside(padded, shape, before, e);
        from[e] = index < 0 ? 0 : w->p->from[index];
        row[e] = index < 0 ? (int32_t)(w->rows + e / per_channel) : w->p->row[index];
    }
}

static enum netrt_status apply_pad(struct work *w, const struct netrt_prepare_step *step)
{
    struct netrt_preparation *p = w->p;
    struct netrt_shape padded;
    int64_t dim[NETRT_MOST_AXES], before[NETRT_MOST_AXES] = {0};
    char text[NETRT_SHAPE_TEXT];
    int first = p->out.rank - step->axes;

    if (first < (w->channels > 1 ? 1 : 0))
        return netrt_fail(w->error, NETRT_E_CONTENT, "%s: prepare: pad: %d axes, but the data have rank %d", w->name, step->axes,
                          p->out.rank);
    memcpy(dim, p->out.dim, sizeof dim);
    for (int a = 0; a < step->axes; a++) {
        before[first + a] = step->before[a];
        dim[first + a] += step->before[a] + step->after[a];
    }
    if (!netrt_shape_make(&padded, p->out.rank, dim))
        return netrt_fail(w->error, NETRT_E_CONTENT, "%s: prepare: pad: %s", w->name, netrt_shape_fault(p->out.rank, dim, text));
    if (padded.elements > INT32_MAX)
        return netrt_fail(w->error, NETRT_E_CONTENT, "%s: prepare: pad: %s are more than 2^31 - 1 elements", w->name,
                          netrt_shape_print(&padded, text));

    int32_t *from = malloc((size_t)padded.elements * sizeof *from), *row = malloc((size_t)padded.elements * sizeof *row);
    if (from == NULL || row == NULL) {
        free(from);
        free(row);
        return out_of_memory(w->error);
    }
    map_padded(w, &padded, before, from, row);
    free(p->from);
    free(p->row);
    p->from = from;
    p->row = row;
    p->out = padded;
    return add_padding_rows(w, step->value) ? NETRT_OK : out_of_memory(w->error);
}

static enum netrt_status apply_normalize(struct work *w, const struct netrt_prepare_step *step)
{
    if (step->channels != 1 && step->channels != w->channels)
        return netrt_fail(w->error, NETRT_E_CONTENT, "%s: prepare: normalize: %d means, but the data have %" PRId64 " channels",
                          w->name, step->channels, w->channels);
    for (int64_t i = 0; i < w->rows * w->p->values; i++) {
        int64_t c = step->channels == 1 ? 0 : i / w->p->values % w->channels;
        w->table[i] = (w->table[i] - step->mean[c]) / step->std[c];
    }
    return NETRT_OK;
}

static enum netrt_status apply(struct work *w, const struct netrt_prepare_step *step)
{
    switch (step->kind) {
    case NETRT_PREPARE_PAD: return apply_pad(w, step);
    case NETRT_PREPARE_SCALE:
        for (int64_t i = 0; i < w->rows * w->p->values; i++)
            w->table[i] *= step->factor;
        return NETRT_OK;
    case NETRT_PREPARE_NORMALIZE: return apply_normalize(w, step);
    }
    return NETRT_OK;
}

/* Every element is its own, and the table says byte b means b. */
static enum netrt_status begin(struct work *w)
{
    struct netrt_preparation *p = w->p;
    int64_t elements = p->in.elements;
    char text[NETRT_SHAPE_TEXT];

    if (elements > INT32_MAX)
        return netrt_fail(w->error, NETRT_E_CONTENT, "%s: prepare: records of %s are more than 2^31 - 1 elements", w->name,
                          netrt_shape_print(&p->in, text));
    p->from = malloc((size_t)elements * sizeof *p->from);
    p->row = malloc((size_t)elements * sizeof *p->row);
    w->table = calloc((size_t)(w->channels * p->values), sizeof *w->table);
    if (p->from == NULL || p->row == NULL || w->table == NULL)
        return out_of_memory(w->error);
    for (int64_t e = 0; e < elements; e++) {
        p->from[e] = (int32_t)e;
        p->row[e] = (int32_t)(e / (elements / w->channels));
    }
    for (int64_t i = 0; i < w->channels * p->values; i++)
        w->table[i] = p->element == NETRT_U16 ? (double)(i % WIDE) / WIDE_STEPS : (double)(i % BYTES);
    w->rows = w->channels;
    return NETRT_OK;
}

static enum netrt_status round_table(struct work *w)
{
    struct netrt_preparation *p = w->p;
    int64_t count = w->rows * p->values;

    p->rows = w->rows;
    p->table = malloc((size_t)count * (size_t)p->precision);
    if (p->table == NULL)
        return out_of_memory(w->error);
    for (int64_t i = 0; i < count; i++)
        netrt_put_real(p->table, p->precision, i, w->table[i]);
    return NETRT_OK;
}

enum netrt_status netrt_prepare_open(struct netrt_preparation *p, const struct netrt_records *records,
                                     const struct netrt_prepare_step *step, int steps, int precision, struct netrt_error *error)
{
    const struct netrt_shape *in = &records->shape;
    struct work w = {.p = p, .error = error, .name = records->image_name, .channels = in->rank >= 3 ? in->dim[0] : 1};

    *p = (struct netrt_preparation){.in = *in,
                                    .out = *in,
                                    .precision = precision,
                                    .element = records->element,
                                    .step = step,
                                    .steps = steps,
                                    .channels = w.channels};
    p->values = p->element == NETRT_U8 ? BYTES : p->element == NETRT_U16 ? WIDE : 1;
    enum netrt_status status = begin(&w);
    for (int i = 0; i < steps && status == NETRT_OK; i++)
        status = apply(&w, &step[i]);
    if (status == NETRT_OK)
        status = round_table(&w);
    free(w.table);
    if (status != NETRT_OK)
        netrt_prepare_close(p);
    return status;
}

void netrt_prepare_close(struct netrt_preparation *p)
{
    free(p->from);
    free(p->row);
    free(p->table);
    *p = (struct netrt_preparation){0};
}

/* An element of channel c through the chain, as apply does it with the tables. */
static double follow(const struct netrt_preparation *p, double x, int64_t c)
{
    for (int i = 0; i < p->steps; i++) {
        const struct netrt_prepare_step *step = &p->step[i];
        if (step->kind == NETRT_PREPARE_SCALE)
            x *= step->factor;
        else if (step->kind == NETRT_PREPARE_NORMALIZE)
            x = (x - step->mean[step->channels == 1 ? 0 : c]) / step->std[step->channels == 1 ? 0 : c];
    }
    return x;
}

static void follow_block(const struct netrt_preparation *p, const unsigned char *const record[NETRT_LANES], void *to)
{
    for (int64_t e = 0; e < p->out.elements; e++) {
        const int32_t row = p->row[e];
        const double border = netrt_real(p->table, p->precision, row);
        for (int lane = 0; lane < NETRT_LANES; lane++) {
            double x = row < p->channels ? follow(p, netrt_number(record[lane], p->element, p->from[e]), row) : border;
            netrt_put_real(to, p->precision, e * NETRT_LANES + lane, x);
        }
    }
}

#define PREPARE_BLOCK(p, record, to, real, element)                              \
    for (int64_t e = 0; e < (p)->out.elements; e++) {                            \
        const real *row_ = (const real *)(p)->table + (p)->row[e] * (p)->values; \
        int32_t from_ = (p)->from[e];                                            \
        for (int lane = 0; lane < NETRT_LANES; lane++) {                         \
            const element *record_ = (const void *)(record)[lane];               \
            ((real *)(to))[e * NETRT_LANES + lane] = row_[record_[from_]];       \
        }                                                                        \
    }

void netrt_prepare_block(const struct netrt_preparation *p, const unsigned char *const record[NETRT_LANES], void *to)
{
    bool single = p->precision == (int)sizeof(float);

    if (p->values == 1) {
        follow_block(p, record, to);
    } else if (single && p->element == NETRT_U8) {
        PREPARE_BLOCK(p, record, to, float, unsigned char)
    } else if (single) {
        PREPARE_BLOCK(p, record, to, float, uint16_t)
    } else if (p->element == NETRT_U8) {
        PREPARE_BLOCK(p, record, to, double, unsigned char)
    } else {
        PREPARE_BLOCK(p, record, to, double, uint16_t)
    }
}

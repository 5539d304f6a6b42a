#include "netrt/prepare.h"

#include "netrt/real.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES = 256 };

/* The chain while it is worked out: rows of doubles. Row r belongs to channel r % channels. */
struct work {
    struct netrt_preparation *p;
    struct netrt_error *error;
    int64_t channels, rows;
    double (*table)[BYTES];
};

static enum netrt_status out_of_memory(struct netrt_error *error)
{
    return netrt_fail(error, NETRT_E_SYSTEM, "prepare: out of memory");
}

/* Rows for what a pad adds: one a channel, the same value for every byte. */
static bool add_padding_rows(struct work *w, double value)
{
    int64_t rows = w->rows + w->channels;
    double(*grown)[BYTES] = realloc(w->table, (size_t)rows * sizeof *grown);

    if (grown == NULL)
        return false;
    w->table = grown;
    for (int64_t r = w->rows; r < rows; r++) {
        for (int b = 0; b < BYTES; b++)
            w->table[r][b] = value;
    }
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
    int first = p->out.rank - step->axes;

    if (first < (w->channels > 1 ? 1 : 0))
        return netrt_fail(w->error, NETRT_E_CONTENT, "prepare: pad: %d axes, but the data have rank %d", step->axes, p->out.rank);
    memcpy(dim, p->out.dim, sizeof dim);
    for (int a = 0; a < step->axes; a++) {
        before[first + a] = step->before[a];
        dim[first + a] += step->before[a] + step->after[a];
    }
    if (!netrt_shape_make(&padded, p->out.rank, dim) || padded.elements > INT32_MAX)
        return netrt_fail(w->error, NETRT_E_CONTENT, "prepare: pad: the padded data are too large");

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
        return netrt_fail(w->error, NETRT_E_CONTENT, "prepare: normalize: %d means, but the data have %" PRId64 " channels",
                          step->channels, w->channels);
    for (int64_t r = 0; r < w->rows; r++) {
        int64_t c = step->channels == 1 ? 0 : r % w->channels;
        for (int b = 0; b < BYTES; b++)
            w->table[r][b] = (w->table[r][b] - step->mean[c]) / step->std[c];
    }
    return NETRT_OK;
}

static enum netrt_status apply(struct work *w, const struct netrt_prepare_step *step)
{
    switch (step->kind) {
    case NETRT_PREPARE_PAD: return apply_pad(w, step);
    case NETRT_PREPARE_SCALE:
        for (int64_t r = 0; r < w->rows; r++) {
            for (int b = 0; b < BYTES; b++)
                w->table[r][b] *= step->factor;
        }
        return NETRT_OK;
    case NETRT_PREPARE_NORMALIZE: return apply_normalize(w, step);
    }
    return NETRT_OK;
}

/* Every element is its own byte, and the table says byte b means b. */
static enum netrt_status begin(struct work *w)
{
    struct netrt_preparation *p = w->p;
    int64_t elements = p->in.elements;

    if (elements > INT32_MAX)
        return netrt_fail(w->error, NETRT_E_CONTENT, "prepare: records of %" PRId64 " elements are too large", elements);
    p->from = malloc((size_t)elements * sizeof *p->from);
    p->row = malloc((size_t)elements * sizeof *p->row);
    w->table = calloc((size_t)w->channels, sizeof *w->table);
    if (p->from == NULL || p->row == NULL || w->table == NULL)
        return out_of_memory(w->error);
    for (int64_t e = 0; e < elements; e++) {
        p->from[e] = (int32_t)e;
        p->row[e] = (int32_t)(e / (elements / w->channels));
    }
    for (int64_t r = 0; r < w->channels; r++) {
        for (int b = 0; b < BYTES; b++)
            w->table[r][b] = b;
    }
    w->rows = w->channels;
    return NETRT_OK;
}

static enum netrt_status round_table(struct work *w)
{
    struct netrt_preparation *p = w->p;
    int64_t count = w->rows * BYTES;

    p->rows = w->rows;
    p->table = malloc((size_t)count * (size_t)p->precision);
    if (p->table == NULL)
        return out_of_memory(w->error);
    for (int64_t i = 0; i < count; i++)
        netrt_put_real(p->table, p->precision, i, w->table[i / BYTES][i % BYTES]);
    return NETRT_OK;
}

enum netrt_status netrt_prepare_open(struct netrt_preparation *p, const struct netrt_shape *in,
                                     const struct netrt_prepare_step *step, int steps, int precision, struct netrt_error *error)
{
    struct work w = {.p = p, .error = error, .channels = in->rank >= 3 ? in->dim[0] : 1};

    *p = (struct netrt_preparation){.in = *in, .out = *in, .precision = precision};
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

#define PREPARE_BLOCK(p, record, to, real)                                          \
    for (int64_t e = 0; e < (p)->out.elements; e++) {                               \
        const real *row_ = (const real *)(p)->table + (int64_t)(p)->row[e] * BYTES; \
        int32_t from_ = (p)->from[e];                                               \
        for (int lane = 0; lane < NETRT_LANES; lane++)                              \
            ((real *)(to))[e * NETRT_LANES + lane] = row_[(record)[lane][from_]];   \
    }

void netrt_prepare_block(const struct netrt_preparation *p, const unsigned char *const record[NETRT_LANES], void *to)
{
    if (p->precision == (int)sizeof(float)) {
        PREPARE_BLOCK(p, record, to, float)
    } else {
        PREPARE_BLOCK(p, record, to, double)
    }
}

/* init: fills one parameter, element by element from its own random numbers; orthogonal matrices by Gram-Schmidt on normal
 * numbers. */
#include "netrt/init.h"

#include "netrt/random.h"
#include "netrt/real.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

struct target {
    void *to;
    int precision;
    int64_t count;
};

/* The pair of 64-bit numbers 2·pair and 2·pair + 1 of a parameter's stream. */
static void random_pair(struct netrt_stream random, int64_t pair, uint64_t out[2])
{
    uint32_t word[4];

    random.index = (uint32_t)(pair >> 32);
    netrt_random_group(&random, (uint32_t)pair, word);
    out[0] = (uint64_t)word[1] << 32 | word[0];
    out[1] = (uint64_t)word[3] << 32 | word[2];
}

static double uniform_of(uint64_t bits, double low, double high)
{
    return low + (high - low) * ((double)(bits >> 11) * 0x1p-53);
}

static double normal_of(uint64_t bits)
{
    return netrt_normal_quantile(((double)(bits >> 12) + 0.5) * 0x1p-52);
}

static void fill_uniform(const struct target *t, struct netrt_stream random, double bound)
{
    uint64_t bits[2];

    for (int64_t i = 0; i < t->count; i++) {
        if (i % 2 == 0)
            random_pair(random, i / 2, bits);
        netrt_put_real(t->to, t->precision, i, uniform_of(bits[i % 2], -bound, bound));
    }
}

static void fill_normal(const struct target *t, struct netrt_stream random, double std)
{
    uint64_t bits[2];

    for (int64_t i = 0; i < t->count; i++) {
        if (i % 2 == 0)
            random_pair(random, i / 2, bits);
        netrt_put_real(t->to, t->precision, i, std * normal_of(bits[i % 2]));
    }
}

static void fill_constant(const struct target *t, double value)
{
    for (int64_t i = 0; i < t->count; i++)
        netrt_put_real(t->to, t->precision, i, value);
}

static double dot(const double *a, const double *b, int64_t count)
{
    double sum = 0;

    for (int64_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Modified Gram-Schmidt on the rows of m [rows, columns], rows <= columns. Each row is cleaned twice, which makes the result
 * orthogonal to working precision (Giraud, Langou, Rozložník, "The loss of orthogonality in the Gram-Schmidt process", 2005). */
static void orthonormalize(double *m, int64_t rows, int64_t columns)
{
    for (int64_t r = 0; r < rows; r++) {
        double *row = m + r * columns;
        for (int64_t before = 0; before < 2 * r; before++) {
            const double *other = m + before % r * columns;
            double along = dot(row, other, columns);
            for (int64_t c = 0; c < columns; c++)
                row[c] -= along * other[c];
        }
        double length = sqrt(dot(row, row, columns));
        for (int64_t c = 0; c < columns; c++)
            row[c] /= length;
    }
}

static enum netrt_status fill_orthogonal(const struct target *t, struct netrt_stream random,
                                         const struct netrt_parameter *parameter, struct netrt_error *error)
{
    int64_t size = t->count / parameter->init.matrices;
    int64_t high = parameter->shape.rank > 0 ? parameter->shape.dim[0] / parameter->init.matrices : 1, wide = size / high;
    int64_t rows = high < wide ? high : wide, columns = size / rows;
    double *m = calloc((size_t)t->count, sizeof *m);

    if (m == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "%s: out of memory for an orthogonal matrix of %" PRId64 " by %" PRId64,
                          parameter->name, high, wide);
    fill_normal(&(struct target){m, (int)sizeof(double), t->count}, random, 1);
    for (int64_t first = 0; first < t->count; first += size) {
        double *matrix = m + first;
        orthonormalize(matrix, rows, columns);
        for (int64_t i = 0; i < size; i++)
            netrt_put_real(t->to, t->precision, first + i, high <= wide ? matrix[i] : matrix[i % wide * columns + i / wide]);
    }
    free(m);
    return NETRT_OK;
}

static void clear_unconnected(const struct target *t, const struct netrt_parameter *parameter)
{
    int64_t rows = parameter->shape.dim[0] * parameter->shape.dim[1], length = t->count / rows;

    for (int64_t i = 0; i < t->count; i++)
        if (!parameter->init.connected[i / length])
            netrt_put_real(t->to, t->precision, i, 0);
}

enum netrt_status netrt_init_parameter(const struct netrt_parameter *parameter, uint32_t number, uint64_t seed, int precision,
                                       void *to, struct netrt_error *error)
{
    const struct netrt_init *init = &parameter->init;
    const struct target t = {to, precision, parameter->shape.elements};
    enum netrt_status status;
    struct netrt_stream random = netrt_stream(seed, NETRT_FOR_INIT, number, 0, 0);

    switch (init->kind) {
    case NETRT_INIT_HE_NORMAL: fill_normal(&t, random, sqrt(2 / init->fan_in)); break;
    case NETRT_INIT_HE_UNIFORM: fill_uniform(&t, random, sqrt(6 / init->fan_in)); break;
    case NETRT_INIT_XAVIER_NORMAL: fill_normal(&t, random, sqrt(2 / (init->fan_in + init->fan_out))); break;
    case NETRT_INIT_XAVIER_UNIFORM: fill_uniform(&t, random, sqrt(6 / (init->fan_in + init->fan_out))); break;
    case NETRT_INIT_LECUN_NORMAL: fill_normal(&t, random, sqrt(1 / init->fan_in)); break;
    case NETRT_INIT_NORMAL: fill_normal(&t, random, init->std); break;
    case NETRT_INIT_UNIFORM: fill_uniform(&t, random, init->bound); break;
    case NETRT_INIT_ZEROS: fill_constant(&t, 0); break;
    case NETRT_INIT_ONES: fill_constant(&t, 1); break;
    case NETRT_INIT_CONSTANT: fill_constant(&t, init->value); break;
    case NETRT_INIT_ORTHOGONAL:
        status = fill_orthogonal(&t, random, parameter, error);
        if (status != NETRT_OK)
            return status;
        break;
    case NETRT_INIT_VALUES:
        for (int64_t i = 0; i < t.count; i++)
            netrt_put_real(t.to, t.precision, i, init->values[i]);
        break;
    }
    if (init->connected != NULL)
        clear_unconnected(&t, parameter);
    return NETRT_OK;
}

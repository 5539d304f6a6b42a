/* random: the counters and keys of Philox for each purpose, and numbers made of its words. */
#include "netrt/random.h"

#include <Random123/philox.h>

#include <assert.h>
#include <math.h>
#include <string.h>

struct netrt_stream netrt_stream(uint64_t seed, enum netrt_purpose purpose, uint32_t layer, uint32_t epoch, uint32_t index)
{
    assert(layer < 1u << 24);
    return (struct netrt_stream){seed, (uint32_t)purpose << 24 | layer, epoch, index};
}

void netrt_random_group(const struct netrt_stream *stream, uint32_t group, uint32_t word[4])
{
    philox4x32_ctr_t counter = {{group, stream->index, stream->epoch, stream->purpose}};
    philox4x32_key_t key = {{(uint32_t)stream->seed, (uint32_t)(stream->seed >> 32)}};
    philox4x32_ctr_t result = philox4x32_R(10, counter, key);

    memcpy(word, result.v, sizeof result.v);
}

uint32_t netrt_random_u32(const struct netrt_stream *stream, uint32_t element)
{
    uint32_t word[4];

    netrt_random_group(stream, element / 4, word);
    return word[element % 4];
}

uint64_t netrt_random_u64(const struct netrt_stream *stream, uint32_t element)
{
    uint32_t word[4];

    netrt_random_group(stream, element / 2, word);
    return (uint64_t)word[element % 2 * 2 + 1] << 32 | word[element % 2 * 2];
}

double netrt_random_unit(const struct netrt_stream *stream, uint32_t element)
{
    return (double)(netrt_random_u64(stream, element) >> 11) * 0x1p-53;
}

double netrt_random_open(const struct netrt_stream *stream, uint32_t element)
{
    return ((double)(netrt_random_u64(stream, element) >> 12) + 0.5) * 0x1p-52;
}

void netrt_permutation(const struct netrt_stream *stream, int64_t count, int64_t order[])
{
    for (int64_t i = 0; i < count; i++)
        order[i] = i;
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t j = (int64_t)(netrt_random_u64(stream, (uint32_t)i) % (uint64_t)(i + 1));
        int64_t kept = order[i];

        order[i] = order[j];
        order[j] = kept;
    }
}

/* x = 2^e * m with m in [sqrt(1/2), sqrt(2)), and log m = 2 atanh(s) with s = (m - 1)/(m + 1), |s| < 0.1716: the odd series
 * through s^21 leaves less than 1e-18 of s. ln 2 in two words keeps e ln 2 exact in its upper part. */
double netrt_log(double x)
{
    static const double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
    uint64_t bits;
    double m;

    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
    memcpy(&m, &bits, sizeof m);
    if (m > 0x1.6a09e667f3bcdp0) {
        m *= 0.5;
        exponent++;
    }

    double s = (m - 1) / (m + 1), z = s * s, series = 0;
    for (int k = 21; k >= 3; k -= 2)
        series = z * (1.0 / k + series);
    return (double)exponent * ln2_high + (2 * s + (2 * s * series + (double)exponent * ln2_low));
}

/* Ratio of two polynomials of degree 7 whose coefficients are listed from the constant upwards. */
static double ratio(const double a[8], const double b[8], double x)
{
    double above = a[7], below = b[7];

    for (int i = 6; i >= 0; i--) {
        above = above * x + a[i];
        below = below * x + b[i];
    }
    return above / below;
}

double netrt_normal_quantile(double p)
{
    static const double a[8] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
                                4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3};
    static const double b[8] = {1.0,
                                4.2313330701600911252e1,
                                6.8718700749205790830e2,
                                5.3941960214247511077e3,
                                2.1213794301586595867e4,
                                3.9307895800092710610e4,
                                2.8729085735721942674e4,
                                5.2264952788528545610e3};
    static const double c[8] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[8] = {1.0,
                                2.05319162663775882187e0,
                                1.67638483018380384940e0,
                                6.89767334985100004550e-1,
                                1.48103976427480074590e-1,
                                1.51986665636164571966e-2,
                                5.47593808499534494600e-4,
                                1.05075007164441684324e-9};
    static const double e[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double f[8] = {1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15};
    double q = p - 0.5;

    if (q <= 0.425 && q >= -0.425)
        return q * ratio(a, b, 0.180625 - q * q);

    double r = sqrt(-netrt_log(q < 0 ? p : 1 - p));
    double z = r <= 5 ? ratio(c, d, r - 1.6) : ratio(e, f, r - 5);
    return q < 0 ? -z : z;
}

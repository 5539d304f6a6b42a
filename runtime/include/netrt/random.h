/* random: numbers that are a pure function of what they are for.
 *
 * Philox4x32-10, keyed by the seed; the counter is (purpose and layer, epoch, index, element). There is no generator to advance,
 * share or save: the same question gives the same number for any number of threads, any batch and any order.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011; Random123's philox.h.
 */
#ifndef NETRT_RANDOM_H
#define NETRT_RANDOM_H

#include <stdint.h>

enum netrt_purpose {
    NETRT_FOR_INIT = 1,
    NETRT_FOR_SHUFFLE,     /* the order of an epoch */
    NETRT_FOR_SOURCE,      /* shuffle(seed) in a data source */
    NETRT_FOR_DIGITS,
    NETRT_FOR_BENCH,
    NETRT_FOR_LAYER,       /* drawn in kernels: dropout, noise */
};

struct netrt_stream {
    uint64_t seed;
    uint32_t purpose;    /* enum netrt_purpose in the upper eight bits, a layer or variable below */
    uint32_t epoch;
    uint32_t index;      /* in the data set */
};

/* `layer` counts below 2^24. */
struct netrt_stream netrt_stream(uint64_t seed, enum netrt_purpose purpose, uint32_t layer, uint32_t epoch, uint32_t index);

/* Element `element` of a stream: 32 bits, 64 bits (elements 2e and 2e + 1), 53 bits as a real in [0, 1), and in (0, 1). */
uint32_t netrt_random_u32(const struct netrt_stream *stream, uint32_t element);
uint64_t netrt_random_u64(const struct netrt_stream *stream, uint32_t element);
double netrt_random_unit(const struct netrt_stream *stream, uint32_t element);
double netrt_random_open(const struct netrt_stream *stream, uint32_t element);

/* The four words of one counter, for callers that want all of them: word w of group g is element 4g + w. */
void netrt_random_group(const struct netrt_stream *stream, uint32_t group, uint32_t word[4]);

/* Writes a permutation of 0 … count − 1 to `order` (Fisher and Yates; the bias is below count / 2^64). */
void netrt_permutation(const struct netrt_stream *stream, int64_t count, int64_t order[]);

/* log(x) for normal x > 0, to within 2e-16 relative or absolute, whichever is greater; only + − * / and bit operations, so the
 * same bits from every compiler. */
double netrt_log(double x);

/* The standard normal quantile of p in (0, 1), relative error about 1e-15.
 * Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37, 1988 (PPND16). */
double netrt_normal_quantile(double p);

#endif

/* real: single reals of a net, float or double by its precision, and the lane blocks that they come in. */
#ifndef NETRT_REAL_H
#define NETRT_REAL_H

#include "netrt/model.h"

#include <stdint.h>

static inline double netrt_real(const void *at, int precision, int64_t i)
{
    return precision == (int)sizeof(float) ? (double)((const float *)at)[i] : ((const double *)at)[i];
}

static inline void netrt_put_real(void *to, int precision, int64_t i, double value)
{
    if (precision == (int)sizeof(float))
        ((float *)to)[i] = (float)value;
    else
        ((double *)to)[i] = value;
}

/* Lane blocks that hold so many samples. */
static inline int64_t netrt_block_count(int64_t samples)
{
    return (samples + NETRT_LANES - 1) / NETRT_LANES;
}

#endif

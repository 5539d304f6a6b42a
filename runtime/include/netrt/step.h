/* step: runs the programs of a compiled net. */
#ifndef NETRT_STEP_H
#define NETRT_STEP_H

#include "netrt/model.h"

#include <stdint.h>

struct netrt_pool;

/* Runs phases first … last − 1 of a program, each to its end before the next. Allocates nothing. */
void netrt_step_run(struct netrt_pool *pool, const struct netrt_model *model, const struct netrt_program *program, int32_t first,
                    int32_t last, const struct netrt_step *step);

/* Called after each call of a kernel, with the item it worked on and the seconds it took. Returning non-zero ends the run. */
typedef int netrt_observer_fn(void *context, int32_t kernel, int64_t item, double seconds);

/* The same results as netrt_step_run, by the calling thread alone, one kernel at a time. Returns what the observer ended with,
 * or 0. */
int netrt_step_run_observed(const struct netrt_model *model, const struct netrt_program *program, int32_t first, int32_t last,
                            const struct netrt_step *step, netrt_observer_fn *observer, void *context);

/* Multiply-adds of one run of the whole program on `samples` samples. */
double netrt_program_multiply_adds(const struct netrt_model *model, const struct netrt_program *program, int64_t samples);

/* Multiply-adds and bytes moved by one kernel in such a run. */
double netrt_kernel_multiply_adds(const struct netrt_kernel *kernel, int64_t samples);
double netrt_kernel_bytes(const struct netrt_kernel *kernel, int64_t samples);

#endif

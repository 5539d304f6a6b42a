/* step: runs the phases of a program. A work item is a lane block, through all kernels of the phase, or an item of one kernel; phases meet
 * at a barrier. */
#include "netrt/step.h"

#include "netrt/pool.h"
#include "netrt/real.h"

struct phase_run {
    const struct netrt_kernel *kernel; /* the phase's first */
    int32_t count;
    const struct netrt_step *step;
};

/* All kernels of the phase on one lane block: its activations stay in the cache. */
static void run_block(void *context, int64_t block)
{
    const struct phase_run *phase = context;

    for (int32_t i = 0; i < phase->count; i++)
        phase->kernel[i].run(phase->step, block);
}

/* The phase's kernels share one numbering of items, one kernel's after the other's. */
static void run_item(void *context, int64_t item)
{
    const struct phase_run *phase = context;
    int32_t i = 0;

    for (; item >= phase->kernel[i].items; i++)
        item -= phase->kernel[i].items;
    phase->kernel[i].run(phase->step, item);
}

void netrt_step_run(struct netrt_pool *pool, const struct netrt_model *model, const struct netrt_program *program, int32_t first,
                    int32_t last, const struct netrt_step *step)
{
    for (int32_t p = first; p < last; p++) {
        const struct netrt_phase *phase = &program->phase[p];
        struct phase_run run = {&model->kernel[phase->first], phase->count, step};
        int64_t items = 0;

        for (int32_t i = 0; i < run.count; i++)
            items += run.kernel[i].items;
        if (items == 0)
            netrt_pool_run(pool, step->block_count, run_block, &run);
        else
            netrt_pool_run(pool, items, run_item, &run);
    }
}

/* One call of a kernel under the observer's eyes. */
static int observe(const struct netrt_model *model, int32_t kernel, int64_t item, const struct netrt_step *step,
                   netrt_observer_fn *observer, void *context)
{
    double begin = netrt_seconds();

    model->kernel[kernel].run(step, item);
    return observer(context, kernel, item, netrt_seconds() - begin);
}

static int observe_phase(const struct netrt_model *model, const struct netrt_phase *phase, const struct netrt_step *step,
                         netrt_observer_fn *observer, void *context)
{
    int64_t blocks = model->kernel[phase->first].items == 0 ? step->block_count : 1;

    for (int64_t block = 0; block < blocks; block++) {
        for (int32_t k = phase->first; k < phase->first + phase->count; k++) {
            int64_t items = model->kernel[k].items;
            int ended = items == 0 ? observe(model, k, block, step, observer, context) : 0;

            for (int64_t item = 0; item < items && ended == 0; item++)
                ended = observe(model, k, item, step, observer, context);
            if (ended != 0)
                return ended;
        }
    }
    return 0;
}

int netrt_step_run_observed(const struct netrt_model *model, const struct netrt_program *program, int32_t first, int32_t last,
                            const struct netrt_step *step, netrt_observer_fn *observer, void *context)
{
    for (int32_t p = first; p < last; p++) {
        int ended = program->phase[p].count > 0 ? observe_phase(model, &program->phase[p], step, observer, context) : 0;
        if (ended != 0)
            return ended;
    }
    return 0;
}

double netrt_kernel_multiply_adds(const struct netrt_kernel *kernel, int64_t samples)
{
    return kernel->items == 0 || kernel->per_sample ? kernel->multiply_adds * (double)samples : kernel->multiply_adds;
}

double netrt_kernel_bytes(const struct netrt_kernel *kernel, int64_t samples)
{
    return kernel->items == 0 ? kernel->bytes * (double)netrt_block_count(samples) : kernel->bytes;
}

double netrt_program_multiply_adds(const struct netrt_model *model, const struct netrt_program *program, int64_t samples)
{
    double sum = 0;

    for (int32_t p = 0; p < program->phase_count; p++) {
        const struct netrt_phase *phase = &program->phase[p];
        for (int32_t k = phase->first; k < phase->first + phase->count; k++)
            sum += netrt_kernel_multiply_adds(&model->kernel[k], samples);
    }
    return sum;
}

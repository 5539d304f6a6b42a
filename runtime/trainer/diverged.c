/* diverged: runs a step again, kernel by kernel, and looks at the results of each. */
#include "runtime/trainer/diverged.h"

#include "netrt/step.h"
#include "netrt/weights.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Whether a real is NaN or infinite. A word of ones is taken for a mask, which kernels may keep among their activations. */
static bool is_wrong(const unsigned char *at, int precision)
{
    if (precision == (int)sizeof(float)) {
        uint32_t bits;
        memcpy(&bits, at, sizeof bits);
        return (bits & 0x7f800000u) == 0x7f800000u && bits != UINT32_MAX;
    }
    uint64_t bits;
    memcpy(&bits, at, sizeof bits);
    return (bits & 0x7ff0000000000000u) == 0x7ff0000000000000u && bits != UINT64_MAX;
}

struct search {
    const struct session *session;
    int32_t found;    /* a kernel, or -1 */
};

/* The activations were cleared before the search, so the first kernel after which something is wrong has made it. */
static int look(void *context, int32_t kernel, int64_t item, double seconds)
{
    struct search *search = context;
    const struct session *s = search->session;
    bool one_block = s->model->kernel[kernel].items == 0;
    size_t begin = one_block ? (size_t)item * s->model->block_bytes : 0;
    size_t end = one_block ? begin + s->model->block_bytes : s->blocks_bytes;

    (void)seconds;
    for (size_t at = begin; at < end; at += (size_t)s->model->precision) {
        if (is_wrong(s->blocks + at, s->model->precision)) {
            search->found = kernel;
            return 1;
        }
    }
    return 0;
}

enum netrt_status diverged(struct session *s, int64_t epoch, int64_t step, double loss)
{
    const char *what = isnan(loss) ? "NaN" : "infinite";
    const char *parameter = netrt_weights_first_wrong(&s->description, s->model->precision, s->uniform);
    struct search search = {s, -1};

    if (parameter != NULL)
        return netrt_fail(&s->error, NETRT_E_DIVERGED,
                          "epoch %" PRId64 ", step %" PRId64
                          ": the loss is %s: the update of the step before made %s NaN or infinite "
                          "(a smaller learning rate may help)",
                          epoch, step, what, parameter);
    memset(s->blocks, 0, s->blocks_bytes);
    const struct netrt_program *train = netrt_model_program(s->model, "train");
    netrt_step_run_observed(s->model, train, 0, train->checked, &s->step, look, &search);
    if (search.found < 0)
        return netrt_fail(&s->error, NETRT_E_DIVERGED, "epoch %" PRId64 ", step %" PRId64 ": the loss is %s", epoch, step, what);
    return netrt_fail(&s->error, NETRT_E_DIVERGED,
                      "epoch %" PRId64 ", step %" PRId64 ": the loss is %s: the first kernel that made a NaN or infinity is %s "
                      "(a smaller learning rate may help)",
                      epoch, step, what, s->model->kernel[search.found].name);
}

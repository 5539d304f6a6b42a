/* The numbers of a compiled net: linked with its object. */
#include "netrt/pool.h"
#include "tests/numbers/numbers.h"

#include <stdio.h>

static void run_step(void *pool, enum numbers_program program, const struct netrt_step *step)
{
    const struct netrt_program *p = netrt_model_program(&netrt_model, program == NUMBERS_TRAIN ? "train" : "evaluate");

    netrt_step_run(pool, &netrt_model, p, 0, p->phase_count, step);
}

int main(int argc, char **argv)
{
    struct numbers_options options;
    struct netrt_pool *pool = NULL;
    struct netrt_error error = {0};

    if (!numbers_read_options(argc, argv, &options))
        return 2;
    if (netrt_model.unsupported()) {
        fprintf(stderr, "this CPU lacks %s\n", netrt_model.unsupported());
        return 77;
    }
    if (netrt_pool_open(&pool, options.threads, &error) != NETRT_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 3;
    }
    const int status = numbers_run(&netrt_model, &options, run_step, pool);
    netrt_pool_close(pool);
    return status;
}

/* The numbers of a net as the interpreter of loops computes them, in double. The net's file is the argument that is no option.
 * After a first argument --graph they are those that the graph itself states (graph_step.h), of batches of one sample. */
#include "compiler/describe/describe.h"
#include "compiler/differentiate/differentiate.h"
#include "compiler/lower/lower.h"
#include "compiler/plan/plan.h"
#include "tests/numbers/graph_step.h"
#include "tests/numbers/numbers.h"
#include "tests/support/net_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_text(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;
    size_t capacity = 0;

    if (!in || getdelim(&text, &capacity, '\0', in) < 0)
        perror(path);
    if (in)
        fclose(in);
    return text;
}

static void run_step(void *context, enum numbers_program program, const struct netrt_step *step)
{
    const struct net_fixture *f = context;
    const struct loop_memory memory = {
        .uniform = (double *)(void *)step->uniform,
        .blocks = (double *)(void *)step->blocks,
        .input = (const double *const *)step->input,
        .setting = step->setting,
        .samples = step->samples,
        .block_count = step->block_count,
    };

    loop_eval_program(f->module, loop_find_program(f->module, program == NUMBERS_TRAIN ? "train" : "evaluate"), &memory);
}

static void run_graph_step(void *context, enum numbers_program program, const struct netrt_step *step)
{
    const struct net_fixture *f = context;

    graph_step(f->plan, program == NUMBERS_TRAIN, step, f->arena);
}

static int run(struct net_fixture *f, const struct numbers_options *options, numbers_step_fn *step)
{
    const struct netrt_model model = {
        .version = NETRT_MODEL_VERSION,
        .precision = sizeof(double),
        .description = plan_describe(f->plan, &f->program, "interpreter", "none", "none", f->arena),
        .uniform_bytes = (size_t)f->plan->uniform_bytes,
        .block_bytes = (size_t)f->plan->block_bytes,
        .batch = f->program.batch,
        .input_count = (int)f->graph->input.count,
        .setting_count = (int)f->graph->setting.count,
    };

    return numbers_run(&model, options, step, f);
}

int main(int argc, char **argv)
{
    struct numbers_options options;
    const bool by_graph = argc > 1 && strcmp(argv[1], "--graph") == 0;

    if (!numbers_read_options(argc - by_graph, argv + by_graph, &options) || !options.net || (by_graph && options.samples != 1))
        return 2;
    char *text = read_text(options.net);
    struct net_fixture *f = text ? net_open(text, sizeof(double), stderr) : NULL;
    int status = 1;
    if (f && net_lower(f, &invented_targets[1], stderr))
        status = run(f, &options, by_graph ? run_graph_step : run_step);
    if (f)
        net_close(f);
    free(text);
    return status;
}

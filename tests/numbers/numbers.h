/* numbers: runs training steps of a net from made-up weights and batches and writes down what comes out.
 *
 * usage: PROGRAM [--steps N] [--samples N] [--seed N] [--threads N] [--by-place] -o FILE.safetensors
 *
 * The file holds, as F64 whatever the precision:
 *   loss          [steps]            mean of the samples' losses before each update
 *   output.NAME   [samples, shape]   of the first step
 *   gradient.NAME                    of each parameter, first step
 *   parameter.NAME                   after the last step
 *   state.NAME                       after the last step
 *   evaluated.NAME [samples, shape]  outputs for the batch of the first step, outside training, after the last step
 * so that two files hold the same bytes exactly if two runs made the same bits.
 *
 * Weights and inputs are those of tests/support/generator.h, rounded to binary32. The key of a parameter is hash(name) + seed, its
 * scale generator_scale, plus generator_shift; the key of an input is hash(name) + seed, its number for an element is (step*samples
 * + sample)*elements + element. With --by-place a parameter's number among the others takes the place of its name: nets that differ in
 * nothing but names get the same weights. A class is bits modulo classes. Settings keep their initial values.
 */
#ifndef NETC_TESTS_NUMBERS_NUMBERS_H
#define NETC_TESTS_NUMBERS_NUMBERS_H

#include "netrt/model.h"
#include "netrt/step.h"

#include <stdbool.h>

/* Forward, backward and update, or forward alone as it is outside training. */
enum numbers_program { NUMBERS_TRAIN, NUMBERS_EVALUATE };

/* Runs one step of the subject. */
typedef void numbers_step_fn(void *context, enum numbers_program program, const struct netrt_step *step);

struct numbers_options {
    int64_t steps, samples;    /* samples 0: a whole batch */
    uint64_t seed;
    int threads;
    bool by_place;
    const char *output, *net;    /* `net`: the argument that is no option, or NULL */
};

/* Reads a command line. Returns false after a message. */
bool numbers_read_options(int argc, char **argv, struct numbers_options *options);

/* Of `model` only the description and the sizes are used. Returns an exit status; messages go to standard error. */
int numbers_run(const struct netrt_model *model, const struct numbers_options *options, numbers_step_fn *run, void *context);

#endif

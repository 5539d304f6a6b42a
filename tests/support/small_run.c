#include "tests/support/small_run.h"

#include "tests/support/loop_fixture.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put(void *at, int precision, int64_t i, double x)
{
    if (precision == 4)
        ((float *)at)[i] = (float)x;
    else
        ((double *)at)[i] = x;
}

static double get(const void *at, int precision, int64_t i)
{
    return precision == 4 ? (double)((const float *)at)[i] : ((const double *)at)[i];
}

void small_fill(struct small_memory *memory, int precision)
{
    memset(memory, 0, sizeof *memory);
    for (int i = 0; i < SMALL_UNIFORM; i++)
        put(memory->uniform, precision, i, small_value(1, i));
    for (int i = 0; i < SMALL_BLOCKS * SMALL_IMAGE; i++)
        put(memory->image, precision, i, small_value(2, i));
    put(memory->setting, precision, 0, 0.75);
}

void small_run(const struct netrt_model *model, const struct netrt_program *program, struct small_memory *memory)
{
    const void *input[1] = {memory->image};
    struct netrt_step step = {memory->uniform, memory->blocks, input, memory->setting, 16 * SMALL_BLOCKS, SMALL_BLOCKS};

    for (int p = 0; p < program->phase_count; p++) {
        for (int k = program->phase[p].first; k < program->phase[p].first + program->phase[p].count; k++) {
            int64_t items = model->kernel[k].items == 0 ? SMALL_BLOCKS : model->kernel[k].items;
            for (int64_t item = 0; item < items; item++)
                model->kernel[k].run(&step, item);
        }
    }
}

const struct netrt_model *model_of(const struct loaded *l)
{
    const struct netrt_model *model = dlsym(l->handle, "netrt_model");

    assert_non_null(model);
    assert_null(model->unsupported());
    return model;
}

/* The interpreter's results, from the same inputs. */
void assert_near_interpreter(const struct loop_module *m, const struct small_memory *got)
{
    static double uniform[SMALL_MAX_REALS], blocks[SMALL_MAX_REALS], image[SMALL_MAX_REALS];
    const double *input[1] = {image};
    double scale = 0.75, tolerance = loop_type_bytes(m->real) == 4 ? 2e-6 : 1e-14;
    struct small_memory *given = malloc(sizeof *given);

    assert_non_null(given);
    small_fill(given, loop_type_bytes(m->real));
    for (int i = 0; i < SMALL_UNIFORM; i++)
        uniform[i] = get(given->uniform, loop_type_bytes(m->real), i);
    for (int i = 0; i < SMALL_BLOCKS * SMALL_IMAGE; i++)
        image[i] = get(given->image, loop_type_bytes(m->real), i);
    free(given);
    loop_eval_program(m, loop_find_program(m, "train"),
                      &(struct loop_memory){uniform, blocks, input, &scale, 16 * SMALL_BLOCKS, SMALL_BLOCKS});
    for (int i = 0; i < SMALL_BLOCKS * SMALL_OUT; i++)
        assert_true(fabs(get(got->blocks, loop_type_bytes(m->real), i) - blocks[i]) <= tolerance);
    for (int i = 57; i < SMALL_UNIFORM; i++)
        assert_true(fabs(get(got->uniform, loop_type_bytes(m->real), i) - uniform[i]) <= 500 * tolerance);
}

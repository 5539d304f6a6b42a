/* small_run: runs small_module (loop_fixture.h), compiled by whatever back end, and holds it against the interpreter. */
#ifndef NETC_TESTS_SUPPORT_SMALL_RUN_H
#define NETC_TESTS_SUPPORT_SMALL_RUN_H

#include "tests/support/compile_c.h"

#include "netrt/model.h"

struct loop_module;

enum { SMALL_BLOCKS = 2, SMALL_MAX_REALS = 4096 };

/* Memory of a run in the module's precision; 64-byte aligned: from aligned_alloc. */
struct small_memory {
    _Alignas(64) unsigned char uniform[8 * SMALL_MAX_REALS], blocks[8 * SMALL_MAX_REALS], image[8 * SMALL_MAX_REALS], setting[64];
};

/* small_value everywhere; the setting is 0.75. */
void small_fill(struct small_memory *memory, int precision);

/* Runs all items of a program, one after the other, on SMALL_BLOCKS full blocks. */
void small_run(const struct netrt_model *model, const struct netrt_program *program, struct small_memory *memory);

/* The model of a loaded library; the test fails if there is none or this CPU cannot run it. */
const struct netrt_model *model_of(const struct loaded *l);

/* That `got`, after the train program, is what the interpreter computes from the same inputs. */
void assert_near_interpreter(const struct loop_module *m, const struct small_memory *got);

#endif

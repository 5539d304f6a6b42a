/* loop_trace: what the loops of a kernel do, without their numbers: control flow is followed, and what happens is counted. */
#ifndef NETC_TESTS_SUPPORT_LOOP_TRACE_H
#define NETC_TESTS_SUPPORT_LOOP_TRACE_H

#include "compiler/loop/loop.h"

#include <stdint.h>

struct loop_trace {
    int64_t multiply_adds;    /* of single lanes */
    int64_t conditions;       /* that were asked */
    int64_t indirections;     /* numbers that were read to choose an iteration; the first one is taken */
    int64_t **written;        /* [buffer][element]: how often a module's buffer was written there, in whichever lane block */
};

/* All items of a kernel, with so many lane blocks; a block kernel does the first one alone. Everything lives in the module's arena. */
struct loop_trace loop_trace(const struct loop_module *m, const struct loop_kernel *k, int64_t blocks);

/* The kernel and the buffer of a name; the test fails if there is none. */
const struct loop_kernel *loop_kernel_named(const struct loop_module *m, const char *name);
loop_buffer_id loop_buffer_named(const struct loop_module *m, const char *name);

#endif

/* child: work that may end its process, done in another. */
#ifndef NETC_DRIVER_CHILD_H
#define NETC_DRIVER_CHILD_H

#include "compiler/driver/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct arena;

/* Does the work and writes its result to `out`. False: it failed and has said why on standard error. */
typedef bool child_work_fn(void *context, FILE *out);

struct child_result {
    const char *bytes;    /* in the arena */
    size_t length;
};

/* Runs `work(context, …)` in a copy of this process and collects what it writes. What the work changes in memory stays in the copy.
 * `what` names the work in messages: "code generation". Returns
 *   STATUS_DONE      *result holds the whole of it
 *   STATUS_SYSTEM    no process could be started, writing failed, or the system stopped it (memory, an interruption)
 *   STATUS_DEFECT    the work failed or crashed; the reason was printed */
enum status child_run(const char *what, child_work_fn *work, void *context, struct arena *a, struct child_result *result);

#endif

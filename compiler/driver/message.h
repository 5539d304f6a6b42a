/* message: what netc says on standard error besides diagnostics, and how it ends early. */
#ifndef NETC_DRIVER_MESSAGE_H
#define NETC_DRIVER_MESSAGE_H

#include "compiler/driver/status.h"

#include <stddef.h>

/* Prints "netc: …" and returns `status`. */
enum status fail(enum status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a defect: adds how to report it. Returns STATUS_DEFECT. */
enum status fail_defect(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For arenas: says that memory ran out and ends with STATUS_SYSTEM. */
_Noreturn void end_out_of_memory(size_t bytes);

/* Installs handlers: a crash or a failed assertion is reported as a defect with STATUS_DEFECT; an interruption ends as usual. Both
 * remove temporary files first. */
void catch_signals(void);

/* Temporary files to remove on any end that is not regular. At most a few at a time; `path` is copied. */
void temporary_add(const char *path);
void temporary_forget(const char *path);
void temporary_remove_all(void);

#endif

/* message: what netc says on standard error besides diagnostics, and how it ends early. */
#ifndef NETC_DRIVER_MESSAGE_H
#define NETC_DRIVER_MESSAGE_H

#include "compiler/driver/status.h"
#include "compiler/support/diag.h"

#include <stddef.h>

/* How messages are written from now on: text, or one JSON object a line with the keys of diagnostics (--error-format). */
void message_format(enum diag_format format);

/* Prints "netc: …" and returns `status`. */
enum status fail(enum status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same about a file: JSON names it. */
enum status fail_about(enum status status, const char *file, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same for a defect: adds how to report it. Returns STATUS_DEFECT. */
enum status fail_defect(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Passes on what a tool has said: as it is, or as one note of JSON. */
void show_words(const char *words);

/* For arenas: says that memory ran out and ends with STATUS_SYSTEM, in a child, too. */
_Noreturn void end_out_of_memory(size_t bytes);

#endif

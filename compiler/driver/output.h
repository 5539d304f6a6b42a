/* output: files that appear whole or not at all.
 *
 * A new or regular target is written beside itself under a temporary name and renamed. An existing target of another kind, such as
 * /dev/null, is written in place. "-" is standard output.
 */
#ifndef NETC_DRIVER_OUTPUT_H
#define NETC_DRIVER_OUTPUT_H

#include "compiler/driver/status.h"

#include <stdbool.h>
#include <stdio.h>

struct arena;

struct output {
    const char *path;         /* as the user named it */
    const char *temporary;    /* where it is being written; NULL: in place */
    const char *scratch;      /* the folder of `temporary` if it is the one for temporary files; else NULL */
    FILE *file;
};

/* Opens for writing text to `file`. On failure says why. */
enum status output_open(struct output *o, const char *path, struct arena *a);

/* Opens for a tool that writes to o->temporary (never NULL then). */
enum status output_reserve(struct output *o, const char *path, struct arena *a);

/* Opens a temporary file for a tool that writes to o->temporary. To be discarded. */
enum status output_scratch(struct output *o, struct arena *a);

/* Says why it could not be written, as errno tells: which file, or for temporary ones which folder and what names it. */
enum status output_cannot_write(const struct output *o);

/* "; temporary files lie in '/tmp', as TMPDIR says": for messages about tools, which write there, too. */
const char *output_scratch_advice(struct arena *a);

/* Whether writing to the output `path` would write to `file` ("-": standard input), through whichever links and names. Neither need be
 * there yet. */
bool output_is_file(const char *path, const char *file);

/* Puts the file in its place. On failure says why, and nothing is left behind. */
enum status output_commit(struct output *o, bool executable);

/* Removes what was written. */
void output_discard(struct output *o);

/* Flushes and closes standard output; says why if that fails. */
enum status output_close_stdout(void);

#endif

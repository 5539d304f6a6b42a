/* tools: other programs, started with an argument vector; no shell is involved. */
#ifndef NETC_DRIVER_TOOLS_H
#define NETC_DRIVER_TOOLS_H

#include "compiler/driver/status.h"
#include "compiler/support/vec.h"

#include <stdbool.h>
#include <stddef.h>

/* A program and its arguments. The vector is followed by a NULL that does not count. */
struct command {
    struct arena *arena;
    VEC(const char *) word;
};

/* How it ended. All that it said was passed on to standard error: standard output is for what netc was asked for. */
struct command_result {
    int status;               /* its exit status, if no signal ended it */
    int signal;               /* that ended it, or 0 */
    bool blames_the_input;    /* it printed an error at a line of what it was given: "FILE:12:3: error: …" */
};

void command_add(struct command *c, const char *word);

/* Adds the words of a text, split at blanks. */
void command_add_words(struct command *c, const char *text);

/* Runs a command, found along PATH, with `input` (of `length` bytes; NULL: nothing) on its standard input. Prints it first if
 * `verbose`. Returns
 *   STATUS_DONE      it ran and has ended as *result says
 *   STATUS_SYSTEM    it could not be started; the reason was printed */
enum status command_run(struct command *c, const char *input, size_t length, bool verbose, struct command_result *result);

#endif

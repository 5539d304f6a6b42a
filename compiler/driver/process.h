/* process: what every process that works for netc has in common: it leads a group of its own, which is ended if netc is, and what it
 * says is kept until it has ended, so that it can be judged whose fault a failure was. */
#ifndef NETC_DRIVER_PROCESS_H
#define NETC_DRIVER_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct arena;

/* A pair of a pipe's ends, both closed in other programs. False: errno says why. */
bool process_pipe(int ends[2]);

/* A file in memory for a process's standard error. Negative: errno says why. */
int process_open_output(void);

/* All that was written to it, in the arena, and closes it. Ends with a line feed or is empty. */
const char *process_close_output(int output, struct arena *a);

/* Waits until it has ended and forgets it (process_add). False: errno says why; `how` is as of waitpid. */
bool process_wait(pid_t process, int *how);

#endif

/* stop: the signals that ask a run to end. */
#ifndef NETRT_TRAINER_STOP_H
#define NETRT_TRAINER_STOP_H

#include "netrt/weights.h"
#include "runtime/trainer/session.h"

#include <signal.h>
#include <stdbool.h>

/* The signal that asked to stop, or 0: what `session.stop` points to. */
const volatile sig_atomic_t *stop_asked(void);

/* From here on there is something to save: SIGINT, SIGTERM and, unless it is ignored, SIGHUP are answered at once on standard error
 * and only noted, so that the step in work can be finished. A second signal ends the process at once, as one before this call does.
 * `live`: standard output shows a line that changes, on a terminal. */
void stop_catch(bool live);

/* Tells where the checkpoint of a stopped run lies, the path `last`, and the command that goes on in its `folder`: as text on
 * standard error and, with --log json, as a line on standard output. Returns the exit status: 128 and the signal, as in shells. */
int stop_report(const struct session *session, const struct netrt_position *position, const char *last, const char *folder);

#endif

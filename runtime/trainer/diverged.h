/* diverged: which kernel made the first NaN or infinity. */
#ifndef NETRT_TRAINER_DIVERGED_H
#define NETRT_TRAINER_DIVERGED_H

#include "runtime/trainer/session.h"

/* The session's present step has a loss that is no finite number and its update has not run. Runs the step again, one kernel at a
 * time, and fills session->error with the epoch and step (both from 1) and what was found. Returns NETRT_E_DIVERGED. */
enum netrt_status diverged(struct session *session, int64_t epoch, int64_t step, double loss);

#endif

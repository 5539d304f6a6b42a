/* graph_step: a step of training or evaluation as the graph states it, without kernels and loops: what graph_eval says of one
 * sample. */
#ifndef NETC_TESTS_NUMBERS_GRAPH_STEP_H
#define NETC_TESTS_NUMBERS_GRAPH_STEP_H

#include "compiler/plan/plan.h"
#include "netrt/step.h"

/* Leaves results where kernels of the plan would, all in double; `training`: parameters and states are updated. The step has a
 * single sample. The plan's settings take the step's values. */
void graph_step(const struct plan *p, bool training, const struct netrt_step *step, struct arena *arena);

#endif

/* lower: a plan as scheduled loops (--emit=loops). */
#ifndef NETC_LOWER_LOWER_H
#define NETC_LOWER_LOWER_H

#include <stdbool.h>
#include <stdio.h>

struct arena;
struct loop_module;
struct plan;
struct target;

/* Scheduled loops for a plan. `description` of the module is left NULL. */
struct loop_module *pass_lower(const struct plan *plan, const struct target *target, struct arena *arena);

/* Whether the loops of a plan add up as the graph says (struct accumulation): form, nesting and number of terms of every accumulator.
 * Says on `out` which does not. (verify.c) */
bool lower_verify(const struct plan *plan, const struct loop_module *m, FILE *out);

#endif

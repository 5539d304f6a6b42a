/* lower: a plan as scheduled loops (--emit=loops). */
#ifndef NETC_LOWER_LOWER_H
#define NETC_LOWER_LOWER_H

struct arena;
struct loop_module;
struct plan;
struct target;

/* Scheduled loops for a plan. `description` of the module is left NULL. */
struct loop_module *pass_lower(const struct plan *plan, const struct target *target, struct arena *arena);

#endif

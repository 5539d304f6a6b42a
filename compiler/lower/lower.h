/* lower: a plan as scheduled loops (--emit=loops). */
#ifndef NETC_LOWER_LOWER_H
#define NETC_LOWER_LOWER_H

#include <stdint.h>

struct arena;
struct loop_module;
struct plan;

/* Facts about a target that choose tiles and unrolling, never a result. */
struct schedule_target {
    int vector_bytes;        /* of a register: 16, 32 or 64 */
    int vector_registers;    /* 16 or 32 */
    int64_t l1_bytes, l2_bytes;
};

/* Scheduled loops for a plan. `description` of the module is left NULL. */
struct loop_module *pass_lower(const struct plan *plan, const struct schedule_target *target, struct arena *arena);

#endif

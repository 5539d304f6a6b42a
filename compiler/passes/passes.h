/* passes: from a forward graph to scheduled loops. Each pass is one file with one contract. */
#ifndef NETC_PASSES_PASSES_H
#define NETC_PASSES_PASSES_H

#include "compiler/graph/graph.h"

#include <stdbool.h>
#include <stdio.h>

struct arena;
struct loop_module;
struct plan;
struct program;

/* Facts about a target that choose tiles and unrolling, never a result. */
struct schedule_target {
    int vector_bytes;        /* of a register: 16, 32 or 64 */
    int vector_registers;    /* 16 or 32 */
    int64_t l1_bytes, l2_bytes;
};

/* Adds the backward pass and the update to the graph (--emit=train-graph).
 * Ensures: parameter.gradient is set for each parameter that the loss depends on; graph.update holds optimizer steps. */
void pass_differentiate(struct program *p);

/* Groups nodes into kernels and phases and gives every materialised value its place (--emit=kernels, --emit=memory). */
struct plan *pass_plan(struct program *p, int precision, struct arena *arena);

/* Whether a kernel's name matches a pattern ('*' and '?'); prints those that do, or all where `pattern` is NULL. `loops`: what pass_lower made of
 * the plan, for the register tiles; NULL: these are left out. */
bool plan_has_kernel(const struct plan *plan, const char *pattern);
void plan_print_kernels(const struct plan *plan, const struct loop_module *loops, const char *pattern, FILE *out);
void plan_print_memory(const struct plan *plan, FILE *out);
bool plan_verify(const struct plan *plan, FILE *out);

/* Bytes that a trainer takes in all, to the byte what it maps: parameters, states and gradients, activations of a full batch, and
 * the batches of inputs, of which there are plan_input_bytes. */
int64_t plan_memory_bytes(const struct plan *plan);
int64_t plan_input_bytes(const struct plan *plan);

/* Scheduled loops for a plan (--emit=loops). `description` of the module is left NULL. */
struct loop_module *pass_lower(const struct plan *plan, const struct schedule_target *target, struct arena *arena);

/* The JSON that the runtime reads (runtime/include/netrt/description.md). */
const char *plan_describe(const struct plan *plan, const struct program *p, const char *backend, const char *compiler,
                          const char *march, struct arena *arena);

#endif

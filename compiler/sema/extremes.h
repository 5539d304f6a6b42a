/* extremes: max and min of several tensors and numbers, element by element. With one tensor and axis= they are operators. */
#ifndef NETC_SEMA_EXTREMES_H
#define NETC_SEMA_EXTREMES_H

#include "compiler/sema/value.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>

struct frame;

/* Whether this is max or min. */
bool extremes_takes(const char *name);

/* Whether a stage of this call compares what is piped into it: x -> max(y), not x -> max(axis = 0). */
bool extremes_compares(const struct ast_call *call);

/* The greatest (smallest) of `args`, at least one of them a tensor, from the left. `label` may be NULL. */
bool extremes_call(struct frame *f, const char *name, const struct sema_values *args, const struct ast_name *label, struct span at,
                   struct sema_values *results);

/* x -> max(y, …): as max(x, y, …). */
bool extremes_stage(struct frame *f, const struct ast_call *call, const struct ast_name *label, struct span at,
                    const struct sema_value *piped, struct sema_values *results);

#endif

/* operand: what an expression of the language stands for: a value known at compile time, or a tensor of the graph. */
#ifndef NETC_SEMA_OPERAND_H
#define NETC_SEMA_OPERAND_H

#include "compiler/graph/graph.h"
#include "compiler/ops/literal.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum operand_kind {
    OPERAND_POISON,     /* of an expression that failed: the fault is reported, and its users stay silent */
    OPERAND_LITERAL,
    OPERAND_TENSOR
};

struct operand {
    enum operand_kind kind;
    struct span at;                    /* where it was written */
    const struct literal *literal;
    value tensor;
};

/* One or several: a block may have several results. */
struct operands {
    struct operand *at;
    size_t count, capacity;
};

struct operand operand_tensor(value v, struct span at);
struct operand operand_literal(const struct literal *l, struct span at);
struct operand operand_int(struct arena *a, int64_t integer, struct span at);
struct operand operand_real(struct arena *a, double real, struct span at);
struct operand operand_bool(struct arena *a, bool boolean, struct span at);
struct operand operand_string(struct arena *a, const char *text, struct span at);
struct operand operand_size(struct arena *a, const struct shape *size, struct span at);
struct operand operand_name(struct arena *a, const char *name, const struct literal *argument, struct span at);

/* "an integer", "a tensor": for messages. */
const char *operand_kind_text(const struct operand *o);

bool operand_is(const struct operand *o, enum literal_kind kind);
bool operand_is_number(const struct operand *o);

#endif

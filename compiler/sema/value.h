/* value: what an expression of the language stands for: a value known at compile time, or a tensor of the graph. */
#ifndef NETC_SEMA_VALUE_H
#define NETC_SEMA_VALUE_H

#include "compiler/graph/graph.h"
#include "compiler/ops/literal.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct shared;

enum value_kind {
    VALUE_POISON,     /* of an expression that failed: the fault is reported, and its users stay silent */
    VALUE_LITERAL,
    VALUE_TENSOR,
    OPERAND_SHARED      /* what `shared NAME = …` binds: stages apply it, and `NAME.weight` is one of its parameters */
};

struct sema_value {
    enum value_kind kind;
    struct span at;                    /* where it was written */
    const struct literal *literal;
    node_id tensor;
    const char *layer; /* TENSOR: what the parameters of the layer or block that made it are called below, or NULL */
    const struct shared *shared; /* SHARED */
};

/* One or several: a block may have several results. */
struct sema_values {
    struct sema_value *at;
    size_t count, capacity;
    bool is_output_first;    /* of results: the first is the layer's output, whose label is its name */
};

struct sema_value value_tensor(node_id v, struct span at);
struct sema_value value_literal(const struct literal *l, struct span at);
struct sema_value value_int(struct arena *a, int64_t integer, struct span at);
struct sema_value value_real(struct arena *a, double real, struct span at);
struct sema_value value_bool(struct arena *a, bool boolean, struct span at);
struct sema_value value_string(struct arena *a, const char *text, struct span at);
struct sema_value value_size(struct arena *a, const struct shape *size, struct span at);
struct sema_value value_name(struct arena *a, const char *name, const struct literal *argument, struct span at);

/* "an integer", "a tensor": for messages. */
const char *value_kind_text(const struct sema_value *o);

bool value_is(const struct sema_value *o, enum literal_kind kind);
bool value_is_number(const struct sema_value *o);

#endif

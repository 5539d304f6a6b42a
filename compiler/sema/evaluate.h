/* evaluate: expressions, as values known at compile time or as tensors. */
#ifndef NETC_SEMA_EVALUATE_H
#define NETC_SEMA_EVALUATE_H

#include "compiler/sema/value.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>
#include <stdint.h>

struct expansion;
struct frame;

/* Each returns false after at least one error, or where a part was already reported as faulty. */

bool evaluate(struct frame *f, const struct ast_expr *e, struct sema_value *result);

/* The same for expressions that must be true or false, or an integer. `what`: "the condition", for messages. */
bool evaluate_bool(struct frame *f, const struct ast_expr *e, const char *what, bool *result);
bool evaluate_int(struct frame *f, const struct ast_expr *e, const char *what, int64_t *result);

/* Whether a bare name has a meaning here: a binding or a const. */
bool evaluate_knows(const struct frame *f, const char *name);

/* ---- Operators on values (arithmetic.c) and on tensors (tensors.c) ---------------------------------------------------- */

bool evaluate_unary(struct frame *f, enum ast_operator op, const struct sema_value *a, struct span at, struct sema_value *result);
bool evaluate_binary(struct frame *f, enum ast_operator op, const struct sema_value *a, const struct sema_value *b, struct span at,
                     struct sema_value *result);

/* One of + - * / between two tensors, or a tensor and a number; a tensor ^ a number; negation where `b` is NULL. */
bool tensor_arithmetic(struct frame *f, enum ast_operator op, const struct sema_value *a, const struct sema_value *b,
                       struct span at, struct sema_value *result);

/* The greater (smaller) of two tensors, or of a tensor and a number, element by element. `label` may be NULL. */
bool tensor_extreme(struct frame *f, bool greatest, const struct sema_value *a, const struct sema_value *b,
                    const struct ast_name *label, struct span at, struct sema_value *result);

/* x.shape, x.channels, … of a tensor; a parameter of the layer that made it. (member.c) */
bool evaluate_member(struct frame *f, const struct ast_expr *e, struct sema_value *result);

/* ---- Value functions (functions.c) ------------------------------------------------------------------------------------ */

struct value_function;

/* len min max floor ceil sqrt mod size; NULL: none of them. */
const struct value_function *value_function_find(const char *name);
extern const char *const value_function_names[];    /* ends with NULL */

bool value_function_call(struct frame *f, const struct value_function *function, const struct sema_values *args, struct span at,
                         struct sema_value *result);

#endif

/* operations: what the rows of loop_types.def and loop_ops.def say, for whoever walks loops: builder, verifier, printer, back ends. */
#ifndef NETC_LOOP_OPERATIONS_H
#define NETC_LOOP_OPERATIONS_H

#include "compiler/loop/loop.h"

/* How tightly an operation binds, as in C; CALL: written as a call or a name. */
enum loop_binding {
    BINDS_CHOICE = 1,
    BINDS_OR,
    BINDS_AND,
    BINDS_BITS_OR,
    BINDS_BITS_XOR,
    BINDS_BITS_AND,
    BINDS_COMPARE,
    BINDS_SHIFT,
    BINDS_SUM,
    BINDS_PRODUCT,
    BINDS_SIGN,
    BINDS_CALL
};

struct loop_operation {
    const char *name, *types; /* the columns of loop_ops.def */
    enum loop_binding binds;
    const char *c, *c_vector;
};

/* By loop_op. */
extern const struct loop_operation loop_operations[];

/* How many arguments an operation takes. */
int loop_arity(enum loop_op op);

/* The type of the result of an operation on these arguments; `stated` is that of the expression, for operations that have it from
 * there. False if the arguments do not fit. All arguments that the operation takes are there. */
bool loop_result_type(const struct loop_module *m, enum loop_op op, const struct loop_expr *const arg[3], enum loop_type stated,
                      enum loop_type *result);

#endif

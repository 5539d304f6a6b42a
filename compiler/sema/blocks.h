/* blocks: inlining a block where it is called. */
#ifndef NETC_SEMA_BLOCKS_H
#define NETC_SEMA_BLOCKS_H

#include "compiler/sema/operand.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>

struct frame;

/* Calls `block`: binds its parameters, and `in` to the piped tensor (NULL: none), and runs its body. Opens a scope of names. */
bool block_call(struct frame *f, const struct ast_decl *block, const struct ast_call *call, const struct ast_name *label,
                struct span at, const struct operand *piped, struct operands *results);

/* Binds what a net or block declares and was not given: the defaults. Reports parameters without a value. */
bool block_bind_defaults(struct frame *f, const struct ast_decl *decl, struct span at);

#endif

/* blocks: inlining a block where it is called. */
#ifndef NETC_SEMA_BLOCKS_H
#define NETC_SEMA_BLOCKS_H

#include "compiler/sema/value.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>

struct expansion;
struct frame;
struct shared;

/* Where a block is called, and on what. */
struct block_site {
    const struct ast_name *label;    /* text NULL, or the whole: none */
    struct span at;
    const struct sema_value *piped;     /* NULL: nothing */
    const struct shared *shared;     /* what is applied; NULL: an ordinary call */
};

/* Calls `block`: binds its parameters, and `in` to the piped tensor, and runs its body. Opens a scope of names. */
bool block_call(struct frame *f, const struct ast_decl *block, const struct ast_call *call, const struct block_site *site,
                struct sema_values *results);

/* The two halves of a call whose parameters are shared: a frame with the arguments bound, or NULL after an error; and the body run in
 * a copy of it. */
struct frame *block_bind(struct frame *f, const struct ast_decl *block, const struct ast_call *call, struct span at);
bool block_apply(struct frame *f, const struct frame *bound, const struct ast_call *call, const struct block_site *site,
                 struct sema_values *results);

/* Reports parameters of a net or block that were not given and have no default; `at`: the call. */
bool block_check_missing(struct frame *f, const struct ast_decl *decl, struct span at);

/* Binds the parameters that were not given to their defaults. */
bool block_bind_defaults(struct frame *f, const struct ast_decl *decl);

/* Looks for what is wrong with blocks whether they are called or not: circles of calls, and, where no net calls them, stages that
 * do not exist. (unreached.c) */
bool blocks_check_unreached(struct expansion *x, const struct ast *ast);

#endif

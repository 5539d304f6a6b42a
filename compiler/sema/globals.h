/* globals: consts, blocks and nets by name. Consts are evaluated when they are first used, so their order does not matter. */
#ifndef NETC_SEMA_GLOBALS_H
#define NETC_SEMA_GLOBALS_H

#include "compiler/sema/value.h"
#include "compiler/support/diag.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>
#include <stddef.h>

struct expansion;
struct frame;
struct map;
struct override;

enum constant_state { CONSTANT_NEW, CONSTANT_BUSY, CONSTANT_DONE, CONSTANT_FAILED };

struct constant {
    const struct ast_decl *decl;
    enum constant_state state;
    struct sema_value operand;
    const char *override;           /* the text of -D NAME=TEXT, or NULL */
    struct constant *user;          /* while BUSY: the const whose value asked for this one */
};

struct globals {
    struct map *constants;          /* struct constant by interned name */
    struct map *blocks, *nets;      /* const struct ast_decl by interned name */
    struct constant *evaluating;
    VEC(const char *) constant_names;
    VEC(const char *) block_names;
    VEC(const char *) net_names;
};

/* Collects what the file declares; reports names that stand twice. */
bool globals_collect(struct expansion *x, const struct ast *ast);

/* Takes the -D overrides; reports those that name no const. */
bool globals_override(struct expansion *x, const struct override *overrides, size_t count);

/* Evaluates every const, used or not. */
bool globals_evaluate(struct expansion *x);

/* The value of a const. False if there is none of this name (*found false) or its value is faulty. */
bool globals_constant(struct expansion *x, const char *name, struct span at, bool *found, struct sema_value *result);

const struct ast_decl *globals_block(const struct expansion *x, const char *name);

#endif

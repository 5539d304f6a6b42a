/* shared: parameters that several applications have in common (grammar/REFERENCE.md, Shared parameters).
 *
 * `shared enc = dense(64);` calls nothing yet. Each `x -> enc` is a layer of its own, called enc1, enc2 … or by its label, and all of
 * them have the parameters enc.weight and enc.bias, which the first one makes.
 */
#ifndef NETC_SEMA_SHARED_H
#define NETC_SEMA_SHARED_H

#include "compiler/sema/blocks.h"
#include "compiler/sema/value.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>

struct arguments;
struct frame;
struct layer_name;
struct op;
struct shared_parameters;

struct shared {
    const char *name;                      /* as it is declared, and */
    struct span at;                        /* where */
    const char *parameters;                /* what they are called below: "stage1.enc" */
    const struct ast_stage *stage;         /* the call */
    struct shared_parameters *set;         /* those made so far; those of the outer set where one `shared` stands in another */
    /* The call's arguments, bound where it is declared: of an operator, or of a block. */
    const struct op *op;
    const struct arguments *arguments;
    const struct frame *bound;
};

/* Runs `shared NAME = CALL;`. */
bool shared_declare(struct frame *f, const struct ast_stmt *stmt);

/* The shared parameters of this name, or NULL. Does not count as a use. */
const struct shared *shared_find(const struct frame *f, const char *name);

/* Applies them to the piped tensor or, in an expression, to the only argument of `call`. */
bool shared_apply(struct frame *f, const struct shared *s, const struct ast_call *call, const struct block_site *site,
                  struct sema_values *results);

/* What an application is called. False after an error: the name is taken. */
bool shared_name(struct frame *f, const struct shared *s, const struct ast_name *label, struct span at, struct layer_name *name);

#endif

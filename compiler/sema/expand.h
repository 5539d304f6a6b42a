/* expand: from statements to a graph. Blocks are inlined, repeats unrolled, branches decided; what remains are operators. */
#ifndef NETC_SEMA_EXPAND_H
#define NETC_SEMA_EXPAND_H

#include "compiler/graph/graph.h"
#include "compiler/sema/globals.h"
#include "compiler/sema/names.h"
#include "compiler/sema/scope.h"
#include "compiler/sema/value.h"
#include "compiler/support/diag.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>
#include <stdint.h>

struct op;

/* Limits of the language, and of the C stack that an expansion may use. */
enum { MAX_OPERATORS = 100000, MAX_CALL_DEPTH = 256, MAX_DEPTH = 1024 };

/* One compilation's expansion. */
struct expansion {
    struct arena *arena;
    struct interner *names;
    struct diags *diags;
    struct graph *graph;             /* NULL: only values, no tensors (sections) */
    struct globals globals;
    struct declarations declarations;
    VEC(node_id) losses;               /* terms of the loss, and weighted sums of them */
    struct map *parameters;          /* value of each parameter, by interned name; filled as far as `indexed` (member.c) */
    size_t indexed;                  /* nodes of the graph */
    int64_t operators;               /* expanded so far: operators, calls and rounds */
    int depth, calls;
    bool stopped;                    /* a limit was passed: what follows is not looked at */
    bool f32;                        /* the precision: some numbers are beyond its range */
    bool faulty;                     /* the net has errors: what its sections do not find in it may be missing because of them */
};

/* One net, one call of a block, or the expressions of a section. */
struct frame {
    struct expansion *x;
    struct scope scope;
    struct namer *namer;
    const struct ast_decl *decl;     /* the net or the block; NULL: constants and sections */
    struct frame *caller;            /* of a block, */
    const struct block_call *call;   /* and where it calls it; else NULL */
    struct sema_values results;         /* of `return` */
    bool returned;
    size_t wanted;                   /* how many results are bound of the call that comes next; else 0 */
    struct train_reader *train;      /* where losses and data fields are known; NULL elsewhere */
};

/* Each of these returns false after at least one error, or where a part was already reported as faulty. */

void frame_init(struct frame *f, struct expansion *x, struct namer *namer);

/* Runs the statements of a net or of a block. What a faulty one would have bound is bound to nothing, so that its users stay
 * silent. */
bool expand_body(struct frame *f, const struct ast_stmt *list);

/* A pipe's results: one, or several where it ends in a block with several, or in an operator that has as many as are `wanted`. */
bool expand_pipe(struct frame *f, const struct ast_pipe *pipe, size_t wanted, struct sema_values *results);

/* The same where exactly one result has a meaning. */
bool expand_single(struct frame *f, const struct ast_pipe *pipe, struct sema_value *result);

/* A label is also the name of its tensor: binds it to the only one of `results`, unless label->text is NULL. */
bool expand_bind_label(struct frame *f, const struct ast_name *label, const struct sema_values *results);

/* After a failure the labels of what was not expanded are bound to nothing, so that their users stay silent. */
void expand_poison_labels(struct frame *f, const struct ast_stage *chain);
void expand_poison_pipe(struct frame *f, const struct ast_pipe *pipe);

/* Counts `count` more operators against the limit. */
bool expand_count(struct expansion *x, int64_t count, struct span at);

/* Whether there is room for what statements expand to at the least. Asked before they are run, so that a text beyond the limit
 * takes no more memory than its tree. */
bool expand_has_room(struct expansion *x, const struct ast_stmt *list);

/* One level deeper, unless the limit is reached; expand_leave goes back. */
bool expand_enter(struct expansion *x, struct span at);
void expand_leave(struct expansion *x);

/* Appends to a list of results. */
void values_push(struct arena *a, struct sema_values *list, struct sema_value o);

#endif

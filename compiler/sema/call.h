/* call: calling operators, blocks and value functions by name. */
#ifndef NETC_SEMA_CALL_H
#define NETC_SEMA_CALL_H

#include "compiler/ops/op.h"
#include "compiler/sema/value.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>

struct frame;
struct shared;

/* A stage `f(…)` with the tensor that was piped into it. Its results: one, or those of a block. */
bool call_stage(struct frame *f, const struct ast_stage *stage, const struct sema_value *piped, struct sema_values *results);

/* Reports what is wrong with a stage `f(…)` whatever tensor it gets. */
void call_check(struct frame *f, const struct ast_stage *stage);

/* A stage `f(…) { | … | … }` whose branches gave `inputs`. */
bool call_join(struct frame *f, const struct ast_stage *stage, const struct sema_values *inputs, struct sema_value *result);

/* A call in an expression: no tensor is piped, exactly one result. */
bool call_expression(struct frame *f, const struct ast_expr *e, struct sema_value *result);

/* A call whose name is resolved, in an expression or as a whole pipe: several results. */
bool call_results(struct frame *f, const struct ast_expr *e, struct sema_values *results);

/* Where a call is made, and what it is called. */
struct call_site {
    const struct ast_name *label;    /* NULL or without a text: none */
    struct span at;
    const struct shared *shared;     /* what is applied; NULL: an ordinary call */
};

/* The two halves of a call whose parameters are shared: its arguments, checked as far as they can be without a tensor, or NULL after
 * an error; and the layer that they make of one. */
struct arguments;
const struct arguments *call_prepare(struct frame *f, const struct op *op, const struct ast_stage *stage);
bool call_prepared(struct frame *f, const struct op *op, const struct arguments *given, const struct call_site *site,
                   const struct sema_value *piped, struct sema_values *results);

/* The arguments of a form: a section's call that takes values only (sources, steps, optimizers). Fills `arg` by form->params. */
bool call_form(struct frame *f, const struct op *form, const struct ast_arg *args, struct span at, struct op_arg arg[]);

/* Whether a stage may be called so: it names an operator. Reports it if not. */
bool call_check_name(struct frame *f, const struct ast_name *callee);

/* Says, to the latest error, which operator, block or value function an unknown name may stand for. */
void call_suggest(struct frame *f, const char *name);

#endif

/* expression: bodies of nests as loop expressions. */
#ifndef NETC_LOWER_EXPRESSION_H
#define NETC_LOWER_EXPRESSION_H

#include "compiler/lower/lowering.h"

/* How an access of the nest is read at an instance. */
typedef const struct loop_expr *read_fn(void *context, const struct nest *n, int access, const struct instance *p);

/* From its place in memory. */
read_fn read_memory;

/* A body at an instance. Values that it uses twice become variables, defined in `out`. */
const struct loop_expr *lower_body(struct lowering *l, const struct nest *n, const struct expr *e, const struct instance *p,
                                   read_fn *read, void *context, struct loop_list *out);

/* Whether x takes the place of the greatest so far: it is greater, or no number. */
const struct loop_expr *exceeds(struct lowering *l, const struct loop_expr *x, const struct loop_expr *best);

/* x^p of a constant p (power.c). */
const struct loop_expr *lower_power(struct lowering *l, const struct loop_expr *x, double p, struct loop_list *out);

#endif

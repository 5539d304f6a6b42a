/* sums: accumulators, which add up as the graph says. */
#ifndef NETC_LOWER_SUMS_H
#define NETC_LOWER_SUMS_H

#include "compiler/lower/expression.h"
#include "compiler/lower/lowering.h"

/* The sum so far and the term of a nest at an instance, added as the nest's accumulation says: `so_far` + body, or a fused multiply-add of
 * the body's factors. */
const struct loop_expr *add_term(struct lowering *l, const struct nest *n, const struct loop_expr *so_far, const struct instance *p,
                                 read_fn *read, void *context, struct loop_list *out);

/* The same of a product whose factors are at hand. */
const struct loop_expr *add_product(struct lowering *l, const struct nest *n, const struct loop_expr *so_far,
                                    const struct loop_expr *a, const struct loop_expr *b);

/* Sums of one nest that are added up together: variables, one for each sum and each partial sum that is open. Every sum belongs to a
 * instance of the tile: sums are numbered [instance][rest] or [rest][instance]. */
struct sums {
    struct lowering *l;
    const struct nest *nest;
    enum loop_type type;
    int count, instances;
    bool points_first;
    int depth; /* levels that are open */
    const char *name[MAX_INSTANCES];
    const struct loop_variable *at[MAX_PARTIALS + 2][MAX_INSTANCES]; /* by level, the outermost first; NULL: not open */
};

const struct accumulation *sums_order(const struct sums *s);

/* Opens a level for the sums of these instances, all where `instances` is NULL: variables that start at zero. Closing it adds them to the
 * level outside, unless `out` is NULL. */
void sums_open(struct sums *s, const struct instance instances[], int count, struct loop_list *out);
void sums_close(struct sums *s, struct loop_list *out);

/* The variable that takes the terms of sum `i` now. */
const struct loop_variable *sums_now(const struct sums *s, int i);

/* The loop over the lane blocks of the step, cut into groups that each make a partial sum where the nest's accumulation says so. Between
 * the two l->block is the block. */
struct block_loop {
    loop_axis block, group; /* group -1: there is a single one */
    struct loop_list before;
};

void begin_blocks(struct sums *s, struct block_loop *b);
void end_blocks(struct sums *s, struct block_loop *b, struct loop_list body, struct loop_list *out);

#endif

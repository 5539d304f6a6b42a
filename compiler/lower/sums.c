/* sums: accumulators. Every addition to a sum of the graph is made here, in the form, from the start and in the nesting that its nest
 * says (struct accumulation); verify.c compares.
 */
#include "compiler/lower/sums.h"

#include <assert.h>
#include <stddef.h>

/* ---- Terms --------------------------------------------------------------------------------------------------------- */

const struct loop_expr *add_product(struct lowering *l, const struct nest *n, const struct loop_expr *so_far,
                                    const struct loop_expr *a, const struct loop_expr *b)
{
    assert(n->sum.form == SUM_FMA);
    (void)n;
    return loop_fma(l->m, a, b, so_far);
}

const struct loop_expr *add_term(struct lowering *l, const struct nest *n, const struct loop_expr *so_far, const struct instance *p,
                                 read_fn *read, void *context, struct loop_list *out)
{
    if (n->sum.form == SUM_ADD)
        return loop_binary(l->m, LOOP_ADD, so_far, lower_body(l, n, n->body, p, read, context, out));
    const struct loop_expr *first = lower_body(l, n, n->body->arg[0], p, read, context, out);
    return add_product(l, n, so_far, first, lower_body(l, n, n->body->arg[1], p, read, context, out));
}

/* ---- Levels -------------------------------------------------------------------------------------------------------- */

const struct accumulation *sums_order(const struct sums *s)
{
    return &s->nest->sum;
}

static bool belongs(const struct sums *s, int i, const struct instance instances[], int count)
{
    const int number = s->points_first ? i / (s->count / s->instances) : i % s->instances;

    for (int k = 0; k < count; k++)
        if (instances[k].number == number)
            return true;
    return false;
}

void sums_open(struct sums *s, const struct instance instances[], int count, struct loop_list *out)
{
    struct lowering *l = s->l;

    assert(s->depth < MAX_PARTIALS + 2 && s->count <= MAX_INSTANCES);
    for (int i = 0; i < s->count; i++) {
        const char *name = s->depth == 0 ? s->name[i] : arena_printf(l->arena, "partial_%s", s->name[i]);
        const bool open = instances == NULL || belongs(s, i, instances, count);
        s->at[s->depth][i] = open ? define(l, name, loop_real(l->m, s->type, 0), out) : NULL;
    }
    s->depth++;
}

void sums_close(struct sums *s, struct loop_list *out)
{
    struct lowering *l = s->l;

    assert(s->depth > 1);
    s->depth--;
    for (int i = 0; i < s->count && out != NULL; i++) {
        const struct loop_variable *part = s->at[s->depth][i], *sum = s->at[s->depth - 1][i];
        if (part != NULL)
            loop_append(out, loop_set(l->m, sum, loop_binary(l->m, LOOP_ADD, loop_read(l->m, sum), loop_read(l->m, part))));
    }
}

const struct loop_variable *sums_now(const struct sums *s, int i)
{
    assert(s->depth > 0 && s->at[s->depth - 1][i] != NULL);
    return s->at[s->depth - 1][i];
}

/* ---- Lane blocks --------------------------------------------------------------------------------------------------- */

void begin_blocks(struct sums *s, struct block_loop *b)
{
    struct lowering *l = s->l;
    const int64_t in_group = sums_order(s)->blocks, blocks = plan_blocks(l->plan);

    *b = (struct block_loop){.group = -1};
    if (in_group == 0 || blocks <= in_group) {
        b->block = open_axis(l, "block", 0, 1);
        l->block = loop_axis_index(l->m, b->block, 1);
        return;
    }
    b->group = open_axis(l, "group", 0, (blocks + in_group - 1) / in_group);
    b->block = open_axis(l, "block", 0, in_group);
    l->block = loop_index_add(l->m, loop_axis_index(l->m, b->group, in_group), axis_times(l, b->block, 1));
    sums_open(s, NULL, 0, &b->before);
}

void end_blocks(struct sums *s, struct block_loop *b, struct loop_list body, struct loop_list *out)
{
    struct lowering *l = s->l;
    struct loop_list there = {0};

    if (b->group < 0) {
        loop_append(out, loop_for_blocks(l->m, b->block, loop_list_block(l->m, body)));
    } else {
        loop_append(&there, loop_if_block(l->m, l->block, loop_list_block(l->m, body)));
        close_axis(l, b->block, there, &b->before);
        sums_close(s, &b->before);
        close_axis(l, b->group, b->before, out);
    }
    l->block = loop_constant_index(0);
}

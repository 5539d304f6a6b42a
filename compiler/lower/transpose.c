/* transpose: squares of reals whose columns become rows, in registers.
 *
 * A square has as many rows as a vector has lanes. One stage zips row i with row i + n/2 into rows 2i and 2i + 1: it turns the
 * lowest digit of a row's number into that of the lane's, so log2 n stages exchange rows and lanes.
 *
 * Source: the perfect shuffle; Stone, "Parallel Processing with the Perfect Shuffle" (1971).
 */
#include "compiler/lower/transpose.h"

#include "compiler/lower/lowering.h"
#include "compiler/lower/reduce.h"

static struct loop_place row_of(struct lowering *l, struct loop_place p, int rows, int64_t i)
{
    return move_place(l, p, rows, loop_constant_index(i));
}

void lower_square(struct lowering *l, struct loop_place from, int from_rows, struct loop_place to, int to_rows,
                  struct loop_list *out)
{
    const struct loop_variable *row[LANES], *next[LANES];
    const int n = l->m->vector_lanes;
    struct loop_list body = {0};

    for (int i = 0; i < n; i++)
        row[i] = define(l, arena_printf(l->arena, "row%d", i),
                        load_real(l, loop_vector_of(l->m->real), row_of(l, from, from_rows, i)), &body);
    for (int stage = 1; stage < n; stage *= 2) {
        for (int i = 0; i < n; i++) {
            const struct loop_expr *a = loop_read(l->m, row[i / 2]), *b = loop_read(l->m, row[i / 2 + n / 2]);
            const char *name = arena_printf(l->arena, "zip%d_%d", 2 * stage, i);
            next[i] = define(l, name, loop_binary(l->m, i % 2 == 0 ? LOOP_INTERLEAVE_LOW : LOOP_INTERLEAVE_HIGH, a, b), &body);
        }
        for (int i = 0; i < n; i++)
            row[i] = next[i];
    }
    for (int i = 0; i < n; i++)
        loop_append(&body, loop_store(l->m, row_of(l, to, to_rows, i), loop_read(l->m, row[i])));
    loop_append(out, (struct loop *)loop_list_block(l->m, body));
}

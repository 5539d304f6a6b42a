#include "compiler/loop/interval.h"

#include "tests/support/loop_fixture.h"

/* Axes 0 ... 3: h of 28, p of 5, w of 28, q of 5. */
static struct ranges window(struct loop_fixture *f)
{
    struct ranges r = ranges_create(4, f->arena);

    for (loop_axis i = 0; i < 4; i++)
        ranges_define(&r, i, (struct interval){0, i % 2 == 0 ? 27 : 4});
    return r;
}

static void assert_bounds(const struct ranges *r, struct loop_index x, int64_t low, int64_t high)
{
    struct interval got = ranges_of_index(r, &x);

    assert_int_equal(got.low, low);
    assert_int_equal(got.high, high);
}

static void loops_alone_give_the_box(void **state)
{
    struct loop_fixture *f = *state;
    struct ranges r = window(f);

    assert_bounds(&r, index_of(f->module, 3, 2, 0, 2, 1, -1), -1, 57);
}

static void a_condition_bounds_what_is_a_multiple_of_it(void **state)
{
    struct loop_fixture *f = *state;
    struct ranges r = window(f);
    struct loop_index row = index_of(f->module, -2, 2, 0, 1, 1, 1);

    ranges_assume(&r, &row, (struct interval){0, 27}, f->arena);
    assert_bounds(&r, row, 0, 27);
    assert_bounds(&r, index_of(f->module, -64, 3, 0, 32, 1, 32, 2, 1), 0, 32 * 27 + 27);
}

static void conditions_on_rows_and_columns_work_together(void **state)
{
    struct loop_fixture *f = *state;
    struct ranges r = window(f);
    struct loop_index row = index_of(f->module, -2, 2, 0, 1, 1, 1), column = index_of(f->module, -2, 2, 2, 1, 3, 1);

    ranges_assume(&r, &row, (struct interval){0, 27}, f->arena);
    ranges_assume(&r, &column, (struct interval){0, 27}, f->arena);
    assert_bounds(&r, index_of(f->module, -58, 4, 0, 28, 1, 28, 2, 1, 3, 1), 0, 28 * 28 - 1);
}

static void a_condition_on_one_axis_narrows_it(void **state)
{
    struct loop_fixture *f = *state;
    struct ranges r = window(f);
    struct loop_index x = index_of(f->module, 1, 1, 0, 2);

    ranges_assume(&r, &x, (struct interval){4, 11}, f->arena);
    assert_bounds(&r, index_of(f->module, 0, 1, 0, 1), 2, 5);
}

static void what_cannot_be_is_empty(void **state)
{
    struct loop_fixture *f = *state;
    struct ranges r = window(f);
    struct loop_index x = index_of(f->module, 0, 1, 0, 1);

    ranges_assume(&r, &x, (struct interval){28, 30}, f->arena);
    assert_true(r.empty);
}

static void a_scope_ends_without_traces(void **state)
{
    struct loop_fixture *f = *state;
    struct ranges r = window(f);
    struct loop_index x = index_of(f->module, 0, 1, 0, 1);
    struct ranges outside = ranges_enter(&r, f->arena);

    ranges_assume(&r, &x, (struct interval){3, 4}, f->arena);
    assert_bounds(&r, x, 3, 4);
    r = outside;
    assert_bounds(&r, x, 0, 27);
}

static void digits_of_a_number_keep_places_apart(void **state)
{
    struct loop_fixture *f = *state;
    struct ranges r = window(f);
    struct loop_index digits = index_of(f->module, 9, 3, 0, 5 * 8, 1, 8, 2, 28 * 5 * 8),
                      close = index_of(f->module, 0, 2, 0, 4, 1, 1);

    assert_true(ranges_separate(&r, &digits, 8));
    assert_false(ranges_separate(&r, &digits, 9));
    assert_false(ranges_separate(&r, &close, 1));
    close = index_of(f->module, 0, 2, 0, 5, 1, -1);
    assert_true(ranges_separate(&r, &close, 1));
    close = index_of(f->module, 0, 2, 0, 1, 2, 1);
    assert_false(ranges_separate(&r, &close, 1));
}

/* Against all points: bounds are never too narrow. */
static void bounds_hold_at_every_point(void **state)
{
    struct loop_fixture *f = *state;
    uint32_t seed = 7;

    for (int round = 0; round < 300; round++) {
        int k[6];
        for (int i = 0; i < 6; i++) {
            seed = seed * 1664525 + 1013904223;
            k[i] = (int)(seed >> 24 & 15) - 7;
        }
        struct ranges r = window(f);
        struct loop_index condition = index_of(f->module, k[0], 2, 0, k[1], 1, k[2]),
                          x = index_of(f->module, 0, 3, 0, k[3], 1, k[4], 2, k[5]);
        ranges_assume(&r, &condition, (struct interval){-5, 20}, f->arena);
        for (int h = 0; h < 28; h++) {
            for (int p = 0; p < 5; p++) {
                int c = k[0] + k[1] * h + k[2] * p, at = k[3] * h + k[4] * p;
                if (c < -5 || c > 20)
                    continue;
                assert_false(r.empty);
                struct interval got = ranges_of_index(&r, &x);
                assert_true(got.low <= at + (k[5] < 0 ? 27 * k[5] : 0));
                assert_true(got.high >= at + (k[5] > 0 ? 27 * k[5] : 0));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        loop_test(loops_alone_give_the_box),
        loop_test(a_condition_bounds_what_is_a_multiple_of_it),
        loop_test(conditions_on_rows_and_columns_work_together),
        loop_test(a_condition_on_one_axis_narrows_it),
        loop_test(what_cannot_be_is_empty),
        loop_test(a_scope_ends_without_traces),
        loop_test(digits_of_a_number_keep_places_apart),
        loop_test(bounds_hold_at_every_point),
    };
    return cmocka_run_group_tests_name("interval", tests, NULL, NULL);
}

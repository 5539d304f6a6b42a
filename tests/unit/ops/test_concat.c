#include "tests/support/op_fixture.h"

static void channels_follow_one_another(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(3, 4, 5, 6)};

    fixture_input(f, "a", SHAPE(1, 2));
    fixture_input(f, "b", SHAPE(2, 2));
    assert_shape(infer_text(f, "concat(a, b)"), SHAPE(3, 2));
    assert_computes(f, given, NUMBERS(1, 2, 3, 4, 5, 6));
}

static void the_last_axis_interleaves(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(3, 4, 5, 6)};

    fixture_input(f, "a", SHAPE(2, 1));
    fixture_input(f, "b", SHAPE(2, 2));
    assert_shape(infer_text(f, "concat(a, b, axis = -1)"), SHAPE(2, 3));
    assert_computes(f, given, NUMBERS(1, 3, 4, 2, 5, 6));
}

static void the_parts_are_printed_apart(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "a", SHAPE(2));
    fixture_input(f, "b", SHAPE(3));
    infer_text(f, "concat(a, b)");
    assert_prints(f, "%0 = a: input 2\n"
                     "%1 = b: input 3\n"
                     "%2 = it: concat 5\n"
                     "     = %0[i]   over [i<2]\n"
                     "     = %1[i]   over [i<3] at [i + 2]\n"
                     "layer it = %2: concat(a, b)\n");
}

static void one_tensor_is_itself(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "concat", SHAPE(2)), SHAPE(2));
    assert_int_equal(f->result, f->in[0]);
}

static void other_sizes_must_agree(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "a", SHAPE(16, 8, 8));
    fixture_input(f, "b", SHAPE(16, 4, 4));
    assert_null(infer_text(f, "concat(a, b)"));
    assert_diagnostic(f, DIAG_BRANCHES, "concat: the branches differ beyond axis 0: a 16x8x8, b 16x4x4", "concat(a, b)");
}

static void ranks_must_agree(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "a", SHAPE(16, 8));
    fixture_input(f, "b", SHAPE(16));
    assert_null(infer_text(f, "concat(a, b, axis = 1)"));
    assert_diagnostic(f, DIAG_BRANCHES, "concat: the branches differ beyond axis 1: a 16x8, b 16", "concat(a, b, axis = 1)");
}

static void an_axis_must_exist(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "a", SHAPE(16, 8));
    fixture_input(f, "b", SHAPE(16, 8));
    assert_null(infer_text(f, "concat(a, b, axis = 2)"));
    assert_diagnostic(f, DIAG_AXIS, "concat: there is no axis 2: the tensor has 2, from 0", "axis = 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(channels_follow_one_another), op_test(the_last_axis_interleaves), op_test(the_parts_are_printed_apart),
        op_test(one_tensor_is_itself),        op_test(other_sizes_must_agree),    op_test(ranks_must_agree),
        op_test(an_axis_must_exist),
    };
    return cmocka_run_group_tests_name("concat", tests, NULL, NULL);
}

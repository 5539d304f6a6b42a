#include "tests/support/op_fixture.h"

#include <math.h>

static void the_axis_is_removed(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6)};

    assert_shape(infer(*state, "sum(axis = 0)", SHAPE(2, 3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(5, 7, 9));
}

static void the_last_axis_is_minus_one(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6)};

    assert_shape(infer(*state, "sum(-1)", SHAPE(2, 3)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(6, 15));
}

static void an_axis_in_the_middle_is_removed(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8)};

    assert_shape(infer(*state, "mean(axis = 1)", SHAPE(2, 2, 2)), SHAPE(2, 2));
    assert_computes(*state, given, NUMBERS(2, 3, 6, 7));
}

static void a_vector_becomes_a_number(void **state)
{
    const double *given[] = {NUMBERS(1, 5, 3)};

    assert_shape(infer(*state, "mean(axis = 0)", SHAPE(3)), SCALAR);
    assert_computes(*state, given, NUMBERS(3));
}

static void the_greatest_is_found_among_negative_ones(void **state)
{
    const double *given[] = {NUMBERS(-4, -2, -INFINITY, -1, -3, -5)};

    assert_shape(infer(*state, "max(axis = 1)", SHAPE(2, 3)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(-2, -1));
}

static void an_axis_of_one_changes_no_number(void **state)
{
    const double *given[] = {NUMBERS(3, -4)};

    assert_shape(infer(*state, "max(axis = 1)", SHAPE(2, 1)), SHAPE(2));
    assert_computes(*state, given, given[0]);
}

static void the_axis_must_be_said(void **state)
{
    assert_null(infer(*state, "sum", SHAPE(2, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_MISSING_ARGUMENT);
}

static void the_axis_must_exist(void **state)
{
    assert_null(infer(*state, "mean(axis = 2)", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_AXIS, "mean: there is no axis 2: the tensor has 2, from 0", "axis = 2");
}

static void a_number_has_no_axis(void **state)
{
    fixture_input(*state, "x", SCALAR);
    assert_null(infer_text(*state, "x -> max(0)"));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_RANK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(the_axis_is_removed),
        op_test(the_last_axis_is_minus_one),
        op_test(an_axis_in_the_middle_is_removed),
        op_test(a_vector_becomes_a_number),
        op_test(the_greatest_is_found_among_negative_ones),
        op_test(an_axis_of_one_changes_no_number),
        op_test(the_axis_must_be_said),
        op_test(the_axis_must_exist),
        op_test(a_number_has_no_axis),
    };
    return cmocka_run_group_tests_name("reduce", tests, NULL, NULL);
}

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

static void several_axes_are_removed_at_once(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8)};

    assert_shape(infer(*state, "sum(axis = [0, -1])", SHAPE(2, 2, 2)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(14, 22));
}

static void a_mean_over_several_axes_counts_all_elements(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8)};

    assert_shape(infer(*state, "mean(axis = [2, 1])", SHAPE(2, 2, 2)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(2.5, 6.5));
}

static void all_axes_leave_a_number(void **state)
{
    const double *given[] = {NUMBERS(1, 5, 3, -2)};

    assert_shape(infer(*state, "max(axis = [0, 1])", SHAPE(2, 2)), SCALAR);
    assert_computes(*state, given, NUMBERS(5));
}

static void the_smallest_is_found_too(void **state)
{
    const double *given[] = {NUMBERS(4, 2, INFINITY, 1, 7, 5)};

    assert_shape(infer(*state, "min(axis = 1)", SHAPE(2, 3)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(2, 1));
}

static void an_axis_is_listed_once(void **state)
{
    assert_null(infer(*state, "sum(axis = [1, -1])", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_AXIS, "sum: axis 1 is listed twice", "-1");
}

static void each_listed_axis_must_exist(void **state)
{
    assert_null(infer(*state, "min(axis = [0, -3])", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_AXIS, "min: there is no axis -3: the tensor has 2, from 0", "-3");
}

static void a_list_of_axes_is_not_empty(void **state)
{
    assert_null(infer(*state, "mean(axis = [])", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE, "mean: axis is an empty list", "axis = []");
}

static void axes_are_integers(void **state)
{
    assert_null(infer(*state, "max(axis = [0, 0.5])", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_ARGUMENT_TYPE, "max: axis must be an integer, got the real number 0.5", "0.5");
}

static void an_axis_is_no_name(void **state)
{
    assert_null(infer(*state, "max(axis = true)", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_ARGUMENT_TYPE, "max: axis must be an integer or a list, got true or false", "axis = true");
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
        op_test(several_axes_are_removed_at_once),
        op_test(a_mean_over_several_axes_counts_all_elements),
        op_test(all_axes_leave_a_number),
        op_test(the_smallest_is_found_too),
        op_test(an_axis_is_listed_once),
        op_test(each_listed_axis_must_exist),
        op_test(a_list_of_axes_is_not_empty),
        op_test(axes_are_integers),
        op_test(an_axis_is_no_name),
    };
    return cmocka_run_group_tests_name("reduce", tests, NULL, NULL);
}

#include "tests/support/op_fixture.h"

static void two_axes_change_places(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6)};

    assert_shape(infer(*state, "transpose([1, 0])", SHAPE(2, 3)), SHAPE(3, 2));
    assert_computes(*state, given, NUMBERS(1, 4, 2, 5, 3, 6));
}

static void each_axis_of_the_result_names_one_of_the_input(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6)};

    assert_shape(infer(*state, "transpose([2, 0, 1])", SHAPE(1, 2, 3)), SHAPE(3, 1, 2));
    assert_computes(*state, given, NUMBERS(1, 4, 2, 5, 3, 6));
}

static void negative_axes_count_from_the_last(void **state)
{
    assert_shape(infer(*state, "transpose([-1, 0, 1])", SHAPE(4, 5, 6)), SHAPE(6, 4, 5));
}

static void the_same_order_keeps_everything(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4)};

    assert_shape(infer(*state, "transpose([0, 1])", SHAPE(2, 2)), SHAPE(2, 2));
    assert_computes(*state, given, given[0]);
}

static void every_axis_is_listed(void **state)
{
    assert_null(infer(*state, "transpose([1, 0])", SHAPE(2, 3, 4)));
    assert_diagnostic(*state, DIAG_AXIS, "transpose: 2 axes are listed, the tensor 2x3x4 has 3", "[1, 0]");
    assert_hint(*state, "list every axis once, in the order that the result has them: axes = [1, 0] exchanges two");
}

static void no_axis_is_listed_twice(void **state)
{
    assert_null(infer(*state, "transpose([0, -2])", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_AXIS, "transpose: axis -2 is listed twice", "-2");
}

static void listed_axes_exist(void **state)
{
    assert_null(infer(*state, "transpose([0, 2])", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_AXIS, "transpose: there is no axis 2: the tensor has 2, from 0", "2");
}

static void axes_are_integers(void **state)
{
    assert_null(infer(*state, "transpose([0, 1.5])", SHAPE(2, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_TYPE);
}

static void a_number_is_no_list(void **state)
{
    assert_null(infer(*state, "transpose(1)", SHAPE(2, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(two_axes_change_places),
        op_test(each_axis_of_the_result_names_one_of_the_input),
        op_test(negative_axes_count_from_the_last),
        op_test(the_same_order_keeps_everything),
        op_test(every_axis_is_listed),
        op_test(no_axis_is_listed_twice),
        op_test(listed_axes_exist),
        op_test(axes_are_integers),
        op_test(a_number_is_no_list),
    };
    return cmocka_run_group_tests_name("transpose", tests, NULL, NULL);
}

#include "tests/support/op_fixture.h"

static void relu_cuts_below_zero(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 2, -3)};

    assert_shape(infer(*state, "relu", SHAPE(1, 2, 2)), SHAPE(1, 2, 2));
    assert_computes(*state, given, NUMBERS(0, 0, 2, 0));
}

static void leaky_relu_scales_below_zero(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 2)};

    assert_shape(infer(*state, "leaky_relu(0.2)", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(-0.2, 0, 2));
}

static void leaky_relus_slope_is_a_hundredth(void **state)
{
    const double *given[] = {NUMBERS(-1)};

    assert_shape(infer(*state, "leaky_relu", SHAPE(1)), SHAPE(1));
    assert_computes(*state, given, NUMBERS(-0.01));
}

static void sigmoid_lies_between_zero_and_one(void **state)
{
    const double *given[] = {NUMBERS(0, 1, -1)};

    assert_shape(infer(*state, "sigmoid", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(0.5, 0.73105857863000490, 0.26894142136999510));
}

static void tanh_lies_between_minus_one_and_one(void **state)
{
    const double *given[] = {NUMBERS(0, 1, -1)};

    assert_shape(infer(*state, "tanh", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(0, 0.76159415595576485, -0.76159415595576485));
}

static void every_rank_is_taken(void **state)
{
    assert_shape(infer(*state, "relu", SHAPE(2, 3, 4, 5, 6, 7)), SHAPE(2, 3, 4, 5, 6, 7));
}

static void initialisation_knows_the_relus(void **state)
{
    (void)state;
    assert_true(op_find("relu")->relu_like && op_find("leaky_relu")->relu_like);
    assert_false(op_find("tanh")->relu_like || op_find("sigmoid")->relu_like);
}

static void slopes_are_not_negative(void **state)
{
    assert_null(infer(*state, "leaky_relu(-1)", SHAPE(3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(relu_cuts_below_zero),
        op_test(leaky_relu_scales_below_zero),
        op_test(leaky_relus_slope_is_a_hundredth),
        op_test(sigmoid_lies_between_zero_and_one),
        op_test(tanh_lies_between_minus_one_and_one),
        op_test(every_rank_is_taken),
        op_test(initialisation_knows_the_relus),
        op_test(slopes_are_not_negative),
    };
    return cmocka_run_group_tests_name("activation", tests, NULL, NULL);
}

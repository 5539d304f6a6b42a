#include "tests/support/op_fixture.h"

static void one_slope_serves_all(void **state)
{
    const double *given[] = {NUMBERS(-1, 2, -4, 0), NUMBERS(0.5)};

    assert_shape(infer(*state, "prelu", SHAPE(2, 2)), SHAPE(2, 2));
    assert_shape(&fixture_parameter(*state, "weight")->shape, SHAPE(1));
    assert_computes(*state, given, NUMBERS(-0.5, 2, -2, 0));
}

static void each_channel_may_have_its_own(void **state)
{
    const double *given[] = {NUMBERS(-1, 2, -4, -8), NUMBERS(0.5, 0.25)};

    assert_shape(infer(*state, "prelu(per_channel = true)", SHAPE(2, 1, 2)), SHAPE(2, 1, 2));
    assert_shape(&fixture_parameter(*state, "weight")->shape, SHAPE(2));
    assert_computes(*state, given, NUMBERS(-0.5, 2, -1, -2));
}

static void one_channel_is_one_slope(void **state)
{
    assert_shape(infer(*state, "prelu(true)", SHAPE(1)), SHAPE(1));
    assert_shape(&fixture_parameter(*state, "weight")->shape, SHAPE(1));
}

static void slopes_begin_at_a_quarter_and_are_no_weights(void **state)
{
    infer(*state, "prelu", SHAPE(3));
    const struct parameter *p = fixture_parameter(*state, "weight")->parameter;

    assert_int_equal(p->init, INIT_CONSTANT);
    assert_true(p->init_value == 0.25);
    assert_false(p->is_weight);
}

static void another_beginning_can_be_asked_for(void **state)
{
    infer(*state, "prelu(init = zeros)", SHAPE(3));
    assert_int_equal(fixture_parameter(*state, "weight")->parameter->init, INIT_ZEROS);
}

static void fixed_slopes_are_taken(void **state)
{
    infer(*state, "prelu(per_channel = true, weight = [0.1, 0.2, 0.3])", SHAPE(3));
    const struct parameter *p = fixture_parameter(*state, "weight")->parameter;

    assert_int_equal(p->init, INIT_VALUES);
    assert_true(p->init_data[2] == 0.3);
}

static void penalties_are_settings(void **state)
{
    infer(*state, "prelu(l2 = 0.1)", SHAPE(3));
    assert_int_not_equal(fixture_parameter(*state, "weight")->parameter->l2, NO_NODE);
}

static void frozen_slopes_take_no_gradient(void **state)
{
    infer(*state, "prelu(frozen = true)", SHAPE(3));
    assert_true(fixture_parameter(*state, "weight")->no_gradient);
}

static void there_is_no_bias(void **state)
{
    assert_null(infer(*state, "prelu(bias = [1])", SHAPE(3)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "prelu: values for a bias that it does not have", "bias = [1]");
}

static void fixed_slopes_must_fit(void **state)
{
    assert_null(infer(*state, "prelu(weight = [0.1, 0.2])", SHAPE(2)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "prelu: weight has 2 numbers instead of 1: the shape is 1", "[0.1, 0.2]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(one_slope_serves_all),
        op_test(each_channel_may_have_its_own),
        op_test(one_channel_is_one_slope),
        op_test(slopes_begin_at_a_quarter_and_are_no_weights),
        op_test(another_beginning_can_be_asked_for),
        op_test(fixed_slopes_are_taken),
        op_test(penalties_are_settings),
        op_test(frozen_slopes_take_no_gradient),
        op_test(there_is_no_bias),
        op_test(fixed_slopes_must_fit),
    };
    return cmocka_run_group_tests_name("prelu", tests, NULL, NULL);
}

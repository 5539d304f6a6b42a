#include "tests/support/op_fixture.h"

static void vectors_are_taken_whole(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 3), NUMBERS(1, 2), NUMBERS(0, 10)};

    assert_shape(infer(f, "layernorm(eps = 3)", SHAPE(2)), SHAPE(2));
    assert_shape(&fixture_parameter(f, "weight")->shape, SHAPE(2));
    assert_computes(f, given, NUMBERS(-0.5, 11));
}

static void images_are_taken_whole(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "layernorm", SHAPE(2, 3, 4)), SHAPE(2, 3, 4));
    assert_shape(&fixture_parameter(f, "weight")->shape, SHAPE(2, 3, 4));
    assert_shape(&fixture_parameter(f, "bias")->shape, SHAPE(2, 3, 4));
}

static void an_axis_is_normalised_at_each_place(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 10, 3, 14), NUMBERS(1, 1), NUMBERS(0, 0)};

    assert_shape(infer(f, "layernorm(axis = 0, eps = 3)", SHAPE(2, 2)), SHAPE(2, 2));
    assert_shape(&fixture_parameter(f, "weight")->shape, SHAPE(2));
    assert_computes(f, given, NUMBERS(-0.5, -2 / 2.6457513110645907, 0.5, 2 / 2.6457513110645907));
}

static void the_last_axis_is_minus_one(void **state)
{
    struct fixture *f = *state;

    infer(f, "layernorm(axis = -1)", SHAPE(2, 3, 4));
    assert_shape(&fixture_parameter(f, "weight")->shape, SHAPE(4));
}

static void weights_start_at_one_and_are_not_regularised(void **state)
{
    struct fixture *f = *state;

    infer(f, "layernorm", SHAPE(4));
    assert_int_equal(fixture_parameter(f, "weight")->parameter->init, INIT_ONES);
    assert_false(fixture_parameter(f, "weight")->parameter->is_weight);
    assert_int_equal(fixture_parameter(f, "bias")->parameter->init, INIT_ZEROS);
}

static void weights_take_fixed_values(void **state)
{
    struct fixture *f = *state;

    infer(f, "layernorm(weight = [2, 3], bias = [4, 5])", SHAPE(2));
    assert_true(fixture_parameter(f, "weight")->parameter->init_data[1] == 3);
    assert_true(fixture_parameter(f, "bias")->parameter->init_data[1] == 5);
}

static void affine_may_be_left_out(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 3)};

    assert_shape(infer(f, "layernorm(eps = 3, affine = false)", SHAPE(2)), SHAPE(2));
    assert_computes(f, given, NUMBERS(-0.5, 0.5));
}

static void values_for_what_is_left_out_are_reported(void **state)
{
    assert_null(infer(*state, "layernorm(affine = false, l2 = 0.1)", SHAPE(2)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "layernorm: l2= for parameters that affine = false leaves out", "l2 = 0.1");
}

static void rank_two_wants_its_axis(void **state)
{
    assert_null(infer(*state, "layernorm", SHAPE(3, 4)));
    assert_diagnostic(*state, DIAG_AXIS, "layernorm: an input of rank 2 wants axis=", "layernorm");
    assert_hint(*state, "axis = 0 over the channels of a signal CxL, axis = 1 over the features of a sequence TxF");
}

static void axes_beyond_the_tensor_are_reported(void **state)
{
    assert_null(infer(*state, "layernorm(axis = 3)", SHAPE(2, 3, 4)));
    assert_diagnostic(*state, DIAG_AXIS, "layernorm: there is no axis 3: the tensor has 3, from 0", "axis = 3");
}

static void eps_is_above_zero(void **state)
{
    assert_null(infer(*state, "layernorm(eps = 0)", SHAPE(4)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_RANGE);
}

static void several_axes_share_a_mean(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 3, 10, 30), NUMBERS(2, 2), NUMBERS(0, 1)};

    assert_shape(infer(f, "layernorm(axis = [0, -1], eps = 3)", SHAPE(1, 2, 2)), SHAPE(1, 2, 2));
    assert_shape(&fixture_parameter(f, "weight")->shape, SHAPE(1, 2));
    assert_computes(f, given, NUMBERS(-1, 2, -20 / 10.148891565092219, 1 + 20 / 10.148891565092219));
}

static void listed_axes_stand_in_the_tensors_order(void **state)
{
    struct fixture *f = *state;

    infer(f, "layernorm(axis = [2, 0])", SHAPE(2, 3, 4));
    assert_shape(&fixture_parameter(f, "weight")->shape, SHAPE(2, 4));
    assert_shape(&fixture_parameter(f, "bias")->shape, SHAPE(2, 4));
}

static void an_axis_is_listed_once(void **state)
{
    assert_null(infer(*state, "layernorm(axis = [1, 1])", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_AXIS, "layernorm: axis 1 is listed twice", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(vectors_are_taken_whole),
        op_test(images_are_taken_whole),
        op_test(an_axis_is_normalised_at_each_place),
        op_test(the_last_axis_is_minus_one),
        op_test(weights_start_at_one_and_are_not_regularised),
        op_test(weights_take_fixed_values),
        op_test(affine_may_be_left_out),
        op_test(values_for_what_is_left_out_are_reported),
        op_test(rank_two_wants_its_axis),
        op_test(axes_beyond_the_tensor_are_reported),
        op_test(eps_is_above_zero),
        op_test(several_axes_share_a_mean),
        op_test(listed_axes_stand_in_the_tensors_order),
        op_test(an_axis_is_listed_once),
    };
    return cmocka_run_group_tests_name("layernorm", tests, NULL, NULL);
}

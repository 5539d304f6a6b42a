#include "tests/support/op_fixture.h"

static void each_run_of_channels_has_its_mean(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 3, 10, 14), NUMBERS(1, 2, 1, 1), NUMBERS(0, 0, 0, 1)};

    assert_shape(infer(f, "groupnorm(2, eps = 3)", SHAPE(4)), SHAPE(4));
    assert_computes(f, given, NUMBERS(-0.5, 1, -2 / 2.6457513110645907, 1 + 2 / 2.6457513110645907));
}

static void places_belong_to_the_run(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 1, 3, 3)};

    assert_shape(infer(f, "groupnorm(1, eps = 3, affine = false)", SHAPE(2, 2)), SHAPE(2, 2));
    assert_computes(f, given, NUMBERS(-0.5, -0.5, 0.5, 0.5));
}

static void parameters_are_per_channel(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "groupnorm(3)", SHAPE(6, 2, 5)), SHAPE(6, 2, 5));
    assert_shape(&fixture_parameter(f, "weight")->shape, SHAPE(6));
    assert_shape(&fixture_parameter(f, "bias")->shape, SHAPE(6));
    assert_int_equal(fixture_parameter(f, "weight")->parameter->init, INIT_ONES);
}

static void groups_must_divide_the_channels(void **state)
{
    assert_null(infer(*state, "groupnorm(4)", SHAPE(6, 2, 5)));
    assert_diagnostic(*state, DIAG_GROUPS, "groupnorm: 4 groups do not divide 6 channels", "4");
    assert_hint(*state, "take a divisor of 6");
}

static void groups_are_required(void **state)
{
    assert_null(infer(*state, "groupnorm", SHAPE(6, 2, 5)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_MISSING_ARGUMENT);
}

static void tensors_of_rank_four_are_reported(void **state)
{
    assert_null(infer(*state, "groupnorm(1)", SHAPE(6, 2, 5, 2)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_RANK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(each_run_of_channels_has_its_mean), op_test(places_belong_to_the_run), op_test(parameters_are_per_channel),
        op_test(groups_must_divide_the_channels),   op_test(groups_are_required),      op_test(tensors_of_rank_four_are_reported),
    };
    return cmocka_run_group_tests_name("groupnorm", tests, NULL, NULL);
}

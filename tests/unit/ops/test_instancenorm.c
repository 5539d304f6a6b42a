#include "tests/support/op_fixture.h"

static void each_channel_has_its_mean(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 3, 10, 14), NUMBERS(2, 1), NUMBERS(0, 1)};

    assert_shape(infer(f, "instancenorm(eps = 3)", SHAPE(2, 2)), SHAPE(2, 2));
    assert_computes(f, given, NUMBERS(-1, 1, 1 - 2 / 2.6457513110645907, 1 + 2 / 2.6457513110645907));
}

static void parameters_are_per_channel(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "instancenorm", SHAPE(6, 1, 5)), SHAPE(6, 1, 5));
    assert_shape(&fixture_parameter(f, "weight")->shape, SHAPE(6));
    assert_shape(&fixture_parameter(f, "bias")->shape, SHAPE(6));
    assert_int_equal(fixture_parameter(f, "weight")->parameter->init, INIT_ONES);
}

static void affine_may_be_left_out(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 3)};

    assert_shape(infer(f, "instancenorm(3, affine = false)", SHAPE(1, 1, 2)), SHAPE(1, 1, 2));
    assert_computes(f, given, NUMBERS(-0.5, 0.5));
}

static void single_elements_have_no_deviation(void **state)
{
    assert_null(infer(*state, "instancenorm", SHAPE(3, 1, 1)));
    assert_diagnostic(*state, DIAG_STATISTICS, "instancenorm: the channels of 3x1x1 have one element each, which is its own mean",
                      "instancenorm");
    assert_hint(*state, "groupnorm normalises over channels too");
}

static void vectors_have_no_places(void **state)
{
    assert_null(infer(*state, "instancenorm", SHAPE(8)));
    assert_diagnostic(*state, DIAG_RANK, "instancenorm: wants an image CxHxW or a signal CxL, got 8", "instancenorm");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(each_channel_has_its_mean),         op_test(parameters_are_per_channel), op_test(affine_may_be_left_out),
        op_test(single_elements_have_no_deviation), op_test(vectors_have_no_places),
    };
    return cmocka_run_group_tests_name("instancenorm", tests, NULL, NULL);
}

#include "tests/support/op_fixture.h"

static void nearest_repeats_elements(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4)};

    assert_shape(infer(*state, "upsample(2)", SHAPE(1, 2, 2)), SHAPE(1, 4, 4));
    assert_computes(*state, given, NUMBERS(1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4));
}

static void each_axis_may_have_its_own_scale(void **state)
{
    const double *given[] = {NUMBERS(1, 2)};

    assert_shape(infer(*state, "upsample(1x3)", SHAPE(1, 1, 2)), SHAPE(1, 1, 6));
    assert_computes(*state, given, NUMBERS(1, 1, 1, 2, 2, 2));
}

static void bilinear_interpolates_between_centres(void **state)
{
    const double *given[] = {NUMBERS(0, 4, 8)};

    assert_shape(infer(*state, "upsample(2, mode = bilinear)", SHAPE(1, 3)), SHAPE(1, 6));
    assert_computes(*state, given, NUMBERS(0, 1, 3, 5, 7, 8));
}

static void an_odd_scale_hits_the_centres(void **state)
{
    const double *given[] = {NUMBERS(0, 3)};

    assert_shape(infer(*state, "upsample(3, mode = bilinear)", SHAPE(1, 2)), SHAPE(1, 6));
    assert_computes(*state, given, NUMBERS(0, 0, 1, 2, 3, 3));
}

static void bilinear_weighs_both_axes(void **state)
{
    const double *given[] = {NUMBERS(0, 4, 8, 12)};

    assert_shape(infer(*state, "upsample(2, bilinear)", SHAPE(1, 2, 2)), SHAPE(1, 4, 4));
    assert_computes(*state, given, NUMBERS(0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12));
}

static void one_element_is_spread(void **state)
{
    const double *given[] = {NUMBERS(7)};

    assert_shape(infer(*state, "upsample(2x2, mode = bilinear)", SHAPE(1, 1, 1)), SHAPE(1, 2, 2));
    assert_computes(*state, given, NUMBERS(7, 7, 7, 7));
}

static void once_as_large_is_the_tensor(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "upsample(1, mode = bilinear)", SHAPE(2, 3)), SHAPE(2, 3));
    assert_int_equal(f->result, f->in[0]);
}

static void scales_are_at_least_one(void **state)
{
    assert_null(infer(*state, "upsample(0)", SHAPE(2, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_RANGE);
}

static void there_are_two_modes(void **state)
{
    assert_null(infer(*state, "upsample(2, mode = cubic)", SHAPE(2, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_CHOICE);
}

static void a_size_has_a_number_for_each_axis(void **state)
{
    assert_null(infer(*state, "upsample(2x2)", SHAPE(2, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_SPATIAL);
}

static void vectors_are_not_enlarged(void **state)
{
    assert_null(infer(*state, "upsample(2)", SHAPE(3)));
    assert_diagnostic(*state, DIAG_RANK, "upsample: wants an image CxHxW or a signal CxL, got 3", "upsample(2)");
}

static void results_stay_within_the_limits(void **state)
{
    assert_null(infer(*state, "upsample(1099511627776x1099511627776)", SHAPE(2, 3, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_TENSOR_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(nearest_repeats_elements),
        op_test(each_axis_may_have_its_own_scale),
        op_test(bilinear_interpolates_between_centres),
        op_test(an_odd_scale_hits_the_centres),
        op_test(bilinear_weighs_both_axes),
        op_test(one_element_is_spread),
        op_test(once_as_large_is_the_tensor),
        op_test(scales_are_at_least_one),
        op_test(there_are_two_modes),
        op_test(a_size_has_a_number_for_each_axis),
        op_test(vectors_are_not_enlarged),
        op_test(results_stay_within_the_limits),
    };
    return cmocka_run_group_tests_name("upsample", tests, NULL, NULL);
}

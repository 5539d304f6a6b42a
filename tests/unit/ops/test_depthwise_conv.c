#include "tests/support/op_fixture.h"

/* The shape of one call, by itself. */
static void assert_infers(const char *call, const struct shape *in, const struct shape *out)
{
    void *state;

    assert_int_equal(fixture_setup(&state), 0);
    assert_shape(infer(state, call, in), out);
    fixture_teardown(&state);
}

static void each_filter_sees_its_channel(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4), NUMBERS(1, 1, 10, 1), NUMBERS(0.5, 0)};

    assert_shape(infer(f, "depthwise_conv(2)", SHAPE(2, 2)), SHAPE(2, 1));
    assert_computes(f, given, NUMBERS(3.5, 34));
}

static void multipliers_follow_their_channel(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(1, 10, 100, 1000)};

    assert_shape(infer(f, "depthwise_conv(1, 2, bias = false)", SHAPE(2, 1)), SHAPE(4, 1));
    assert_computes(f, given, NUMBERS(1, 10, 200, 2000));
}

static void sizes_are_those_of_conv(void **state)
{
    (void)state;
    assert_infers("depthwise_conv(3x3, stride = 2, padding = same)", SHAPE(3, 7, 6), SHAPE(3, 4, 3));
    assert_infers("depthwise_conv(3x2, 4, dilation = 2x3)", SHAPE(2, 5, 4), SHAPE(8, 1, 1));
    assert_infers("depthwise_conv(1x1)", SHAPE(1, 1, 1), SHAPE(1, 1, 1));
    assert_infers("depthwise_conv(2, stride = 5)", SHAPE(2, 7), SHAPE(2, 2));
}

static void parameters_have_pytorchs_shapes_and_fans(void **state)
{
    struct fixture *f = *state;

    infer(f, "depthwise_conv(3x2, multiplier = 2)", SHAPE(4, 5, 5));
    assert_shape(&fixture_parameter(f, "weight")->shape, SHAPE(8, 1, 3, 2));
    assert_shape(&fixture_parameter(f, "bias")->shape, SHAPE(8));
    assert_int_equal(fixture_parameter(f, "weight")->parameter->fan_in, 6);
    assert_int_equal(fixture_parameter(f, "weight")->parameter->fan_out, 48);
}

static void large_kernels_are_reported(void **state)
{
    assert_null(infer(*state, "depthwise_conv(5)", SHAPE(2, 4)));
    assert_diagnostic(*state, DIAG_KERNEL,
                      "depthwise_conv: the 5 kernel is larger than the padded 4 input: floor((4 + 0 - 1*(5 - 1) - 1)/1) + 1 = 0",
                      "depthwise_conv(5)");
}

static void many_filters_are_reported(void **state)
{
    assert_null(infer(*state, "depthwise_conv(1, 1099511627776)", SHAPE(16777216, 4)));
    assert_diagnostic(*state, DIAG_TENSOR_SIZE, "depthwise_conv: the number of filters exceeds 64 bits", "1099511627776");
}

static void vectors_are_no_images(void **state)
{
    assert_null(infer(*state, "depthwise_conv(3)", SHAPE(784)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_RANK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(each_filter_sees_its_channel), op_test(multipliers_follow_their_channel),
        op_test(sizes_are_those_of_conv),      op_test(parameters_have_pytorchs_shapes_and_fans),
        op_test(large_kernels_are_reported),   op_test(many_filters_are_reported),
        op_test(vectors_are_no_images),
    };
    return cmocka_run_group_tests_name("depthwise_conv", tests, NULL, NULL);
}

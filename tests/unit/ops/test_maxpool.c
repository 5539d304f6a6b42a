#include "tests/support/op_fixture.h"

static void the_stride_is_the_kernel(void **state)
{
    assert_shape(infer(*state, "maxpool(2x2)", SHAPE(6, 28, 28)), SHAPE(6, 14, 14));
}

static void windows_may_overlap(void **state)
{
    const double *given[] = {NUMBERS(1, 5, 2, -1, -3, -2)};

    assert_shape(infer(*state, "maxpool(3, stride = 1)", SHAPE(1, 6)), SHAPE(1, 4));
    assert_computes(*state, given, NUMBERS(5, 5, 2, -1));
}

static void padding_never_wins(void **state)
{
    const double *given[] = {NUMBERS(-1, -2, -3, -4)};

    assert_shape(infer(*state, "maxpool(3, stride = 2, padding = 1)", SHAPE(1, 4)), SHAPE(1, 2));
    assert_computes(*state, given, NUMBERS(-1, -2));
}

static void ceil_keeps_the_last_partial_window(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, -5)};

    assert_shape(infer(*state, "maxpool(2, ceil = true)", SHAPE(1, 5)), SHAPE(1, 3));
    assert_computes(*state, given, NUMBERS(2, 4, -5));
}

static void ceil_drops_a_window_that_begins_in_the_end_padding(void **state)
{
    /* ceil((4 + 2 - 2)/3) + 1 = 3 windows, the third at 6 of 1 + 4. PyTorch gives 2. */
    assert_shape(infer(*state, "maxpool(2, stride = 3, padding = 1, ceil = true)", SHAPE(1, 4)), SHAPE(1, 2));
}

static void ceil_lets_the_kernel_overhang_a_small_input(void **state)
{
    assert_shape(infer(*state, "maxpool(3, stride = 2, ceil = true)", SHAPE(1, 2)), SHAPE(1, 1));
}

static void dilation_skips_elements(void **state)
{
    const double *given[] = {NUMBERS(1, 9, 2, 8, 3)};

    assert_shape(infer(*state, "maxpool(3, stride = 1, dilation = 2)", SHAPE(1, 5)), SHAPE(1, 1));
    assert_computes(*state, given, NUMBERS(3));
}

static void a_kernel_of_one_element_copies(void **state)
{
    const double *given[] = {NUMBERS(1, -2)};

    assert_shape(infer(*state, "maxpool(1)", SHAPE(1, 2)), SHAPE(1, 2));
    assert_computes(*state, given, NUMBERS(1, -2));
}

static void padding_as_wide_as_the_kernel_is_reported(void **state)
{
    assert_null(infer(*state, "maxpool(2, padding = 2)", SHAPE(1, 8)));
    assert_diagnostic(*state, DIAG_POOL_PADDING,
                      "maxpool: with padding 2 and 2 a window of the 2 kernel lies wholly in the padding", "padding = 2");
}

static void taps_that_step_over_the_input_are_reported(void **state)
{
    assert_null(infer(*state, "maxpool(2, dilation = 3, padding = 1)", SHAPE(1, 2)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_POOL_PADDING);
}

static void a_kernel_larger_than_the_input_is_reported(void **state)
{
    assert_null(infer(*state, "maxpool(3x3)", SHAPE(1, 2, 8)));
    assert_diagnostic(*state, DIAG_KERNEL,
                      "maxpool: the 3x3 kernel is larger than the padded 2x8 input: floor((2 + 0 - 1*(3 - 1) - 1)/3) + 1 = 0",
                      "maxpool(3x3)");
}

static void vectors_are_no_images(void **state)
{
    assert_null(infer(*state, "maxpool(2)", SHAPE(9)));
    assert_diagnostic(*state, DIAG_RANK, "maxpool: wants an image CxHxW or a signal CxL, got 9", "maxpool(2)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(the_stride_is_the_kernel),
        op_test(windows_may_overlap),
        op_test(padding_never_wins),
        op_test(ceil_keeps_the_last_partial_window),
        op_test(ceil_drops_a_window_that_begins_in_the_end_padding),
        op_test(ceil_lets_the_kernel_overhang_a_small_input),
        op_test(dilation_skips_elements),
        op_test(a_kernel_of_one_element_copies),
        op_test(padding_as_wide_as_the_kernel_is_reported),
        op_test(taps_that_step_over_the_input_are_reported),
        op_test(a_kernel_larger_than_the_input_is_reported),
        op_test(vectors_are_no_images),
    };
    return cmocka_run_group_tests_name("maxpool", tests, NULL, NULL);
}

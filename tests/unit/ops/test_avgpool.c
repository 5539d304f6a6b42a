#include "tests/support/op_fixture.h"

static void full_windows_multiply_by_a_constant(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8)};

    assert_shape(infer(f, "avgpool(2x2)", SHAPE(1, 2, 4)), SHAPE(1, 1, 2));
    assert_computes(f, given, NUMBERS(3.5, 5.5));
    assert_prints(f, "%0 = x: input 1x2x4\n"
                     "%1 = it.sum: sum 1x1x2 = sum[p<2,q<2] %0[0, p, 2*w + q]   over [w<2] at [0, 0, w]\n"
                     "%2 = it: mean 1x1x2 = %1[0, 0, w] * 0.25   over [w<2] at [0, 0, w]\n"
                     "layer it = %2: x -> avgpool(2x2)\n");
}

static void padding_does_not_count(void **state)
{
    const double *given[] = {NUMBERS(3, 6, 9, 12)};

    assert_shape(infer(*state, "avgpool(3, stride = 1, padding = 1)", SHAPE(1, 4)), SHAPE(1, 4));
    assert_computes(*state, given, NUMBERS(4.5, 6, 9, 10.5));
}

static void padding_counts_where_it_is_asked_for(void **state)
{
    const double *given[] = {NUMBERS(3, 6, 9, 12)};

    assert_shape(infer(*state, "avgpool(3, stride = 1, padding = 1, count_include_pad = true)", SHAPE(1, 4)), SHAPE(1, 4));
    assert_computes(*state, given, NUMBERS(3, 6, 9, 7));
}

static void a_partial_window_counts_what_it_covers(void **state)
{
    const double *given[] = {NUMBERS(1, 3, 5, 7, 9)};

    assert_shape(infer(*state, "avgpool(2, ceil = true)", SHAPE(1, 5)), SHAPE(1, 3));
    assert_computes(*state, given, NUMBERS(2, 6, 9));
}

static void beyond_the_padding_nothing_counts(void **state)
{
    /* The last of three windows covers place 5, the padding at 6, and one place beyond. PyTorch divides by 2. */
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6)};

    assert_shape(infer(*state, "avgpool(3, padding = 1, ceil = true, count_include_pad = true)", SHAPE(1, 6)), SHAPE(1, 3));
    assert_computes(*state, given, NUMBERS(1, 4, 3));
}

static void both_axes_count(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4)};

    assert_shape(infer(*state, "avgpool(2x2, stride = 1, padding = 1)", SHAPE(1, 2, 2)), SHAPE(1, 3, 3));
    assert_computes(*state, given, NUMBERS(1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4));
}

static void the_kernel_may_be_the_input(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 6)};

    assert_shape(infer(*state, "avgpool(4)", SHAPE(1, 4)), SHAPE(1, 1));
    assert_computes(*state, given, NUMBERS(3));
}

static void there_is_no_dilation(void **state)
{
    assert_null(infer(*state, "avgpool(2, dilation = 2)", SHAPE(1, 4)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_UNKNOWN_ARGUMENT);
}

static void padding_as_wide_as_the_kernel_is_reported(void **state)
{
    assert_null(infer(*state, "avgpool(2x2, padding = 0x2)", SHAPE(1, 8, 8)));
    assert_diagnostic(*state, DIAG_POOL_PADDING,
                      "avgpool: with padding 2 and 2 a window of the 2x2 kernel lies wholly in the padding", "padding = 0x2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(full_windows_multiply_by_a_constant),
        op_test(padding_does_not_count),
        op_test(padding_counts_where_it_is_asked_for),
        op_test(a_partial_window_counts_what_it_covers),
        op_test(beyond_the_padding_nothing_counts),
        op_test(both_axes_count),
        op_test(the_kernel_may_be_the_input),
        op_test(there_is_no_dilation),
        op_test(padding_as_wide_as_the_kernel_is_reported),
    };
    return cmocka_run_group_tests_name("avgpool", tests, NULL, NULL);
}

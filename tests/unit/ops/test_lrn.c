#include "tests/support/op_fixture.h"

static void neighbours_in_other_channels_divide(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3)};

    assert_shape(infer(f, "lrn(3, alpha = 3, beta = 1, k = 1)", SHAPE(3, 1)), SHAPE(3, 1));
    assert_computes(f, given, NUMBERS(1.0 / 6, 2.0 / 15, 3.0 / 14));
}

static void an_even_size_looks_back_further(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3)};

    assert_shape(infer(*state, "lrn(2, alpha = 2, beta = 1)", SHAPE(3, 1)), SHAPE(3, 1));
    assert_computes(*state, given, NUMBERS(1.0 / 2, 2.0 / 6, 3.0 / 14));
}

static void three_quarters_are_two_roots(void **state)
{
    const double *given[] = {NUMBERS(32)};

    assert_shape(infer(*state, "lrn(1, alpha = 1, k = 64512)", SHAPE(1, 1)), SHAPE(1, 1));
    assert_computes(*state, given, NUMBERS(32.0 / 4096));
}

static void beta_zero_changes_nothing(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4)};

    assert_shape(infer(*state, "lrn(beta = 0)", SHAPE(2, 1, 2)), SHAPE(2, 1, 2));
    assert_computes(*state, given, given[0]);
}

static void windows_may_exceed_the_channels(void **state)
{
    assert_shape(infer(*state, "lrn(9)", SHAPE(2, 3, 4)), SHAPE(2, 3, 4));
}

static void k_is_above_zero(void **state)
{
    assert_null(infer(*state, "lrn(k = 0)", SHAPE(2, 3, 4)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_RANGE);
}

static void vectors_are_reported(void **state)
{
    assert_null(infer(*state, "lrn", SHAPE(8)));
    assert_diagnostic(*state, DIAG_RANK, "lrn: wants an image CxHxW or a signal CxL, got 8", "lrn");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(neighbours_in_other_channels_divide),
        op_test(an_even_size_looks_back_further),
        op_test(three_quarters_are_two_roots),
        op_test(beta_zero_changes_nothing),
        op_test(windows_may_exceed_the_channels),
        op_test(k_is_above_zero),
        op_test(vectors_are_reported),
    };
    return cmocka_run_group_tests_name("lrn", tests, NULL, NULL);
}

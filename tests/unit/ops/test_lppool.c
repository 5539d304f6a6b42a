#include "tests/support/op_fixture.h"

/* The shape of one call, by itself. */
static void assert_infers(const char *call, const struct shape *in, const struct shape *out)
{
    void *state;

    assert_int_equal(fixture_setup(&state), 0);
    assert_shape(infer(state, call, in), out);
    fixture_teardown(&state);
}

static void the_default_is_the_euclidean_norm(void **state)
{
    const double *given[] = {NUMBERS(3, 4, 0, 0, -5, 12)};

    assert_shape(infer(*state, "lppool(2)", SHAPE(1, 6)), SHAPE(1, 3));
    assert_computes(*state, given, NUMBERS(5, 0, 13));
}

static void power_one_sums_magnitudes(void **state)
{
    const double *given[] = {NUMBERS(1, -2, 3, -4)};

    assert_shape(infer(*state, "lppool(2x2, power = 1)", SHAPE(1, 2, 2)), SHAPE(1, 1, 1));
    assert_computes(*state, given, NUMBERS(10));
}

static void the_fourth_root_is_two_square_roots(void **state)
{
    const double *given[] = {NUMBERS(2, 0, -3, 0)};

    assert_shape(infer(*state, "lppool(2, power = 4)", SHAPE(1, 4)), SHAPE(1, 2));
    assert_computes(*state, given, NUMBERS(2, 3));
}

static void padding_adds_nothing(void **state)
{
    const double *given[] = {NUMBERS(3, 4)};

    assert_shape(infer(*state, "lppool(2, stride = 1, padding = 1)", SHAPE(1, 2)), SHAPE(1, 3));
    assert_computes(*state, given, NUMBERS(3, 5, 4));
}

static void partial_windows_are_kept_on_request(void **state)
{
    const double *given[] = {NUMBERS(3, 4, 7)};

    assert_shape(infer(*state, "lppool(2, ceil = true)", SHAPE(1, 3)), SHAPE(1, 2));
    assert_computes(*state, given, NUMBERS(5, 7));
}

static void the_kernel_may_be_the_input(void **state)
{
    (void)state;
    assert_infers("lppool(4x3)", SHAPE(2, 4, 3), SHAPE(2, 1, 1));
    assert_infers("lppool(3, 2, 1)", SHAPE(2, 7), SHAPE(2, 4));
    assert_infers("lppool(2x1, stride = 3x2)", SHAPE(2, 7, 5), SHAPE(2, 2, 3));
}

static void powers_below_one_are_no_norms(void **state)
{
    assert_null(infer(*state, "lppool(2, power = 0.5)", SHAPE(1, 4)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_RANGE);
}

static void vectors_are_no_images(void **state)
{
    assert_null(infer(*state, "lppool(2)", SHAPE(784)));
    assert_diagnostic(*state, DIAG_RANK, "lppool: wants an image CxHxW or a signal CxL, got 784", "lppool(2)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(the_default_is_the_euclidean_norm),   op_test(power_one_sums_magnitudes),
        op_test(the_fourth_root_is_two_square_roots), op_test(padding_adds_nothing),
        op_test(partial_windows_are_kept_on_request), op_test(the_kernel_may_be_the_input),
        op_test(powers_below_one_are_no_norms),       op_test(vectors_are_no_images),
    };
    return cmocka_run_group_tests_name("lppool", tests, NULL, NULL);
}

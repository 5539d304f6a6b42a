#include "tests/support/op_fixture.h"

static void exp_grows(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 1)};

    assert_shape(infer(*state, "exp", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(0.36787944117144232, 1, 2.7182818284590452));
}

static void log_undoes_exp(void **state)
{
    const double *given[] = {NUMBERS(1, 2.7182818284590452, 0.5)};

    assert_shape(infer(*state, "log", SHAPE(3, 1)), SHAPE(3, 1));
    assert_computes(*state, given, NUMBERS(0, 1, -0.69314718055994531));
}

static void abs_drops_the_sign(void **state)
{
    const double *given[] = {NUMBERS(-2, 0, 3)};

    assert_shape(infer(*state, "abs", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(2, 0, 3));
}

static void square_multiplies_by_itself(void **state)
{
    const double *given[] = {NUMBERS(-2, 0, 3, 0.5)};

    assert_shape(infer(*state, "square", SHAPE(1, 2, 2)), SHAPE(1, 2, 2));
    assert_computes(*state, given, NUMBERS(4, 0, 9, 0.25));
    assert_prints(*state, "%0 = x: input 1x2x2\n"
                          "%1 = it: square 1x2x2 = %0[0, h, w] * %0[0, h, w]   over [h<2,w<2] at [0, h, w]\n"
                          "layer it = %1: x -> square\n");
}

static void sqrt_undoes_square(void **state)
{
    const double *given[] = {NUMBERS(0, 4, 2)};

    assert_shape(infer(*state, "sqrt", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(0, 2, 1.4142135623730951));
}

static void no_arguments_are_taken(void **state)
{
    assert_null(infer(*state, "exp(2)", SHAPE(3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(exp_grows),          op_test(log_undoes_exp),
        op_test(abs_drops_the_sign), op_test(square_multiplies_by_itself),
        op_test(sqrt_undoes_square), op_test(no_arguments_are_taken),
    };
    return cmocka_run_group_tests_name("elementwise", tests, NULL, NULL);
}

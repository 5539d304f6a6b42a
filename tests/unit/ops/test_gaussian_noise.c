#include "tests/support/op_fixture.h"

#include "netrt/random.h"

static void noise_is_a_quantile_of_each_number(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6), NUMBERS(7, 0)};
    double wanted[6];

    assert_shape(infer(f, "gaussian_noise(0.5)", SHAPE(2, 3)), SHAPE(2, 3));
    const struct netrt_stream stream = {.purpose = f->graph->random->stream.at[0], .index = 7};
    for (uint32_t i = 0; i < 6; i++)
        wanted[i] = given[0][i] + 0.5 * netrt_normal_quantile((netrt_random_u32(&stream, i) >> 9) * 0x1p-23 + 0x1p-24);
    assert_computes(f, given, wanted);
}

static void outside_training_it_is_the_input(void **state)
{
    struct fixture *f = *state;

    assert_non_null(infer(f, "gaussian_noise(1)", SHAPE(2, 3)));
    assert_is_input_outside(f);
}

static void no_noise_is_the_input_itself(void **state)
{
    struct fixture *f = *state;

    assert_non_null(infer(f, "gaussian_noise(std = 0)", SHAPE(5)));
    assert_int_equal(f->result, f->in[0]);
}

static void a_negative_deviation_is_reported(void **state)
{
    assert_null(infer(*state, "gaussian_noise(-1)", SHAPE(3)));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE, "gaussian_noise: std must be at least 0, got -1", "-1");
}

static void the_deviation_must_be_said(void **state)
{
    assert_null(infer(*state, "gaussian_noise", SHAPE(3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_MISSING_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(noise_is_a_quantile_of_each_number), op_test(outside_training_it_is_the_input),
        op_test(no_noise_is_the_input_itself),       op_test(a_negative_deviation_is_reported),
        op_test(the_deviation_must_be_said),
    };
    return cmocka_run_group_tests_name("gaussian_noise", tests, NULL, NULL);
}

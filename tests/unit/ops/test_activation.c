#include "tests/support/graph_eval.h"
#include "tests/support/op_fixture.h"

#include <math.h>

static void relu_cuts_below_zero(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 2, -3)};

    assert_shape(infer(*state, "relu", SHAPE(1, 2, 2)), SHAPE(1, 2, 2));
    assert_computes(*state, given, NUMBERS(0, 0, 2, 0));
}

static void leaky_relu_scales_below_zero(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 2)};

    assert_shape(infer(*state, "leaky_relu(0.2)", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(-0.2, 0, 2));
}

static void leaky_relus_slope_is_a_hundredth(void **state)
{
    const double *given[] = {NUMBERS(-1)};

    assert_shape(infer(*state, "leaky_relu", SHAPE(1)), SHAPE(1));
    assert_computes(*state, given, NUMBERS(-0.01));
}

static void sigmoid_lies_between_zero_and_one(void **state)
{
    const double *given[] = {NUMBERS(0, 1, -1)};

    assert_shape(infer(*state, "sigmoid", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(0.5, 0.73105857863000490, 0.26894142136999510));
}

static void tanh_lies_between_minus_one_and_one(void **state)
{
    const double *given[] = {NUMBERS(0, 1, -1)};

    assert_shape(infer(*state, "tanh", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(0, 0.76159415595576485, -0.76159415595576485));
}

static void relu6_stops_at_six(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 2, 6, 7, INFINITY)};

    assert_shape(infer(*state, "relu6", SHAPE(6)), SHAPE(6));
    assert_computes(*state, given, NUMBERS(0, 0, 2, 6, 6, 6));
}

static void hard_tanh_is_cut_at_both_ends(void **state)
{
    const double *given[] = {NUMBERS(-INFINITY, -1.5, -1, -0.5, 0, 0.25, 1, 3)};

    assert_shape(infer(*state, "hard_tanh", SHAPE(8)), SHAPE(8));
    assert_computes(*state, given, NUMBERS(-1, -1, -1, -0.5, 0, 0.25, 1, 1));
}

static void hard_sigmoid_is_a_ramp_of_width_six(void **state)
{
    const double *given[] = {NUMBERS(-INFINITY, -4, -3, -1.5, 0, 1.5, 3, 1000)};

    assert_shape(infer(*state, "hard_sigmoid", SHAPE(8)), SHAPE(8));
    assert_computes(*state, given, NUMBERS(0, 0, 0, 0.25, 0.5, 0.75, 1, 1));
}

static void hard_swish_weighs_with_the_ramp(void **state)
{
    const double *given[] = {NUMBERS(-INFINITY, -4, -3, -1.5, 0, 1.5, 3, 1000)};

    assert_shape(infer(*state, "hard_swish", SHAPE(8)), SHAPE(8));
    assert_computes(*state, given, NUMBERS(0, 0, 0, -0.375, 0, 1.125, 3, 1000));
}

static void elu_bends_below_zero(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 2, -1000, 1000)};

    assert_shape(infer(*state, "elu", SHAPE(5)), SHAPE(5));
    assert_computes(*state, given, NUMBERS(-0.63212055882855768, 0, 2, -1, 1000));
}

static void elus_alpha_scales_what_is_below(void **state)
{
    const double *given[] = {NUMBERS(-1, 3)};

    assert_shape(infer(*state, "elu(alpha = 0.5)", SHAPE(2)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(-0.31606027941427884, 3));
}

static void selu_keeps_its_two_constants(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 1)};

    assert_shape(infer(*state, "selu", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(-1.1113307378125625, 0, 1.0507009873554805));
}

static void gelu_weighs_with_the_normal_distribution(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 1, 40, -40)};

    assert_shape(infer(*state, "gelu", SHAPE(5)), SHAPE(5));
    assert_computes(*state, given, NUMBERS(-0.15865525393145707, 0, 0.84134474606854293, 40, 0));
}

static void silu_weighs_with_the_sigmoid(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 1)};

    assert_shape(infer(*state, "silu", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(-0.26894142136999512, 0, 0.73105857863000488));
}

static void mish_weighs_with_the_tanh_of_softplus(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 1, 30, -800)};

    assert_shape(infer(*state, "mish", SHAPE(5)), SHAPE(5));
    assert_computes(*state, given, NUMBERS(-0.30340146137410895, 0, 0.86509838826731035, 30, 0));
}

static void softplus_is_x_itself_above_twenty(void **state)
{
    const double *given[] = {NUMBERS(0, 1, -1, 21, 1000)};

    assert_shape(infer(*state, "softplus", SHAPE(5)), SHAPE(5));
    assert_computes(*state, given, NUMBERS(0.69314718055994531, 1.3132616875182228, 0.31326168751822286, 21, 1000));
}

static void softsign_tends_to_the_sign(void **state)
{
    const double *given[] = {NUMBERS(-1, 0, 3)};

    assert_shape(infer(*state, "softsign", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(-0.5, 0, 0.75));
}

static void nan_stays_nan(void **state)
{
    static const char *const calls[] = {"relu",    "leaky_relu", "relu6",        "hard_tanh",  "elu",
                                        "selu",    "gelu",       "silu",         "softplus",   "softsign",
                                        "sigmoid", "tanh",       "hard_sigmoid", "hard_swish", "mish"};
    const double *given[] = {NUMBERS(NAN)};

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        void *own;
        assert_int_equal(fixture_setup(&own), 0);
        struct fixture *f = own;
        assert_shape(infer(f, calls[i], SHAPE(1)), SHAPE(1));
        assert_true(isnan(graph_eval(f->graph, given, f->arena)[f->result][0]));
        fixture_teardown(&own);
    }
    (void)state;
}

static void every_rank_is_taken(void **state)
{
    assert_shape(infer(*state, "relu", SHAPE(2, 3, 4, 5, 6, 7)), SHAPE(2, 3, 4, 5, 6, 7));
}

static void initialisation_knows_the_relus(void **state)
{
    (void)state;
    assert_true(op_find("relu")->relu_like && op_find("leaky_relu")->relu_like && op_find("relu6")->relu_like);
    assert_true(op_find("elu")->relu_like && op_find("gelu")->relu_like && op_find("silu")->relu_like);
    assert_true(op_find("mish")->relu_like && op_find("hard_swish")->relu_like);
    assert_false(op_find("tanh")->relu_like || op_find("sigmoid")->relu_like || op_find("hard_tanh")->relu_like);
    assert_false(op_find("hard_sigmoid")->relu_like || op_find("softsign")->relu_like || op_find("selu")->relu_like);
}

static void slopes_are_not_negative(void **state)
{
    assert_null(infer(*state, "leaky_relu(-1)", SHAPE(3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_RANGE);
}

static void alphas_are_not_negative(void **state)
{
    assert_null(infer(*state, "elu(-0.5)", SHAPE(3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(relu_cuts_below_zero),
        op_test(leaky_relu_scales_below_zero),
        op_test(leaky_relus_slope_is_a_hundredth),
        op_test(sigmoid_lies_between_zero_and_one),
        op_test(tanh_lies_between_minus_one_and_one),
        op_test(relu6_stops_at_six),
        op_test(hard_tanh_is_cut_at_both_ends),
        op_test(hard_sigmoid_is_a_ramp_of_width_six),
        op_test(hard_swish_weighs_with_the_ramp),
        op_test(elu_bends_below_zero),
        op_test(elus_alpha_scales_what_is_below),
        op_test(selu_keeps_its_two_constants),
        op_test(gelu_weighs_with_the_normal_distribution),
        op_test(silu_weighs_with_the_sigmoid),
        op_test(mish_weighs_with_the_tanh_of_softplus),
        op_test(softplus_is_x_itself_above_twenty),
        op_test(softsign_tends_to_the_sign),
        op_test(nan_stays_nan),
        op_test(every_rank_is_taken),
        op_test(initialisation_knows_the_relus),
        op_test(slopes_are_not_negative),
        op_test(alphas_are_not_negative),
    };
    return cmocka_run_group_tests_name("activation", tests, NULL, NULL);
}

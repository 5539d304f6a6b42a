#include "compiler/graph/query.h"
#include "tests/support/op_fixture.h"

static void a_vector_becomes_its_units(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3), NUMBERS(1, 10, 100, 2, 20, 200), NUMBERS(0.5, -0.5)};

    assert_shape(infer(f, "dense(2)", SHAPE(3)), SHAPE(2));
    assert_computes(f, given, NUMBERS(321.5, 641.5));
    assert_true(node_multiply_adds(f->graph, f->result - 2) == 6);
}

static void each_step_of_a_sequence_does(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4), NUMBERS(1, 10), NUMBERS(0.5)};

    assert_shape(infer(*state, "dense(1)", SHAPE(2, 2)), SHAPE(2, 1));
    assert_computes(*state, given, NUMBERS(21.5, 43.5));
}

static void parameters_have_pytorchs_shapes_and_fans(void **state)
{
    infer(*state, "dense(7)", SHAPE(5));
    assert_shape(&fixture_parameter(*state, "weight")->shape, SHAPE(7, 5));
    assert_shape(&fixture_parameter(*state, "bias")->shape, SHAPE(7));
    assert_int_equal(fixture_parameter(*state, "weight")->parameter->fan_in, 5);
    assert_int_equal(fixture_parameter(*state, "weight")->parameter->fan_out, 7);
}

static void the_bias_can_be_left_out(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(3), NUMBERS(5)};

    assert_shape(infer(f, "dense(1, bias = false)", SHAPE(1)), SHAPE(1));
    assert_int_equal(f->graph->node.count, 3);
    assert_computes(f, given, NUMBERS(15));
}

static void an_image_must_be_flattened(void **state)
{
    assert_null(infer(*state, "dense(10)", SHAPE(1, 28, 28)));
    assert_diagnostic(*state, DIAG_RANK, "dense: wants a vector F or a sequence TxF, got 1x28x28", "dense(10)");
    assert_hint(*state, "flatten the input first: flatten -> dense(10)");
}

static void fixed_values_must_be_lists(void **state)
{
    assert_null(infer(*state, "dense(1, weight = [1, 2])", SHAPE(2)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "dense: weight has 2 numbers instead of 1 list: the shape is 1x2", "[1, 2]");
}

static void a_number_is_no_list(void **state)
{
    assert_null(infer(*state, "dense(2, weight = [1, 2])", SHAPE(2)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "dense: weight[0] is an integer instead of a list of 2 numbers: the shape is 2x2",
                      "1");
}

static void a_list_is_no_number(void **state)
{
    assert_null(infer(*state, "dense(2, bias = [1, [2]])", SHAPE(2)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "dense: bias[1] is a list instead of a number: the shape is 2", "[2]");
}

static void fixed_weights_leave_nothing_to_initialise(void **state)
{
    assert_null(infer(*state, "dense(1, weight = [[1, 2]], init = zeros)", SHAPE(2)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "dense: init= has no effect beside weight=", "init = zeros");
}

static void weights_beyond_the_limit_are_reported(void **state)
{
    assert_null(infer(*state, "dense(1048577)", SHAPE(1048576)));
    assert_diagnostic(*state, DIAG_TENSOR_SIZE, "dense: a tensor of 1048577x1048576 has more than 2^40 elements", "dense(1048577)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(a_vector_becomes_its_units),
        op_test(each_step_of_a_sequence_does),
        op_test(parameters_have_pytorchs_shapes_and_fans),
        op_test(the_bias_can_be_left_out),
        op_test(an_image_must_be_flattened),
        op_test(fixed_values_must_be_lists),
        op_test(a_number_is_no_list),
        op_test(a_list_is_no_number),
        op_test(fixed_weights_leave_nothing_to_initialise),
        op_test(weights_beyond_the_limit_are_reported),
    };
    return cmocka_run_group_tests_name("dense", tests, NULL, NULL);
}

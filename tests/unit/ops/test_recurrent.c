#include "compiler/graph/query.h"
#include "tests/support/op_fixture.h"

#include <math.h>
#include <string.h>

static void a_sequence_becomes_its_last_step(void **state)
{
    assert_shape(infer(*state, "rnn(128)", SHAPE(28, 28)), SHAPE(128));
}

static void one_step_is_a_sequence(void **state)
{
    assert_shape(infer(*state, "gru(7)", SHAPE(1, 3)), SHAPE(7));
}

static void all_steps_may_be_asked_for(void **state)
{
    assert_shape(infer(*state, "rnn(8, sequences = true)", SHAPE(10, 128)), SHAPE(10, 8));
}

static void two_directions_stand_side_by_side(void **state)
{
    assert_shape(infer(*state, "gru(4, bidirectional = true)", SHAPE(6, 2)), SHAPE(8));
}

static void at_each_step_too(void **state)
{
    assert_shape(infer(*state, "lstm(4, true, bidirectional = true)", SHAPE(6, 2)), SHAPE(6, 8));
}

static void parameters_have_pytorchs_names_and_shapes(void **state)
{
    infer(*state, "lstm(5, bidirectional = true)", SHAPE(4, 3));
    assert_shape(&fixture_parameter(*state, "weight_ih_l0")->shape, SHAPE(20, 3));
    assert_shape(&fixture_parameter(*state, "weight_hh_l0")->shape, SHAPE(20, 5));
    assert_shape(&fixture_parameter(*state, "bias_ih_l0")->shape, SHAPE(20));
    assert_shape(&fixture_parameter(*state, "bias_hh_l0_reverse")->shape, SHAPE(20));
    assert_shape(&fixture_parameter(*state, "weight_hh_l0_reverse")->shape, SHAPE(20, 5));
}

static void each_gate_starts_as_a_matrix_of_its_own(void **state)
{
    infer(*state, "gru(5)", SHAPE(4, 3));
    assert_int_equal(fixture_parameter(*state, "weight_ih_l0")->parameter->fan_in, 3);
    assert_int_equal(fixture_parameter(*state, "weight_ih_l0")->parameter->fan_out, 5);
    assert_int_equal(fixture_parameter(*state, "weight_hh_l0")->parameter->fan_in, 5);
    assert_int_equal(fixture_parameter(*state, "weight_ih_l0")->parameter->matrices, 3);
    assert_int_equal(fixture_parameter(*state, "weight_hh_l0")->parameter->matrices, 3);
    assert_int_equal(fixture_parameter(*state, "bias_hh_l0")->parameter->matrices, 0);
}

/* h(0) = relu(2*1 + 1) = 3, h(1) = relu(2*2 + 1 + 10*3) = 35; backwards h(1) = 5, h(0) = 2 + 1 + 50 = 53. */
static void an_rnn_carries_its_state(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(2), NUMBERS(10), NUMBERS(0.25), NUMBERS(0.75)};

    infer(f, "rnn(1, sequences = true, activation = relu)", SHAPE(2, 1));
    assert_computes(f, given, NUMBERS(3, 35));
}

static void reversed_it_starts_at_the_end(void **state)
{
    const double *given[] = {NUMBERS(1, 2), NUMBERS(2), NUMBERS(10), NUMBERS(0.25), NUMBERS(0.75)};

    infer(*state, "rnn(1, sequences = true, reverse = true, activation = relu)", SHAPE(2, 1));
    assert_computes(*state, given, NUMBERS(53, 5));
}

static void its_last_step_is_then_step_0(void **state)
{
    const double *given[] = {NUMBERS(1, 2), NUMBERS(2), NUMBERS(10), NUMBERS(0.25), NUMBERS(0.75)};

    infer(*state, "rnn(1, reverse = true, activation = relu)", SHAPE(2, 1));
    assert_computes(*state, given, NUMBERS(53));
}

/* The last state is PyTorch's h_n: what `sequences` shows of it is its last step. */
static void the_last_state_is_a_second_result(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(2), NUMBERS(10), NUMBERS(0.25), NUMBERS(0.75)};

    f->wanted = 2;
    assert_shape(infer(f, "rnn(1, sequences = true, activation = relu)", SHAPE(2, 1)), SHAPE(2, 1));
    assert_int_equal(f->result_count, 2);
    assert_int_equal(f->results[0], f->result);
    f->result = f->results[1];
    assert_computes(f, given, NUMBERS(35));
}

static void a_layer_of_one_result_adds_nothing_for_others(void **state)
{
    struct fixture *f = *state;

    infer(f, "lstm(3, sequences = true)", SHAPE(2, 1));
    assert_int_equal(f->result_count, 0);
    assert_string_equal(graph_node(f->graph, (node_id)f->graph->node.count - 1)->op_name, "state");
}

static void an_lstm_has_its_last_cell_too(void **state)
{
    struct fixture *f = *state;

    f->wanted = 3;
    assert_shape(infer(f, "lstm(3, sequences = true, bidirectional = true)", SHAPE(4, 2)), SHAPE(4, 6));
    assert_int_equal(f->result_count, 3);
    assert_shape(&graph_node(f->graph, f->results[1])->shape, SHAPE(6));
    assert_shape(&graph_node(f->graph, f->results[2])->shape, SHAPE(6));
}

/* h(0) = relu(2*1 + 1 + 10*0.5) = 8, h(1) = relu(2*2 + 1 + 10*8) = 85; backwards h(1) = 10, h(0) = 103. */
static void a_first_state_may_be_given(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(0.5), NUMBERS(2), NUMBERS(10), NUMBERS(0.25), NUMBERS(0.75)};

    fixture_input(f, "x", SHAPE(2, 1));
    fixture_input(f, "s", SHAPE(1));
    infer_text(f, "x -> rnn(1, sequences = true, activation = relu, state = s)");
    assert_computes(f, given, NUMBERS(8, 85));
}

static void the_other_direction_begins_with_it_at_the_end(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(0.5), NUMBERS(2), NUMBERS(10), NUMBERS(0.25), NUMBERS(0.75)};

    fixture_input(f, "x", SHAPE(2, 1));
    fixture_input(f, "s", SHAPE(1));
    infer_text(f, "x -> rnn(1, sequences = true, activation = relu, reverse = true, state = s)");
    assert_computes(f, given, NUMBERS(103, 10));
}

static void a_first_state_has_as_many_numbers_as_the_last(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(2, 1));
    fixture_input(f, "s", SHAPE(4, 3));
    assert_null(infer_text(f, "x -> gru(3, bidirectional = true, state = s)"));
    assert_diagnostic(f, DIAG_STATE, "gru: state wants 6 numbers, one a unit of each direction, got 4x3", "state = s");
    assert_hint(f, "the last state of a layer is its second result: y, h = gru(...)");
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* All gates see x + h(t-1): rows of ones, biases zero. */
static void an_lstm_follows_its_equations(void **state)
{
    const double *given[] = {NUMBERS(1, -2), NUMBERS(1, 1, 1, 1), NUMBERS(1, 1, 1, 1), NUMBERS(0, 0, 0, 0), NUMBERS(0, 0, 0, 0)};
    double h = 0, c = 0, wanted[2];

    for (int t = 0; t < 2; t++) {
        const double a = given[0][t] + h;
        c = sigmoid(a) * c + sigmoid(a) * tanh(a);
        wanted[t] = h = sigmoid(a) * tanh(c);
    }
    infer(*state, "lstm(1, sequences = true)", SHAPE(2, 1));
    assert_computes(*state, given, wanted);
}

/* The reset gate lies around the recurrent bias too, which tells PyTorch's form from Cho's. */
static void a_gru_follows_its_equations(void **state)
{
    const double *given[] = {NUMBERS(1, -2), NUMBERS(1, 2, 3), NUMBERS(3, 2, 1), NUMBERS(0, 0, 0), NUMBERS(0, 0, 5)};
    double h = 0, wanted[2];

    for (int t = 0; t < 2; t++) {
        const double x = given[0][t], s = sigmoid(x + 3 * h), z = sigmoid(2 * x + 2 * h), n = tanh(3 * x + s * (h + 5));
        wanted[t] = h = (1 - z) * n + z * h;
    }
    infer(*state, "gru(1, sequences = true)", SHAPE(2, 1));
    assert_computes(*state, given, wanted);
}

static void values_are_listed_for_all_weights(void **state)
{
    struct fixture *f = *state;

    infer(f, "rnn(1, weight = [[[2]], [[10]]], bias = [[0.25], [0.75]], activation = relu)", SHAPE(2, 1));
    assert_true(fixture_parameter(f, "weight_hh_l0")->parameter->init_data[0] == 10);
    assert_true(fixture_parameter(f, "bias_ih_l0")->parameter->init_data[0] == 0.25);
}

static void a_single_list_is_not_enough(void **state)
{
    assert_null(infer(*state, "rnn(1, weight = [[2]])", SHAPE(2, 1)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "rnn: weight= wants a list of 2: weight_ih_l0, weight_hh_l0", "[[2]]");
}

static void both_directions_are_listed(void **state)
{
    assert_null(infer(*state, "gru(1, bidirectional = true, bias = [[1], [2]])", SHAPE(2, 1)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES,
                      "gru: bias= wants a list of 4: bias_ih_l0, bias_hh_l0 and those of the other direction", "[[1], [2]]");
}

static void all_weights_share_a_penalty(void **state)
{
    infer(*state, "lstm(2, l2 = 1e-3, bidirectional = true)", SHAPE(4, 3));
    const node_id l2 = fixture_parameter(*state, "weight_ih_l0")->parameter->l2;
    assert_true(l2 != NO_NODE);
    assert_int_equal(fixture_parameter(*state, "weight_hh_l0_reverse")->parameter->l2, l2);
    assert_int_equal(fixture_parameter(*state, "bias_hh_l0")->parameter->l2, NO_NODE);
}

static void a_vector_is_no_sequence(void **state)
{
    assert_null(infer(*state, "lstm(3)", SHAPE(5)));
    assert_diagnostic(*state, DIAG_RANK, "lstm: wants a sequence TxF, got 5", "lstm(3)");
}

static void a_layer_before_it_may_pass_on_all_steps(void **state)
{
    struct fixture *f = *state;

    assert_non_null(infer(f, "gru(4)", SHAPE(5, 2)));
    f->in[f->in_count++] = f->result;
    assert_null(infer_text(f, "it -> rnn(3)"));
    assert_diagnostic(f, DIAG_RANK, "rnn: wants a sequence TxF, got 4", "rnn(3)");
    assert_hint(f, "gru(..., sequences = true) before it passes on all steps");
}

static void the_rows_of_an_image_may_be_meant(void **state)
{
    assert_null(infer(*state, "rnn(3)", SHAPE(1, 28, 28)));
    assert_diagnostic(*state, DIAG_RANK, "rnn: wants a sequence TxF, got 1x28x28", "rnn(3)");
    assert_hint(*state, "the rows of an image as steps: reshape(28x28) -> rnn(3)");
}

static void both_ways_and_reversed_exclude_each_other(void **state)
{
    assert_null(infer(*state, "gru(3, reverse = true, bidirectional = true)", SHAPE(4, 2)));
    assert_diagnostic(*state, DIAG_MISPLACED, "gru: bidirectional runs both ways: leave out reverse", "reverse = true");
}

static void only_an_rnn_has_an_activation(void **state)
{
    assert_null(infer(*state, "lstm(3, activation = relu)", SHAPE(4, 2)));
    assert_diagnostic(*state, DIAG_UNKNOWN_ARGUMENT, "lstm has no parameter activation", "activation");
}

static void too_many_units_are_an_error(void **state)
{
    assert_null(infer(*state, "lstm(1_000_000_000)", SHAPE(1000, 2)));
    assert_diagnostic(*state, DIAG_TENSOR_SIZE, "lstm: a tensor of 1000x4000000000 has more than 2^40 elements",
                      "lstm(1_000_000_000)");
}

static void every_step_sees_all_steps(void **state)
{
    struct fixture *f = *state;
    int64_t field[MAX_RANK];

    infer(f, "rnn(3, sequences = true)", SHAPE(9, 2));
    assert_int_equal(graph_receptive_field(f->graph, f->result, field), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(a_sequence_becomes_its_last_step),
        op_test(one_step_is_a_sequence),
        op_test(all_steps_may_be_asked_for),
        op_test(two_directions_stand_side_by_side),
        op_test(at_each_step_too),
        op_test(parameters_have_pytorchs_names_and_shapes),
        op_test(each_gate_starts_as_a_matrix_of_its_own),
        op_test(an_rnn_carries_its_state),
        op_test(reversed_it_starts_at_the_end),
        op_test(the_last_state_is_a_second_result),
        op_test(a_layer_of_one_result_adds_nothing_for_others),
        op_test(an_lstm_has_its_last_cell_too),
        op_test(a_first_state_may_be_given),
        op_test(the_other_direction_begins_with_it_at_the_end),
        op_test(a_first_state_has_as_many_numbers_as_the_last),
        op_test(its_last_step_is_then_step_0),
        op_test(an_lstm_follows_its_equations),
        op_test(a_gru_follows_its_equations),
        op_test(values_are_listed_for_all_weights),
        op_test(a_single_list_is_not_enough),
        op_test(both_directions_are_listed),
        op_test(all_weights_share_a_penalty),
        op_test(a_vector_is_no_sequence),
        op_test(a_layer_before_it_may_pass_on_all_steps),
        op_test(the_rows_of_an_image_may_be_meant),
        op_test(both_ways_and_reversed_exclude_each_other),
        op_test(only_an_rnn_has_an_activation),
        op_test(too_many_units_are_an_error),
        op_test(every_step_sees_all_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

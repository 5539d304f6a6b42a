#include "compiler/graph/query.h"
#include "tests/support/op_fixture.h"

static void an_image_shrinks_by_the_kernel(void **state)
{
    assert_shape(infer(*state, "conv(6, 5x5)", SHAPE(1, 32, 32)), SHAPE(6, 28, 28));
}

static void stride_two_halves_the_image(void **state)
{
    assert_shape(infer(*state, "conv(16, 3x3, stride = 2, padding = 1)", SHAPE(3, 32, 32)), SHAPE(16, 16, 16));
}

static void a_signal_has_one_axis(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "conv(8, 5, padding = 2)", SHAPE(2, 100)), SHAPE(8, 100));
    assert_shape(&fixture_parameter(f, "weight")->shape, SHAPE(8, 2, 5));
}

static void the_kernel_may_be_the_input(void **state)
{
    assert_shape(infer(*state, "conv(120, 5x5)", SHAPE(16, 5, 5)), SHAPE(120, 1, 1));
}

static void same_rounds_up_and_pads_the_end(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "conv(1, 2x2, stride = 1x3, padding = same, bias = false)", SHAPE(1, 2, 7)), SHAPE(1, 2, 3));
    assert_prints(f, "%0 = x: input 1x2x7\n"
                     "%1 = it.weight: parameter 1x1x2x2 uniform  init default, fan in 4 out 4, weight\n"
                     "%2 = it: conv 1x2x3 = fma[p<2,q<2] %0[0, h + p, 3*w + q] * %1[0, 0, p, q]   over [h<2,w<3] at [0, h, w]\n"
                     "layer it = %2: x -> conv(1, 2x2, stride = 1x3, padding = same, bias = false)\n");
}

static void lists_pad_each_end(void **state)
{
    assert_shape(infer(*state, "conv(1, 3x3, padding = [[0, 1], [2, 3]])", SHAPE(1, 4, 4)), SHAPE(1, 3, 7));
}

static void valid_pads_nothing(void **state)
{
    assert_shape(infer(*state, "conv(1, 3, padding = valid)", SHAPE(1, 4, 5)), SHAPE(1, 2, 3));
}

static void dilation_spreads_the_taps(void **state)
{
    assert_shape(infer(*state, "conv(1, 3x3, dilation = 2)", SHAPE(1, 5, 7)), SHAPE(1, 1, 3));
}

static void a_stride_may_exceed_the_kernel(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "conv(4, 1x1, stride = 2)", SHAPE(2, 8, 8)), SHAPE(4, 4, 4));
    assert_int_equal(f->diags.warnings, 0);
}

static void parameters_have_pytorchs_shapes_and_fans(void **state)
{
    struct fixture *f = *state;

    infer(f, "conv(8, 3x2, groups = 4)", SHAPE(4, 5, 5));
    const struct node *weight = fixture_parameter(f, "weight"), *bias = fixture_parameter(f, "bias");
    assert_shape(&weight->shape, SHAPE(8, 1, 3, 2));
    assert_int_equal(weight->parameter->fan_in, 6);
    assert_int_equal(weight->parameter->fan_out, 48);
    assert_true(weight->parameter->is_weight);
    assert_shape(&bias->shape, SHAPE(8));
    assert_int_equal(bias->parameter->init, INIT_ZEROS);
    assert_false(bias->parameter->is_weight);
}

static void windows_are_weighed_and_summed(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8, 9), NUMBERS(1, 10, 100, 1000), NUMBERS(0.5)};

    assert_shape(infer(f, "conv(1, 2x2)", SHAPE(1, 3, 3)), SHAPE(1, 2, 2));
    assert_computes(f, given, NUMBERS(5421.5, 6532.5, 8754.5, 9865.5));
}

static void padding_is_zero(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3), NUMBERS(1, 10, 100), NUMBERS(0)};

    assert_shape(infer(*state, "conv(1, 3, padding = 1)", SHAPE(1, 3)), SHAPE(1, 3));
    assert_computes(*state, given, NUMBERS(210, 321, 32));
}

static void each_group_of_filters_sees_its_channels(void **state)
{
    /* Two groups of one channel and two filters. */
    const double *given[] = {NUMBERS(1, 2, 3, 4), NUMBERS(1, 10, 100, 1000), NUMBERS(0, 0, 0, 0.5)};

    assert_shape(infer(*state, "conv(4, 1, groups = 2)", SHAPE(2, 2)), SHAPE(4, 2));
    assert_computes(*state, given, NUMBERS(1, 2, 10, 20, 300, 400, 3000.5, 4000.5));
}

static void multiply_adds_count_every_product(void **state)
{
    struct fixture *f = *state;

    infer(f, "conv(6, 5x5, bias = false)", SHAPE(3, 32, 32));
    assert_true(node_multiply_adds(f->graph, f->result) == 6.0 * 28 * 28 * 3 * 25);
}

static void multiply_adds_count_single_products_too(void **state)
{
    struct fixture *f = *state;

    infer(f, "conv(6, 1x1, bias = false)", SHAPE(1, 4, 4));
    assert_true(node_multiply_adds(f->graph, f->result) == 6.0 * 16);
}

static void fixed_values_are_taken_in_row_order(void **state)
{
    struct fixture *f = *state;

    assert_non_null(infer(f, "conv(2, 1x2, weight = [[[[1, 2]]], [[[3, -4.5]]]], bias = [5, 6])", SHAPE(1, 1, 2)));
    const struct parameter *p = fixture_parameter(f, "weight")->parameter;
    assert_int_equal(p->init, INIT_VALUES);
    assert_true(p->init_data[0] == 1 && p->init_data[2] == 3 && p->init_data[3] == -4.5);
    assert_true(fixture_parameter(f, "bias")->parameter->init_data[1] == 6);
}

static void fixed_values_of_another_shape_name_the_level(void **state)
{
    assert_null(infer(*state, "conv(2, 1x2, weight = [[[[1, 2]]], [[[3]]]])", SHAPE(1, 1, 2)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "conv: weight[1][0][0] has 1 number instead of 2: the shape is 2x1x1x2", "[3]");
}

static void fixed_values_that_are_too_flat_are_reported(void **state)
{
    assert_null(infer(*state, "conv(1, 1x2, weight = [[1, 2]])", SHAPE(1, 1, 2)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "conv: weight[0] has 2 numbers instead of 1 list: the shape is 1x1x1x2", "[1, 2]");
}

static void values_for_a_missing_bias_are_reported(void **state)
{
    assert_null(infer(*state, "conv(1, 1x1, bias = false, bias = [1])", SHAPE(1, 1, 2)));
    assert_diagnostic(*state, DIAG_FIXED_VALUES, "conv: values for a bias that bias = false leaves out", "bias = [1]");
}

static void frozen_parameters_get_no_gradient(void **state)
{
    infer(*state, "conv(2, 1x1, frozen = true)", SHAPE(1, 2, 2));
    assert_true(fixture_parameter(*state, "weight")->no_gradient);
    assert_true(fixture_parameter(*state, "bias")->no_gradient);
}

static void penalties_are_settings_of_the_layer(void **state)
{
    struct fixture *f = *state;

    infer(f, "conv(2, 1x1, l2 = 0.5)", SHAPE(1, 2, 2));
    const node_id l2 = fixture_parameter(f, "weight")->parameter->l2;
    assert_int_equal(graph_node(f->graph, l2)->kind, NODE_SETTING);
    assert_string_equal(graph_node(f->graph, l2)->name, "it.l2");
    assert_true(f->graph->setting.at[0].initial == 0.5);
    assert_int_equal(fixture_parameter(f, "weight")->parameter->l1, NO_NODE);
    assert_int_equal(fixture_parameter(f, "bias")->parameter->l2, NO_NODE);
}

static void initialisers_are_those_of_the_weights(void **state)
{
    infer(*state, "conv(2, 1x1, init = normal(0.1))", SHAPE(1, 2, 2));
    assert_int_equal(fixture_parameter(*state, "weight")->parameter->init, INIT_NORMAL);
    assert_true(fixture_parameter(*state, "weight")->parameter->init_value == 0.1);
    assert_int_equal(fixture_parameter(*state, "bias")->parameter->init, INIT_ZEROS);
}

static void groups_that_do_not_divide_are_reported_at_the_argument(void **state)
{
    assert_null(infer(*state, "conv(16, 3x3, groups = 2)", SHAPE(3, 32, 32)));
    assert_diagnostic(*state, DIAG_GROUPS, "conv: 2 groups do not divide 3 channels", "groups = 2");
}

static void groups_must_divide_the_filters_too(void **state)
{
    assert_null(infer(*state, "conv(5, 3x3, groups = 2)", SHAPE(4, 32, 32)));
    assert_diagnostic(*state, DIAG_GROUPS, "conv: 2 groups do not divide 5 filters", "groups = 2");
    assert_hint(*state, "make them a multiple of 2");
}

static void vectors_are_no_images(void **state)
{
    assert_null(infer(*state, "conv(5, 3)", SHAPE(784)));
    assert_diagnostic(*state, DIAG_RANK, "conv: wants an image CxHxW or a signal CxL, got 784", "conv(5, 3)");
    assert_hint(*state, "reshape(1x784) makes a signal of one channel");
}

static void filters_see_what_is_connected(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4), NUMBERS(1, 10, 100, 1000, 5, 50, 500, 5000, 7, 70, 700, 7000)};

    assert_shape(infer(f, "conv(3, 1, connections = [[3, 0], [1], [0, 1, 3]], bias = false)", SHAPE(4, 1)), SHAPE(3, 1));
    assert_computes(f, given, NUMBERS(4001, 100, 28147));
}

static void only_connected_weights_count(void **state)
{
    struct fixture *f = *state;
    const bool connected[] = {true, false, true, false, true, false};

    infer(f, "conv(2, 3x2, connections = [[0, 2], [1]])", SHAPE(3, 4, 4));
    const struct node *weight = fixture_parameter(f, "weight");
    assert_shape(&weight->shape, SHAPE(2, 3, 3, 2));
    assert_memory_equal(weight->parameter->connected, connected, sizeof connected);
    assert_int_equal(parameter_elements(weight), 18);
    assert_int_equal(weight->parameter->fan_in, 12);    /* 1.5 channels, rounded to 2, of 6 taps */
    assert_int_equal(weight->parameter->fan_out, 6);
}

static void no_table_connects_everything(void **state)
{
    struct fixture *f = *state;

    infer(f, "conv(2, 3x2, connections = none)", SHAPE(3, 4, 4));
    assert_null(fixture_parameter(f, "weight")->parameter->connected);
    assert_null(infer(f, "conv(2, 1, connections = same)", SHAPE(2, 4)));
    assert_diagnostic(f, DIAG_ARGUMENT_CHOICE, "conv: connections has no choice same: use none", "connections = same");
}

static void equal_lists_and_even_steps_are_one_part(void **state)
{
    struct fixture *f = *state;

    infer(f, "conv(3, 1, connections = [[0, 2, 4], [4, 2, 0], [0, 1, 3]], bias = false)", SHAPE(5, 2));
    assert_int_equal(graph_node(f->graph, f->result - 1)->nest_count, 3);
}

static void channels_beyond_the_input_are_reported(void **state)
{
    assert_null(infer(*state, "conv(1, 1, connections = [[0, 2]])", SHAPE(2, 4)));
    assert_diagnostic(*state, DIAG_CONNECTIONS, "conv: connections: a channel is an integer from 0 to 1", "2");
}

static void channels_that_stand_twice_are_reported(void **state)
{
    assert_null(infer(*state, "conv(2, 1, connections = [[0], [1, 0, 1]])", SHAPE(2, 4)));
    assert_diagnostic(*state, DIAG_CONNECTIONS, "conv: connections: filter 1 lists channel 1 twice", "1");
}

static void filters_without_channels_are_reported(void **state)
{
    assert_null(infer(*state, "conv(2, 1, connections = [[0], 1])", SHAPE(2, 4)));
    assert_diagnostic(*state, DIAG_CONNECTIONS, "conv: connections: filter 1 wants a list of the channels that it sees", "1");
}

static void each_filter_has_its_list(void **state)
{
    assert_null(infer(*state, "conv(3, 1, connections = [[0], [1]])", SHAPE(2, 4)));
    assert_diagnostic(*state, DIAG_CONNECTIONS, "conv: connections: there are 2 lists for 3 filters", "[[0], [1]]");
}

static void connections_and_groups_exclude_each_other(void **state)
{
    assert_null(infer(*state, "conv(2, 1, groups = 2, connections = [[0], [1]])", SHAPE(2, 4)));
    assert_diagnostic(*state, DIAG_CONNECTIONS, "conv: connections and groups cannot both say what a filter sees",
                      "connections = [[0], [1]]");
}

static void values_apart_from_connections_are_reported(void **state)
{
    assert_null(infer(*state, "conv(1, 1, connections = [[1]], weight = [[[2], [3]]])", SHAPE(2, 4)));
    assert_diagnostic(*state, DIAG_CONNECTIONS, "conv: weight holds 2 between filter 0 and channel 0, which are not connected",
                      "weight = [[[2], [3]]]");
}

static void results_beyond_the_limit_are_reported(void **state)
{
    assert_null(infer(*state, "conv(1099511627776, 1)", SHAPE(1, 2)));
    assert_diagnostic(*state, DIAG_TENSOR_SIZE, "conv: a tensor of 1099511627776x2 has more than 2^40 elements",
                      "conv(1099511627776, 1)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(an_image_shrinks_by_the_kernel),
        op_test(stride_two_halves_the_image),
        op_test(a_signal_has_one_axis),
        op_test(the_kernel_may_be_the_input),
        op_test(same_rounds_up_and_pads_the_end),
        op_test(lists_pad_each_end),
        op_test(valid_pads_nothing),
        op_test(dilation_spreads_the_taps),
        op_test(a_stride_may_exceed_the_kernel),
        op_test(parameters_have_pytorchs_shapes_and_fans),
        op_test(windows_are_weighed_and_summed),
        op_test(padding_is_zero),
        op_test(each_group_of_filters_sees_its_channels),
        op_test(multiply_adds_count_every_product),
        op_test(multiply_adds_count_single_products_too),
        op_test(fixed_values_are_taken_in_row_order),
        op_test(fixed_values_of_another_shape_name_the_level),
        op_test(fixed_values_that_are_too_flat_are_reported),
        op_test(values_for_a_missing_bias_are_reported),
        op_test(frozen_parameters_get_no_gradient),
        op_test(penalties_are_settings_of_the_layer),
        op_test(initialisers_are_those_of_the_weights),
        op_test(groups_that_do_not_divide_are_reported_at_the_argument),
        op_test(groups_must_divide_the_filters_too),
        op_test(vectors_are_no_images),
        op_test(filters_see_what_is_connected),
        op_test(only_connected_weights_count),
        op_test(no_table_connects_everything),
        op_test(equal_lists_and_even_steps_are_one_part),
        op_test(channels_beyond_the_input_are_reported),
        op_test(channels_that_stand_twice_are_reported),
        op_test(filters_without_channels_are_reported),
        op_test(each_filter_has_its_list),
        op_test(connections_and_groups_exclude_each_other),
        op_test(values_apart_from_connections_are_reported),
        op_test(results_beyond_the_limit_are_reported),
    };
    return cmocka_run_group_tests_name("conv", tests, NULL, NULL);
}

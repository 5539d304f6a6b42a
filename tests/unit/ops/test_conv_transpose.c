#include "tests/support/op_fixture.h"

/* The shape of one call, by itself. */
static void assert_infers(const char *call, const struct shape *in, const struct shape *out)
{
    void *state;

    assert_int_equal(fixture_setup(&state), 0);
    assert_shape(infer(state, call, in), out);
    fixture_teardown(&state);
}

static void each_input_adds_its_kernel(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(10, 20, 30), NUMBERS(0.5)};

    assert_shape(infer(f, "conv_transpose(1, 3)", SHAPE(1, 2)), SHAPE(1, 4));
    assert_computes(f, given, NUMBERS(10.5, 40.5, 70.5, 60.5));
}

static void a_stride_spreads_the_inputs(void **state)
{
    const double *given[] = {NUMBERS(1, 2), NUMBERS(10, 20)};

    assert_shape(infer(*state, "conv_transpose(1, 2, stride = 3, bias = false)", SHAPE(1, 2)), SHAPE(1, 5));
    assert_computes(*state, given, NUMBERS(10, 20, 0, 20, 40));
}

static void padding_takes_away_at_each_end(void **state)
{
    const double *given[] = {NUMBERS(1, 2), NUMBERS(10, 20, 30)};

    assert_shape(infer(*state, "conv_transpose(1, 3, padding = [[1, 0]], bias = false)", SHAPE(1, 2)), SHAPE(1, 3));
    assert_computes(*state, given, NUMBERS(40, 70, 60));
}

static void output_padding_adds_at_the_end(void **state)
{
    (void)state;
    assert_infers("conv_transpose(4, 3x3, stride = 2, padding = 1)", SHAPE(2, 5, 7), SHAPE(4, 9, 13));
    assert_infers("conv_transpose(4, 3x3, stride = 2, padding = 1, output_padding = 1)", SHAPE(2, 5, 7), SHAPE(4, 10, 14));
    assert_infers("conv_transpose(4, 3x3, stride = 2, padding = 1, output_padding = 0x1)", SHAPE(2, 5, 7), SHAPE(4, 9, 14));
    assert_infers("conv_transpose(1, 2, dilation = 3, output_padding = 2)", SHAPE(2, 5), SHAPE(1, 10));
}

/* All that the input reaches is taken away: a number of each sample, although no sample is read. */
static void the_bias_alone_is_left_where_nothing_is_reached(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(10, 20, 30, 40), NUMBERS(0.5, -3)};

    assert_shape(infer(f, "conv_transpose(2, 1, stride = 3, output_padding = 2, padding = [[1, 0]])", SHAPE(2, 1)), SHAPE(2, 2));
    assert_computes(f, given, NUMBERS(0.5, 0.5, -3, -3));
    assert_false(graph_node(f->graph, f->result)->uniform);
}

static void sizes_at_their_limits(void **state)
{
    (void)state;
    assert_infers("conv_transpose(1, 1x1)", SHAPE(1, 1, 1), SHAPE(1, 1, 1));
    assert_infers("conv_transpose(1, 4x4, stride = 5x1)", SHAPE(3, 1, 2), SHAPE(1, 4, 5));
    assert_infers("conv_transpose(2, 3x2, dilation = 2x3, stride = 1x4)", SHAPE(1, 2, 3), SHAPE(2, 6, 12));
    assert_infers("conv_transpose(2, 3, padding = valid)", SHAPE(1, 4), SHAPE(2, 6));
}

static void same_multiplies_by_the_stride(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(10, 20)};

    assert_shape(infer(f, "conv_transpose(1, 2, stride = 3, padding = same, bias = false)", SHAPE(1, 2)), SHAPE(1, 6));
    assert_computes(f, given, NUMBERS(10, 20, 0, 20, 40, 0));
    assert_infers("conv_transpose(1, 5x4, stride = 2x3, padding = same)", SHAPE(1, 3, 3), SHAPE(1, 6, 9));
}

static void weights_lead_with_the_channels(void **state)
{
    struct fixture *f = *state;

    infer(f, "conv_transpose(6, 3x2, groups = 2)", SHAPE(4, 5, 5));
    assert_shape(&fixture_parameter(f, "weight")->shape, SHAPE(4, 3, 3, 2));
    assert_shape(&fixture_parameter(f, "bias")->shape, SHAPE(6));
    assert_int_equal(fixture_parameter(f, "weight")->parameter->fan_in, 18);
    assert_int_equal(fixture_parameter(f, "weight")->parameter->fan_out, 24);
}

static void a_part_for_each_residue_that_taps_reach(void **state)
{
    struct fixture *f = *state;

    infer(f, "conv_transpose(1, 3x2, stride = 2x3, bias = false)", SHAPE(1, 4, 4));
    assert_int_equal(graph_node(f->graph, f->result)->nest_count, 4);
    assert_non_null(graph_node(f->graph, f->result)->scatter);
}

static void deconv_is_another_name(void **state)
{
    const double *given[] = {NUMBERS(1, 2), NUMBERS(10, 20, 30)};

    assert_shape(infer(*state, "deconv(1, 3, bias = false)", SHAPE(1, 2)), SHAPE(1, 4));
    assert_computes(*state, given, NUMBERS(10, 40, 70, 60));
}

static void wide_output_padding_is_reported(void **state)
{
    assert_null(infer(*state, "conv_transpose(1, 3x3, stride = 2x3, output_padding = 2)", SHAPE(1, 4, 4)));
    assert_diagnostic(*state, DIAG_OUTPUT_PADDING, "conv_transpose: output_padding 2 is not below the stride 2 or the dilation 1",
                      "output_padding = 2");
}

static void padding_that_leaves_nothing_is_reported(void **state)
{
    assert_null(infer(*state, "deconv(1, 3, padding = 3)", SHAPE(1, 4)));
    assert_diagnostic(*state, DIAG_OUTPUT_PADDING,
                      "deconv: the padding leaves nothing of the output: (4 - 1)*1 - 3 - 3 + 1*(3 - 1) + 0 + 1 = 0", "padding = 3");
}

/* As in PyTorch: F.conv_transpose1d(x, k, b, stride = 3, padding = 1, output_padding = 2) of one step is b. */
static void an_output_that_nothing_reaches_is_the_bias(void **state)
{
    static const double x[] = {5}, weight[] = {7, 11}, bias[] = {0.5, -2}, y[] = {0.5, 0.5, -2, -2};
    const double *const given[] = {x, weight, bias};

    assert_shape(infer(*state, "conv_transpose(2, 1, stride = 3, padding = [[1, 0]], output_padding = 2)", SHAPE(1, 1)),
                 SHAPE(2, 2));
    assert_computes(*state, given, y);
}

static void groups_divide_channels_and_filters(void **state)
{
    assert_null(infer(*state, "conv_transpose(5, 3, groups = 2)", SHAPE(4, 8)));
    assert_diagnostic(*state, DIAG_GROUPS, "conv_transpose: 2 groups do not divide 5 filters", "groups = 2");
}

static void vectors_are_no_images(void **state)
{
    assert_null(infer(*state, "conv_transpose(5, 3)", SHAPE(784)));
    assert_diagnostic(*state, DIAG_RANK, "conv_transpose: wants an image CxHxW or a signal CxL, got 784", "conv_transpose(5, 3)");
}

static void sizes_beyond_64_bits_are_reported(void **state)
{
    assert_null(infer(*state, "conv_transpose(1, 1, stride = 1099511627776)", SHAPE(1, 1073741824)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_TENSOR_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(each_input_adds_its_kernel),
        op_test(a_stride_spreads_the_inputs),
        op_test(padding_takes_away_at_each_end),
        op_test(output_padding_adds_at_the_end),
        op_test(the_bias_alone_is_left_where_nothing_is_reached),
        op_test(sizes_at_their_limits),
        op_test(same_multiplies_by_the_stride),
        op_test(weights_lead_with_the_channels),
        op_test(a_part_for_each_residue_that_taps_reach),
        op_test(deconv_is_another_name),
        op_test(wide_output_padding_is_reported),
        op_test(padding_that_leaves_nothing_is_reported),
        op_test(an_output_that_nothing_reaches_is_the_bias),
        op_test(groups_divide_channels_and_filters),
        op_test(vectors_are_no_images),
        op_test(sizes_beyond_64_bits_are_reported),
    };
    return cmocka_run_group_tests_name("conv_transpose", tests, NULL, NULL);
}

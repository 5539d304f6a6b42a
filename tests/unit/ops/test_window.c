#include "tests/support/op_fixture.h"

static void a_kernel_larger_than_the_input_shows_the_formula(void **state)
{
    assert_null(infer(*state, "conv(8, 5x5)", SHAPE(3, 4, 4)));
    assert_diagnostic(*state, DIAG_KERNEL,
                      "conv: the 5x5 kernel is larger than the padded 4x4 input: floor((4 + 0 - 1*(5 - 1) - 1)/1) + 1 = 0",
                      "conv(8, 5x5)");
    assert_hint(*state, "a kernel of at most 4x4 fits, or more padding");
}

static void the_formula_is_that_of_the_axis_which_is_too_small(void **state)
{
    assert_null(infer(*state, "conv(8, 3x7, stride = 2, padding = 1)", SHAPE(3, 4, 4)));
    assert_diagnostic(*state, DIAG_KERNEL,
                      "conv: the 3x7 kernel is larger than the padded 6x6 input: floor((4 + 2*1 - 1*(7 - 1) - 1)/2) + 1 = 0",
                      "conv(8, 3x7, stride = 2, padding = 1)");
}

static void dilation_widens_the_kernel(void **state)
{
    assert_null(infer(*state, "conv(8, 3, dilation = 4, padding = [[1, 2]])", SHAPE(3, 4)));
    assert_diagnostic(
        *state, DIAG_KERNEL,
        "conv: the 3 kernel, dilated to 9, is larger than the padded 7 input: floor((4 + 1 + 2 - 4*(3 - 1) - 1)/1) + 1 = -1",
        "conv(8, 3, dilation = 4, padding = [[1, 2]])");
    assert_hint(*state, "a kernel of at most 2 fits, or more padding");
}

static void the_size_of_an_input_is_noted_where_it_stands(void **state)
{
    struct fixture *f = *state;
    const struct span at = {source_add(&f->sources, "input.net", "3x4x4", 5), 0, 5};

    fixture_input(f, "x", SHAPE(3, 4, 4));
    graph_node(f->graph, f->in[0])->at = at;
    assert_null(infer_text(f, "x -> conv(8, 5x5)"));
    assert_string_equal(f->diags.first->notes->text, "the size 4x4 comes from here");
    assert_memory_equal(&f->diags.first->notes->at, &at, sizeof at);
}

static void rows_that_no_window_reaches_are_counted(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "maxpool(2x3)", SHAPE(1, 5, 8)), SHAPE(1, 2, 2));
    assert_int_equal(f->diags.errors, 0);
    assert_diagnostic(f, DIAG_UNUSED_BORDER, "maxpool: no window reaches the last 1 row and 2 columns of the 5x8 input",
                      "maxpool(2x3)");
    assert_hint(f, "pad the input, or keep the last window with ceil = true");
}

static void a_border_is_reported_at_the_stride(void **state)
{
    assert_shape(infer(*state, "conv(1, 3, stride = 2)", SHAPE(1, 6)), SHAPE(1, 2));
    assert_diagnostic(*state, DIAG_UNUSED_BORDER, "conv: no window reaches the last 1 element of the 6 input", "stride = 2");
    assert_hint(*state, "pad or crop the input");
}

static void unread_padding_is_no_unused_border(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "conv(1, 3x3, stride = 2, padding = 1)", SHAPE(1, 32, 32)), SHAPE(1, 16, 16));
    assert_int_equal(f->diags.warnings, 0);
}

static void a_gap_at_the_end_no_wider_than_the_others_is_no_unused_border(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "conv(1, 1, stride = 3)", SHAPE(1, 9)), SHAPE(1, 3));
    assert_int_equal(f->diags.warnings, 0);
}

static void a_stride_beyond_the_input_leaves_what_its_only_window_does_not_reach(void **state)
{
    assert_shape(infer(*state, "conv(1, 3, stride = 10)", SHAPE(1, 9)), SHAPE(1, 1));
    assert_diagnostic(*state, DIAG_UNUSED_BORDER, "conv: no window reaches the last 6 elements of the 9 input", "stride = 10");
}

static void same_with_one_element(void **state)
{
    assert_shape(infer(*state, "conv(1, 5x1, stride = 4, padding = same)", SHAPE(1, 1, 1)), SHAPE(1, 1, 1));
}

static void sizes_have_an_axis_each(void **state)
{
    assert_null(infer(*state, "conv(1, 3x3)", SHAPE(1, 9)));
    assert_diagnostic(*state, DIAG_SPATIAL, "conv: kernel 3x3 has 2 axes, the input 1x9 has 1 besides its channels", "3x3");
}

static void padding_has_a_pair_for_each_axis(void **state)
{
    assert_null(infer(*state, "conv(1, 3x3, padding = [[1, 1]])", SHAPE(1, 9, 9)));
    assert_diagnostic(*state, DIAG_SPATIAL, "conv: padding lists 1 axis, the input has 2", "padding = [[1, 1]]");
}

static void dilated_sizes_beyond_64_bits_are_reported(void **state)
{
    assert_null(infer(*state, "conv(1, 1099511627776, dilation = 1099511627776)", SHAPE(1, 9)));
    assert_diagnostic(*state, DIAG_TENSOR_SIZE, "conv: the size of the window exceeds 64 bits",
                      "conv(1, 1099511627776, dilation = 1099511627776)");
}

static void the_same_rule_checks_its_arithmetic(void **state)
{
    assert_null(infer(*state, "conv(1, 1099511627776, dilation = 1099511627776, padding = same)", SHAPE(1, 9)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_TENSOR_SIZE);
}

static void the_largest_stride_takes_one_window(void **state)
{
    assert_shape(infer(*state, "conv(1, 3, stride = 1099511627776, padding = 1)", SHAPE(1, 3)), SHAPE(1, 1));
}

static void huge_padding_is_beyond_the_limit(void **state)
{
    assert_null(infer(*state, "conv(1, 1x1, padding = 1099511627776)", SHAPE(1, 3, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_TENSOR_SIZE);
}

/* Places of a kernel that covers `wide` rows, counted one by one: the next one fits while it ends within the padded input. */
static int64_t count_places(int64_t n, int64_t wide, int64_t stride, int64_t padding)
{
    int64_t count = 0;

    for (int64_t at = 0; at + wide <= n + 2 * padding; at += stride)
        count++;
    return count;
}

/* With ceil: while rows are left that the last one did not reach, and the next one begins before the padding at the end. */
static int64_t count_places_ceil(int64_t n, int64_t wide, int64_t stride, int64_t padding)
{
    int64_t count = wide - (n + 2 * padding) < stride ? 1 : 0;

    while (count > 0 && (count - 1) * stride + wide < n + 2 * padding && count * stride < n + padding)
        count++;
    return count;
}

static void check_places(const char *call, int64_t n, int64_t wanted)
{
    void *state;

    assert_int_equal(fixture_setup(&state), 0);
    const struct shape *y = infer(state, call, SHAPE(1, n));
    if ((y == NULL ? 0 : y->dim[1]) != wanted)
        fail_msg("%s of %lld gives %lld places, not %lld", call, (long long)n, y == NULL ? 0LL : (long long)y->dim[1],
                 (long long)wanted);
    fixture_teardown(&state);
}

static void check_windows(int n, int k, int s, int p)
{
    char call[96];
    const int d = 1 + (n + k) % 2, wide = d * (k - 1) + 1;

    snprintf(call, sizeof call, "conv(1, %d, stride = %d, padding = %d, dilation = %d)", k, s, p, d);
    check_places(call, n, count_places(n, wide, s, p));
    if (p >= k)
        return;
    snprintf(call, sizeof call, "maxpool(%d, stride = %d, padding = %d, ceil = true)", k, s, p);
    check_places(call, n, count_places_ceil(n, k, s, p));
}

static void small_windows_are_as_many_as_places_counted_one_by_one(void **state)
{
    (void)state;
    for (int n = 1; n <= 8; n++)
        for (int k = 1; k <= 4; k++)
            for (int s = 1; s <= 4; s++)
                for (int p = 0; p <= 2; p++)
                    check_windows(n, k, s, p);
}

static void a_signal_may_give_its_padding_as_a_pair(void **state)
{
    assert_shape(infer(*state, "conv(2, 3, padding = [1, 0])", SHAPE(1, 5)), SHAPE(2, 4));
    assert_shape(infer_text(*state, "x -> maxpool(3, stride = 1, padding = [0, 1])"), SHAPE(1, 4));
    assert_shape(infer_text(*state, "x -> conv_transpose(1, 3, padding = [1, 2])"), SHAPE(1, 4));
}

static void an_image_gives_a_pair_for_each_axis(void **state)
{
    assert_null(infer(*state, "conv(2, 3x3, padding = [1, 0])", SHAPE(1, 5, 5)));
    assert_diagnostic(*state, DIAG_SPATIAL, "conv: padding lists 1 axis, the input has 2", "padding = [1, 0]");
    assert_hint(*state, "an image wants a pair for each axis: [[begin, end], [begin, end]]");
}

static void a_pair_is_not_negative(void **state)
{
    assert_null(infer(*state, "conv(2, 3, padding = [1, -1])", SHAPE(1, 5)));
    assert_diagnostic(*state, DIAG_ARGUMENT_RANGE, "conv: padding must be at least 0, got -1", "-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(a_kernel_larger_than_the_input_shows_the_formula),
        op_test(the_formula_is_that_of_the_axis_which_is_too_small),
        op_test(dilation_widens_the_kernel),
        op_test(the_size_of_an_input_is_noted_where_it_stands),
        op_test(rows_that_no_window_reaches_are_counted),
        op_test(a_border_is_reported_at_the_stride),
        op_test(unread_padding_is_no_unused_border),
        op_test(a_gap_at_the_end_no_wider_than_the_others_is_no_unused_border),
        op_test(a_stride_beyond_the_input_leaves_what_its_only_window_does_not_reach),
        op_test(same_with_one_element),
        op_test(sizes_have_an_axis_each),
        op_test(padding_has_a_pair_for_each_axis),
        op_test(dilated_sizes_beyond_64_bits_are_reported),
        op_test(the_same_rule_checks_its_arithmetic),
        op_test(the_largest_stride_takes_one_window),
        op_test(huge_padding_is_beyond_the_limit),
        cmocka_unit_test(small_windows_are_as_many_as_places_counted_one_by_one),
        op_test(a_signal_may_give_its_padding_as_a_pair),
        op_test(an_image_gives_a_pair_for_each_axis),
        op_test(a_pair_is_not_negative),
    };
    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}

#include "tests/support/op_fixture.h"

static void a_frame_of_zeros_surrounds_an_image(void **state)
{
    const double *given[] = {NUMBERS(1, 2)};

    assert_shape(infer(*state, "pad(1)", SHAPE(1, 1, 2)), SHAPE(1, 3, 4));
    assert_computes(*state, given, NUMBERS(0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0));
}

static void another_value_can_be_asked_for(void **state)
{
    const double *given[] = {NUMBERS(1, 2)};

    assert_shape(infer(*state, "pad(2, value = -0.5)", SHAPE(1, 2)), SHAPE(1, 6));
    assert_computes(*state, given, NUMBERS(-0.5, -0.5, 1, 2, -0.5, -0.5));
}

static void each_axis_may_have_its_own_border(void **state)
{
    assert_shape(infer(*state, "pad(1x3)", SHAPE(2, 4, 4)), SHAPE(2, 6, 10));
}

static void each_end_may_have_its_own_border(void **state)
{
    const double *given[] = {NUMBERS(1, 2)};

    assert_shape(infer(*state, "pad([[1, 0], [0, 2]])", SHAPE(1, 1, 2)), SHAPE(1, 2, 4));
    assert_computes(*state, given, NUMBERS(0, 0, 0, 0, 1, 2, 0, 0));
}

static void a_border_may_be_wider_than_the_image(void **state)
{
    assert_shape(infer(*state, "pad(5)", SHAPE(1, 1, 1)), SHAPE(1, 11, 11));
}

static void no_border_is_the_tensor(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "pad(0, value = 3)", SHAPE(2, 3)), SHAPE(2, 3));
    assert_int_equal(f->result, f->in[0]);
}

static void vectors_have_no_border(void **state)
{
    assert_null(infer(*state, "pad(1)", SHAPE(3)));
    assert_diagnostic(*state, DIAG_RANK, "pad: wants an image CxHxW or a signal CxL, got 3", "pad(1)");
}

static void there_is_no_kernel_to_follow(void **state)
{
    assert_null(infer(*state, "pad(same)", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_ARGUMENT_TYPE,
                      "pad: p takes an integer, a size or [[begin, end], ...], not same: there is no kernel to follow", "same");
}

static void every_spatial_axis_is_listed(void **state)
{
    assert_null(infer(*state, "pad([[1, 2]])", SHAPE(2, 3, 4)));
    assert_diagnostic(*state, DIAG_SPATIAL, "pad: p lists 1 axis, the input has 2", "[[1, 2]]");
}

static void a_size_has_a_number_for_each_axis(void **state)
{
    assert_null(infer(*state, "pad(1x2)", SHAPE(2, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_SPATIAL);
}

static void borders_are_not_negative(void **state)
{
    assert_null(infer(*state, "pad(-1)", SHAPE(2, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_RANGE);
}

static void results_stay_within_the_limits(void **state)
{
    assert_null(infer(*state, "pad(1099511627775)", SHAPE(2, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_TENSOR_SIZE);
}

/* ---- crop ------------------------------------------------------------------------------------------------------------ */

static void crop_keeps_the_middle(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8, 9)};

    assert_shape(infer(*state, "crop(1)", SHAPE(1, 3, 3)), SHAPE(1, 1, 1));
    assert_computes(*state, given, NUMBERS(5));
}

static void crop_takes_each_end_its_own(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5)};

    assert_shape(infer(*state, "crop([[1, 2]])", SHAPE(1, 5)), SHAPE(1, 2));
    assert_computes(*state, given, NUMBERS(2, 3));
}

static void crop_undoes_pad(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4)};
    struct fixture *f = *state;

    infer(f, "pad([[1, 2], [3, 0]], value = 9)", SHAPE(1, 2, 2));
    graph_node(f->graph, f->result)->name = "y";
    f->in[f->in_count++] = f->result;
    assert_shape(infer_text(f, "y -> crop([[1, 2], [3, 0]])"), SHAPE(1, 2, 2));
    assert_computes(f, given, given[0]);
}

static void something_is_left(void **state)
{
    assert_null(infer(*state, "crop(0x2)", SHAPE(1, 3, 4)));
    assert_diagnostic(*state, DIAG_CROP, "crop: nothing is left of the 4 places of axis 2 of 1x3x4: 4 - 2 - 2 is less than 1",
                      "0x2");
}

static void crops_whose_sum_overflows_are_reported(void **state)
{
    assert_null(infer(*state, "crop([[1, 9223372036854775807]])", SHAPE(1, 3)));
    assert_non_null(((struct fixture *)*state)->diags.first);
}

static void crop_takes_no_value(void **state)
{
    assert_null(infer(*state, "crop(1, value = 2)", SHAPE(1, 3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_UNKNOWN_ARGUMENT);
}

static void a_signal_may_give_its_pair_alone(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3)};

    assert_shape(infer(*state, "pad([2, 1], value = 9)", SHAPE(1, 3)), SHAPE(1, 6));
    assert_computes(*state, given, NUMBERS(9, 9, 1, 2, 3, 9));
    assert_shape(infer_text(*state, "x -> crop([0, 2])"), SHAPE(1, 1));
}

static void an_image_gives_a_pair_for_each_axis(void **state)
{
    assert_null(infer(*state, "pad([1, 2])", SHAPE(2, 3, 4)));
    assert_diagnostic(*state, DIAG_SPATIAL, "pad: p lists 1 axis, the input has 2", "[1, 2]");
    assert_hint(*state, "an image wants a pair for each axis: [[begin, end], [begin, end]]");
}

static void a_pair_has_two_ends(void **state)
{
    assert_null(infer(*state, "pad([1, 2, 3])", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_ARGUMENT_TYPE, "pad: each item of p must be a pair [begin, end]", "1");
}

static void a_pair_holds_integers(void **state)
{
    assert_null(infer(*state, "pad([1, 2.5])", SHAPE(2, 3)));
    assert_diagnostic(*state, DIAG_ARGUMENT_TYPE, "pad: p must be integers, got a number", "2.5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(a_frame_of_zeros_surrounds_an_image),
        op_test(another_value_can_be_asked_for),
        op_test(each_axis_may_have_its_own_border),
        op_test(each_end_may_have_its_own_border),
        op_test(a_border_may_be_wider_than_the_image),
        op_test(no_border_is_the_tensor),
        op_test(vectors_have_no_border),
        op_test(there_is_no_kernel_to_follow),
        op_test(every_spatial_axis_is_listed),
        op_test(a_size_has_a_number_for_each_axis),
        op_test(borders_are_not_negative),
        op_test(results_stay_within_the_limits),
        op_test(crop_keeps_the_middle),
        op_test(crop_takes_each_end_its_own),
        op_test(crop_undoes_pad),
        op_test(something_is_left),
        op_test(crops_whose_sum_overflows_are_reported),
        op_test(crop_takes_no_value),
        op_test(a_signal_may_give_its_pair_alone),
        op_test(an_image_gives_a_pair_for_each_axis),
        op_test(a_pair_has_two_ends),
        op_test(a_pair_holds_integers),
    };
    return cmocka_run_group_tests_name("pad", tests, NULL, NULL);
}

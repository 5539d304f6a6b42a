#include "tests/support/op_fixture.h"

static void bins_that_divide_are_windows(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 3, 5, 7, 9, 11)};

    assert_shape(infer(f, "adaptive_avgpool(3)", SHAPE(1, 6)), SHAPE(1, 3));
    assert_computes(f, given, NUMBERS(2, 6, 10));
    assert_int_equal(graph_node(f->graph, f->result)->nest_count, 1);
}

static void bins_overlap_and_differ_in_length(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 4, 8, 16, 32, 64)};

    /* Elements 0 to 1, 1 to 2, 2 to 4, 4 to 5, 5 to 6. */
    assert_shape(infer(f, "adaptive_avgpool(5)", SHAPE(1, 7)), SHAPE(1, 5));
    assert_computes(f, given, NUMBERS(1.5, 3, 28.0 / 3, 24, 48));
    assert_int_equal(graph_node(f->graph, f->result)->nest_count, 3);
}

static void bins_of_equal_length_are_one_part(void **state)
{
    struct fixture *f = *state;

    infer(f, "adaptive_avgpool(7)", SHAPE(1, 8));
    assert_int_equal(graph_node(f->graph, f->result)->nest_count, 1);
}

static void more_bins_than_elements_repeat_them(void **state)
{
    const double *given[] = {NUMBERS(1, 3)};

    /* Elements 0, 0, 0 and 1, 1, 1. */
    assert_shape(infer(*state, "adaptive_avgpool(5)", SHAPE(1, 2)), SHAPE(1, 5));
    assert_computes(*state, given, NUMBERS(1, 1, 2, 3, 3));
}

static void one_bin_is_the_mean(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 6)};

    assert_shape(infer(*state, "adaptive_avgpool(1)", SHAPE(1, 2, 2)), SHAPE(1, 1, 1));
    assert_computes(*state, given, NUMBERS(3));
}

static void as_many_bins_as_elements_change_nothing(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 6)};

    assert_shape(infer(*state, "adaptive_avgpool(2x2)", SHAPE(1, 2, 2)), SHAPE(1, 2, 2));
    assert_computes(*state, given, given[0]);
}

static void each_axis_has_its_own_bins(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6)};

    assert_shape(infer(*state, "adaptive_avgpool(1x2)", SHAPE(1, 2, 3)), SHAPE(1, 1, 2));
    assert_computes(*state, given, NUMBERS(3, 4));
}

static void a_size_of_other_axes_is_reported(void **state)
{
    assert_null(infer(*state, "adaptive_avgpool(2x2)", SHAPE(1, 8)));
    assert_diagnostic(*state, DIAG_SPATIAL, "adaptive_avgpool: size 2x2 has 2 axes, the input 1x8 has 1 besides its channels",
                      "2x2");
}

static void vectors_are_no_images(void **state)
{
    assert_null(infer(*state, "adaptive_avgpool(2)", SHAPE(784)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_RANK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(bins_that_divide_are_windows),
        op_test(bins_overlap_and_differ_in_length),
        op_test(bins_of_equal_length_are_one_part),
        op_test(more_bins_than_elements_repeat_them),
        op_test(one_bin_is_the_mean),
        op_test(as_many_bins_as_elements_change_nothing),
        op_test(each_axis_has_its_own_bins),
        op_test(a_size_of_other_axes_is_reported),
        op_test(vectors_are_no_images),
    };
    return cmocka_run_group_tests_name("adaptive_avgpool", tests, NULL, NULL);
}

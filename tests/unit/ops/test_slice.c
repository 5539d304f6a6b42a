#include "tests/support/op_fixture.h"

static void a_slice_begins_and_ends_between_elements(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5)};

    assert_shape(infer(*state, "slice(1, 3)", SHAPE(5)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(2, 3));
}

static void a_slice_may_lie_along_any_axis(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6)};

    assert_shape(infer(*state, "slice(1, 3, axis = 1)", SHAPE(2, 3)), SHAPE(2, 2));
    assert_computes(*state, given, NUMBERS(2, 3, 5, 6));
}

static void negative_places_count_from_the_end(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5)};

    assert_shape(infer(*state, "slice(-3, -1)", SHAPE(5)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(3, 4));
}

static void a_slice_of_everything_is_the_tensor(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "slice(0, 5)", SHAPE(5, 2)), SHAPE(5, 2));
    assert_int_equal(f->result, f->in[0]);
}

static void a_slice_has_an_element(void **state)
{
    assert_null(infer(*state, "slice(3, -2)", SHAPE(5)));
    assert_diagnostic(*state, DIAG_INDEX_RANGE, "slice: nothing lies from 3 to 3: end is the first place that is left out", "-2");
}

static void a_slice_stays_inside(void **state)
{
    assert_null(infer(*state, "slice(1, end = 6, axis = 1)", SHAPE(2, 5)));
    assert_diagnostic(*state, DIAG_INDEX_RANGE, "slice: end 6 is beyond axis 1 of 2x5, which has 5", "end = 6");
}

static void a_slice_does_not_begin_before_the_first(void **state)
{
    assert_null(infer(*state, "slice(-6, 2)", SHAPE(5)));
    assert_diagnostic(*state, DIAG_INDEX_RANGE, "slice: begin -6 is beyond axis 0 of 5, which has 5", "-6");
}

static void an_axis_of_a_slice_exists(void **state)
{
    assert_null(infer(*state, "slice(0, 1, axis = 1)", SHAPE(5)));
    assert_diagnostic(*state, DIAG_AXIS, "slice: there is no axis 1: the tensor has 1, from 0", "axis = 1");
}

/* ---- split ----------------------------------------------------------------------------------------------------------- */

static void split_gives_its_parts_in_order(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6)};
    struct fixture *f = *state;

    assert_shape(infer(f, "split(3)", SHAPE(6)), SHAPE(2));
    assert_int_equal(f->result_count, 3);
    assert_int_equal(f->results[0], f->result);
    assert_computes(f, given, NUMBERS(1, 2));
    f->result = f->results[2];
    assert_computes(f, given, NUMBERS(5, 6));
}

static void split_goes_along_any_axis(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8)};
    struct fixture *f = *state;

    assert_shape(infer(f, "split(2, axis = -1)", SHAPE(2, 4)), SHAPE(2, 2));
    f->result = f->results[1];
    assert_computes(f, given, NUMBERS(3, 4, 7, 8));
}

static void one_part_is_the_tensor(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "split(1)", SHAPE(5)), SHAPE(5));
    assert_int_equal(f->result_count, 1);
    assert_int_equal(f->results[0], f->in[0]);
}

static void parts_may_hold_one_place_each(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "split(4)", SHAPE(4, 3)), SHAPE(1, 3));
    assert_int_equal(f->result_count, 4);
}

static void parts_divide_the_axis(void **state)
{
    assert_null(infer(*state, "split(2, axis = 1)", SHAPE(4, 3)));
    assert_diagnostic(*state, DIAG_PARTS, "split: 2 parts do not divide the 3 of axis 1 of 4x3", "2");
    assert_hint(*state, "slice takes parts of any size");
}

static void there_is_at_least_one_part(void **state)
{
    assert_null(infer(*state, "split(0)", SHAPE(4)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(a_slice_begins_and_ends_between_elements),
        op_test(a_slice_may_lie_along_any_axis),
        op_test(negative_places_count_from_the_end),
        op_test(a_slice_of_everything_is_the_tensor),
        op_test(a_slice_has_an_element),
        op_test(a_slice_stays_inside),
        op_test(a_slice_does_not_begin_before_the_first),
        op_test(an_axis_of_a_slice_exists),
        op_test(split_gives_its_parts_in_order),
        op_test(split_goes_along_any_axis),
        op_test(one_part_is_the_tensor),
        op_test(parts_may_hold_one_place_each),
        op_test(parts_divide_the_axis),
        op_test(there_is_at_least_one_part),
    };
    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}

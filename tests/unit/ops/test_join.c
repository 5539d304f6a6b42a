#include "tests/support/op_fixture.h"

static void tensors_are_added_element_by_element(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(10, 20), NUMBERS(100, 200)};

    fixture_input(f, "a", SHAPE(2, 1));
    fixture_input(f, "b", SHAPE(2, 1));
    fixture_input(f, "c", SHAPE(2, 1));
    assert_shape(infer_text(f, "add(a, b, c)"), SHAPE(2, 1));
    assert_computes(f, given, NUMBERS(111, 222));
}

static void tensors_are_multiplied_element_by_element(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3), NUMBERS(10, 20, 30)};

    fixture_input(f, "a", SHAPE(3));
    fixture_input(f, "b", SHAPE(3));
    assert_shape(infer_text(f, "a -> mul(b)"), SHAPE(3));
    assert_computes(f, given, NUMBERS(10, 40, 90));
}

static void a_tensor_may_meet_itself(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3)};

    fixture_input(f, "a", SHAPE(3));
    assert_shape(infer_text(f, "mul(a, a)"), SHAPE(3));
    assert_computes(f, given, NUMBERS(1, 4, 9));
}

static void branches_that_differ_are_shown_with_a_projection(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "main", SHAPE(32, 16, 16));
    fixture_input(f, "skip", SHAPE(16, 32, 32));
    assert_null(infer_text(f, "add(main, skip)"));
    assert_diagnostic(f, DIAG_BRANCHES, "add: the branches differ: main 32x16x16, skip 16x32x32", "add(main, skip)");
    assert_hint(f, "project skip: conv(32, 1x1, stride = 2, bias = false)");
}

static void channels_alone_need_no_stride(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "skip", SHAPE(8, 5, 5));
    fixture_input(f, "main", SHAPE(9, 5, 5));
    assert_null(infer_text(f, "add(skip, main)"));
    assert_hint(f, "project skip: conv(9, 1x1, bias = false)");
}

static void shapes_that_broadcast_are_pointed_to_the_operator(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(8, 5, 5));
    fixture_input(f, "scale", SHAPE(8, 1, 1));
    assert_null(infer_text(f, "x -> mul(scale)"));
    assert_diagnostic(f, DIAG_BRANCHES, "mul: the branches differ: x 8x5x5, scale 8x1x1", "mul(scale)");
    assert_hint(f, "the operator * broadcasts");
}

static void other_ranks_differ(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "a", SHAPE(4, 1));
    fixture_input(f, "b", SHAPE(5));
    assert_null(infer_text(f, "add(a, b)"));
    assert_diagnostic(f, DIAG_BRANCHES, "add: the branches differ: a 4x1, b 5", "add(a, b)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(tensors_are_added_element_by_element),
        op_test(tensors_are_multiplied_element_by_element),
        op_test(a_tensor_may_meet_itself),
        op_test(branches_that_differ_are_shown_with_a_projection),
        op_test(channels_alone_need_no_stride),
        op_test(shapes_that_broadcast_are_pointed_to_the_operator),
        op_test(other_ranks_differ),
    };
    return cmocka_run_group_tests_name("join", tests, NULL, NULL);
}

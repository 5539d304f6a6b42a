#include "tests/support/op_fixture.h"

static void mae_is_the_mean_of_distances(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4), NUMBERS(0, 0, 3, 8)};

    fixture_input(f, "x", SHAPE(2, 2));
    fixture_input(f, "t", SHAPE(2, 2));
    assert_shape(infer_text(f, "mae(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.75));
}

static void one_element_is_its_own_mean(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(-2), NUMBERS(3)};

    fixture_input(f, "x", SHAPE(1));
    fixture_input(f, "t", SHAPE(1));
    assert_shape(infer_text(f, "mae(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(5));
}

static void huber_is_a_square_within_delta_and_a_line_beyond(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0.5, -0.5, 3, -4), NUMBERS(0, 0, 0, 0)};

    fixture_input(f, "x", SHAPE(4));
    fixture_input(f, "t", SHAPE(4));
    assert_shape(infer_text(f, "huber(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.5625));
}

static void at_delta_both_agree(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(2, -2), NUMBERS(0, 0)};

    fixture_input(f, "x", SHAPE(2));
    fixture_input(f, "t", SHAPE(2));
    assert_shape(infer_text(f, "huber(x, t, delta = 2)"), SCALAR);
    assert_computes(f, given, NUMBERS(2));
}

static void delta_goes_by_position_too(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(3), NUMBERS(0)};

    fixture_input(f, "x", SHAPE(1));
    fixture_input(f, "t", SHAPE(1));
    assert_shape(infer_text(f, "huber(x, t, 0.5)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.375));
}

static void shapes_must_agree(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(2, 3));
    fixture_input(f, "t", SHAPE(3, 2));
    assert_null(infer_text(f, "huber(x, t)"));
    assert_diagnostic(f, DIAG_TARGET, "huber: prediction and target differ: x 2x3, t 3x2", "huber(x, t)");
}

static void a_class_is_no_target(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(1));
    fixture_class(f, "label");
    assert_null(infer_text(f, "mae(x, label)"));
    assert_diagnostic(f, DIAG_TARGET, "mae: the target is a class, and classes have no distance", "mae(x, label)");
    assert_hint(f, "cross_entropy takes a class");
}

static void delta_must_be_positive(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(2));
    fixture_input(f, "t", SHAPE(2));
    assert_null(infer_text(f, "huber(x, t, delta = 0)"));
    assert_diagnostic(f, DIAG_ARGUMENT_RANGE, "huber: delta must be greater than 0, got 0", "delta = 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(mae_is_the_mean_of_distances),
        op_test(one_element_is_its_own_mean),
        op_test(huber_is_a_square_within_delta_and_a_line_beyond),
        op_test(at_delta_both_agree),
        op_test(delta_goes_by_position_too),
        op_test(shapes_must_agree),
        op_test(a_class_is_no_target),
        op_test(delta_must_be_positive),
    };
    return cmocka_run_group_tests_name("huber", tests, NULL, NULL);
}

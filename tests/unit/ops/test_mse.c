#include "tests/support/op_fixture.h"

static void mse_is_the_mean_of_squares(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4), NUMBERS(0, 0, 3, 8)};

    fixture_input(f, "x", SHAPE(2, 2));
    fixture_input(f, "t", SHAPE(2, 2));
    assert_shape(infer_text(f, "mse(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(5.25));
}

static void half_mse_is_half_the_sum(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4), NUMBERS(0, 0, 3, 8)};

    fixture_input(f, "x", SHAPE(4));
    fixture_input(f, "t", SHAPE(4));
    assert_shape(infer_text(f, "half_mse(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(10.5));
}

static void axes_of_size_one_do_not_count(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2), NUMBERS(3, 3)};

    fixture_input(f, "x", SHAPE(1, 2, 1));
    fixture_input(f, "t", SHAPE(2));
    assert_shape(infer_text(f, "mse(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(2.5));
}

static void shapes_must_agree(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(2, 3));
    fixture_input(f, "t", SHAPE(3, 2));
    assert_null(infer_text(f, "mse(x, t)"));
    assert_diagnostic(f, DIAG_TARGET, "mse: prediction and target differ: x 2x3, t 3x2", "mse(x, t)");
}

static void classes_have_no_distance(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(1));
    fixture_class(f, "label");
    assert_null(infer_text(f, "half_mse(x, label)"));
    assert_diagnostic(f, DIAG_TARGET, "half_mse: the target is a class, and classes have no distance", "half_mse(x, label)");
    assert_hint(f, "cross_entropy takes a class");
}

static void either_may_be_the_others_elements_as_a_vector(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 4), NUMBERS(0, 0, 3, 8), NUMBERS(0, 0, 3, 8)};

    fixture_input(f, "x", SHAPE(1, 2, 2));
    fixture_input(f, "t", SHAPE(4));
    fixture_input(f, "u", SHAPE(1, 4));
    assert_shape(infer_text(f, "mse(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(5.25));
    assert_shape(infer_text(f, "mse(u, x)"), SCALAR);
    assert_computes(f, given, NUMBERS(5.25));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(mse_is_the_mean_of_squares),    op_test(half_mse_is_half_the_sum),
        op_test(axes_of_size_one_do_not_count), op_test(shapes_must_agree),
        op_test(classes_have_no_distance),      op_test(either_may_be_the_others_elements_as_a_vector),
    };
    return cmocka_run_group_tests_name("mse", tests, NULL, NULL);
}

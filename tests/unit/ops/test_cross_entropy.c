#include "tests/support/op_fixture.h"

static void the_loss_is_minus_the_log_of_the_labels_share(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3), NUMBERS(1)};

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "cross_entropy(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.4076059644443804));
    assert_int_equal(f->graph->input.at[1].classes, 3);
}

static void large_scores_do_not_overflow(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1000, 0), NUMBERS(1)};

    fixture_input(f, "z", SHAPE(2));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "cross_entropy(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(1000));
}

static void one_class_costs_nothing(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(3), NUMBERS(0)};

    fixture_input(f, "z", SHAPE(1));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "cross_entropy(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(0));
}

static void the_target_must_be_a_class(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3));
    fixture_input(f, "t", SHAPE(3));
    assert_null(infer_text(f, "cross_entropy(z, t)"));
    assert_diagnostic(f, DIAG_TARGET, "cross_entropy: the target must be one class a sample, got 3 numbers", "cross_entropy(z, t)");
}

static void classes_known_from_elsewhere_must_agree(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    f->graph->input.at[1].classes = 10;
    assert_null(infer_text(f, "cross_entropy(z, label)"));
    assert_diagnostic(f, DIAG_TARGET, "cross_entropy: 3 scores for label, which has 10 classes", "cross_entropy(z, label)");
}

static void smoothing_is_not_built(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    assert_null(infer_text(f, "cross_entropy(z, label, smoothing = 0.1)"));
    assert_diagnostic(f, DIAG_SETTING_NOT_BUILT, "cross_entropy: smoothing= is not built yet", "smoothing = 0.1");
}

static void the_form_for_each_pixel_is_not_built(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3, 4, 4));
    fixture_class(f, "label");
    assert_null(infer_text(f, "cross_entropy(z, label)"));
    assert_diagnostic(f, DIAG_SETTING_NOT_BUILT, "cross_entropy: the form for each pixel is not built yet",
                      "cross_entropy(z, label)");
}

static void scores_are_a_vector(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3, 4));
    fixture_class(f, "label");
    assert_null(infer_text(f, "cross_entropy(z, label)"));
    assert_diagnostic(f, DIAG_RANK, "cross_entropy: wants a vector of scores, one a class, got 3x4", "cross_entropy(z, label)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(the_loss_is_minus_the_log_of_the_labels_share),
        op_test(large_scores_do_not_overflow),
        op_test(one_class_costs_nothing),
        op_test(the_target_must_be_a_class),
        op_test(classes_known_from_elsewhere_must_agree),
        op_test(smoothing_is_not_built),
        op_test(the_form_for_each_pixel_is_not_built),
        op_test(scores_are_a_vector),
    };
    return cmocka_run_group_tests_name("cross_entropy", tests, NULL, NULL);
}

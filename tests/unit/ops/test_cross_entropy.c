#include "compiler/graph/build.h"
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

/* Beside 1e12 a double has four digits behind the point. */
static void large_scores_leave_a_small_loss_its_digits(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1e12, 1e12 - 10), NUMBERS(0)};

    fixture_input(f, "z", SHAPE(2));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "cross_entropy(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(4.5398899216870535e-05));
    assert_shape(infer_text(f, "cross_entropy(z, label, smoothing = 0.5)"), SCALAR);
    assert_computes(f, given, NUMBERS(2.500045398899216));
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

static void smoothing_gives_every_class_a_share(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3), NUMBERS(1)};

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "cross_entropy(z, label, smoothing = 0.3)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.4076059644443801));
}

static void a_wholly_smoothed_label_does_not_count(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 6), NUMBERS(1)};

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "cross_entropy(z, label, smoothing = 1)"), SCALAR);
    assert_computes(f, given, NUMBERS(3.0247448901388223));
}

static void each_pixel_has_its_class(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 5), NUMBERS(0, 1)};

    fixture_input(f, "z", SHAPE(2, 1, 2));
    f->in[f->in_count++] = graph_add_input(f->graph, "label", SHAPE(1, 2), true, SPAN_NONE);
    assert_shape(infer_text(f, "cross_entropy(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.0877576813083571));
    assert_int_equal(f->graph->input.at[1].classes, 2);
}

static void each_pixel_needs_a_class_of_its_own(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3, 4, 5));
    fixture_class(f, "label");
    assert_null(infer_text(f, "cross_entropy(z, label)"));
    assert_diagnostic(f, DIAG_TARGET, "cross_entropy: the target must be one class a pixel, 4x5 of them, got 1 classes",
                      "cross_entropy(z, label)");
}

static void scores_are_a_vector(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3, 4));
    fixture_class(f, "label");
    assert_null(infer_text(f, "cross_entropy(z, label)"));
    assert_diagnostic(f, DIAG_RANK, "cross_entropy: wants a vector of scores, one a class, or an image KxHxW of them, got 3x4",
                      "cross_entropy(z, label)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(the_loss_is_minus_the_log_of_the_labels_share),
        op_test(large_scores_do_not_overflow),
        op_test(large_scores_leave_a_small_loss_its_digits),
        op_test(one_class_costs_nothing),
        op_test(the_target_must_be_a_class),
        op_test(classes_known_from_elsewhere_must_agree),
        op_test(smoothing_gives_every_class_a_share),
        op_test(a_wholly_smoothed_label_does_not_count),
        op_test(each_pixel_has_its_class),
        op_test(each_pixel_needs_a_class_of_its_own),
        op_test(scores_are_a_vector),
    };
    return cmocka_run_group_tests_name("cross_entropy", tests, NULL, NULL);
}

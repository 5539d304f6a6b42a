#include "compiler/graph/build.h"
#include "tests/support/op_fixture.h"

#include <math.h>

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

static void scores_have_at_most_two_axes_of_places(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3, 4, 2, 2));
    fixture_class(f, "label");
    assert_null(infer_text(f, "cross_entropy(z, label)"));
    assert_diagnostic(
        f, DIAG_RANK,
        "cross_entropy: wants a vector of scores, one a class, or a sequence KxT or an image KxHxW of them, got 3x4x2x2",
        "cross_entropy(z, label)");
}

/* Scores z of this shape and a label of as many classes as they have places. */
static void begin_steps(struct fixture *f, const struct shape *scores, const struct shape *label)
{
    fixture_input(f, "z", scores);
    fixture_integers(f, "label", label);
}

static void each_step_has_its_class(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3, 5), NUMBERS(0, 1)};

    begin_steps(f, SHAPE(2, 2), SHAPE(2));
    assert_shape(infer_text(f, "cross_entropy(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.0877576813083574));
}

static void classes_of_steps_come_first(void **state)
{
    struct fixture *f = *state;

    begin_steps(f, SHAPE(7, 5), SHAPE(7));
    assert_null(infer_text(f, "cross_entropy(z, label)"));
    assert_diagnostic(f, DIAG_TARGET, "cross_entropy: the target must be one class a step, 5 of them, got 7 classes",
                      "cross_entropy(z, label)");
    assert_hint(f, "the classes come first: z -> transpose([1, 0])");
}

/* The sample's own weight in the mean is the last input: 1. */
static void an_ignored_class_does_not_count(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 0.5, 3, 5, -1), NUMBERS(0, 9, 1), NUMBERS(1)};

    begin_steps(f, SHAPE(2, 3), SHAPE(3));
    assert_shape(infer_text(f, "cross_entropy(z, label, ignore = 9)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.9141706445128626));
    assert_true(f->graph->input.at[1].ignores);
    assert_int_equal(f->graph->input.at[1].ignored, 9);
    assert_int_equal(f->graph->input.at[1].classes, 2);
}

static void where_all_is_ignored_the_loss_is_zero(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, INFINITY, 3, 5, -1), NUMBERS(9, 9, 9), NUMBERS(1)};

    begin_steps(f, SHAPE(2, 3), SHAPE(3));
    assert_shape(infer_text(f, "cross_entropy(z, label, ignore = 9)"), SCALAR);
    assert_computes(f, given, NUMBERS(0));
}

static void places_count_as_much_as_their_class(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 0.5, 3, 5, -1), NUMBERS(0, 0, 1), NUMBERS(1)};

    begin_steps(f, SHAPE(2, 3), SHAPE(3));
    assert_shape(infer_text(f, "cross_entropy(z, label, class_weights = [1, 4])"), SCALAR);
    assert_computes(f, given, NUMBERS(1.9968614124246207));
}

static void the_smoothed_share_has_its_weights_too(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3), NUMBERS(1), NUMBERS(1)};

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "cross_entropy(z, label, smoothing = 0.3, class_weights = [1, 4, 0.5])"), SCALAR);
    assert_computes(f, given, NUMBERS(1.1913699952221684));
}

static void weights_smoothing_and_an_ignored_class_go_together(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 0.5, 3, 5, -1), NUMBERS(0, 1, 1), NUMBERS(1)};

    begin_steps(f, SHAPE(2, 3), SHAPE(3));
    assert_shape(infer_text(f, "cross_entropy(z, label, smoothing = 0.3, class_weights = [1, 4], ignore = 0)"), SCALAR);
    assert_computes(f, given, NUMBERS(0.8046877793656944));
}

static void none_is_the_absence_of_weights_and_of_an_ignored_class(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 2, 3), NUMBERS(1)};

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "cross_entropy(z, label, class_weights = none, ignore = none)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.4076059644443804));
    assert_int_equal(f->graph->weight, NO_NODE);
}

static void there_is_a_weight_for_each_class(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    assert_null(infer_text(f, "cross_entropy(z, label, class_weights = [1, 2])"));
    assert_diagnostic(f, DIAG_FIXED_VALUES, "cross_entropy: class_weights wants a list of 3 numbers, one a class",
                      "class_weights = [1, 2]");
}

static void some_class_has_a_weight(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(2));
    fixture_class(f, "label");
    assert_null(infer_text(f, "cross_entropy(z, label, class_weights = [0, 0])"));
    assert_diagnostic(f, DIAG_FIXED_VALUES, "cross_entropy: class_weights are all 0: nothing counts", "class_weights = [0, 0]");
}

static void a_weight_is_not_negative(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(2));
    fixture_class(f, "label");
    assert_null(infer_text(f, "cross_entropy(z, label, class_weights = [1, -2])"));
    assert_diagnostic(f, DIAG_ARGUMENT_RANGE, "cross_entropy: class_weights must be at least 0, got -2", "-2");
}

static void losses_of_a_label_ignore_the_same(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    assert_non_null(infer_text(f, "cross_entropy(z, label, ignore = 5)"));
    assert_null(infer_text(f, "hinge(z, label)"));
    assert_diagnostic(f, DIAG_TARGET, "hinge ignores none of label, and another loss of it ignores the class 5", "hinge(z, label)");
}

static void scores_may_have_axes_of_size_one_behind_them(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0, 0), NUMBERS(1)};

    fixture_input(f, "z", SHAPE(2, 1, 1));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "cross_entropy(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(0.69314718055994531));
    assert_shape(infer_text(f, "hinge(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(0.5));
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
        op_test(scores_have_at_most_two_axes_of_places),
        op_test(each_step_has_its_class),
        op_test(classes_of_steps_come_first),
        op_test(an_ignored_class_does_not_count),
        op_test(where_all_is_ignored_the_loss_is_zero),
        op_test(places_count_as_much_as_their_class),
        op_test(the_smoothed_share_has_its_weights_too),
        op_test(weights_smoothing_and_an_ignored_class_go_together),
        op_test(none_is_the_absence_of_weights_and_of_an_ignored_class),
        op_test(there_is_a_weight_for_each_class),
        op_test(some_class_has_a_weight),
        op_test(a_weight_is_not_negative),
        op_test(losses_of_a_label_ignore_the_same),
        op_test(scores_may_have_axes_of_size_one_behind_them),
    };
    return cmocka_run_group_tests_name("cross_entropy", tests, NULL, NULL);
}

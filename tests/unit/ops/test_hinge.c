#include "tests/support/op_fixture.h"

static void other_classes_should_score_less_by_one(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0.5, 2, -3), NUMBERS(0)};

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "hinge(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(0.8333333333333334));
    assert_int_equal(f->graph->input.at[1].classes, 3);
}

static void a_label_may_have_axes_of_one(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0.5, 2, -3), NUMBERS(0)};

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    graph_node(f->graph, f->in[1])->shape = *SHAPE(1, 1);
    assert_shape(infer_text(f, "hinge(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(0.8333333333333334));
}

static void a_margin_that_is_kept_costs_nothing(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(5, 2, 3.5), NUMBERS(0)};

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "hinge(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(0));
}

static void one_class_costs_nothing(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(3), NUMBERS(0)};

    fixture_input(f, "z", SHAPE(1));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "hinge(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(0));
}

static void the_target_must_be_a_class(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3));
    fixture_input(f, "t", SHAPE(3));
    assert_null(infer_text(f, "hinge(z, t)"));
    assert_diagnostic(f, DIAG_TARGET, "hinge: the target must be one class a sample, got 3 numbers", "hinge(z, t)");
}

static void scores_are_a_vector(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3, 4));
    fixture_class(f, "label");
    assert_null(infer_text(f, "hinge(z, label)"));
    assert_diagnostic(f, DIAG_RANK, "hinge: wants a vector of scores, one a class, got 3x4", "hinge(z, label)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(other_classes_should_score_less_by_one),
        op_test(a_label_may_have_axes_of_one),
        op_test(a_margin_that_is_kept_costs_nothing),
        op_test(one_class_costs_nothing),
        op_test(the_target_must_be_a_class),
        op_test(scores_are_a_vector),
    };
    return cmocka_run_group_tests_name("hinge", tests, NULL, NULL);
}

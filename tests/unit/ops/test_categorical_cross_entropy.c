#include "compiler/graph/build.h"
#include "tests/support/op_fixture.h"

#include <math.h>

static void the_loss_is_minus_the_log_of_the_labels_probability(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0.5, 0.25, 0.25), NUMBERS(2)};

    fixture_input(f, "z", SHAPE(3));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "categorical_cross_entropy(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.3862943611198906));
    assert_int_equal(f->graph->input.at[1].classes, 3);
}

static void a_probability_of_zero_costs_100(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1, 0), NUMBERS(1)};

    fixture_input(f, "z", SHAPE(2));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "categorical_cross_entropy(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(100));
}

static void each_pixel_has_its_class(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0.25, 0.5, 0.75, 0.5), NUMBERS(0, 1)};

    fixture_input(f, "z", SHAPE(2, 1, 2));
    f->in[f->in_count++] = graph_add_input(f->graph, "label", SHAPE(1, 2), true, SPAN_NONE);
    assert_shape(infer_text(f, "categorical_cross_entropy(z, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.0397207708399179));
    assert_int_equal(f->graph->input.at[1].classes, 2);
}

static void a_softmax_before_it_is_looked_through(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1000, 0), NUMBERS(1)};

    fixture_input(f, "z", SHAPE(2));
    fixture_class(f, "label");
    assert_shape(infer_text(f, "z -> softmax"), SHAPE(2));
    f->in[0] = f->result;
    graph_node(f->graph, f->result)->name = "p";
    assert_shape(infer_text(f, "categorical_cross_entropy(p, label)"), SCALAR);
    assert_computes(f, given, NUMBERS(1000));
}

static void a_softmax_over_another_axis_is_not(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0, log(3), 0, log(3)), NUMBERS(0, 0)};

    fixture_input(f, "z", SHAPE(2, 1, 2));
    f->in[f->in_count++] = graph_add_input(f->graph, "label", SHAPE(1, 2), true, SPAN_NONE);
    assert_shape(infer_text(f, "z -> softmax(axis = 2)"), SHAPE(2, 1, 2));
    f->in[0] = f->result;
    graph_node(f->graph, f->result)->name = "p";
    assert_shape(infer_text(f, "categorical_cross_entropy(p, label)"), SCALAR);
    assert_computes(f, given, NUMBERS((log(4) + log(4. / 3)) / 2));
}

static void the_target_must_be_a_class(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "z", SHAPE(3));
    fixture_input(f, "t", SHAPE(3));
    assert_null(infer_text(f, "categorical_cross_entropy(z, t)"));
    assert_diagnostic(f, DIAG_TARGET, "categorical_cross_entropy: the target must be one class a sample, got 3 numbers",
                      "categorical_cross_entropy(z, t)");
}

static void each_step_needs_a_class_of_its_own(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "p", SHAPE(3, 4));
    fixture_class(f, "label");
    assert_null(infer_text(f, "categorical_cross_entropy(p, label)"));
    assert_diagnostic(f, DIAG_TARGET, "categorical_cross_entropy: the target must be one class a step, 4 of them, got 1 classes",
                      "categorical_cross_entropy(p, label)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(the_loss_is_minus_the_log_of_the_labels_probability),
        op_test(a_probability_of_zero_costs_100),
        op_test(each_pixel_has_its_class),
        op_test(a_softmax_before_it_is_looked_through),
        op_test(a_softmax_over_another_axis_is_not),
        op_test(the_target_must_be_a_class),
        op_test(each_step_needs_a_class_of_its_own),
    };
    return cmocka_run_group_tests_name("categorical_cross_entropy", tests, NULL, NULL);
}

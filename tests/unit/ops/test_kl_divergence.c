#include "tests/support/op_fixture.h"

#include <math.h>

static void the_loss_is_the_divergence(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0.25, 0.75), NUMBERS(0.5, 0.5)};

    fixture_input(f, "x", SHAPE(2));
    fixture_input(f, "t", SHAPE(2));
    assert_shape(infer_text(f, "kl_divergence(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(0.14384103622589042));
}

static void equal_probabilities_do_not_diverge(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0.5, 0.25, 0.25), NUMBERS(0.5, 0.25, 0.25)};

    fixture_input(f, "x", SHAPE(1, 3));
    fixture_input(f, "t", SHAPE(1, 3));
    assert_shape(infer_text(f, "kl_divergence(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(0));
}

static void nothing_times_its_logarithm_is_nothing(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0, 0.5, 0.5), NUMBERS(0, 0, 1)};

    fixture_input(f, "x", SHAPE(3));
    fixture_input(f, "t", SHAPE(3));
    assert_shape(infer_text(f, "kl_divergence(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(0.6931471805599453));
}

static void a_softmax_before_it_is_looked_through(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1000, 0), NUMBERS(0.25, 0.75)};

    fixture_input(f, "z", SHAPE(2));
    fixture_input(f, "t", SHAPE(2));
    assert_shape(infer_text(f, "z -> softmax"), SHAPE(2));
    f->in[0] = f->result;
    graph_node(f->graph, f->result)->name = "p";
    assert_shape(infer_text(f, "kl_divergence(p, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(0.25 * log(0.25) + 0.75 * log(0.75) + 750));
}

static void shapes_must_agree(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(2, 3));
    fixture_input(f, "t", SHAPE(3, 2));
    assert_null(infer_text(f, "kl_divergence(x, t)"));
    assert_diagnostic(f, DIAG_TARGET, "kl_divergence: prediction and target differ: x 2x3, t 3x2", "kl_divergence(x, t)");
}

static void a_class_is_no_target(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(1));
    fixture_class(f, "label");
    assert_null(infer_text(f, "kl_divergence(x, label)"));
    assert_diagnostic(f, DIAG_TARGET, "kl_divergence: the target is a class, and this loss wants the probability of each",
                      "kl_divergence(x, label)");
    assert_hint(f, "cross_entropy takes a class");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(the_loss_is_the_divergence),
        op_test(equal_probabilities_do_not_diverge),
        op_test(nothing_times_its_logarithm_is_nothing),
        op_test(a_softmax_before_it_is_looked_through),
        op_test(shapes_must_agree),
        op_test(a_class_is_no_target),
    };
    return cmocka_run_group_tests_name("kl_divergence", tests, NULL, NULL);
}

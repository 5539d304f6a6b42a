#include "tests/support/op_fixture.h"

static void the_loss_is_the_mean_surprise(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0.25, 0.5), NUMBERS(1, 0.5)};

    fixture_input(f, "x", SHAPE(2));
    fixture_input(f, "t", SHAPE(2));
    assert_shape(infer_text(f, "binary_cross_entropy(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(1.0397207708399179));
}

static void logarithms_are_not_less_than_minus_100(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0, 1, 0, 1), NUMBERS(1, 0, 0, 1)};

    fixture_input(f, "x", SHAPE(4));
    fixture_input(f, "t", SHAPE(4));
    assert_shape(infer_text(f, "binary_cross_entropy(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(50));
}

static void logits_go_through_the_sigmoid(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(0.5, -2), NUMBERS(1, 0.25)};

    fixture_input(f, "x", SHAPE(2, 1));
    fixture_input(f, "t", SHAPE(2, 1));
    assert_shape(infer_text(f, "binary_cross_entropy_with_logits(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(0.5505024976115396));
}

static void large_logits_stay_exact(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(1000, -1000, 1000, -1000), NUMBERS(0, 1, 1, 0)};

    fixture_input(f, "x", SHAPE(4));
    fixture_input(f, "t", SHAPE(4));
    assert_shape(infer_text(f, "binary_cross_entropy_with_logits(x, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(500));
}

static void a_sigmoid_before_it_is_looked_through(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(800), NUMBERS(0)};

    fixture_input(f, "z", SHAPE(1));
    fixture_input(f, "t", SHAPE(1));
    assert_shape(infer_text(f, "z -> sigmoid"), SHAPE(1));
    f->in[f->in_count] = f->in[1];
    f->in[0] = f->result;
    graph_node(f->graph, f->result)->name = "p";
    graph_node(f->graph, f->in[1])->name = "t";
    assert_shape(infer_text(f, "binary_cross_entropy(p, t)"), SCALAR);
    assert_computes(f, given, NUMBERS(800));
}

static void shapes_must_agree(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(2, 3));
    fixture_input(f, "t", SHAPE(3, 2));
    assert_null(infer_text(f, "binary_cross_entropy(x, t)"));
    assert_diagnostic(f, DIAG_TARGET, "binary_cross_entropy: prediction and target differ: x 2x3, t 3x2",
                      "binary_cross_entropy(x, t)");
}

static void a_class_is_no_target(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(1));
    fixture_class(f, "label");
    assert_null(infer_text(f, "binary_cross_entropy_with_logits(x, label)"));
    assert_diagnostic(
        f, DIAG_TARGET,
        "binary_cross_entropy_with_logits: the target is a class, and this loss wants a number from 0 to 1 for each element",
        "binary_cross_entropy_with_logits(x, label)");
    assert_hint(f, "cross_entropy takes a class");
}

static void a_yes_counts_as_much_as_its_weight(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(2, -1, 0.5), NUMBERS(1, 0, 0.25)};

    fixture_input(f, "x", SHAPE(3));
    fixture_input(f, "t", SHAPE(3));
    assert_shape(infer_text(f, "binary_cross_entropy_with_logits(x, t, positive_weight = 3)"), SCALAR);
    assert_computes(f, given, NUMBERS(0.5933870656391002));
    assert_shape(infer_text(f, "binary_cross_entropy_with_logits(x, t, positive_weight = [4, 1, 9])"), SCALAR);
    assert_computes(f, given, NUMBERS(0.8727348947434775));
}

static void weights_broadcast_to_the_logits(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(2, -1, -3, 0.5), NUMBERS(1, 0, 1, 0.25)};

    fixture_input(f, "x", SHAPE(1, 2, 2));
    fixture_input(f, "t", SHAPE(1, 2, 2));
    assert_shape(infer_text(f, "binary_cross_entropy_with_logits(x, t, positive_weight = [[4], [9]])"), SCALAR);
    assert_computes(f, given, NUMBERS(7.513872712098529));
}

static void large_logits_stay_exact_beside_a_weight(void **state)
{
    struct fixture *f = *state;
    const double *given[] = {NUMBERS(800, -800), NUMBERS(1, 0)};

    fixture_input(f, "x", SHAPE(2));
    fixture_input(f, "t", SHAPE(2));
    assert_shape(infer_text(f, "binary_cross_entropy_with_logits(x, t, positive_weight = 5)"), SCALAR);
    assert_computes(f, given, NUMBERS(0));
}

static void weights_of_another_shape_are_refused(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(3));
    fixture_input(f, "t", SHAPE(3));
    assert_null(infer_text(f, "binary_cross_entropy_with_logits(x, t, positive_weight = [1, 2])"));
    assert_diagnostic(f, DIAG_FIXED_VALUES,
                      "binary_cross_entropy_with_logits: positive_weight has the shape 2, and does not broadcast to that of the "
                      "logits, 3",
                      "positive_weight = [1, 2]");
}

static void lists_of_weights_are_of_one_length(void **state)
{
    struct fixture *f = *state;

    fixture_input(f, "x", SHAPE(2, 2));
    fixture_input(f, "t", SHAPE(2, 2));
    assert_null(infer_text(f, "binary_cross_entropy_with_logits(x, t, positive_weight = [[1, 2], [3]])"));
    assert_diagnostic(f, DIAG_FIXED_VALUES, "binary_cross_entropy_with_logits: the lists of positive_weight are not of one length",
                      "[3]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(the_loss_is_the_mean_surprise),
        op_test(logarithms_are_not_less_than_minus_100),
        op_test(logits_go_through_the_sigmoid),
        op_test(large_logits_stay_exact),
        op_test(a_sigmoid_before_it_is_looked_through),
        op_test(a_yes_counts_as_much_as_its_weight),
        op_test(weights_broadcast_to_the_logits),
        op_test(large_logits_stay_exact_beside_a_weight),
        op_test(weights_of_another_shape_are_refused),
        op_test(lists_of_weights_are_of_one_length),
        op_test(shapes_must_agree),
        op_test(a_class_is_no_target),
    };
    return cmocka_run_group_tests_name("binary_cross_entropy", tests, NULL, NULL);
}

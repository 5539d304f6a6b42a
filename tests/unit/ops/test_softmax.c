#include "tests/support/op_fixture.h"

static void a_vector_becomes_probabilities(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3)};

    assert_shape(infer(*state, "softmax", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(0.090030573170380462, 0.24472847105479764, 0.66524095577482190));
}

static void large_scores_do_not_overflow(void **state)
{
    const double *given[] = {NUMBERS(1000, 1000)};

    assert_shape(infer(*state, "softmax", SHAPE(2)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(0.5, 0.5));
}

static void images_compare_channels(void **state)
{
    const double *given[] = {NUMBERS(0, 1, 0, 1)};

    assert_shape(infer(*state, "softmax", SHAPE(2, 1, 2)), SHAPE(2, 1, 2));
    assert_computes(*state, given, NUMBERS(0.5, 0.5, 0.5, 0.5));
}

static void another_axis_can_be_asked_for(void **state)
{
    const double *given[] = {NUMBERS(7, 7, 8, 8)};

    assert_shape(infer(*state, "softmax(axis = 1)", SHAPE(2, 2)), SHAPE(2, 2));
    assert_computes(*state, given, NUMBERS(0.5, 0.5, 0.5, 0.5));
}

static void one_score_is_certain(void **state)
{
    const double *given[] = {NUMBERS(5)};

    assert_shape(infer(*state, "softmax", SHAPE(1)), SHAPE(1));
    assert_computes(*state, given, NUMBERS(1));
}

static void no_gradient_flows_through_the_maximum(void **state)
{
    struct fixture *f = *state;

    infer(f, "softmax", SHAPE(3));
    assert_string_equal(graph_node(f->graph, 1)->name, "it.max");
    assert_true(graph_node(f->graph, 1)->no_gradient);
    assert_false(graph_node(f->graph, f->result)->no_gradient);
}

static void rank_two_wants_its_axis(void **state)
{
    assert_null(infer(*state, "softmax", SHAPE(3, 4)));
    assert_diagnostic(*state, DIAG_AXIS, "softmax: an input of rank 2 wants axis=", "softmax");
}

static void an_axis_must_exist(void **state)
{
    assert_null(infer(*state, "softmax(axis = -2)", SHAPE(3)));
    assert_diagnostic(*state, DIAG_AXIS, "softmax: there is no axis -2: the tensor has 1, from 0", "axis = -2");
}

static void logarithms_of_probabilities(void **state)
{
    const double *given[] = {NUMBERS(1, 2, 3)};

    assert_shape(infer(*state, "log_softmax", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, NUMBERS(-2.4076059644443803, -1.4076059644443803, -0.40760596444438030));
}

static void logarithms_stay_exact_where_probabilities_vanish(void **state)
{
    const double *given[] = {NUMBERS(1000, 0)};

    assert_shape(infer(*state, "log_softmax", SHAPE(2)), SHAPE(2));
    assert_computes(*state, given, NUMBERS(0, -1000));
}

static void log_softmax_wants_its_axis_too(void **state)
{
    assert_null(infer(*state, "log_softmax", SHAPE(3, 4)));
    assert_diagnostic(*state, DIAG_AXIS, "log_softmax: an input of rank 2 wants axis=", "log_softmax");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(a_vector_becomes_probabilities), op_test(large_scores_do_not_overflow),
        op_test(images_compare_channels),        op_test(another_axis_can_be_asked_for),
        op_test(one_score_is_certain),           op_test(no_gradient_flows_through_the_maximum),
        op_test(rank_two_wants_its_axis),        op_test(an_axis_must_exist),
        op_test(logarithms_of_probabilities),    op_test(logarithms_stay_exact_where_probabilities_vanish),
        op_test(log_softmax_wants_its_axis_too),
    };
    return cmocka_run_group_tests_name("softmax", tests, NULL, NULL);
}

#include "tests/support/op_fixture.h"

static void its_result_is_its_input(void **state)
{
    const double *given[] = {NUMBERS(1, -2, 3)};

    assert_shape(infer(*state, "stop_gradient", SHAPE(3)), SHAPE(3));
    assert_computes(*state, given, given[0]);
}

static void nothing_flows_back(void **state)
{
    struct fixture *f = *state;

    infer(f, "stop_gradient", SHAPE(3, 2));
    assert_true(graph_node(f->graph, f->result)->no_gradient);
    assert_false(graph_node(f->graph, f->in[0])->no_gradient);
}

static void numbers_and_parameters_are_taken(void **state)
{
    fixture_input(*state, "x", SCALAR);
    assert_shape(infer_text(*state, "x -> stop_gradient"), SCALAR);
}

static void initialisation_looks_through_it(void **state)
{
    (void)state;
    assert_true(op_find("stop_gradient")->transparent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(its_result_is_its_input),
        op_test(nothing_flows_back),
        op_test(numbers_and_parameters_are_taken),
        op_test(initialisation_looks_through_it),
    };
    return cmocka_run_group_tests_name("stop_gradient", tests, NULL, NULL);
}

#include "tests/support/op_fixture.h"

static void its_result_is_its_input(void **state)
{
    struct fixture *f = *state;

    assert_shape(infer(f, "identity", SHAPE(3, 4, 4)), SHAPE(3, 4, 4));
    assert_int_equal(f->result, f->in[0]);
    assert_int_equal(f->graph->node.count, 1);
    assert_string_equal(graph_node(f->graph, f->result)->name, "x");
}

static void it_takes_no_arguments(void **state)
{
    assert_null(infer(*state, "identity(3)", SHAPE(3)));
    assert_int_equal(((struct fixture *)*state)->diags.first->code, DIAG_ARGUMENT_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        op_test(its_result_is_its_input),
        op_test(it_takes_no_arguments),
    };
    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}

#include "compiler/graph/build.h"
#include "tests/support/graph_fixture.h"

static void nodes_are_numbered_as_they_are_added(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;

    assert_int_equal(graph_add_input(g, "x", SHAPE(2), false, SPAN_NONE), 0);
    assert_int_equal(graph_add_parameter(g, "w", SHAPE(2), SPAN_NONE), 1);
    assert_int_equal(graph_add_state(g, "m", SHAPE(2)), 2);
    assert_int_equal(graph_add_setting(g, "lr", 0.1, 0, 1), 3);
    assert_int_equal(g->input.at[0].v, 0);
    assert_int_equal(g->setting.at[0].v, 3);
    assert_verifies(*state);
}

static void what_reads_samples_varies(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(2), false, SPAN_NONE), w = graph_add_parameter(g, "w", SHAPE(2), SPAN_NONE);

    assert_true(graph_node(g, graph_add_unary(g, "exp", FUNCTION_EXP, w))->uniform);
    assert_false(graph_node(g, graph_add_unary(g, "exp", FUNCTION_EXP, x))->uniform);
    assert_false(graph_node(g, graph_add_binary(g, "mul", FUNCTION_MULTIPLY, w, x, SHAPE(2)))->uniform);
    assert_verifies(*state);
}

static void a_sum_over_samples_is_uniform(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(2), false, SPAN_NONE);
    struct nest n = {0};

    n.out[0] = index_axis(nest_add_axis(&n, "i", 2, false), 1);
    n.body = nest_read(g, &n, x, n.out);
    assert_true(graph_node(g, graph_add_compute(g, "sum", SHAPE(2), &n, true))->uniform);
    graph_set_sample_order(g, graph_add_compute(g, "sum", SHAPE(2), &n, true), ORDER_SAMPLES);
    assert_verifies(*state);
    assert_prints_graph(*state, "graph test\n"
                                "%0 = x: input 2\n"
                                "%1 = sum: sum 2 uniform = sum[samples by 2048] %0[i]   over [i<2]\n"
                                "%2 = sum: sum 2 uniform = sum[samples in order by 128] %0[i]   over [i<2]\n");
}

static void a_view_of_the_same_shape_is_the_value(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(2, 3), false, SPAN_NONE);

    assert_int_equal(graph_add_view(g, x, SHAPE(2, 3)), x);
    assert_int_equal(graph_node(g, graph_add_view(g, x, SHAPE(6)))->view_of, x);
    assert_verifies(*state);
}

static void a_result_that_shows_an_input_is_a_copy(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(2, 3), false, SPAN_NONE), view = graph_add_view(g, x, SHAPE(6));
    const node_id a = graph_add_unary(g, "exp", FUNCTION_EXP, view), seen = graph_add_view(g, a, SHAPE(3, 2));

    assert_int_equal(graph_add_result(g, seen, "y", SPAN_NONE), seen);
    graph_add_result(g, view, "y", SPAN_NONE);
    graph_add_result(g, x, "z", SPAN_NONE);
    assert_verifies(*state);
    assert_prints_graph(*state, "graph test\n"
                                "%0 = x: input 2x3\n"
                                "%1 = view: view 6 of %0\n"
                                "%2 = exp: exp 6 = exp(%1[i])   over [i<6]\n"
                                "%3 = view: view 3x2 of %2\n"
                                "%4 = y: copy 6 = %1[i]   over [i<6]\n"
                                "%5 = z: copy 2x3 = %0[i, j]   over [i<2,j<3]\n");
}

static void a_layers_result_bears_its_name(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(2), false, SPAN_NONE);

    graph_begin_layer(g, "act1", "act", "act", SPAN_NONE);
    const node_id a = graph_add_unary(g, "exp", FUNCTION_EXP, x), b = graph_add_unary(g, "exp", FUNCTION_EXP, a);
    const node_id c = graph_add_unary(g, "log", FUNCTION_LOG, b);
    graph_end_layer(g, c);
    const node_id d = graph_add_unary(g, "tanh", FUNCTION_TANH, c);
    assert_string_equal(graph_node(g, a)->name, "act1.exp");
    assert_string_equal(graph_node(g, b)->name, "act1.exp2");
    assert_string_equal(graph_node(g, c)->name, "act1");
    assert_string_equal(graph_node(g, d)->name, "tanh");
    assert_int_equal(graph_node(g, c)->layer, 0);
    assert_int_equal(graph_node(g, d)->layer, -1);
    assert_verifies(*state);
}

static void a_layer_without_nodes_leaves_the_name(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(2), false, SPAN_NONE);

    graph_begin_layer(g, "identity1", "identity", "identity", SPAN_NONE);
    graph_end_layer(g, x);
    assert_string_equal(graph_node(g, x)->name, "x");
    assert_int_equal(g->layer.at[0].result, x);
    assert_verifies(*state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(nodes_are_numbered_as_they_are_added),   graph_test(what_reads_samples_varies),
        graph_test(a_sum_over_samples_is_uniform),          graph_test(a_view_of_the_same_shape_is_the_value),
        graph_test(a_result_that_shows_an_input_is_a_copy), graph_test(a_layers_result_bears_its_name),
        graph_test(a_layer_without_nodes_leaves_the_name),
    };
    return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}

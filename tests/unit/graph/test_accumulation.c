#include "tests/support/graph_fixture.h"

#include "compiler/graph/build.h"

/* The sum of x over its last axes, for each of the first. */
static node_id add_sum(struct graph *g, const struct shape *shape, bool squares, bool over_samples)
{
    static const char *const names[] = {"a", "b", "c"};
    const node_id x = graph_add_input(g, "x", shape, false, SPAN_NONE);
    struct nest n = {.combine = COMBINE_SUM};
    struct index at[3];

    for (int d = 0; d < shape->rank; d++)
        at[d] = index_axis(nest_add_axis(&n, names[d], shape->dim[d], true), 1);
    n.body = nest_read(g, &n, x, at);
    if (squares)
        n.body = expr_binary(g, FUNCTION_MULTIPLY, n.body, n.body);
    return graph_add_compute(g, "sum", SCALAR, &n, over_samples);
}

static void short_sums_are_not_nested(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id v = add_sum(g, SHAPE(8, 16), false, false);

    assert_int_equal(graph_node(g, v)->nest->sum.partial_count, 0);
    assert_int_equal(graph_node(g, v)->nest->sum.form, SUM_ADD);
    assert_verifies(*state);
}

static void long_sums_are_nested_at_divisors(void **state)
{
    add_sum((*(struct graph_fixture **)state)->graph, SHAPE(1024, 1024), true, false);
    assert_verifies(*state);
    assert_prints_graph(*state, "graph test\n"
                                "%0 = x: input 1024x1024\n"
                                "%1 = sum: sum 1 = fma[a<1024 by 16,b<1024 by 128] %0[a, b] * %0[a, b]\n");
}

static void an_axis_may_be_cut_twice_and_unevenly(void **state)
{
    add_sum((*(struct graph_fixture **)state)->graph, SHAPE(1000003), false, false);
    assert_verifies(*state);
    assert_prints_graph(*state, "graph test\n"
                                "%0 = x: input 1000003\n"
                                "%1 = sum: sum 1 = sum[a<1000003 by 16384 by 128] %0[a]\n");
}

static void blocks_of_samples_are_grouped(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id v = add_sum(g, SHAPE(30), false, true);

    assert_int_equal(graph_node(g, v)->nest->sum.blocks, 128);
    graph_set_sample_order(g, v, ORDER_SAMPLES);
    assert_verifies(*state);
    assert_prints_graph(*state, "graph test\n"
                                "%0 = x: input 30\n"
                                "%1 = sum: sum 1 uniform = sum[samples in order by 400] sum[a<30 by 6] %0[a]\n");
    graph_set_sample_order(g, v, ORDER_ROWS);
    assert_int_equal(graph_node(g, v)->nest->sum.partial_count, 0);
}

static void another_accumulation_is_refused(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id v = add_sum(g, SHAPE(300), false, false);
    struct nest *n = (struct nest *)(uintptr_t)graph_node(g, v)->nest;

    n->sum.partial_count = 0;
    assert_broken(*state, "%1 (sum): a sum is accumulated in another way than its shapes say\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(short_sums_are_not_nested),
        graph_test(long_sums_are_nested_at_divisors),
        graph_test(an_axis_may_be_cut_twice_and_unevenly),
        graph_test(blocks_of_samples_are_grouped),
        graph_test(another_accumulation_is_refused),
    };
    return cmocka_run_group_tests_name("accumulation", tests, NULL, NULL);
}

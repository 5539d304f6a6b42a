#include "compiler/graph/build.h"
#include "compiler/graph/query.h"
#include "tests/support/graph_fixture.h"

/* A 3-tap window with one place of padding at both ends of 4 places: 12 products, of which 2 read padding. */
static node_id add_window(struct graph *g, enum function f, node_id x, node_id w)
{
    struct nest n = {.combine = COMBINE_SUM};

    n.out[0] = index_axis(nest_add_axis(&n, "h", 4, false), 1);
    const struct index tap = index_axis(nest_add_axis(&n, "p", 3, true), 1);
    const struct index place = index_add(index_add(n.out[0], tap), index_constant(-1));
    const struct expr *pixel = nest_read(g, &n, x, &place);
    n.body = expr_binary(g, f, pixel, nest_read(g, &n, w, &tap));
    return graph_add_compute(g, "window", SHAPE(4), &n, false);
}

static void padding_counts_for_papers_and_not_as_work(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(4), false, SPAN_NONE), w = graph_add_parameter(g, "w", SHAPE(3), SPAN_NONE);
    const node_id y = add_window(g, FUNCTION_MULTIPLY, x, w);

    assert_true(node_multiply_adds(g, y) == 12);
    assert_true(node_work(g, y).multiply_adds == 10);
    assert_true(node_work(g, y).operations == 0);
}

static void what_is_no_product_is_operations(void **state)
{
    struct graph *g = (*(struct graph_fixture **)state)->graph;
    const node_id x = graph_add_input(g, "x", SHAPE(4), false, SPAN_NONE), w = graph_add_parameter(g, "w", SHAPE(3), SPAN_NONE);
    const node_id y = add_window(g, FUNCTION_SUBTRACT, x, w), z = graph_add_unary(g, "exp", FUNCTION_EXP, y);

    assert_true(node_multiply_adds(g, y) == 0);
    assert_true(node_work(g, y).multiply_adds == 0);
    assert_true(node_work(g, y).operations == 2 * 10);    /* a difference and its addition */
    assert_true(node_work(g, z).operations == 4);
    assert_true(node_work(g, x).operations == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(padding_counts_for_papers_and_not_as_work),
        graph_test(what_is_no_product_is_operations),
    };

    return cmocka_run_group_tests_name("cost", tests, NULL, NULL);
}

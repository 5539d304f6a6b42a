#include "compiler/graph/build.h"
#include "compiler/graph/invert_access.h"
#include "tests/support/graph_fixture.h"

/* y[stride*h + p - begin] += x[h] * k[p] */
static struct nest spread(struct graph_fixture *f, int64_t in, int64_t kernel, int64_t stride, int64_t begin)
{
    struct nest n = {.in_count = 1, .combine = COMBINE_SUM};
    const int h = nest_add_axis(&n, "h", in, false), p = nest_add_axis(&n, "p", kernel, true);
    const struct index at_x = index_axis(h, 1), at_k = index_axis(p, 1);

    n.in[0].of = NO_NODE;
    n.in[0].dim[0] = index_add(index_axis(h, stride), index_axis(p, 1));
    n.in[0].dim[0].offset = -begin;
    const struct expr *x = nest_read(f->graph, &n, graph_add_input(f->graph, "x", SHAPE(in), false, SPAN_NONE), &at_x);
    const node_id k = graph_add_parameter(f->graph, "k", SHAPE(kernel), SPAN_NONE);
    n.body = expr_binary(f->graph, FUNCTION_MULTIPLY, x, nest_read(f->graph, &n, k, &at_k));
    return n;
}

static void points_add_to_their_places(void **state)
{
    struct graph_fixture *f = *state;
    const struct nest n = spread(f, 3, 3, 2, 1);
    const double *given[] = {NUMBERS(1, 2, 3), NUMBERS(1, 10, 100)};
    const node_id y = graph_add_scatter(f->graph, "y", SHAPE(6), &n);

    assert_verifies(f);
    assert_elements(f, y, given, NUMBERS(10, 102, 20, 203, 30, 300));
}

static void each_residue_is_a_part(void **state)
{
    struct graph_fixture *f = *state;
    const struct nest n = spread(f, 3, 2, 3, 0);
    const node_id y = graph_add_scatter(f->graph, "y", SHAPE(9), &n);

    assert_int_equal(graph_node(f->graph, y)->nest_count, 2);    /* no tap reaches the third */
    assert_ptr_equal(graph_node(f->graph, y)->scatter->body, n.body);
}

static void a_result_that_no_point_reaches_is_no_node(void **state)
{
    struct graph_fixture *f = *state;
    const struct nest n = spread(f, 2, 2, 5, 3);

    /* Places -3, -2, 2 and 3: of the residues 0 and 1 none. */
    assert_int_equal(graph_add_scatter(f->graph, "y", SHAPE(2), &n), NO_NODE);
}

static struct nest places(int64_t first, int64_t count, int64_t step)
{
    struct nest n = {0};

    n.out[0] = index_axis(nest_add_axis(&n, "i", count, false), step);
    n.out[0].offset = first;
    return n;
}

static void nests_are_apart_by_range_or_residue(void **state)
{
    const struct nest low = places(0, 4, 1), high = places(4, 4, 1), even = places(0, 4, 2), odd = places(1, 4, 2);

    (void)state;
    assert_true(nests_are_disjoint(&low, &high, 1));
    assert_true(nests_are_disjoint(&even, &odd, 1));
    assert_false(nests_are_disjoint(&low, &even, 1));
    assert_false(nests_are_disjoint(&low, &odd, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(points_add_to_their_places),
        graph_test(each_residue_is_a_part),
        graph_test(a_result_that_no_point_reaches_is_no_node),
        cmocka_unit_test(nests_are_apart_by_range_or_residue),
    };
    return cmocka_run_group_tests_name("scatter", tests, NULL, NULL);
}

#include "compiler/graph/build.h"
#include "compiler/graph/query.h"
#include "tests/support/graph_fixture.h"

/* A copy of `of` [2,3,2] in boxes of `rows` first places by `columns` places of step two by `taps`. */
static node_id copy_part(struct graph_fixture *f, node_id of, int64_t rows, int64_t columns, int64_t taps)
{
    struct nest n = {0};

    n.out[0] = index_axis(nest_add_axis(&n, "o", rows, false), 1);
    n.out[1] = index_axis(nest_add_axis(&n, "c", columns, false), 2);
    n.out[2] = index_axis(nest_add_axis(&n, "p", taps, false), 1);
    n.body = nest_read(f->graph, &n, of, n.out);
    return graph_add_compute(f->graph, "part", SHAPE(2, 3, 2), &n, false);
}

/* y[o] = sum over c,p of x[c,p] * k[o,c,p], c from `first` on */
static struct nest contract(struct graph_fixture *f, node_id k, int64_t first)
{
    struct nest n = {.combine = COMBINE_SUM};
    const node_id x = graph_add_input(f->graph, "x", SHAPE(3, 2), false, SPAN_NONE);
    const int o = nest_add_axis(&n, "o", 2, false), c = nest_add_axis(&n, "c", 3 - first, true),
              p = nest_add_axis(&n, "p", 2, true);
    struct index at[3] = {index_axis(o, 1), index_axis(c, 1), index_axis(p, 1)};

    n.out[0] = at[0];
    at[1].offset = first;
    const struct expr *left = nest_read(f->graph, &n, x, at + 1);
    n.body = expr_binary(f->graph, FUNCTION_MULTIPLY, left, nest_read(f->graph, &n, k, at));
    return n;
}

static node_id add_kernels(struct graph_fixture *f)
{
    return graph_add_parameter(f->graph, "k", SHAPE(2, 3, 2), SPAN_NONE);
}

static void rows_that_no_nest_reaches_are_found(void **state)
{
    struct graph_fixture *f = *state;
    const struct nest n = contract(f, copy_part(f, add_kernels(f), 1, 2, 2), 0);
    const bool expected[] = {true, false, true, false, false, false};
    struct nest_rows r;

    assert_true(nest_find_rows(f->graph, &n, 1, &r));
    assert_int_equal(r.axis[0], 0);
    assert_int_equal(r.axis[1], 1);
    assert_int_equal(r.count[0], 2);
    assert_int_equal(r.count[1], 3);
    assert_memory_equal(r.filled, expected, sizeof expected);
}

static void products_by_zero_rows_cost_nothing(void **state)
{
    struct graph_fixture *f = *state;
    const struct nest n = contract(f, copy_part(f, add_kernels(f), 1, 2, 2), 0);
    const double *given[] = {NUMBERS(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), NUMBERS(1, 10, 100, 1000, 10000, 100000)};
    const node_id y = graph_add_compute(f->graph, "y", SHAPE(2), &n, false);

    assert_float_equal(node_multiply_adds(f->graph, y), 4, 0);
    assert_verifies(f);
    assert_elements(f, y, given, NUMBERS(1 + 20 + 50000 + 600000, 0));
}

static void a_tensor_that_is_reached_everywhere_has_none(void **state)
{
    struct graph_fixture *f = *state;
    const node_id k = add_kernels(f);
    const struct nest n = contract(f, k, 0);
    struct nest_rows r;

    assert_false(nest_find_rows(f->graph, &n, 0, &r));
    assert_false(nest_find_rows(f->graph, &n, 1, &r));
    assert_float_equal(nest_share_of_products(f->graph, &n), 1, 0);
}

static void a_part_that_ends_within_a_row_has_none(void **state)
{
    struct graph_fixture *f = *state;
    const struct nest n = contract(f, copy_part(f, add_kernels(f), 2, 2, 1), 0);
    struct nest_rows r;

    assert_false(nest_find_rows(f->graph, &n, 1, &r));
}

static void a_nest_over_some_of_the_rows_has_none(void **state)
{
    struct graph_fixture *f = *state;
    const struct nest n = contract(f, copy_part(f, add_kernels(f), 1, 2, 2), 1);
    struct nest_rows r;

    assert_false(nest_find_rows(f->graph, &n, 1, &r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(rows_that_no_nest_reaches_are_found),          graph_test(products_by_zero_rows_cost_nothing),
        graph_test(a_tensor_that_is_reached_everywhere_has_none), graph_test(a_part_that_ends_within_a_row_has_none),
        graph_test(a_nest_over_some_of_the_rows_has_none),
    };
    return cmocka_run_group_tests_name("zeros", tests, NULL, NULL);
}

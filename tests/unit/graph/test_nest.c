#include "compiler/graph/build.h"
#include "compiler/graph/query.h"
#include "tests/support/graph_fixture.h"

#include <math.h>

static struct graph *graph_of(void **state)
{
    return (*(struct graph_fixture **)state)->graph;
}

static void indices_add_up(void **state)
{
    const struct index i = index_add(index_add(index_axis(1, 2), index_axis(3, -1)), index_constant(5));

    (void)state;
    assert_int_equal(i.offset, 5);
    assert_int_equal(i.factor[1], 2);
    assert_int_equal(i.factor[3], -1);
    assert_false(index_is_constant(&i));
    assert_true(index_is_constant(&(struct index){.offset = 7}));
}

static void ranges_follow_the_signs(void **state)
{
    const struct index i = index_add(index_add(index_axis(0, 2), index_axis(1, -3)), index_constant(1));
    struct nest n = {0};
    int64_t low, high;

    (void)state;
    nest_add_axis(&n, "a", 5, false);
    nest_add_axis(&n, "b", 4, true);
    index_range(&n, &i, &low, &high);
    assert_int_equal(low, 1 - 9);
    assert_int_equal(high, 1 + 8);
}

static void axes_of_extent_one_are_dropped(void **state)
{
    struct graph *g = graph_of(state);
    const node_id x = graph_add_input(g, "x", SHAPE(1, 3), false, SPAN_NONE);
    struct nest n = {0};

    const int c = nest_add_axis(&n, "c", 1, false), l = nest_add_axis(&n, "l", 3, false);
    n.out[0] = index_axis(c, 1);
    n.out[1] = index_axis(l, 1);
    n.body =
        expr_binary(g, FUNCTION_ADD, nest_read(g, &n, x, n.out), expr_index(g, index_add(index_axis(c, 7), index_axis(l, 10))));
    const node_id v = graph_add_compute(g, "shift", SHAPE(1, 3), &n, false);
    assert_int_equal(graph_node(g, v)->nest->axis_count, 1);
    assert_verifies(*state);
    assert_elements(*state, v, (const double *[]){NUMBERS(1, 2, 3)}, NUMBERS(1, 12, 23));
}

/* A nest that combines x [1] over its axis of extent 1. */
static node_id combine_one(struct graph *g, enum combine combine, int64_t offset)
{
    const node_id x = graph_add_input(g, "x", SHAPE(1), false, SPAN_NONE);
    struct nest n = {.combine = combine};
    const struct index at = index_add(index_axis(nest_add_axis(&n, "i", 1, true), 1), index_constant(offset));

    n.body = nest_read(g, &n, x, &at);
    return graph_add_compute(g, "one", SCALAR, &n, false);
}

static void a_sum_of_one_point_is_that_point(void **state)
{
    const node_id v = combine_one(graph_of(state), COMBINE_SUM, 0);

    assert_int_equal(graph_node(graph_of(state), v)->nest->combine, COMBINE_NONE);
    assert_verifies(*state);
    assert_elements(*state, v, (const double *[]){NUMBERS(4)}, NUMBERS(4));
}

static void a_sum_of_no_points_is_zero(void **state)
{
    const node_id v = combine_one(graph_of(state), COMBINE_SUM, 1);

    assert_elements(*state, v, (const double *[]){NUMBERS(4)}, NUMBERS(0));
}

static void a_maximum_of_no_points_is_minus_infinity(void **state)
{
    const node_id v = combine_one(graph_of(state), COMBINE_MAX, -1);

    assert_verifies(*state);
    assert_elements(*state, v, (const double *[]){NUMBERS(4)}, NUMBERS(-INFINITY));
}

static void the_greatest_of_one_is_number_zero(void **state)
{
    const node_id v = combine_one(graph_of(state), COMBINE_ARGMAX, 0);

    assert_verifies(*state);
    assert_false(graph_node(graph_of(state), v)->uniform);
    assert_elements(*state, v, (const double *[]){NUMBERS(4)}, NUMBERS(0));
}

static void operands_broadcast(void **state)
{
    struct graph *g = graph_of(state);
    const node_id a = graph_add_input(g, "a", SHAPE(2, 1), false, SPAN_NONE),
                  b = graph_add_input(g, "b", SHAPE(3), false, SPAN_NONE);
    struct shape shape;

    assert_true(shape_broadcast(SHAPE(2, 1), SHAPE(3), &shape));
    assert_true(shape_equal(&shape, SHAPE(2, 3)));
    const node_id v = graph_add_binary(g, "sub", FUNCTION_SUBTRACT, a, b, &shape);
    assert_verifies(*state);
    assert_elements(*state, v, (const double *[]){NUMBERS(10, 20), NUMBERS(1, 2, 3)}, NUMBERS(9, 8, 7, 19, 18, 17));
}

static void sizes_that_differ_do_not_broadcast(void **state)
{
    struct shape shape;

    (void)state;
    assert_false(shape_broadcast(SHAPE(2, 3), SHAPE(2), &shape));
    assert_true(shape_broadcast(SCALAR, SHAPE(2), &shape));
    assert_true(shape_equal(&shape, SHAPE(2)));
}

static void constants_stand_on_either_side(void **state)
{
    struct graph *g = graph_of(state);
    const node_id x = graph_add_input(g, "x", SHAPE(2), false, SPAN_NONE);
    const node_id a = graph_add_scaled(g, "div", FUNCTION_DIVIDE, x, 8, false),
                  b = graph_add_scaled(g, "div", FUNCTION_DIVIDE, x, 8, true);

    assert_verifies(*state);
    assert_elements(*state, a, (const double *[]){NUMBERS(2, 4)}, NUMBERS(0.25, 0.5));
    assert_elements(*state, b, (const double *[]){NUMBERS(2, 4)}, NUMBERS(4, 2));
}

static void only_sums_of_products_are_multiply_adds(void **state)
{
    struct graph *g = graph_of(state);
    const node_id x = graph_add_input(g, "x", SHAPE(4), false, SPAN_NONE), w = graph_add_parameter(g, "w", SHAPE(3, 4), SPAN_NONE);
    struct nest n = {.combine = COMBINE_SUM};

    n.out[0] = index_axis(nest_add_axis(&n, "o", 3, false), 1);
    const struct index k[2] = {n.out[0], index_axis(nest_add_axis(&n, "i", 4, true), 1)};
    const struct expr *left = nest_read(g, &n, x, &k[1]);
    n.body = expr_binary(g, FUNCTION_MULTIPLY, left, nest_read(g, &n, w, k));
    assert_true(node_multiply_adds(g, graph_add_compute(g, "dense", SHAPE(3), &n, false)) == 12);
    assert_true(node_multiply_adds(g, graph_add_binary(g, "mul", FUNCTION_MULTIPLY, x, x, SHAPE(4))) == 0);
    n.body = left;
    assert_true(node_multiply_adds(g, graph_add_compute(g, "sum", SHAPE(3), &n, false)) == 0);
}

static void a_product_summed_over_samples_counts(void **state)
{
    struct graph *g = graph_of(state);
    const node_id x = graph_add_input(g, "x", SHAPE(4), false, SPAN_NONE);
    struct nest n = {0};

    n.out[0] = index_axis(nest_add_axis(&n, "i", 4, false), 1);
    const struct expr *left = nest_read(g, &n, x, n.out);
    n.body = expr_binary(g, FUNCTION_MULTIPLY, left, nest_read(g, &n, x, n.out));
    assert_true(node_multiply_adds(g, graph_add_compute(g, "squares", SHAPE(4), &n, true)) == 4);
}

static void a_product_is_matched_in_its_written_order(void **state)
{
    struct graph *g = graph_of(state);
    const node_id x = graph_add_input(g, "x", SHAPE(4), false, SPAN_NONE);
    struct nest n = {0};
    int factor[2];

    n.out[0] = index_axis(nest_add_axis(&n, "i", 4, false), 1);
    const struct expr *first = nest_read(g, &n, x, n.out), *second = nest_read(g, &n, x, n.out);
    assert_true(match_product(expr_binary(g, FUNCTION_MULTIPLY, second, first), factor));
    assert_int_equal(factor[0], 1);
    assert_int_equal(factor[1], 0);
    assert_false(match_product(first, factor));
    assert_false(match_product(expr_binary(g, FUNCTION_ADD, first, second), factor));
    assert_false(match_product(expr_binary(g, FUNCTION_MULTIPLY, first, expr_constant(g, 2)), factor));
    assert_false(match_product(expr_binary(g, FUNCTION_MULTIPLY, expr_unary(g, FUNCTION_EXP, first), second), factor));
}

static void the_accesses_of_all_nests_are_iterated_in_order(void **state)
{
    struct graph *g = graph_of(state);
    const node_id x = graph_add_input(g, "x", SHAPE(2), false, SPAN_NONE), w = graph_add_parameter(g, "w", SHAPE(2), SPAN_NONE);
    struct nest parts[3] = {0};
    int count = 0;

    /* The first part reads nothing, the second one x, the third one x and w. */
    for (int p = 0; p < 3; p++) {
        parts[p].out[0] = index_add(index_axis(nest_add_axis(&parts[p], "i", 2, false), 1), index_constant(2 * p));
        parts[p].body = expr_constant(g, 1);
        for (int k = 0; k < p; k++)
            parts[p].body = nest_read(g, &parts[p], k == 0 ? x : w, (struct index[]){index_axis(0, 1)});
    }
    const node_id v = graph_add_parts(g, "parts", SHAPE(6), 3, parts, false);
    const node_id expected[] = {x, x, w};
    const int numbers[] = {0, 0, 1};
    for (struct access_iterator i = node_accesses(graph_node(g, v)); access_next(&i); count++) {
        assert_int_equal(i.access->of, expected[count]);
        assert_int_equal(i.number, numbers[count]);
        assert_ptr_equal(i.access, &i.nest->in[i.number]);
    }
    assert_int_equal(count, 3);
    struct access_iterator none = node_accesses(graph_node(g, x));
    assert_false(access_next(&none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(indices_add_up),
        graph_test(ranges_follow_the_signs),
        graph_test(axes_of_extent_one_are_dropped),
        graph_test(a_sum_of_one_point_is_that_point),
        graph_test(a_sum_of_no_points_is_zero),
        graph_test(a_maximum_of_no_points_is_minus_infinity),
        graph_test(the_greatest_of_one_is_number_zero),
        graph_test(operands_broadcast),
        graph_test(sizes_that_differ_do_not_broadcast),
        graph_test(constants_stand_on_either_side),
        graph_test(only_sums_of_products_are_multiply_adds),
        graph_test(a_product_summed_over_samples_counts),
        graph_test(a_product_is_matched_in_its_written_order),
        graph_test(the_accesses_of_all_nests_are_iterated_in_order),
    };
    return cmocka_run_group_tests_name("nest", tests, NULL, NULL);
}

#include "compiler/graph/build.h"
#include "compiler/graph/objective.h"
#include "tests/support/graph_fixture.h"

#include <math.h>

static struct graph *graph_of(void **state)
{
    return (*(struct graph_fixture **)state)->graph;
}

static void each_kind_of_node_is_told(void **state)
{
    struct graph *g = graph_of(state);
    const node_id x = graph_add_input(g, "x", SHAPE(2, 3), false, SPAN_NONE);
    const node_id label = graph_add_input(g, "label", SCALAR, true, SPAN_NONE);
    const node_id w = graph_add_parameter(g, "w", SHAPE(6), SPAN_NONE), lr = graph_add_setting(g, "lr", 0.1, 0, INFINITY);

    graph_add_state(g, "m", SHAPE(6));
    g->input.at[graph_node(g, label)->number].classes = 10;
    graph_node(g, w)->parameter->init = INIT_NORMAL;
    graph_node(g, w)->parameter->init_value = 0.5;
    graph_node(g, w)->parameter->l2 = lr;
    graph_add_view(g, x, SHAPE(6));
    assert_prints_graph(*state, "graph test\n"
                                "%0 = x: input 2x3\n"
                                "%1 = label: input 1  one of 10 classes\n"
                                "%2 = w: parameter 6 uniform  init normal(0.5), l2 %3\n"
                                "%3 = lr: setting 1 uniform  0.1 within [0, inf]\n"
                                "%4 = m: state 6 uniform\n"
                                "%5 = view: view 6 of %0\n");
}

static void fixed_values_are_listed_up_to_eight(void **state)
{
    struct graph *g = graph_of(state);
    static const double data[9] = {1, 2.5, 1.0 / 3};
    const node_id v = graph_add_parameter(g, "v", SHAPE(2), SPAN_NONE), w = graph_add_parameter(g, "w", SHAPE(9), SPAN_NONE);

    graph_node(g, v)->parameter->init = graph_node(g, w)->parameter->init = INIT_VALUES;
    graph_node(g, v)->parameter->init_data = graph_node(g, w)->parameter->init_data = data;
    assert_prints_graph(*state, "graph test\n"
                                "%0 = v: parameter 2 uniform  init values [1, 2.5]\n"
                                "%1 = w: parameter 9 uniform  init values [1, 2.5, 0.333333333, 0, 0, 0, 0, 0, ...]\n");
}

static void parentheses_stand_only_where_they_are_needed(void **state)
{
    struct graph *g = graph_of(state);
    const node_id x = graph_add_input(g, "x", SCALAR, false, SPAN_NONE);
    struct nest n = {0};
    const struct expr *r = nest_read(g, &n, x, NULL), *two = expr_constant(g, 2);
    const struct expr *sum = expr_binary(g, FUNCTION_ADD, r, two), *product = expr_binary(g, FUNCTION_MULTIPLY, r, two);

    n.body =
        expr_binary(g, FUNCTION_ADD, expr_binary(g, FUNCTION_MULTIPLY, sum, sum), expr_binary(g, FUNCTION_SUBTRACT, product, sum));
    graph_add_compute(g, "a", SCALAR, &n, false);
    n.body = expr_unary(g, FUNCTION_NEGATE, expr_binary(g, FUNCTION_DIVIDE, product, expr_unary(g, FUNCTION_EXP, sum)));
    graph_add_compute(g, "b", SCALAR, &n, false);
    n.body = expr_select(g, expr_binary(g, FUNCTION_LESS, r, expr_constant(g, -1)), r, expr_unary(g, FUNCTION_NEGATE, sum));
    graph_add_compute(g, "c", SCALAR, &n, false);
    assert_prints_graph(*state, "graph test\n"
                                "%0 = x: input 1\n"
                                "%1 = a: a 1 = (%0 + 2) * (%0 + 2) + (%0 * 2 - (%0 + 2))\n"
                                "%2 = b: b 1 = -(%0 * 2 / exp(%0 + 2))\n"
                                "%3 = c: c 1 = select(%0 < -1, %0, -(%0 + 2))\n");
}

static void indices_show_signs_and_offsets(void **state)
{
    struct graph *g = graph_of(state);
    const node_id x = graph_add_input(g, "x", SHAPE(4), false, SPAN_NONE);
    struct nest n = {.otherwise = 7};

    n.out[0] = index_axis(nest_add_axis(&n, "i", 4, false), 1);
    const struct index at = index_add(index_axis(0, -2), index_constant(-3));
    n.body = expr_binary(g, FUNCTION_ADD, nest_read(g, &n, x, &at), expr_index(g, index_add(index_axis(0, 1), index_constant(1))));
    graph_add_compute(g, "odd", SHAPE(4), &n, false);
    assert_prints_graph(*state, "graph test\n"
                                "%0 = x: input 4\n"
                                "%1 = odd: odd 4 = %0[-2*i - 3] + index(i + 1) else 7   over [i<4]\n");
}

static void flags_outputs_loss_and_updates_are_told(void **state)
{
    struct graph *g = graph_of(state);
    const node_id x = graph_add_input(g, "x", SCALAR, false, SPAN_NONE), w = graph_add_parameter(g, "w", SCALAR, SPAN_NONE);
    const struct graph_output output = {.name = "y", .v = x};
    const struct graph_update update = {.target = w, .source = w};

    graph_begin_layer(g, "t1", "tanh", NULL, SPAN_NONE);
    const node_id t = graph_add_unary(g, "tanh", FUNCTION_TANH, x);
    graph_end_layer(g, t);
    graph_node(g, t)->no_gradient = graph_node(g, t)->backward = true;
    vec_push(g->arena, &g->output, output);
    vec_push(g->arena, &g->update, update);
    graph_add_objective(g, NULL)->loss = t;
    assert_prints_graph(*state, "graph test\n"
                                "%0 = x: input 1\n"
                                "%1 = w: parameter 1 uniform  init default\n"
                                "%2 = t1: tanh 1 no_gradient backward = tanh(%0)\n"
                                "layer t1 = %2: tanh\n"
                                "output y = %0\n"
                                "loss = %2\n"
                                "update %1 <- %1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(each_kind_of_node_is_told),
        graph_test(fixed_values_are_listed_up_to_eight),
        graph_test(parentheses_stand_only_where_they_are_needed),
        graph_test(indices_show_signs_and_offsets),
        graph_test(flags_outputs_loss_and_updates_are_told),
    };
    return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}

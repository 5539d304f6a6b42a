#include "compiler/graph/objective.h"
#include "compiler/support/arena.h"
#include "tests/support/net_fixture.h"
#include "tests/support/plan_fixture.h"

static size_t count_nodes(const struct net_fixture *f, const char *name)
{
    size_t count = 0;

    for (size_t v = 0; v < f->graph->node.count; v++)
        count += strcmp(f->graph->node.at[v].name, name) == 0;
    return count;
}

static void every_parameter_gets_a_uniform_gradient_of_its_shape(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 2x6x6; output y = x -> conv(3, 3x3) -> relu -> flatten -> dense(4);", "cross_entropy(y, label)");
    int parameters = 0;

    for (size_t v = 0; v < f->graph->node.count; v++) {
        const struct node *n = &f->graph->node.at[v];
        if (n->kind != NODE_PARAMETER)
            continue;
        assert_int_not_equal(objective_gradient(f->plan->objective, (node_id)v), NO_NODE);
        const struct node *gradient = graph_node(f->graph, objective_gradient(f->plan->objective, (node_id)v));
        assert_true(gradient->uniform);
        assert_true(gradient->backward);
        assert_true(shape_equal(&gradient->shape, &n->shape));
        parameters++;
    }
    assert_int_equal(parameters, 4);
    assert_int_equal(f->plan->update.count, 8);    /* parameters and momenta */
}

static void no_gradient_is_made_of_what_no_parameter_stands_behind(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 1x6x6; output y = x -> maxpool(2x2) -> tanh -> conv(2, 2x2) -> flatten;", "mse(y, t)");

    assert_int_equal(count_nodes(f, "x'"), 0);
    assert_int_equal(count_nodes(f, "maxpool1'"), 0);
    assert_int_equal(count_nodes(f, "tanh1'"), 0);
    assert_int_equal(count_nodes(f, "maxpool1.argmax"), 0);
    assert_int_equal(count_nodes(f, "conv1.weight'"), 1);
}

static void the_gradients_of_all_users_are_added(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 4; h = x -> a: dense(4); output y = h + (h -> tanh) + (h -> sigmoid);", "mse(y, t)");
    int sums = 0;

    for (size_t v = 0; v < f->graph->node.count; v++) {
        const struct node *n = &f->graph->node.at[v];
        sums += strcmp(n->name, "a'") == 0 && strcmp(n->op_name, "add") == 0 && n->nest_count == 1 && n->nest->in_count == 2;
    }
    assert_int_equal(sums, 2);
}

static void a_maximum_remembers_where_it_was(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 1x4x4; output y = x -> conv(2, 1x1) -> maxpool(2x2);", "mse(y, t)");
    const node_id argmax = net_find(f, "maxpool1.argmax");

    assert_int_not_equal(argmax, NO_NODE);
    assert_int_equal(graph_node(f->graph, argmax)->nest->combine, COMBINE_ARGMAX);
    assert_true(graph_node(f->graph, argmax)->backward);
}

static void the_gradient_of_a_view_is_a_view(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 6; output y = x -> dense(6) -> reshape(2x3) -> softmax(axis = 1);", "mse(y, t)");
    const node_id gradient = net_find(f, "dense1'");

    assert_int_not_equal(gradient, NO_NODE);
    assert_int_equal(graph_node(f->graph, gradient)->kind, NODE_VIEW);
}

static void parts_that_do_not_meet_flow_back_as_one_node(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 3x4; output y = x -> conv(3, 2, connections = [[0], [2, 1], [0, 2]]);", "mse(y, t)");

    assert_int_equal(count_nodes(f, "conv1.weight'"), 1);
    assert_int_equal(graph_node(f->graph, net_find(f, "conv1.weight'"))->nest_count, 3);
}

static void a_transposed_convolution_flows_back_as_a_convolution(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 2x4x4; output y = x -> a: conv(2, 1x1) -> b: conv_transpose(3, 3x3, stride = 2, bias = false);",
                 "mse(y, t)");
    const struct node *b = graph_node(f->graph, net_find(f, "b")), *a = graph_node(f->graph, net_find(f, "a'"));

    assert_int_equal(b->nest_count, 4);
    assert_int_equal(count_nodes(f, "a'"), 1);
    assert_int_equal(a->nest_count, 1);
    assert_int_equal(a->nest->axis_count - a->nest->free_count, 3);    /* filters and taps */
    assert_int_equal(count_nodes(f, "b.weight'"), 1);
    assert_int_equal(graph_node(f->graph, net_find(f, "b.weight'"))->nest_count, 1);
}

static void forward_nodes_keep_their_numbers(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 5; output y = x -> dense(3) -> tanh;", "half_mse(y, t)");
    bool backward = false;

    for (size_t v = 0; v < f->graph->node.count; v++) {
        const struct node *n = &f->graph->node.at[v];
        if (n->kind == NODE_COMPUTE || n->kind == NODE_VIEW) {
            assert_true(n->backward || !backward);    /* no forward node after a backward one */
            backward = n->backward;
        }
    }
    assert_true(backward);
}

static void the_softmax_takes_its_maximum_as_constant(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 5; output y = x -> dense(3) -> softmax;", "mse(y, t)");

    assert_int_equal(count_nodes(f, "softmax1.max'"), 0);
    assert_int_equal(count_nodes(f, "softmax1.max"), 1);
}

static void a_window_in_the_padding_gives_its_weights_a_gradient_of_zero(void **state)
{
    struct net_fixture *f = open_lowered(
        state, "input x: 3; output y = x -> dense(3) -> reshape(1x3) -> c: conv(2, 1, stride = 5, padding = 1);", "mse(y, t)", 2);

    net_train(f);
    assert_true(net_elements(f, objective_gradient(f->plan->objective, net_find(f, "c.weight")))[0] == 0);
    assert_true(net_elements(f, objective_gradient(f->plan->objective, net_find(f, "c.bias")))[0] != 0);
    assert_int_equal(objective_gradient(f->plan->objective, net_find(f, "dense1.weight")), NO_NODE);
}

/* What is outside sees the whole sequence: the gradient of a parameter is no part of the recurrence that runs back. */
static void a_recurrence_flows_back_as_a_recurrence(void **state)
{
    struct net_fixture *f = open_net(state, "input x: 5x3; output y = x -> it: rnn(2, reverse = true);", "mse(y, t)");
    const struct graph *g = f->graph;

    assert_int_equal(g->recurrence.count, 2);
    assert_true(g->recurrence.at[0].descending);
    assert_false(g->recurrence.at[1].descending);
    assert_int_equal(g->recurrence.at[1].steps, 5);
    for (node_id v = g->recurrence.at[1].first; v <= g->recurrence.at[1].last; v++)
        assert_false(graph_node(g, v)->uniform);
    for (size_t v = 0; v < g->node.count; v++)
        if (g->node.at[v].kind == NODE_PARAMETER)
            assert_true(objective_gradient(f->plan->objective, (node_id)v) > g->recurrence.at[1].last);
}

static void slices_of_a_value_flow_back_into_one_node(void **state)
{
    struct net_fixture *f =
        open_net(state, "input x: 6; h = x -> d: dense(6); a, b = h -> split(2); output y = a * b;", "mse(y, t)");

    assert_int_equal(count_nodes(f, "d'"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(every_parameter_gets_a_uniform_gradient_of_its_shape),
        net_test(no_gradient_is_made_of_what_no_parameter_stands_behind),
        net_test(the_gradients_of_all_users_are_added),
        net_test(a_maximum_remembers_where_it_was),
        net_test(the_gradient_of_a_view_is_a_view),
        net_test(parts_that_do_not_meet_flow_back_as_one_node),
        net_test(a_transposed_convolution_flows_back_as_a_convolution),
        net_test(forward_nodes_keep_their_numbers),
        net_test(the_softmax_takes_its_maximum_as_constant),
        net_test(a_window_in_the_padding_gives_its_weights_a_gradient_of_zero),
        net_test(a_recurrence_flows_back_as_a_recurrence),
        net_test(slices_of_a_value_flow_back_into_one_node),
    };
    return cmocka_run_group_tests_name("differentiate", tests, NULL, NULL);
}

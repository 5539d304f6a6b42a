#include "tests/support/sema_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void unlabelled_layers_are_counted_by_operator(void **state)
{
    const struct program *p = analyse_net(*state, "input x: 16; output y = x -> dense(8) -> relu -> dense(4) -> relu;", "");

    assert_non_null(p);
    assert_string_equal(layer_names(*state, p), "dense1 relu1 dense2 relu2");
    assert_string_equal(parameter_names(*state, p), "dense1.weight dense1.bias dense2.weight dense2.bias");
}

static void a_count_never_runs_into_the_name_of_its_operator(void **state)
{
    const struct program *p = analyse_net(*state, "input x: 4; output y = x -> relu -> relu6 -> relu6;", "");

    assert_non_null(p);
    assert_string_equal(layer_names(*state, p), "relu1 relu6_1 relu6_2");
}

static void blocks_and_repeats_open_scopes(void **state)
{
    const struct program *p =
        analyse(*state, "block residual() { return in -> conv(2, 1x1, bias = false) -> c: conv(2, 1x1, bias = false); }\n"
                        "net t { input x: 2x4x4; output y = x -> stage1: repeat 2 { residual } -> residual -> r: residual; }");

    assert_non_null(p);
    assert_string_equal(parameter_names(*state, p),
                        "stage1.0.residual1.conv1.weight stage1.0.residual1.c.weight stage1.1.residual1.conv1.weight "
                        "stage1.1.residual1.c.weight residual1.conv1.weight residual1.c.weight r.conv1.weight r.c.weight");
}

static void branches_share_the_scope_of_their_chain(void **state)
{
    const struct program *p =
        analyse_net(*state, "input x: 4x4x4; output y = x -> concat { | conv(2, 1x1) | conv(3, 1x1) -> relu | identity };", "");

    assert_non_null(p);
    assert_string_equal(layer_names(*state, p), "conv1 conv2 relu1 identity1 concat1");
    assert_int_equal(graph_node(p->graph, p->graph->output.at[0].v)->shape.dim[0], 9);
}

static void two_layers_of_one_name_are_an_error(void **state)
{
    assert_error(*state, "net t { input x: 4; output y = x -> a: relu -> a: tanh; }", DIAG_LAYER_NAME, "two layers are called a",
                 "a");
    assert_error(*state, "net t { input x: 4; output y = x -> relu1: tanh -> relu; }", DIAG_LAYER_NAME,
                 "two layers are called relu1", "relu");
}

static void a_name_may_stand_once_in_each_scope(void **state)
{
    assert_non_null(analyse(*state, "block b() { return in -> fc: dense(4); }\n"
                                    "net t { input x: 4; output y = x -> fc: dense(4) -> b -> b -> repeat 2 { fc: dense(4) }; }"));
}

static void a_label_is_the_name_of_its_tensor(void **state)
{
    const struct program *p = analyse_net(
        *state, "input x: 4; x -> hidden: dense(8) -> head: dense(3); output y = hidden -> dense(2); output z = head;", "");

    assert_non_null(p);
    assert_int_equal(graph_node(p->graph, p->graph->output.at[0].v)->shape.dim[0], 2);
    assert_int_equal(graph_node(p->graph, p->graph->output.at[1].v)->shape.dim[0], 3);
}

static void a_label_may_rebind_a_binding_but_no_input(void **state)
{
    const struct program *p =
        analyse_net(*state, "input x: 4; a = x -> dense(5); b = a -> a: dense(6); output y = a; output z = b;", "");

    assert_non_null(p);
    assert_int_equal(graph_node(p->graph, p->graph->output.at[0].v)->shape.dim[0], 6);
    assert_error(*state, "net t { input x: 4; output y = x -> x: relu; }", DIAG_DUPLICATE_NAME, "x is already the name of an input",
                 "x");
}

static void an_output_is_named_by_itself_or_by_its_last_label(void **state)
{
    const struct program *p =
        analyse_net(*state, "input x: 4; output a = x -> relu; output x -> b: tanh; output x -> sigmoid;", "");

    assert_non_null(p);
    assert_string_equal(p->graph->output.at[0].name, "a");
    assert_string_equal(p->graph->output.at[1].name, "b");
    assert_string_equal(p->graph->output.at[2].name, "output");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(unlabelled_layers_are_counted_by_operator),
        parse_test(a_count_never_runs_into_the_name_of_its_operator),
        parse_test(blocks_and_repeats_open_scopes),
        parse_test(branches_share_the_scope_of_their_chain),
        parse_test(two_layers_of_one_name_are_an_error),
        parse_test(a_name_may_stand_once_in_each_scope),
        parse_test(a_label_is_the_name_of_its_tensor),
        parse_test(a_label_may_rebind_a_binding_but_no_input),
        parse_test(an_output_is_named_by_itself_or_by_its_last_label),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}

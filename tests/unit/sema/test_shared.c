#include "tests/support/sema_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* ---- Names ----------------------------------------------------------------------------------------------------------- */

static void applications_are_layers_with_one_set_of_parameters(void **state)
{
    const struct program *p = analyse_net(*state,
                                          "input x: 4; shared f = dense(3); a = x -> f; b = x * 2 -> f; c = x -> last: f;"
                                          "output y = concat(a, b, c);",
                                          "");

    assert_non_null(p);
    assert_string_equal(layer_names(*state, p), "f1 mul1 f2 last concat1");
    assert_string_equal(parameter_names(*state, p), "f.weight f.bias");
}

static void a_shared_block_is_a_scope_of_parameters(void **state)
{
    const struct program *p = analyse(*state, "block b(n) { return in -> dense(n) -> c: dense(4, bias = false); }\n"
                                              "net t { input x: 4; shared f = b(2); output y = x -> f -> repeat 2 { f }; }");

    assert_non_null(p);
    assert_string_equal(parameter_names(*state, p), "f.dense1.weight f.dense1.bias f.c.weight");
    assert_string_equal(layer_names(*state, p),
                        "f1.dense1 f1.c repeat1.0.f1.dense1 repeat1.0.f1.c repeat1.1.f1.dense1 repeat1.1.f1.c");
}

static void a_declaration_within_a_block_shares_within_each_call(void **state)
{
    const struct program *p = analyse(*state, "block b() { shared f = dense(4); return in -> f -> f; }\n"
                                              "net t { input x: 4; output y = x -> b -> b; }");

    assert_non_null(p);
    assert_string_equal(parameter_names(*state, p), "b1.f.weight b1.f.bias b2.f.weight b2.f.bias");
}

static void shared_blocks_share_what_their_declarations_share(void **state)
{
    const struct program *p = analyse(*state, "block b() { shared f = dense(4); return in -> f -> f; }\n"
                                              "net t { input x: 4; shared g = b; output y = x -> g -> g; }");

    assert_non_null(p);
    assert_string_equal(parameter_names(*state, p), "g.f.weight g.f.bias");
}

static void arguments_are_those_of_the_declaration(void **state)
{
    const struct program *p = analyse(*state, "block b(n = 1) { return in -> dense(n); }\n"
                                              "net t { input x: 4; n = 2; shared f = dense(n); shared g = b(n); n = 7;\n"
                                              "output y = x -> f; output z = x -> g; output w = x -> dense(n); }");

    assert_non_null(p);
    assert_int_equal(find_node(p, "f.weight")->shape.dim[0], 2);
    assert_int_equal(find_node(p, "g.dense1.weight")->shape.dim[0], 2);
}

static void a_call_in_an_expression_applies_too(void **state)
{
    const struct program *p = analyse_net(*state, "input x: 4; shared f = dense(3); output y = f(x) - f(x * 2);", "");

    assert_non_null(p);
    assert_string_equal(layer_names(*state, p), "f1 mul1 f2 subtract1");
}

static void shared_is_a_name_like_others_elsewhere(void **state)
{
    assert_non_null(analyse_net(*state, "input shared: 4; output y = shared -> shared2: dense(2);", ""));
    assert_non_null(analyse(*state, "const shared = 3; net t { input x: 4; repeated = x -> repeat shared as i { relu };\n"
                                    "shared # a comment\n  f = dense(3); output y = repeated -> f; }"));
    assert_non_null(analyse_net(*state, "input x: 4; shared = x -> relu; output y = shared;", ""));
}

/* ---- Statistics and draws -------------------------------------------------------------------------------------------- */

static void a_shared_batchnorm_is_updated_once_by_all_applications(void **state)
{
    const struct program *p = analyse_net(*state, "input x: 4; shared f = batchnorm; output y = x -> f -> f;", "");

    assert_non_null(p);
    assert_string_equal(parameter_names(*state, p), "f.weight f.bias f.running_mean f.running_var");
    assert_int_equal(p->graph->update.count, 2);
}

static void a_shared_dropout_draws_for_each_application(void **state)
{
    const struct program *p = analyse(*state, "block b() { return in -> dense(4) -> dropout(0.5); }\n"
                                              "net t { input x: 4; shared f = b; output y = x -> f -> f; }");

    assert_non_null(p);
    assert_int_equal(p->graph->random->stream.count, 2);
    assert_int_not_equal(p->graph->random->stream.at[0], p->graph->random->stream.at[1]);
}

static void penalties_and_frozen_hold_for_the_one_set(void **state)
{
    const struct program *p =
        analyse_net(*state, "input x: 4; shared f = dense(4, l2 = 0.1, frozen = true); output y = x -> f -> f;", "");

    assert_non_null(p);
    assert_int_equal(p->graph->setting.count, 1);
    assert_string_equal(p->graph->setting.at[0].name, "f.l2");
    assert_true(find_node(p, "f.weight")->no_gradient);
}

/* ---- Faults of shared parameters ------------------------------------------------------------------------------------- */

static void another_shape_names_both_applications(void **state)
{
    assert_error(*state, "net t { input x: 4; input z: 6; shared f = dense(3); output y = x -> f; output w = z -> f; }",
                 DIAG_SHARED_SHAPE, "dense: with this input the shared weight would be 3x6, but it is 3x4", "dense(3)");
}

static void arguments_at_an_application_are_an_error(void **state)
{
    assert_error(*state, "net t { input x: 4; shared f = dense(3); output y = x -> f(2); }", DIAG_ARGUMENT_COUNT,
                 "f takes no arguments where it is applied", "2");
    assert_error(*state, "net t { input x: 4; shared f = dense(3); output y = f(x, x); }", DIAG_INPUT_COUNT,
                 "f is applied to one tensor", "f(x, x)");
    assert_error(*state, "net t { input x: 4; shared f = dense(3); output y = f(3); }", DIAG_VALUE_TYPE,
                 "f is applied to a tensor, this is an integer", "3");
}

static void names_are_declared_once(void **state)
{
    assert_error(*state, "net t { input x: 4; shared f = dense(3); shared f = dense(4); output y = x -> f; }", DIAG_LAYER_NAME,
                 "two layers are called f", "f");
    assert_error(*state, "net t { input x: 4; shared f = dense(3); output y = x -> f: relu -> f; }", DIAG_LAYER_NAME,
                 "two layers are called f", "f");
}

static void what_is_shared_is_no_tensor(void **state)
{
    assert_error(*state, "net t { input x: 4; shared f = dense(4); output y = x + f; }", DIAG_VALUE_TYPE,
                 "f is a set of shared parameters, not a tensor", "f");
}

static void only_calls_within_nets_and_blocks_are_shared(void **state)
{
    assert_error(*state, "shared f = dense(4); net t { input x: 4; output y = x; }", DIAG_MISPLACED,
                 "shared parameters are declared in a net or a block", "shared f = dense(4);");
    assert_error(*state, "net t { input x: 4; shared f = repeat 2 { dense(4) }; output y = x -> f; }", DIAG_SYNTAX,
                 "what is shared is one call of an operator or a block", "repeat 2 { dense(4) }");
    assert_error(*state, "net t { input x: 4; shared f = dnse(4); output y = x -> f; }", DIAG_UNKNOWN_NAME,
                 "there is no operator or block dnse", "dnse");
    assert_error(*state, "net t { input x: 4; shared f = mse; output y = x -> f; }", DIAG_MISPLACED, "mse is a loss, not a layer",
                 "mse");
}

static void a_faulty_declaration_is_reported_once(void **state)
{
    struct parse_fixture *f = *state;

    assert_null(analyse_net(f, "input x: 4; shared f = dense(unts = 4); output y = x -> f -> f;", ""));
    assert_int_equal(f->ds.errors, 1);
    assert_int_equal(f->ds.first->code, DIAG_UNKNOWN_ARGUMENT);
}

static void unused_parameters_are_a_warning(void **state)
{
    struct parse_fixture *f = *state;

    assert_non_null(analyse_net(f, "input x: 4; shared f = dense(4); output y = x -> dense(2);", ""));
    assert_int_equal(f->ds.warnings, 1);
    assert_string_equal(f->ds.first->text, "f is never used");
}

static void blocks_that_nobody_calls_may_share(void **state)
{
    struct parse_fixture *f = *state;

    assert_non_null(analyse(f, "block b() { shared f = dense(4); return in -> f; } net t { input x: 4; output y = x -> relu; }"));
    assert_error(f, "block b() { shared f = b; return in -> f; } net t { input x: 4; output y = x -> relu; }", DIAG_RECURSION,
                 "a block cannot call itself: b -> b", "b");
}

/* ---- Tied tensors ---------------------------------------------------------------------------------------------------- */

static void a_weight_may_be_another_layers(void **state)
{
    const struct program *p =
        analyse_net(*state,
                    "input x: 8; output y = x -> enc: dense(3) -> dense(8, weight = transpose(enc.weight, [1, 0]))"
                    " -> dense(3, bias = enc.bias);",
                    "");

    assert_non_null(p);
    assert_string_equal(parameter_names(*state, p), "enc.weight enc.bias dense1.bias dense2.weight");
}

static void parameters_are_found_below_labels_blocks_and_shared_names(void **state)
{
    const struct program *p =
        analyse(*state, "block b() { return in -> c: dense(3) -> dense(4, bias = false); }\n"
                        "net t { input x: 4; shared f = b; h = x -> f; k = h -> one: b;\n"
                        "output y = k -> dense(3, weight = f.c.weight, bias = one.c.bias); \n"
                        "output z = (x -> dense(5)) * 2; w = x -> dense(2); output v = x -> dense(2, weight = w.weight); }");

    assert_non_null(p);
    assert_string_equal(parameter_names(*state, p), "f.c.weight f.c.bias f.dense1.weight one.c.weight one.c.bias one.dense1.weight "
                                                    "dense2.weight dense2.bias dense3.weight dense3.bias dense4.bias");
}

static void a_tied_tensor_must_have_the_parameters_shape(void **state)
{
    assert_error(*state, "net t { input x: 8; output y = x -> enc: dense(3) -> dense(8, weight = enc.weight); }", DIAG_TIED,
                 "dense: weight is 8x3, but this tensor is 3x8", "weight = enc.weight");
    assert_error(*state, "net t { input x: 8; output y = x -> enc: dense(3) -> dense(3, bias = enc.weight); }", DIAG_TIED,
                 "dense: bias is 3, but this tensor is 3x8", "bias = enc.weight");
}

static void a_tied_tensor_depends_on_parameters_alone(void **state)
{
    assert_error(*state, "net t { input x: 8; output y = x -> dense(1, weight = reshape(x, 1x8)); }", DIAG_TIED,
                 "dense: weight= takes values, or a tensor made from parameters alone", "weight = reshape(x, 1x8)");
}

static void a_tied_weight_has_no_facts_of_its_own(void **state)
{
    assert_error(*state, "net t { input x: 3; output y = x -> e: dense(3) -> dense(3, weight = e.weight, l2 = 1); }",
                 DIAG_FIXED_VALUES, "dense: l2= has no effect beside weight=", "l2 = 1");
    assert_error(*state, "net t { input x: 3; output y = x -> e: dense(3) -> dense(3, weight = e.weight, init = zeros); }",
                 DIAG_FIXED_VALUES, "dense: init= has no effect beside weight=", "init = zeros");
    assert_error(*state, "net t { input x: 3; output y = x -> e: dense(3) -> dense(3, weight = e.weight, frozen = true); }",
                 DIAG_TIED, "dense: the weight is another layer's, and not frozen here", "frozen = true");
    assert_error(*state, "net t { input x: 3; output y = x -> e: dense(3) -> dense(3, bias = false, bias = e.bias); }",
                 DIAG_FIXED_VALUES, "dense: values for a bias that bias = false leaves out", "bias = e.bias");
    assert_error(*state, "net t { input x: 3; output y = x -> e: dense(3) -> dense(3, weight = e.weight, weight = e.weight); }",
                 DIAG_DOUBLE_ARGUMENT, "dense: weight is given twice", "weight = e.weight");
}

static void operators_that_cannot_be_tied_say_so(void **state)
{
    assert_error(*state, "net t { input x: 2x3; output y = x -> e: dense(3) -> rnn(3, weight = e.weight); }", DIAG_TIED,
                 "rnn: one tensor cannot stand for 2 parameters", "weight = e.weight");
    assert_error(*state, "net t { input x: 3; output y = x -> e: dense(3) -> relu(weight = e.weight); }", DIAG_ARGUMENT_TYPE,
                 "relu: tensors are given by position, not by name", "weight = e.weight");
    assert_error(*state,
                 "net t { input x: 1x3x3; output y = x -> e: conv(1, 3x3, padding = 1)"
                 " -> conv(1, 3x3, connections = [[0]], weight = e.weight); }",
                 DIAG_CONNECTIONS, "conv: connections are those of a weight of its own, and this is tied", "connections = [[0]]");
}

static void parameters_that_there_are_not_are_named(void **state)
{
    assert_error(*state, "net t { input x: 3; shared f = dense(3); output y = x -> f -> dense(3, weight = f.wght); }",
                 DIAG_UNKNOWN_MEMBER, "f has no parameter wght; there are: weight, bias", "wght");
    assert_error(*state, "net t { input x: 3; shared f = dense(3); output y = x -> dense(3, weight = f.weight) -> f; }",
                 DIAG_UNKNOWN_MEMBER, "f has no parameters yet", "f.weight");
    assert_error(*state, "net t { input x: 3; output y = x -> e: dense(3) -> dense(3, weight = e.wght); }", DIAG_UNKNOWN_MEMBER,
                 "tensors have no attribute wght, and e no such parameter", "wght");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(applications_are_layers_with_one_set_of_parameters),
        parse_test(a_shared_block_is_a_scope_of_parameters),
        parse_test(a_declaration_within_a_block_shares_within_each_call),
        parse_test(shared_blocks_share_what_their_declarations_share),
        parse_test(arguments_are_those_of_the_declaration),
        parse_test(a_call_in_an_expression_applies_too),
        parse_test(shared_is_a_name_like_others_elsewhere),
        parse_test(a_shared_batchnorm_is_updated_once_by_all_applications),
        parse_test(a_shared_dropout_draws_for_each_application),
        parse_test(penalties_and_frozen_hold_for_the_one_set),
        parse_test(another_shape_names_both_applications),
        parse_test(arguments_at_an_application_are_an_error),
        parse_test(names_are_declared_once),
        parse_test(what_is_shared_is_no_tensor),
        parse_test(only_calls_within_nets_and_blocks_are_shared),
        parse_test(a_faulty_declaration_is_reported_once),
        parse_test(unused_parameters_are_a_warning),
        parse_test(blocks_that_nobody_calls_may_share),
        parse_test(a_weight_may_be_another_layers),
        parse_test(parameters_are_found_below_labels_blocks_and_shared_names),
        parse_test(a_tied_tensor_must_have_the_parameters_shape),
        parse_test(a_tied_tensor_depends_on_parameters_alone),
        parse_test(a_tied_weight_has_no_facts_of_its_own),
        parse_test(operators_that_cannot_be_tied_say_so),
        parse_test(parameters_that_there_are_not_are_named),
    };
    return cmocka_run_group_tests_name("shared", tests, NULL, NULL);
}

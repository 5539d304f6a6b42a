#include "tests/support/sema_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct shape *output_shape(const struct program *p, size_t i)
{
    return &graph_node(p->graph, p->graph->output.at[i].v)->shape;
}

static void blocks_take_values_tensors_and_defaults(void **state)
{
    const struct program *p = analyse(*state, "net t { input x: 4; input z: 6; output y = x -> both(z, units = 3); }\n"
                                              "block both(other, units, twice = 2 * units) {\n"
                                              "    return concat((in -> dense(units)), (other -> dense(twice)));\n}");

    assert_non_null(p);
    assert_int_equal(output_shape(p, 0)->dim[0], 9);
}

static void enumerators_pass_through_blocks(void **state)
{
    const struct program *p = analyse(*state, "block c(pad = same) { return in -> conv(2, 3x3, padding = pad); }\n"
                                              "net t { input x: 1x8x8; output y = x -> c; output z = x -> c(valid);\n"
                                              "output w = x -> conv(2, 3x3, padding = x.height > 4 ? same : valid); }");

    assert_non_null(p);
    assert_int_equal(output_shape(p, 0)->dim[1], 8);
    assert_int_equal(output_shape(p, 1)->dim[1], 6);
    assert_int_equal(output_shape(p, 2)->dim[1], 8);
}

static void a_block_may_have_several_results(void **state)
{
    const struct program *p = analyse(*state, "block both() { return in -> dense(2), in -> dense(3); }\n"
                                              "net t { input x: 4; a, b = x -> both; output y = b; output z = a; }");

    assert_non_null(p);
    assert_int_equal(output_shape(p, 0)->dim[0], 3);
    assert_int_equal(output_shape(p, 1)->dim[0], 2);
}

/* Only the last call of what a statement binds has more than one result, whatever stands in its arguments. */
static void a_layer_has_as_many_results_as_are_bound(void **state)
{
    const struct program *p = analyse(*state, "block last(units, s) { y, h = in -> l: gru(units, state = s); return h, y; }\n"
                                              "net t { input x: 5x2;\n"
                                              "    a, h = x -> gru(3, sequences = true) -> first: gru(3, sequences = true);\n"
                                              "    b, c = x -> last(3, s = (x -> gru(3)));\n"
                                              "    d, e = gru(x, 3, state = max(gru(x, 3, sequences = true), axis = 0));\n"
                                              "    output y = concat(h, b, c, d, e); output z = first; output w = a; }");

    assert_non_null(p);
    assert_int_equal(output_shape(p, 0)->dim[0], 15);
    assert_int_equal(output_shape(p, 1)->rank, 2);
    assert_int_equal(output_shape(p, 2)->rank, 2);
    assert_error(*state, "net t { input x: 5x2; a, b, c = x -> gru(3); output y = a; }", DIAG_RESULT_COUNT,
                 "this gives 2 results, 3 are wanted", "x -> gru(3)");
}

static void if_decides_at_compile_time_and_keeps_its_names(void **state)
{
    const struct program *p = analyse(*state, "block r(filters) {\n"
                                              "    if in.channels != filters { skip = in -> conv(filters, 1x1); }\n"
                                              "    else if filters > 100 { skip = wrong; } else { skip = in; }\n"
                                              "    return skip -> relu;\n}\n"
                                              "net t { input x: 4x2x2; output y = x -> r(4); output z = x -> r(8); }");

    assert_non_null(p);
    assert_string_equal(layer_names(*state, p), "r1.relu1 r2.conv1 r2.relu1");
}

static void repeat_counts_from_zero_and_hides_nothing_for_good(void **state)
{
    const struct program *p = analyse_net(
        *state, "input x: 4; i = 7; output y = x -> repeat 3 as i { dense(2 ^ i) } -> dense(i) -> repeat 0 { dense(99) };", "");

    assert_non_null(p);
    assert_string_equal(layer_names(*state, p), "repeat1.0.dense1 repeat1.1.dense1 repeat1.2.dense1 dense1");
    assert_int_equal(output_shape(p, 0)->dim[0], 7);
}

static void arithmetic_on_tensors_broadcasts(void **state)
{
    const struct program *p =
        analyse_net(*state, "input x: 3x4x5; input s: 3x1x1; output y = (x * s + 1) / 2 - -x; output z = 1 - x;", "");

    assert_non_null(p);
    assert_int_equal(output_shape(p, 0)->rank, 3);
    assert_string_equal(layer_names(*state, p), "mul1 add1 divide1 negate1 subtract1 subtract2");
    assert_error(*state, "net t { input x: 3x4; input z: 2x4; output y = x + z; }", DIAG_BROADCAST,
                 "+: the shapes differ: 3x4 and 2x4", "x + z");
    assert_error(*state, "net t { input x: 3; output y = x / 0; }", DIAG_DIVISION_BY_ZERO, "division by zero", "0");
}

static void powers_and_extremes_of_tensors_broadcast(void **state)
{
    const struct program *p = analyse_net(*state,
                                          "input x: 3x4x5; input s: 3x1x1; output y = max(x, s, 0) ^ 2; output z = min(1, 2, x);\n"
                                          "output w = x -> m: max(s) -> min(axis = [0, 1]);",
                                          "");

    assert_non_null(p);
    assert_int_equal(output_shape(p, 0)->rank, 3);
    assert_int_equal(output_shape(p, 2)->rank, 1);
    assert_string_equal(layer_names(*state, p), "max1 max2 power1 min1 m min2");
}

static void what_is_compared_are_tensors_and_numbers(void **state)
{
    assert_error(*state, "net t { input x: 3x4; input z: 2x4; output y = max(x, z); }", DIAG_BROADCAST,
                 "max: the shapes differ: 3x4 and 2x4", "max(x, z)");
    assert_error(*state, "net t { input x: 3; output y = min(x, \"0\"); }", DIAG_VALUE_TYPE,
                 "min compares tensors and numbers, this is a string", "\"0\"");
    assert_error(*state, "net t { input x: 3; output y = max(x, 1, axis = 0); }", DIAG_UNKNOWN_ARGUMENT,
                 "max takes no named arguments beside several tensors or numbers", "axis");
    assert_error(*state, "net t { input x: 3; output y = x -> max(x, axis = 0); }", DIAG_UNKNOWN_ARGUMENT,
                 "max takes no named arguments beside several tensors or numbers", "axis");
    assert_error(*state, "net t { input x: 3; output y = x -> min(0); }", DIAG_ARGUMENT_TYPE,
                 "min: this number may be an axis, or what to compare with", "0");
    assert_error(*state, "net t { input x: 3; output y = sqrt(2, x); }", DIAG_ARGUMENT_TYPE,
                 "sqrt of numbers takes no tensor: as an operator it wants the tensor first", "x");
}

static void exponents_are_numbers(void **state)
{
    assert_error(*state, "net t { input x: 3; output y = x ^ x; }", DIAG_VALUE_TYPE,
                 "^ has no meaning between a tensor and a tensor", "x ^ x");
    assert_error(*state, "net t { input x: 3; output y = 2 ^ x; }", DIAG_VALUE_TYPE,
                 "^ has no meaning between an integer and a tensor", "2 ^ x");
}

static void a_call_at_the_start_of_a_pipe_may_have_a_label(void **state)
{
    const struct program *p = analyse_net(*state,
                                          "input x: 4; place: parameter(4); output y = (h: dense(x + place, 4)) -> out: dense(2);\n"
                                          "output g: max(h, place);",
                                          "");

    assert_non_null(p);
    assert_string_equal(layer_names(*state, p), "place add1 h out g");
    assert_string_equal(p->graph->output.at[1].name, "g");
}

static void labels_name_layers(void **state)
{
    assert_error(*state, "net t { input x: 4; output y = x -> dense((n: max(3, 4))); }", DIAG_MISPLACED,
                 "a label names a layer, this is an integer", "n");
    assert_error(*state, "net t { input x: 4; x: parameter(4); output y = x -> relu; }", DIAG_DUPLICATE_NAME,
                 "x is already the name of an input", "x");
    assert_error(*state, "net t { input x: 4; p: parameter(4); p: parameter(4); output y = x + p; }", DIAG_LAYER_NAME,
                 "two layers are called p", "p");
    assert_error(*state, "net t { input x: 4; output y = x -> p: parameter(4); }", DIAG_INPUT_COUNT,
                 "parameter takes 0 tensors, got 1", "x");
}

static void what_parameters_alone_make_is_no_sample(void **state)
{
    assert_error(*state, "net t { input x: 2x3; p: parameter(2x3); output y = x + (p -> batchnorm); }", DIAG_STATISTICS,
                 "batchnorm: this is made from parameters alone: all samples of a batch have the same", "batchnorm");
    assert_error(*state,
                 "net t { input x: 4; p: parameter(4); output y = x + p; }\n"
                 "train { loss = mean(p, axis = 0); optimizer = sgd; }",
                 DIAG_SECTION_VALUE, "this loss is made from parameters alone: it is the same for every sample",
                 "mean(p, axis = 0)");
}

static void operators_can_be_called_in_expressions(void **state)
{
    const struct program *p = analyse_net(*state, "input x: 4; output y = add(relu(x), dense(x, 4), x);", "");

    assert_non_null(p);
    assert_string_equal(layer_names(*state, p), "relu1 dense1 add1");
}

static void recursion_through_two_blocks_prints_the_cycle(void **state)
{
    assert_error(*state,
                 "block a() { return in -> b; } block b() { return in -> c; } block c() { return in -> b; }\n"
                 "net t { input x: 4; output y = x -> a; }",
                 DIAG_RECURSION, "a block cannot call itself: b -> c -> b", "b");
}

static void errors_in_blocks_name_the_calls(void **state)
{
    struct parse_fixture *f = *state;

    assert_null(analyse(f, "block a(n) { return in -> conv(n, 9x9); } block b() { return in -> a(2); }\n"
                           "net t { input x: 1x4x4; output y = x -> b; }"));
    assert_non_null(f->ds.first->calls);
    assert_string_equal(f->ds.first->calls->text, "in the call of a from here");
    assert_string_equal(f->ds.first->calls->next->text, "in the call of b from here");
    assert_null(f->ds.first->calls->next->next);
}

static void an_assert_stops_what_it_guards(void **state)
{
    struct parse_fixture *f = *state;

    assert_error(f, "net t { input x: 4; assert x.length == 5, \"five, please\"; output y = x -> reshape(5); }", DIAG_ASSERTION,
                 "five, please", "x.length == 5");
    assert_int_equal(f->ds.errors, 1);
}

static void losses_are_no_layers(void **state)
{
    assert_error(*state, "net t { input x: 4; output y = mse(x, x); }", DIAG_MISPLACED, "mse is a loss, not a layer", "mse(x, x)");
}

static size_t warnings_of(struct parse_fixture *f, const char *text)
{
    assert_non_null(analyse(f, text));
    return f->ds.warnings;
}

static void what_is_never_used_is_a_warning(void **state)
{
    struct parse_fixture *f = *state;

    assert_int_equal(warnings_of(f, "net t { input x: 4; a = x -> relu; output y = x -> tanh; }"), 2);
    assert_string_equal(f->ds.first->text, "a is never used");
    assert_string_equal(f->ds.last->text, "no output and no loss needs the layer relu1");
    assert_int_equal(warnings_of(f, "block b(n) { return in -> relu; } net t { input x: 4; output y = x -> b(1); }"), 1);
    assert_string_equal(f->ds.first->text, "the block never uses its parameter n");
}

static void what_a_skipped_arm_uses_counts_as_used(void **state)
{
    struct parse_fixture *f = *state;

    assert_int_equal(warnings_of(f,
                                 "block b(n, wide = false) { if wide { y = in -> dense(n); } else { y = in; } return y -> relu; }\n"
                                 "net t { input x: 4; k = 3; output y = x -> b(5) -> dense(true ? 2 : k); }"),
                     0);
    assert_int_equal(warnings_of(f, "block b(n) { return in -> repeat in.length - 4 { dense(n) }; }\n"
                                    "net t { input x: 4; output y = x -> b(5); }"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(blocks_take_values_tensors_and_defaults),
        parse_test(enumerators_pass_through_blocks),
        parse_test(a_block_may_have_several_results),
        parse_test(a_layer_has_as_many_results_as_are_bound),
        parse_test(if_decides_at_compile_time_and_keeps_its_names),
        parse_test(repeat_counts_from_zero_and_hides_nothing_for_good),
        parse_test(arithmetic_on_tensors_broadcasts),
        parse_test(powers_and_extremes_of_tensors_broadcast),
        parse_test(what_is_compared_are_tensors_and_numbers),
        parse_test(exponents_are_numbers),
        parse_test(a_call_at_the_start_of_a_pipe_may_have_a_label),
        parse_test(labels_name_layers),
        parse_test(what_parameters_alone_make_is_no_sample),
        parse_test(operators_can_be_called_in_expressions),
        parse_test(recursion_through_two_blocks_prints_the_cycle),
        parse_test(errors_in_blocks_name_the_calls),
        parse_test(an_assert_stops_what_it_guards),
        parse_test(losses_are_no_layers),
        parse_test(what_is_never_used_is_a_warning),
        parse_test(what_a_skipped_arm_uses_counts_as_used),
    };
    return cmocka_run_group_tests_name("expand", tests, NULL, NULL);
}

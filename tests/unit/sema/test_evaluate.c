#include "tests/support/sema_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void integers_stay_integers_and_division_gives_reals(void **state)
{
    assert_true(holds(*state, "2 + 3 * 4 == 14"));
    assert_true(holds(*state, "7 / 2 == 3.5"));
    assert_true(holds(*state, "6 / 2 == 3"));
    assert_true(holds(*state, "2 ^ 10 == 1024"));
    assert_true(holds(*state, "2 ^ -1 == 0.5"));
    assert_true(holds(*state, "20% == 0.2"));
    assert_false(holds(*state, "1 == 2"));
}

static void floored_quotients_and_remainders_go_together(void **state)
{
    assert_true(holds(*state, "7 // 2 == 3 and mod(7, 2) == 1"));
    assert_true(holds(*state, "-7 // 2 == -4 and mod(-7, 2) == 1"));
    assert_true(holds(*state, "7 // -2 == -4 and mod(7, -2) == -1"));
    assert_true(holds(*state, "7.5 // 2 == 3"));
}

static void the_edges_of_64_bits_are_reached_and_not_passed(void **state)
{
    assert_true(holds(*state, "9223372036854775807 > 9223372036854775806"));
    assert_true(holds(*state, "-9223372036854775807 - 1 < -9223372036854775807"));
    assert_true(holds(*state, "2 ^ 62 == 4611686018427387904"));
    assert_true(holds(*state, "(-2) ^ 63 == -9223372036854775807 - 1"));
    assert_true(holds(*state, "(-1) ^ 9223372036854775807 == -1"));
    assert_faulty(*state, "2 ^ 63 > 0", DIAG_NUMBER_OVERFLOW, "the result does not fit into 64 bits");
    assert_faulty(*state, "9223372036854775807 + 1 > 0", DIAG_NUMBER_OVERFLOW, "the result does not fit into 64 bits");
    assert_faulty(*state, "-9223372036854775807 - 2 < 0", DIAG_NUMBER_OVERFLOW, "the result does not fit into 64 bits");
    assert_faulty(*state, "4294967296 * 4294967296 > 0", DIAG_NUMBER_OVERFLOW, "the result does not fit into 64 bits");
    assert_faulty(*state, "(-9223372036854775807 - 1) // -1 > 0", DIAG_NUMBER_OVERFLOW, "the result does not fit into 64 bits");
    assert_faulty(*state, "-(-9223372036854775807 - 1) > 0", DIAG_NUMBER_OVERFLOW, "the result does not fit into 64 bits");
    assert_faulty(*state, "floor(1e30) > 0", DIAG_NUMBER_OVERFLOW, "the result does not fit into 64 bits");
    assert_faulty(*state, "1e200 * 1e200 > 0", DIAG_NUMBER_OVERFLOW, "the result is no finite number");
    assert_faulty(*state, "(-8) ^ 0.5 > 0", DIAG_NUMBER_OVERFLOW, "the result is no finite number");
}

static void division_by_zero_is_an_error(void **state)
{
    assert_faulty(*state, "1 / 0 > 0", DIAG_DIVISION_BY_ZERO, "division by zero");
    assert_faulty(*state, "1 // 0 > 0", DIAG_DIVISION_BY_ZERO, "division by zero");
    assert_faulty(*state, "1.5 / 0.0 > 0", DIAG_DIVISION_BY_ZERO, "division by zero");
    assert_faulty(*state, "mod(1, 0) > 0", DIAG_DIVISION_BY_ZERO, "division by zero");
}

static void comparisons_hold_between_integers_and_reals(void **state)
{
    assert_true(holds(*state, "1 < 1.5 and 2 >= 2.0 and 3 != 4 and 3 <= 3"));
    assert_true(holds(*state, "\"a\" == \"a\" and \"a\" != \"b\""));
    assert_true(holds(*state, "3x3 == size(3, 3) and 3x3 != 3x3x3"));
    assert_true(holds(*state, "true != false"));
    assert_true(holds(*state, "same == same and same != valid"));
}

static void logic_decides_from_the_left(void **state)
{
    assert_true(holds(*state, "true or 1 / 0 > 0"));
    assert_true(holds(*state, "not (false and 1 / 0 > 0)"));
    assert_faulty(*state, "true and 3", DIAG_VALUE_TYPE, "an operand of `and` must be true or false, this is an integer");
    assert_true(holds(*state, "(true ? 1 : 1 / 0) == 1"));
}

static void attributes_of_tensors_are_values(void **state)
{
    assert_true(holds(*state, "image.channels == 3 and image.height == 8 and image.width == 4"));
    assert_true(holds(*state, "image.shape == 3x8x4 and image.rank == 3 and image.size == 96"));
    assert_true(holds(*state, "vector.length == 10 and vector.shape[0] == 10"));
    assert_true(holds(*state, "image.shape[-1] == 4 and len(image.shape) == 3"));
    assert_faulty(*state, "vector.height > 0", DIAG_UNKNOWN_MEMBER, "a tensor of shape 10 has no height");
    assert_faulty(*state, "image.shape[3] > 0", DIAG_INDEX_RANGE, "item 3 of 3: the first is 0");
}

static void value_functions_compute(void **state)
{
    assert_true(holds(*state, "min(3, 1.5, 2) == 1.5 and max(3, 1, 2) == 3"));
    assert_true(holds(*state, "floor(2.7) == 2 and ceil(2.1) == 3 and floor(-2.1) == -3"));
    assert_true(holds(*state, "sqrt(16) == 4 and len([1, 2, 3]) == 3 and len(\"abc\") == 3"));
    assert_true(holds(*state, "[4, 5, 6][1] == 5 and [[1], [2]][1][0] == 2"));
    assert_faulty(*state, "len(3) > 0", DIAG_VALUE_TYPE, "len wants a list, a size or a string, this is an integer");
    assert_faulty(*state, "size(1, 2, 3, 4, 5, 6, 7) == 1x2", DIAG_ARGUMENT_COUNT, "size wants at most 6 arguments, got 7");
    assert_faulty(*state, "sqrt(-1) > 0", DIAG_VALUE_RANGE, "the square root of -1 is no real number");
}

static void strings_join(void **state)
{
    assert_true(holds(*state, "\"mnist/\" + \"train\" == \"mnist/train\""));
    assert_faulty(*state, "\"a\" - \"b\" == \"\"", DIAG_VALUE_TYPE, "- has no meaning between a string and a string");
}

static void consts_do_not_depend_on_their_order(void **state)
{
    assert_non_null(analyse(*state, "const a = b * 2; const b = 4; net t { input x: a; assert a == 8; output y = x -> relu; }"));
}

static void a_const_that_depends_on_itself_prints_the_circle(void **state)
{
    assert_error(*state, "const a = b; const b = 1 + a; net t { input x: 4; output y = x -> relu; }", DIAG_RECURSION,
                 "a const cannot depend on itself: a -> b -> a", "a");
}

static void unknown_names_suggest_the_nearest(void **state)
{
    struct parse_fixture *f = *state;

    assert_null(analyse(f, "const classes = 10; net t { input x: 4; output y = x -> dense(clsses); }"));
    assert_string_equal(first_message(f), "nothing is called clsses");
    assert_string_equal(first_hint(f), "did you mean classes?");
}

static void one_mistake_gives_one_message(void **state)
{
    struct parse_fixture *f = *state;

    assert_null(analyse(f, "net t { input x: 4; a = x -> dense(wrong); b = a + a; c = b -> relu; output y = c; }"));
    assert_int_equal(f->ds.errors, 1);
}

static void overrides_replace_consts_of_their_kind(void **state)
{
    struct parse_fixture *f = *state;
    const char *text = "const n = 4; const r = 0.5; const s = \"a\"; const b = true; const z = 1x2;\n"
                       "net t { input x: n; assert n == -7 + 15 and r == 2.0 and s == \"b c\" and not b and z == 3x4;"
                       " output y = x -> relu; }";
    const struct override given[] = {{"n", "8"}, {"r", "2"}, {"s", "b c"}, {"b", "false"}, {"z", "3x4"}};
    const struct program *p = analyse_with(f, text, &(struct sema_options){.consts = given, .const_count = 5});

    assert_non_null(p);
    assert_int_equal(graph_node(p->graph, p->graph->input.at[0].v)->shape.dim[0], 8);
}

static void overrides_with_bad_values_are_refused(void **state)
{
    static const char *const bad[] = {"", "many", "1.5", "true", "\"8\"", "8; net u { input x: 1; }", "1 + ", "m", "2x2"};
    struct parse_fixture *f = *state;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct override o = {"n", bad[i]};
        assert_null(analyse_with(f, "const n = 4; const m = 5; net t { input x: n; output y = x -> relu; }",
                                 &(struct sema_options){.consts = &o, .const_count = 1}));
        assert_int_equal(f->ds.first->code, DIAG_BAD_OVERRIDE);
        assert_string_equal(first_message(f), arena_printf(f->arena, "-D n=%s: the const is an integer", bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(integers_stay_integers_and_division_gives_reals),
        parse_test(floored_quotients_and_remainders_go_together),
        parse_test(the_edges_of_64_bits_are_reached_and_not_passed),
        parse_test(division_by_zero_is_an_error),
        parse_test(comparisons_hold_between_integers_and_reals),
        parse_test(logic_decides_from_the_left),
        parse_test(attributes_of_tensors_are_values),
        parse_test(value_functions_compute),
        parse_test(strings_join),
        parse_test(consts_do_not_depend_on_their_order),
        parse_test(a_const_that_depends_on_itself_prints_the_circle),
        parse_test(unknown_names_suggest_the_nearest),
        parse_test(one_mistake_gives_one_message),
        parse_test(overrides_replace_consts_of_their_kind),
        parse_test(overrides_with_bad_values_are_refused),
    };
    return cmocka_run_group_tests_name("evaluate", tests, NULL, NULL);
}

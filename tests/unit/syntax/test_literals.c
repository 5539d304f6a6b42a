#include "compiler/syntax/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/parse_fixture.h"

static const struct ast_expr *value_of(struct parse_fixture *f, const char *text)
{
    parse_expr(f, text);
    assert_non_null(f->ast.decls);
    return f->ast.decls->as.constant;
}

static void integers_have_64_bits_and_underscores(void **state)
{
    assert_int_equal(value_of(*state, "0")->as.integer, 0);
    assert_int_equal(value_of(*state, "1_000_000")->as.integer, 1000000);
    assert_int_equal(value_of(*state, "007")->as.integer, 7);
    assert_true(value_of(*state, "9223372036854775807")->as.integer == INT64_MAX);
    value_of(*state, "9223372036854775808");
    assert_string_equal(first_message(*state), "the integer is larger than 9223372036854775807");
}

static void floats_are_read_to_the_last_bit(void **state)
{
    assert_true(value_of(*state, "1e-3")->as.real == 1e-3);
    assert_true(value_of(*state, ".5")->as.real == .5);
    assert_true(value_of(*state, "2.")->as.real == 2);
    assert_true(value_of(*state, "1_000.25E+2")->as.real == 100025);
    assert_true(value_of(*state, "0.1307")->as.real == 0.1307);
    assert_int_equal(value_of(*state, "1e2")->kind, AST_FLOAT);
}

static void percentages_are_the_nearest_float(void **state)
{
    assert_true(value_of(*state, "20%")->as.real == 0.2);
    assert_true(value_of(*state, "0.1%")->as.real == 0.001);
    assert_true(value_of(*state, "1e1%")->as.real == 0.1);
    assert_true(value_of(*state, "100%")->as.real == 1);
}

static void a_percent_sign_apart_is_no_operator(void **state)
{
    struct parse_fixture *f = *state;

    parse_expr(f, "7 % 3");
    assert_string_equal(first_message(f), "unexpected character '%'");
    assert_string_equal(first_hint(f), "a percentage is written 20%; the remainder is mod(a, b)");
    parse_expr(f, "7%3");
    assert_string_equal(first_hint(f), "'%' writes a percentage; the remainder is mod(a, b)");
}

static void floats_out_of_range_are_errors(void **state)
{
    parse_expr(*state, "1e999");
    assert_string_equal(first_message(*state), "the number is larger than the largest 64-bit float");
    parse_expr(*state, "1e-999");
    assert_string_equal(first_message(*state), "the number is smaller than the smallest 64-bit float");
    assert_string_equal(parse_expr(*state, "0e-999"), "0.0");
}

static void a_size_is_one_token(void **state)
{
    const struct ast_expr *e = value_of(*state, "1x32x320");

    assert_int_equal(e->kind, AST_SIZE);
    assert_int_equal(e->as.size.rank, 3);
    assert_int_equal(e->as.size.dim[2], 320);
    assert_int_equal(value_of(*state, "0x10")->as.size.dim[1], 10);
    assert_int_equal(value_of(*state, "1x2x3x4x5x6")->as.size.rank, 6);
    value_of(*state, "1x2x3x4x5x6x7");
    assert_string_equal(first_message(*state), "a size has at most 6 numbers");
    value_of(*state, "1x9223372036854775808");
    assert_string_equal(first_message(*state), "a number of the size is larger than 9223372036854775807");
}

static void malformed_numbers_are_refused_whole(void **state)
{
    static const char *const cases[][2] = {
        {"3x3x", "sizes are written 3x32x32; a computed one is size(a, b)"},
        {"28x28_", "a '_' stands between two digits of an integer"},
        {"0xff", "numbers are written in decimal"},
        {"1__0", "a '_' stands between two digits of an integer"},
        {"1_", "a '_' stands between two digits of an integer"},
        {"3X3", "sizes are written 3x32x32; a computed one is size(a, b)"},
        {"1.2.3", ""},
        {"12abc", ""},
        {"1e", ""},
        {"3x-1", "sizes are written 3x32x32; a computed one is size(a, b)"},
    };
    struct parse_fixture *f = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parse_expr(f, cases[i][0]);
        assert_int_equal(f->ds.errors, 1);
        assert_int_equal(f->ds.first->code, DIAG_BAD_NUMBER);
        assert_string_equal(first_hint(f), cases[i][1]);
    }
}

static void strings_know_four_escapes(void **state)
{
    struct parse_fixture *f = *state;
    const struct ast_expr *e = value_of(f, "\"a\\\"b\\\\c\\n\\t\xc3\xa9\"");

    assert_string_equal(e->as.string.text, "a\"b\\c\n\t\xc3\xa9");
    assert_int_equal(e->as.string.length, strlen(e->as.string.text));
    value_of(f, "\"a\\qb\"");
    assert_string_equal(first_message(f), "unknown escape '\\q'");
    assert_string_equal(first_place(f), "\\q");
}

static void a_string_ends_on_its_line(void **state)
{
    struct parse_fixture *f = *state;

    parse_outcome(f, "const a = \"open;\nconst b = 1;");
    assert_int_equal(f->ds.first->code, DIAG_BAD_STRING);
    assert_string_equal(first_place(f), "\"open;");
    parse_outcome(f, "const a = \"open\\");
    assert_int_equal(f->ds.first->code, DIAG_BAD_STRING);
    parse_expr(f, "'a.net'");
    assert_string_equal(first_message(f), "strings are written in double quotes");
    assert_int_equal(f->ds.errors, 1);
}

static void foreign_characters_are_named_with_what_is_meant(void **state)
{
    struct parse_fixture *f = *state;

    parse_body(f, "y = x \xe2\x86\x92 relu;");
    assert_string_equal(first_message(f), "unexpected character '\xe2\x86\x92'");
    assert_string_equal(first_hint(f), "write '->'");
    assert_string_equal(first_place(f), "\xe2\x86\x92");
    parse_body(f, "y = x\x01;");
    assert_string_equal(first_message(f), "unexpected control character U+0001");
}

static void what_the_scanner_reported_is_not_reported_again(void **state)
{
    struct parse_fixture *f = *state;

    parse_body(f, "y = x \xe2\x86\x92 relu;");
    assert_int_equal(f->ds.errors, 1);
    parse_outcome(f, "const a = \"open;\nconst b = 1;");
    assert_int_equal(f->ds.errors, 1);
    parse_body(f, "@a; y = ;");
    assert_int_equal(f->ds.errors, 2);
}

static void foreign_operators_are_understood_and_reported(void **state)
{
    struct parse_fixture *f = *state;

    parse_expr(f, "!a && b || c ** 2 > 0");
    assert_int_equal(f->ds.errors, 4);
    assert_string_equal(first_message(f), "'!' is not an operator of the language");
    assert_string_equal(first_hint(f), "write 'not'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(integers_have_64_bits_and_underscores),
        parse_test(floats_are_read_to_the_last_bit),
        parse_test(percentages_are_the_nearest_float),
        parse_test(a_percent_sign_apart_is_no_operator),
        parse_test(floats_out_of_range_are_errors),
        parse_test(a_size_is_one_token),
        parse_test(malformed_numbers_are_refused_whole),
        parse_test(strings_know_four_escapes),
        parse_test(a_string_ends_on_its_line),
        parse_test(foreign_characters_are_named_with_what_is_meant),
        parse_test(what_the_scanner_reported_is_not_reported_again),
        parse_test(foreign_operators_are_understood_and_reported),
    };
    return cmocka_run_group_tests_name("literals", tests, NULL, NULL);
}

#include "compiler/syntax/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/parse_fixture.h"

struct slip {
    const char *text, *message, *hint;
};

static void assert_slips(struct parse_fixture *f, const struct slip *slips, size_t count,
                         const char *parse(struct parse_fixture *, const char *))
{
    for (size_t i = 0; i < count; i++) {
        parse(f, slips[i].text);
        assert_string_equal(first_message(f), slips[i].message);
        assert_string_equal(first_hint(f), slips[i].hint);
        assert_int_equal(f->ds.errors, 1);
    }
}

#define SLIPS(table, parse) assert_slips(*state, table, sizeof table / sizeof *table, parse)

static void slips_in_statements_are_answered(void **state)
{
    static const struct slip slips[] = {
        {"if a = 3 { }", "expected '{', found '='", "to compare, write '=='"},
        {"input x = 3;", "expected ':', found '='", "an input is written 'input name: shape;'"},
        {"k = conv(filters: 6);", "expected '=', ')' or ',', found ':'", "a named argument is written 'name = value'"},
        {"epochs: 3;", "expected a name, found '3'", "a setting or a binding is written 'name = value;'"},
        {"optimizer: sgd;", "expected '(', found ';'", "a setting or a binding is written 'name = value;'"},
        {"y: x -> relu;", "expected '(', found '->'", "a setting or a binding is written 'name = value;'"},
        {"y = (a = 3);", "expected '->', ')' or ':', found '='", "to compare, write '=='"},
        {"y = x -> conv(6, 5x5) tanh;", "expected '->' or ';', found 'tanh'", "layers are chained with '->'"},
        {"y = x -> dense 4;", "expected '->', ';' or ':', found '4'", "arguments stand in parentheses: dense(…)"},
        {"y = x -> dense[4] -> relu;", "expected '->', ';' or ':', found '['", "arguments stand in parentheses: dense(…)"},
        {"y = x -> repeet 4 { relu };", "expected '->', ';' or ':', found '4'", "did you mean 'repeat'?"},
        {"y = x -> relu tanh;", "expected '->', ';' or ':', found 'tanh'", "layers are chained with '->'"},
        {"y = concat(a, b -> relu);", "expected '=', ')' or ',', found '->'",
         "a chain inside an expression stands in parentheses: (x -> layer(…))"},
        {"x -> concat { a | b };", "expected '|', found 'a'", "each branch begins with '|': concat { | a | b }"},
        {"// no comment\n;", "expected a statement or '}', found '//'", "comments begin with '#'"},
        {"if a { };", "expected a statement or '}', found ';'", "no ';' stands behind '}'"},
        {"retrun x;", "expected '->', '=', ';', ',' or ':', found 'x'", "did you mean 'return'?"},
        {"a = b + ;", "expected an expression, found ';'", ""},
        {"a = b == not c;", "expected an expression, found 'not'", "'not' binds weaker than this operator: write (not x)"},
        {"assert a, 3;", "expected a string, found '3'", ""},
        {"f(a, );", "expected an expression, found ')'", "no ',' stands behind the last item"},
        {"y = x -> \"relu\";", "expected a layer, found a string", ""},
        {"repeat 3 { relu };", "expected a statement or '}', found 'repeat'",
         "a repeat stands in a chain: x -> repeat n { layer(…) }"},
        {"-> relu;", "expected a statement or '}', found '->'",
         "a chain begins with the tensor that goes through it: x -> layer(…)"},
    };

    SLIPS(slips, parse_body);
}

static void slips_at_the_top_are_answered(void **state)
{
    static const struct slip slips[] = {
        {"nett a { }", "'nett' declares nothing", "did you mean 'net'?"},
        {"blok residual(a) { input x: 3; return x; }", "expected '{', found '('", "did you mean 'block'?"},
        {"const = 3;", "expected a name, found '='", ""},
        {"net a { };", "expected a declaration (const, include, net, block or a section), found ';'", "no ';' stands behind '}'"},
        {"include blocks;", "expected a string, found 'blocks'", ""},
    };

    SLIPS(slips, parse_outcome);
}

static void a_missing_semicolon_belongs_behind_the_statement(void **state)
{
    struct parse_fixture *f = *state;

    assert_string_equal(parse_outcome(f, "net a {\n    y = x -> relu    # more\n    z = y;\n}\n"),
                        "test.net:2:18: error: expected ';' after the statement\n"
                        "    2 |     y = x -> relu    # more\n"
                        "      |                  ^\n");
    parse_body(f, "y = x -> relu");
    assert_string_equal(first_message(f), "expected ';' after the statement");
    parse_outcome(f, "const a = 1");
    assert_string_equal(first_message(f), "expected ';' after the statement");
}

static void an_unclosed_bracket_is_pointed_out(void **state)
{
    struct parse_fixture *f = *state;

    assert_string_equal(parse_outcome(f, "net a {\n    y = f(x;\n    z = [1;\n}\n"), "test.net:2:12: error: expected ')'\n"
                                                                                     "    2 |     y = f(x;\n"
                                                                                     "      |            ^\n"
                                                                                     "test.net:2:10: note: to close this '('\n"
                                                                                     "test.net:3:11: error: expected ']'\n"
                                                                                     "    3 |     z = [1;\n"
                                                                                     "      |           ^\n"
                                                                                     "test.net:3:9: note: to close this '['\n");
}

static void an_unclosed_body_is_found_at_the_next_declaration(void **state)
{
    static const struct slip slips[] = {
        {"net a { input x: 3;\nnet b { input x: 3; }", "expected '}' before this declaration", ""},
        {"net a { input x: 3;\ntrain { loss = 3; }", "expected '}' before this section", ""},
        {"net a { input x: 3;\ntrain { loss = 3; } data { a = b; }", "expected '}' before this section", ""},
        {"net a { input x: 3;", "expected '}' before the end of the file", ""},
        {"net a { if b { input x: 3; }", "expected '}' before the end of the file", ""},
        {"net a { x -> repeat 2 { f -> g; }", "expected '}'", ""},
    };

    SLIPS(slips, parse_outcome);
}

static void the_parse_goes_on_behind_the_statement_in_error(void **state)
{
    struct parse_fixture *f = *state;

    parse_body(f, "a = ; b = (1 2); x -> repeat 2 { f(; } ; c = 3; d = ;");
    assert_int_equal(f->ds.errors, 4);
    assert_string_equal(f->ds.last->text, "expected an expression, found ';'");
}

static void braces_in_a_broken_statement_are_skipped_whole(void **state)
{
    struct parse_fixture *f = *state;

    parse_outcome(f, "net a { y = x\n if c { z = y; } else { z = x; } w = z; v = ; } net b { u = ; }");
    assert_int_equal(f->ds.errors, 3);
    parse_outcome(f, "net 1 { y = x; if c { z = y; } } net b { u = ; }");
    assert_int_equal(f->ds.errors, 2);
}

static void a_chain_that_is_not_closed_ends_at_the_semicolon(void **state)
{
    struct parse_fixture *f = *state;

    parse_body(f, "k = x -> concat { | relu | tanh ; j = ; l = k -> add { | repeat 2 { f ; i = ;");
    assert_int_equal(f->ds.errors, 5);
    assert_string_equal(first_message(f), "expected '}'");
    assert_string_equal(f->ds.last->text, "expected an expression, found ';'");
}

static void after_twenty_errors_nothing_more_is_read(void **state)
{
    struct parse_fixture *f = *state;
    char text[4001] = "";

    for (size_t i = 0; i < 1000; i++)
        memcpy(text + 4 * i, "a =;", 5);
    parse_body(f, text);
    assert_int_equal(f->ds.errors, DIAG_MAX_ERRORS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(slips_in_statements_are_answered),
        parse_test(slips_at_the_top_are_answered),
        parse_test(a_missing_semicolon_belongs_behind_the_statement),
        parse_test(an_unclosed_bracket_is_pointed_out),
        parse_test(an_unclosed_body_is_found_at_the_next_declaration),
        parse_test(the_parse_goes_on_behind_the_statement_in_error),
        parse_test(braces_in_a_broken_statement_are_skipped_whole),
        parse_test(a_chain_that_is_not_closed_ends_at_the_semicolon),
        parse_test(after_twenty_errors_nothing_more_is_read),
    };
    return cmocka_run_group_tests_name("syntax_error", tests, NULL, NULL);
}

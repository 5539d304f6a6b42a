#include "compiler/syntax/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "compiler/syntax/parse.h"
#include "tests/support/parse_fixture.h"

/* The tokens of a text, one a line. */
static const char *tokens(struct parse_fixture *f, const char *text)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&printed, &length);

    diags_init(&f->ds, f->arena, &f->sources);
    f->sources.file.count = 0;
    source_add(&f->sources, "test.net", text, strlen(text));
    print_tokens(&f->sources, f->arena, f->names, &f->ds, out);
    fclose(out);
    const char *copy = arena_copy(f->arena, printed, length);
    free(printed);
    return copy;
}

static void tokens_are_printed_with_place_kind_and_text(void **state)
{
    assert_string_equal(tokens(*state, "net a {\n  x -> f(3x3, 20%); # end\n}"), "1:1 'net' net\n"
                                                                                 "1:5 name a\n"
                                                                                 "1:7 '{' {\n"
                                                                                 "2:3 name x\n"
                                                                                 "2:5 '->' ->\n"
                                                                                 "2:8 name f\n"
                                                                                 "2:9 '(' (\n"
                                                                                 "2:10 size 3x3\n"
                                                                                 "2:13 ',' ,\n"
                                                                                 "2:15 number 20%\n"
                                                                                 "2:18 ')' )\n"
                                                                                 "2:19 ';' ;\n"
                                                                                 "3:1 '}' }\n");
}

static void keywords_are_exactly_those_of_the_language(void **state)
{
    static const char *const keywords[] = {"const", "include", "net",    "block", "input", "output", "return", "repeat", "as",
                                           "if",    "else",    "assert", "and",   "or",    "not",    "int",    "true",   "false"};
    static const char *const names[] = {"in", "for", "data", "max", "Net", "net1", "_net"};
    struct parse_fixture *f = *state;

    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        assert_string_equal(tokens(f, keywords[i]), arena_printf(f->arena, "1:1 '%s' %s\n", keywords[i], keywords[i]));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(tokens(f, names[i]), arena_printf(f->arena, "1:1 name %s\n", names[i]));
}

static void lexical_errors_make_the_printing_of_tokens_fail(void **state)
{
    struct parse_fixture *f = *state;

    tokens(f, "a @ b");
    assert_int_equal(f->ds.errors, 1);
}

static void line_ends_of_windows_and_a_byte_order_mark_are_white_space(void **state)
{
    assert_string_equal(parse_outcome(*state, "\xef\xbb\xbf"
                                              "const a = 1; # one\r\nconst b = 2;\r\n"),
                        "const a = 1\nconst b = 2\n");
}

static const char *repeated(struct parse_fixture *f, const char *before, const char *unit, size_t times, const char *after)
{
    char *text = arena_alloc(f->arena, strlen(before) + strlen(unit) * times + strlen(after) + 1);

    strcpy(text, before);
    for (size_t i = 0; i < times; i++)
        memcpy(text + strlen(before) + i * strlen(unit), unit, strlen(unit) + 1);
    strcat(text, after);
    return text;
}

static void assert_too_deep(struct parse_fixture *f, const char *text)
{
    parse_outcome(f, text);
    assert_int_equal(f->ds.errors, 1);
    assert_string_equal(first_message(f), "nested deeper than 256 levels");
}

static void nesting_of_every_kind_is_limited_once(void **state)
{
    static const char *const units[] = {"(", "[", "f(", "-", "not ", "2^", "1?2:", "1+", "a.", "(x->f("};
    struct parse_fixture *f = *state;

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        assert_too_deep(f, repeated(f, "const a = ", units[i], 300, "b;"));
        assert_too_deep(f, repeated(f, "const a = ", units[i], 30000, "b;"));
    }
    assert_too_deep(f, repeated(f, "net n { ", "if a { ", 300, ""));
    assert_too_deep(f, repeated(f, "net n { ", "if a { } else ", 300, "{ } }"));
    assert_too_deep(f, repeated(f, "net n { x", "-> repeat 2 { f ", 300, ""));
    assert_too_deep(f, repeated(f, "net n { x", "-> add { | f ", 300, ""));
    assert_too_deep(f, repeated(f, "const a = b", "[0]", 300, ";"));
}

static void nesting_up_to_the_limit_is_accepted(void **state)
{
    struct parse_fixture *f = *state;

    parse_outcome(f, repeated(f, "const a = ", "-", 255, "b;"));
    assert_int_equal(f->ds.errors, 0);
    parse_outcome(f, repeated(f, repeated(f, "const a = ", "(", 256, "b"), ")", 256, ";"));
    assert_int_equal(f->ds.errors, 0);
    parse_outcome(f, repeated(f, "net n { x", "-> f", 20000, "; }"));
    assert_int_equal(f->ds.errors, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(tokens_are_printed_with_place_kind_and_text),
        parse_test(keywords_are_exactly_those_of_the_language),
        parse_test(lexical_errors_make_the_printing_of_tokens_fail),
        parse_test(line_ends_of_windows_and_a_byte_order_mark_are_white_space),
        parse_test(nesting_of_every_kind_is_limited_once),
        parse_test(nesting_up_to_the_limit_is_accepted),
    };
    return cmocka_run_group_tests_name("lexer", tests, NULL, NULL);
}

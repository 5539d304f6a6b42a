#include "compiler/support/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/parse_fixture.h"

/* The text of one error at the bytes [begin, end) of a file. */
static const char *shown(struct parse_fixture *f, const char *text, uint32_t begin, uint32_t end)
{
    const uint32_t file = source_add(&f->sources, "a.net", text, strlen(text));

    diags_init(&f->ds, f->arena, &f->sources);
    diag_error(&f->ds, (struct span){file, begin, end}, DIAG_SYNTAX, "wrong");
    return printed_diags(f, DIAG_TEXT);
}

static void the_span_is_underlined(void **state)
{
    assert_string_equal(shown(*state, "one\n  two three\n", 6, 9), "a.net:2:3: error: wrong\n"
                                                                   "    2 |   two three\n"
                                                                   "      |   ^~~\n");
}

static void an_empty_span_is_one_caret(void **state)
{
    assert_string_equal(shown(*state, "one", 3, 3), "a.net:1:4: error: wrong\n"
                                                    "    1 | one\n"
                                                    "      |    ^\n");
    assert_string_equal(shown(*state, "", 0, 0), "a.net:1:1: error: wrong\n"
                                                 "    1 | \n"
                                                 "      | ^\n");
}

static void a_span_over_lines_is_underlined_to_the_end_of_its_first(void **state)
{
    assert_string_equal(shown(*state, "ab {\r\n}\r\n", 3, 8), "a.net:1:4: error: wrong\n"
                                                              "    1 | ab {\n"
                                                              "      |    ^\n");
}

static void tabs_and_wide_characters_keep_the_caret_in_place(void **state)
{
    /* a tab to column 8, an accent of two bytes and one column, a combining mark, a character of two columns */
    assert_string_equal(shown(*state,
                              "\ta\xc3\xa9\xcc\x81\xe4\xb8\xad"
                              "b",
                              9, 10),
                        "a.net:1:10: error: wrong\n"
                        "    1 |         a\xc3\xa9\xcc\x81\xe4\xb8\xad"
                        "b\n"
                        "      |             ^\n");
}

static void what_would_upset_a_terminal_is_a_question_mark(void **state)
{
    assert_string_equal(shown(*state,
                              "a\x1b[0m\xff"
                              "b",
                              6, 7),
                        "a.net:1:7: error: wrong\n"
                        "    1 | a?[0m?b\n"
                        "      |       ^\n");
}

static void of_a_long_line_a_window_is_shown(void **state)
{
    struct parse_fixture *f = *state;
    char line[1001];

    memset(line, '.', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    memcpy(line + 500, "here", 4);
    const char *text = shown(f, line, 500, 504);
    const char *source = strchr(text, '\n') + 1, *mark = strchr(source, '\n') + 1;

    assert_true(strlen(text) < 400);
    assert_non_null(strstr(source, "... ...."));
    assert_int_equal(strstr(source, "here") - source, strchr(mark, '^') - mark);
    assert_memory_equal(strchr(mark, '^'), "^~~~\n", 5);
}

static void notes_hints_flags_and_calls_follow(void **state)
{
    struct parse_fixture *f = *state;

    source_add(&f->sources, "a.net", "x = y;\nz = x;\n", 14);
    diag_push_context(&f->ds, (struct span){0, 7, 8}, "residual");
    diag_warning(&f->ds, (struct span){0, 0, 1}, DIAG_UNUSED_BINDING, "'x' is unused");
    diag_note(&f->ds, (struct span){0, 11, 12}, "not even here");
    diag_hint(&f->ds, "remove it");
    diag_error(&f->ds, SPAN_NONE, DIAG_TOO_LARGE, "too large");
    assert_string_equal(printed_diags(f, DIAG_TEXT), "a.net:1:1: warning: 'x' is unused [-Wunused-binding]\n"
                                                     "    1 | x = y;\n"
                                                     "      | ^\n"
                                                     "a.net:2:5: note: not even here\n"
                                                     "a.net:2:1: note: in the call of residual from here\n"
                                                     "   hint: remove it\n"
                                                     "a.net: error: too large\n"
                                                     "a.net:2:1: note: in the call of residual from here\n");
}

static void a_warning_made_an_error_names_its_flag(void **state)
{
    struct parse_fixture *f = *state;

    f->ds.warnings_are_errors = true;
    diag_warning(&f->ds, SPAN_NONE, DIAG_UNUSED_BINDING, "unused");
    assert_string_equal(printed_diags(f, DIAG_TEXT), "error: unused [-Werror=unused-binding]\n");
}

static void json_is_one_object_a_line(void **state)
{
    struct parse_fixture *f = *state;

    source_add(&f->sources, "a.net", "x = \"\n", 6);
    diag_error(&f->ds, (struct span){0, 4, 5}, DIAG_BAD_STRING, "a \"string\"");
    diag_note(&f->ds, (struct span){0, 0, 1}, "of x");
    diag_hint(&f->ds, "close it");
    diag_warning(&f->ds, SPAN_NONE, DIAG_UNUSED_BINDING, "unused");
    assert_string_equal(printed_diags(f, DIAG_JSON),
                        "{\"severity\": \"error\", \"code\": \"E103\", \"message\": \"a \\\"string\\\"\", \"file\": \"a.net\", "
                        "\"line\": 1, \"column\": 5, \"end_line\": 1, \"end_column\": 6, \"notes\": [{\"message\": \"of x\", "
                        "\"file\": \"a.net\", \"line\": 1, \"column\": 1, \"end_line\": 1, \"end_column\": 2}], "
                        "\"hint\": \"close it\"}\n"
                        "{\"severity\": \"warning\", \"code\": \"W901\", \"flag\": \"unused-binding\", \"message\": \"unused\", "
                        "\"file\": \"a.net\", \"notes\": []}\n");
}

static void the_number_of_errors_beyond_the_limit_is_told(void **state)
{
    struct parse_fixture *f = *state;

    source_add(&f->sources, "a.net", "0123456789012345678901234", 25);
    for (uint32_t i = 0; i < DIAG_MAX_ERRORS + 1; i++)
        diag_error(&f->ds, (struct span){0, i, i + 1}, DIAG_SYNTAX, "wrong");
    assert_non_null(strstr(printed_diags(f, DIAG_TEXT), "\ntoo many errors: 21 found, the first 20 are shown\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(the_span_is_underlined),
        parse_test(an_empty_span_is_one_caret),
        parse_test(a_span_over_lines_is_underlined_to_the_end_of_its_first),
        parse_test(tabs_and_wide_characters_keep_the_caret_in_place),
        parse_test(what_would_upset_a_terminal_is_a_question_mark),
        parse_test(of_a_long_line_a_window_is_shown),
        parse_test(notes_hints_flags_and_calls_follow),
        parse_test(a_warning_made_an_error_names_its_flag),
        parse_test(json_is_one_object_a_line),
        parse_test(the_number_of_errors_beyond_the_limit_is_told),
    };
    return cmocka_run_group_tests_name("diag_print", tests, NULL, NULL);
}

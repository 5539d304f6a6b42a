#include "compiler/support/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/parse_fixture.h"

static void assert_position(struct parse_fixture *f, uint32_t offset, uint32_t line, uint32_t column)
{
    const struct position p = source_position(&f->sources, (struct span){0, offset, offset});

    assert_string_equal(p.file, "a.net");
    assert_int_equal(p.line, line);
    assert_int_equal(p.column, column);
}

static void lines_and_columns_count_from_one(void **state)
{
    struct parse_fixture *f = *state;

    assert_int_equal(source_add(&f->sources, "a.net", "ab\ncd\n\ne", 8), 0);
    assert_position(f, 0, 1, 1);
    assert_position(f, 2, 1, 3);
    assert_position(f, 3, 2, 1);
    assert_position(f, 6, 3, 1);
    assert_position(f, 7, 4, 1);
    assert_position(f, 8, 4, 2);
}

static void an_empty_file_has_a_first_line(void **state)
{
    struct parse_fixture *f = *state;

    source_add(&f->sources, "a.net", "", 0);
    assert_position(f, 0, 1, 1);
}

static void the_text_is_not_copied(void **state)
{
    struct parse_fixture *f = *state;
    static const char text[] = "ab";

    source_add(&f->sources, "a.net", text, 2);
    assert_ptr_equal(f->sources.file.at[0].text, text);
    assert_int_equal(source_add(&f->sources, "b.net", text, 2), 1);
}

static void spans_join_over_what_is_missing(void **state)
{
    (void)state;
    const struct span a = {0, 3, 5}, b = {0, 7, 9};

    assert_int_equal(span_join(a, b).begin, 3);
    assert_int_equal(span_join(a, b).end, 9);
    assert_int_equal(span_join(SPAN_NONE, b).begin, 7);
    assert_int_equal(span_join(a, SPAN_NONE).end, 5);
    assert_true(span_is_none(span_join(SPAN_NONE, SPAN_NONE)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(lines_and_columns_count_from_one),
        parse_test(an_empty_file_has_a_first_line),
        parse_test(the_text_is_not_copied),
        cmocka_unit_test(spans_join_over_what_is_missing),
    };
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}

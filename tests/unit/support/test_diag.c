#include "compiler/support/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/parse_fixture.h"

static struct span at(uint32_t begin)
{
    return (struct span){0, begin, begin + 1};
}

static int setup(void **state)
{
    parse_fixture_setup(state);
    struct parse_fixture *f = *state;
    source_add(&f->sources, "a.net", "abcdefghijklmnopqrstuvwxyz0123456789", 36);
    return 0;
}

static void an_error_returns_false_and_counts(void **state)
{
    struct parse_fixture *f = *state;

    assert_false(diag_error(&f->ds, at(0), DIAG_SYNTAX, "%d wrong", 2));
    assert_int_equal(f->ds.errors, 1);
    assert_string_equal(f->ds.first->text, "2 wrong");
}

static void the_same_error_at_one_place_is_kept_once_without_its_notes(void **state)
{
    struct parse_fixture *f = *state;

    for (int i = 0; i < 2; i++) {
        diag_error(&f->ds, at(0), DIAG_SYNTAX, "wrong");
        diag_note(&f->ds, at(1), "here");
    }
    diag_error(&f->ds, at(1), DIAG_SYNTAX, "wrong");
    assert_int_equal(f->ds.errors, 2);
    assert_null(f->ds.first->notes->next);
}

static void errors_beyond_the_limit_only_count(void **state)
{
    struct parse_fixture *f = *state;
    size_t kept = 0;

    for (uint32_t i = 0; i < DIAG_MAX_ERRORS + 5; i++) {
        diag_error(&f->ds, at(i), DIAG_SYNTAX, "wrong");
        diag_hint(&f->ds, "%u", i);
    }
    for (const struct diag *d = f->ds.first; d != NULL; d = d->next)
        kept++;
    assert_int_equal(kept, DIAG_MAX_ERRORS);
    assert_int_equal(f->ds.errors, DIAG_MAX_ERRORS + 5);
    assert_string_equal(f->ds.last->hint, "19");
}

static void a_warning_that_is_off_takes_its_notes_along(void **state)
{
    struct parse_fixture *f = *state;

    diag_error(&f->ds, at(0), DIAG_SYNTAX, "wrong");
    assert_true(diag_set_warning(&f->ds, "unused-binding", false));
    diag_warning(&f->ds, at(1), DIAG_UNUSED_BINDING, "unused");
    diag_note(&f->ds, at(2), "lost");
    assert_int_equal(f->ds.warnings, 0);
    assert_null(f->ds.first->notes);
    assert_true(diag_set_warning(&f->ds, "unused-binding", true));
    diag_warning(&f->ds, at(1), DIAG_UNUSED_BINDING, "unused");
    assert_int_equal(f->ds.warnings, 1);
}

static void unknown_warnings_are_told_apart(void **state)
{
    struct parse_fixture *f = *state;

    assert_false(diag_set_warning(&f->ds, "no-such-warning", false));
    assert_false(diag_set_warning(&f->ds, "", true));
    assert_null(diag_warning_flag(DIAG_SYNTAX));
    assert_string_equal(diag_warning_flag(DIAG_UNUSED_BINDING), "unused-binding");
}

static void warnings_can_be_errors(void **state)
{
    struct parse_fixture *f = *state;

    f->ds.warnings_are_errors = true;
    diag_warning(&f->ds, at(1), DIAG_UNUSED_BINDING, "unused");
    assert_int_equal(f->ds.errors, 1);
    assert_int_equal(f->ds.warnings, 0);
    assert_int_equal(f->ds.first->severity, SEVERITY_ERROR);
}

static void calls_in_progress_come_after_the_notes_innermost_first(void **state)
{
    struct parse_fixture *f = *state;

    diag_push_context(&f->ds, at(1), "outer");
    diag_push_context(&f->ds, at(2), "inner");
    diag_error(&f->ds, at(0), DIAG_SYNTAX, "wrong");
    diag_note(&f->ds, at(3), "because");
    diag_pop_context(&f->ds);
    diag_pop_context(&f->ds);
    diag_error(&f->ds, at(5), DIAG_SYNTAX, "outside");

    assert_string_equal(f->ds.first->notes->text, "because");
    assert_string_equal(f->ds.first->calls->text, "in the call of inner from here");
    assert_string_equal(f->ds.first->calls->next->text, "in the call of outer from here");
    assert_null(f->ds.last->calls);
}

#define diag_test(name) cmocka_unit_test_setup_teardown(name, setup, parse_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        diag_test(an_error_returns_false_and_counts),
        diag_test(the_same_error_at_one_place_is_kept_once_without_its_notes),
        diag_test(errors_beyond_the_limit_only_count),
        diag_test(a_warning_that_is_off_takes_its_notes_along),
        diag_test(unknown_warnings_are_told_apart),
        diag_test(warnings_can_be_errors),
        diag_test(calls_in_progress_come_after_the_notes_innermost_first),
    };
    return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}

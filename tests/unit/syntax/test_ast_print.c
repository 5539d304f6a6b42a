#include "compiler/syntax/ast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/parse_fixture.h"

static void literals_print_so_that_their_kinds_differ(void **state)
{
    assert_string_equal(parse_expr(*state, "[1, 1.0, 1e30, 0.1, 20%, 1x2, true, false, \"a\\\"b\\n\", a]"),
                        "[1, 1.0, 1e+30, 0.1, 0.2, 1x2, true, false, \"a\\\"b\\n\", a]");
}

/* What is printed of an expression parses to the same. */
static void printed_expressions_parse_to_themselves(void **state)
{
    static const char *const texts[] = {
        "a + b * -c ^ d // 2 - 1",
        "not a and b or c ? f(x, k = 1) : [1, 2.5]",
        "(x -> a: f(1, b = 2) -> add(y) { | g -> h | k -> m } -> repeat n as i { q })",
        "x.shape[0].size >= 3 and 2x3 != size(2, 3)",
    };
    struct parse_fixture *f = *state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *once = parse_expr(f, texts[i]);
        assert_int_equal(f->ds.errors, 0);
        assert_string_equal(parse_expr(f, once), once);
    }
}

static void every_operator_has_its_spelling(void **state)
{
    (void)state;
    assert_string_equal(ast_operator_text(AST_OR), "or");
    assert_string_equal(ast_operator_text(AST_FLOOR_DIVIDE), "//");
    assert_string_equal(ast_operator_text(AST_NEGATE), "-");
    assert_string_equal(ast_operator_text(AST_POWER), "^");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(literals_print_so_that_their_kinds_differ),
        parse_test(printed_expressions_parse_to_themselves),
        parse_test(every_operator_has_its_spelling),
    };
    return cmocka_run_group_tests_name("ast_print", tests, NULL, NULL);
}

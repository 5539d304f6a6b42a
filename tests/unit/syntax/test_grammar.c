/* The grammar through the printed tree, in which expressions are fully parenthesised. */
#include "compiler/syntax/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/parse_fixture.h"

static void operators_bind_as_the_language_says(void **state)
{
    static const char *const cases[][2] = {
        {"a + b * c", "(a + (b * c))"},
        {"a - b - c", "((a - b) - c)"},
        {"a / b // c", "((a / b) // c)"},
        {"-a ^ b", "(-(a ^ b))"},
        {"a ^ -b", "(a ^ (-b))"},
        {"a ^ b ^ c", "(a ^ (b ^ c))"},
        {"--a", "(-(-a))"},
        {"a * -b", "(a * (-b))"},
        {"not a == b", "(not (a == b))"},
        {"not a and b or c", "(((not a) and b) or c)"},
        {"a or b and not not c", "(a or (b and (not (not c))))"},
        {"a + 1 < b and c", "(((a + 1) < b) and c)"},
        {"a ? b : c ? d : e", "(a ? b : (c ? d : e))"},
        {"a or b ? c ? d : e : f", "((a or b) ? (c ? d : e) : f)"},
        {"a.shape[0] ^ 2", "(a.shape[0] ^ 2)"},
        {"f(a)[1].size", "f(a)[1].size"},
        {"(a + b) * c", "((a + b) * c)"},
        {"i == 0 ? 2 : 1", "((i == 0) ? 2 : 1)"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(parse_expr(*state, cases[i][0]), cases[i][1]);
}

static void lists_and_calls_nest(void **state)
{
    assert_string_equal(parse_expr(*state, "[]"), "[]");
    assert_string_equal(parse_expr(*state, "[[0,1,2],[1,2,3]]"), "[[0, 1, 2], [1, 2, 3]]");
    assert_string_equal(parse_expr(*state, "f()"), "f()");
    assert_string_equal(parse_expr(*state, "f(1, g(x), stride = i == 0 ? 2 : 1)"), "f(1, g(x), stride = ((i == 0) ? 2 : 1))");
}

static void parentheses_hold_a_pipe(void **state)
{
    assert_string_equal(parse_expr(*state, "(x -> f)"), "(x -> f())");
    assert_string_equal(parse_expr(*state, "add((x -> a: f(1) -> g), y)"), "add((x -> a: f(1) -> g()), y)");
    assert_string_equal(parse_expr(*state, "(x -> concat { | f -> g | h } -> repeat 2 as i { k })"),
                        "(x -> concat() { | f() -> g() | h() } -> repeat 2 as i { k() })");
}

static void an_arrow_binds_weakest(void **state)
{
    assert_string_equal(parse_body(*state, "y = a + b -> relu;"), "  bind y = (a + b)\n    -> relu()");
    assert_string_equal(parse_body(*state, "y = a ? b : c -> relu;"), "  bind y = (a ? b : c)\n    -> relu()");
}

static void a_chain_has_labels_branches_and_repeats(void **state)
{
    assert_string_equal(parse_body(*state, "x -> s: repeat 2 as i { residual(128, stride = i == 0 ? 2 : 1) } "
                                           "-> j: concat(axis = 0) { | conv(c1, 1x1) -> relu | identity };"),
                        "  eval x\n"
                        "    -> s: repeat 2 as i\n"
                        "      -> residual(128, stride = ((i == 0) ? 2 : 1))\n"
                        "    -> j: concat(axis = 0)\n"
                        "      |\n"
                        "        -> conv(c1, 1x1)\n"
                        "        -> relu()\n"
                        "      |\n"
                        "        -> identity()");
}

static void every_statement_has_its_form(void **state)
{
    assert_string_equal(parse_body(*state, "input rows: int 40; input x: 3x4; output x; output y = x -> f; return a, b -> g;"
                                           "a, b = f(x); f(x); assert a > 1; assert a, \"why\";"),
                        "  input rows: int 40\n"
                        "  input x: 3x4\n"
                        "  output x\n"
                        "  output y = x\n"
                        "    -> f()\n"
                        "  return\n"
                        "    a\n"
                        "    b\n"
                        "      -> g()\n"
                        "  bind a, b = f(x)\n"
                        "  eval f(x)\n"
                        "  assert (a > 1)\n"
                        "  assert a, \"why\"");
}

static void an_else_if_is_an_if_in_the_else(void **state)
{
    assert_string_equal(parse_body(*state, "if stride != 1 or in.channels != filters { a = b; } else if c { } else { d; }"),
                        "  if ((stride != 1) or (in.channels != filters))\n"
                        "    bind a = b\n"
                        "  else\n"
                        "    if c\n"
                        "    else\n"
                        "      eval d");
}

static void every_declaration_has_its_form(void **state)
{
    assert_string_equal(parse_outcome(*state, "const a = 1; net n { } net m() { } block b(f, stride = 1, x) { return in; }"
                                              "train { loss = mse(y, t); } train second { freeze(\"c*\"); }"),
                        "const a = 1\n"
                        "net n\n"
                        "net m\n"
                        "block b(f, stride = 1, x)\n"
                        "  return\n"
                        "    in\n"
                        "section train\n"
                        "  bind loss = mse(y, t)\n"
                        "section train second\n"
                        "  eval freeze(\"c*\")\n");
    assert_string_equal(parse_outcome(*state, ""), "");
}

static void names_of_operators_and_sections_are_ordinary_names(void **state)
{
    assert_string_equal(parse_body(*state, "in = max(data, train.loss) -> conv;"),
                        "  bind in = max(data, train.loss)\n    -> conv()");
}

static void comparisons_do_not_chain(void **state)
{
    struct parse_fixture *f = *state;

    parse_expr(f, "a < b < c");
    assert_int_equal(f->ds.errors, 1);
    assert_string_equal(first_hint(f), "comparisons do not chain: write a < b and b < c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(operators_bind_as_the_language_says),
        parse_test(lists_and_calls_nest),
        parse_test(parentheses_hold_a_pipe),
        parse_test(an_arrow_binds_weakest),
        parse_test(a_chain_has_labels_branches_and_repeats),
        parse_test(every_statement_has_its_form),
        parse_test(an_else_if_is_an_if_in_the_else),
        parse_test(every_declaration_has_its_form),
        parse_test(names_of_operators_and_sections_are_ordinary_names),
        parse_test(comparisons_do_not_chain),
    };
    return cmocka_run_group_tests_name("grammar", tests, NULL, NULL);
}

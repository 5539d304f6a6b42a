#include "tests/support/sema_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* `count` copies of `unit`, each with its number for %zu twice. */
static char *copies(struct parse_fixture *f, size_t count, const char *before, const char *between, const char *after)
{
    const size_t size = count * (strlen(before) + strlen(between) + strlen(after) + 48) + 1;
    char *text = arena_alloc(f->arena, size);
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += (size_t)snprintf(text + n, size - n, "%s%zu%s%zu%s", before, i, between, i + 1, after);
    return text;
}

static void a_thousand_million_rounds_fail_at_once(void **state)
{
    assert_error(*state, "net t { input x: 4; output y = x -> repeat 1000000000 { relu }; }", DIAG_TOO_MANY_OPERATORS,
                 "with 1000000000 rounds the net has more than 100000 operators", "1000000000");
    assert_error(*state, "net t { input x: 4; output y = x -> repeat 9223372036854775807 { relu }; }", DIAG_TOO_MANY_OPERATORS,
                 "with 9223372036854775807 rounds the net has more than 100000 operators", "9223372036854775807");
}

static void rounds_multiply_against_the_limit(void **state)
{
    struct parse_fixture *f = *state;

    assert_null(analyse(f, "block none() { return in; }\n"
                           "net t { input x: 4; output y = x -> repeat 1000 { repeat 1000 { repeat 1000 { none } } }; }"));
    assert_int_equal(f->ds.first->code, DIAG_TOO_MANY_OPERATORS);
    assert_int_equal(f->ds.errors, 1);
}

/* 100,001 stages. What was expanded of them before they were counted took a gigabyte. */
static void stages_are_counted_before_any_is_expanded(void **state)
{
    struct parse_fixture *f = *state;
    const size_t stages = 100001, length = strlen(" -> relu");
    char *text = arena_alloc(f->arena, stages * length + 100), *end = text;

    end += sprintf(end, "net t { input x: 4; output y = x");
    for (size_t i = 0; i < stages; i++)
        end += sprintf(end, " -> relu");
    sprintf(end, "; }");
    const size_t before = arena_bytes(f->arena);
    assert_null(analyse(f, text));
    assert_int_equal(f->ds.first->code, DIAG_TOO_MANY_OPERATORS);
    assert_int_equal(f->ds.first->at.begin, strlen("net t { input x: 4; output y = x -> ") + 99999 * length);
    assert_int_equal(f->ds.errors, 1);
    assert_true((arena_bytes(f->arena) - before) / stages < 300);    /* the tree */
}

static void stages_of_several_statements_are_counted_together(void **state)
{
    struct parse_fixture *f = *state;
    const size_t half = 60000, length = strlen(" -> relu");
    char *text = arena_alloc(f->arena, 2 * half * length + 200), *end = text;

    end += sprintf(end, "net t { input x: 4; h = x");
    for (size_t i = 0; i < half; i++)
        end += sprintf(end, " -> relu");
    end += sprintf(end, "; output y = h -> concat { | relu");
    for (size_t i = 0; i < half; i++)
        end += sprintf(end, " -> tanh");
    sprintf(end, "| identity }; }");
    const size_t before = arena_bytes(f->arena);
    assert_null(analyse(f, text));
    assert_int_equal(f->ds.first->code, DIAG_TOO_MANY_OPERATORS);
    assert_int_equal(f->ds.errors, 1);
    assert_true((arena_bytes(f->arena) - before) / (2 * half) < 300);
}

static void negative_rounds_are_refused(void **state)
{
    assert_error(*state, "net t { input x: 4; output y = x -> repeat 1 - 2 { relu }; }", DIAG_VALUE_RANGE,
                 "repeat wants at least 0 rounds, got -1", "1 - 2");
}

static void sizes_that_overflow_are_refused(void **state)
{
    assert_error(*state, "net t { input x: 4294967296x4294967296; output y = x -> relu; }", DIAG_TENSOR_SIZE,
                 "a tensor of more than 2^40 elements", "4294967296x4294967296");
    assert_error(*state, "net t { input x: size(-1, 4); output y = x -> relu; }", DIAG_VALUE_RANGE, "a size is at least 1, got -1",
                 "size(-1, 4)");
    assert_error(*state, "net t { input x: 1048576x1; input z: 1x2097152; output y = x + z; }", DIAG_TENSOR_SIZE,
                 "1048576x1 with 1x2097152 makes a tensor of more than 2^40 elements", "x + z");
    assert_null(analyse(*state, "net t { input x: 1x2x3x4x5x6x7; output y = x -> relu; }"));
}

static void bytes_in_all_are_limited(void **state)
{
    struct parse_fixture *f = *state;

    assert_null(analyse(f, "net t { input x: 1048576x1048576; output y = x -> repeat 20 { relu }; }"));
    assert_int_equal(f->ds.first->code, DIAG_TENSOR_SIZE);
}

static void parentheses_may_be_nested_as_deep_as_the_grammar_allows(void **state)
{
    struct parse_fixture *f = *state;
    char open[252] = {0}, close[252] = {0};

    memset(open, '(', 250);
    memset(close, ')', 250);
    assert_non_null(
        analyse(f, arena_printf(f->arena, "const n = %s4%s; net t { input x: n; output y = x -> relu; }", open, close)));
}

static void calls_may_be_nested_as_deep_as_the_limit_and_no_deeper(void **state)
{
    struct parse_fixture *f = *state;
    const char *last = "net t { input x: 4; output y = x -> b0; }";

    const char *chain = copies(f, 200, "block b", "() { return in -> b", "; }\n");
    assert_non_null(analyse(f, arena_printf(f->arena, "%sblock b200() { return in -> relu; }\n%s", chain, last)));
    chain = copies(f, 5000, "block b", "() { return in -> b", "; }\n");
    assert_null(analyse(f, arena_printf(f->arena, "%sblock b5000() { return in -> relu; }\n%s", chain, last)));
    assert_int_equal(f->ds.first->code, DIAG_TOO_DEEP);
    assert_int_equal(f->ds.errors, 1);
}

static void consts_may_not_ask_for_each_other_without_end(void **state)
{
    struct parse_fixture *f = *state;
    const char *chain = copies(f, 20000, "const c", " = c", " + 0;\n");

    assert_null(analyse(f, arena_printf(f->arena, "%sconst c20000 = 1;\nnet t { input x: c0; output y = x -> relu; }", chain)));
    assert_int_equal(f->ds.first->code, DIAG_TOO_DEEP);
}

static void strings_and_lists_cannot_grow_without_end(void **state)
{
    struct parse_fixture *f = *state;

    assert_null(analyse(f,
                        "block grow(s) { t = s + s; u = t + t; v = u + u; w = v + v; a = w + w; b = a + a; c = b + b; d = c + c;\n"
                        "e = d + d; f = e + e; g = f + f; h = g + g; i = h + h; j = i + i; k = j + j; l = k + k; m = l + l;\n"
                        "assert m == m; return in; }\n"
                        "net t { input x: 4; output y = x -> grow(\"x\") -> relu; }"));
    assert_int_equal(f->ds.first->code, DIAG_VALUE_RANGE);
    assert_null(analyse(f, "const a = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]; const b = [a, a, a, a, a, a, a, a, a, a];\n"
                           "const c = [b, b, b, b, b, b, b, b, b, b]; const d = [c, c, c, c, c, c, c, c, c, c];\n"
                           "const e = [d, d, d, d, d, d, d, d, d, d]; const g = [e, e, e, e, e, e, e, e, e, e];\n"
                           "const h = [g, g, g, g, g, g, g, g, g, g]; net t { input x: 4; output y = x -> relu; }"));
    assert_int_equal(f->ds.first->code, DIAG_VALUE_RANGE);
}

static void ten_thousand_layers_take_no_time(void **state)
{
    const struct program *p = analyse(*state, "net t { input x: 4; output y = x -> repeat 10000 { dense(4) -> relu }; }");

    assert_non_null(p);
    assert_int_equal(p->net_layers, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(a_thousand_million_rounds_fail_at_once),
        parse_test(rounds_multiply_against_the_limit),
        parse_test(negative_rounds_are_refused),
        parse_test(stages_are_counted_before_any_is_expanded),
        parse_test(stages_of_several_statements_are_counted_together),
        parse_test(sizes_that_overflow_are_refused),
        parse_test(bytes_in_all_are_limited),
        parse_test(parentheses_may_be_nested_as_deep_as_the_grammar_allows),
        parse_test(calls_may_be_nested_as_deep_as_the_limit_and_no_deeper),
        parse_test(consts_may_not_ask_for_each_other_without_end),
        parse_test(strings_and_lists_cannot_grow_without_end),
        parse_test(ten_thousand_layers_take_no_time),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}

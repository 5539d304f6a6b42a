#include "compiler/syntax/ast_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "compiler/syntax/parse.h"
#include "tests/support/parse_fixture.h"

static struct ast_expr *first_value(struct parse_fixture *f, const char *text)
{
    parse_expr(f, text);
    assert_int_equal(f->ds.errors, 0);
    return f->ast.decls->as.constant;
}

static const char *text_at(struct parse_fixture *f, struct span at)
{
    return arena_copy(f->arena, f->sources.file.at[at.file].text + at.begin, at.end - at.begin);
}

static void spans_cover_what_was_written(void **state)
{
    struct parse_fixture *f = *state;

    parse_outcome(f, "net n(a = 1) { y = (x -> c1: conv(6, kernel = 3x3) -> relu) + 1; if y { } }");
    const struct ast_decl *net = f->ast.decls;
    const struct ast_stmt *bind = net->as.block.body;
    const struct ast_expr *sum = bind->as.bind.pipe->from;
    const struct ast_stage *conv = sum->as.operation.a->as.pipe->chain;

    assert_string_equal(text_at(f, net->at), "net n(a = 1)");
    assert_string_equal(text_at(f, bind->at), "y = (x -> c1: conv(6, kernel = 3x3) -> relu) + 1;");
    assert_string_equal(text_at(f, sum->at), "(x -> c1: conv(6, kernel = 3x3) -> relu) + 1");
    assert_string_equal(text_at(f, conv->at), "conv(6, kernel = 3x3)");
    assert_string_equal(text_at(f, conv->label.at), "c1");
    assert_string_equal(text_at(f, conv->call.callee.at), "conv");
    assert_string_equal(text_at(f, conv->call.args->next->at), "kernel = 3x3");
    assert_string_equal(text_at(f, conv->call.args->next->name.at), "kernel");
    assert_string_equal(text_at(f, bind->next->at), "if y { }");
}

static void names_are_one_pointer_each(void **state)
{
    struct parse_fixture *f = *state;

    parse_outcome(f, "const a = b; const b = a;");
    assert_ptr_equal(f->ast.decls->name.text, f->ast.decls->next->as.constant->as.name);
    assert_ptr_equal(f->ast.decls->next->name.text, f->ast.decls->as.constant->as.name);
}

static void heights_count_the_levels(void **state)
{
    assert_int_equal(first_value(*state, "1")->height, 1);
    assert_int_equal(first_value(*state, "(((1)))")->height, 1);
    assert_int_equal(first_value(*state, "1 + 2 * 3")->height, 3);
    assert_int_equal(first_value(*state, "[1, [2], 3]")->height, 3);
    assert_int_equal(first_value(*state, "(x -> f(1) -> g(-1))")->height, 4);
}

/* Memory that ends at the nth allocation, for every n: nothing is leaked, read or written out of bounds. */
static jmp_buf escape;

static void jump_out(size_t bytes)
{
    (void)bytes;
    longjmp(escape, 1);
}

static bool parse_with_memory_for(size_t allocations)
{
    static const char text[] =
        "const a = [1, 2x3, \"s\"]; block b(f, g = 1) { return in -> r: repeat 2 as i { conv(f) }; }\n"
        "net n { input x: int 3; output y = x -> add { | b(1) | identity }; if a { z = -x ? y : x.size; } }\n"
        "train { loss = mse(y, x); }";
    struct arena *arena = arena_create(jump_out);
    struct sources sources = {.arena = arena};
    struct ast ast;

    arena_fail_at(arena, allocations);
    if (setjmp(escape) != 0) {
        arena_destroy(arena);
        return false;
    }
    struct diags *ds = arena_new(arena, struct diags);
    diags_init(ds, arena, &sources);
    const bool parsed = parse_text("test.net", text, strlen(text), arena, interner_create(arena), &sources, ds, &ast);
    arena_fail_at(arena, 0);
    arena_destroy(arena);
    assert_true(parsed);
    return true;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    size_t allocations = 1;

    while (!parse_with_memory_for(allocations))
        allocations++;
    assert_true(allocations > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(spans_cover_what_was_written),
        parse_test(names_are_one_pointer_each),
        parse_test(heights_count_the_levels),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests_name("ast_build", tests, NULL, NULL);
}

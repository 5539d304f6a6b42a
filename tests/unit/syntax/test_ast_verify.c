#include "compiler/syntax/ast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/support/parse_fixture.h"

static const char text[] = "net n { input x: 3; y = x -> r: repeat 2 { f(1 + 2) } -> add { | g | h }; return y, x; }";

static struct ast_stmt *body(struct parse_fixture *f)
{
    parse_outcome(f, text);
    assert_int_equal(f->ds.errors, 0);
    return f->ast.decls->as.block.body;
}

/* Whether the tree is refused, for this reason. */
static void assert_broken(struct parse_fixture *f, const char *promise)
{
    char *said = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&said, &length);

    const bool kept = ast_verify(&f->ast, out);
    fclose(out);
    const char *copy = arena_strdup(f->arena, said);
    free(said);
    assert_false(kept);
    assert_non_null(strstr(copy, promise));
}

static void a_parsed_tree_keeps_its_promises(void **state)
{
    struct parse_fixture *f = *state;

    body(f);
    assert_true(ast_verify(&f->ast, stderr));
}

static void a_wrong_height_is_noticed(void **state)
{
    body(*state)->next->height++;
    assert_broken(*state, "a height is wrong");
}

static void a_missing_name_is_noticed(void **state)
{
    body(*state)->as.input.name.text = NULL;
    assert_broken(*state, "a name is missing");
}

static void empty_lists_are_noticed(void **state)
{
    body(*state)->next->as.bind.targets = NULL;
    assert_broken(*state, "a binding has no name");
    body(*state)->next->next->as.results = NULL;
    assert_broken(*state, "a return has no result");
    body(*state)->next->as.bind.pipe->chain->body = NULL;
    assert_broken(*state, "a repeat is empty");
    body(*state)->next->as.bind.pipe->chain->next->branches = NULL;
    assert_broken(*state, "a stage with branches has none");
}

static void operators_and_operands_must_agree(void **state)
{
    body(*state)->next->as.bind.pipe->chain->body->call.args->value->as.operation.op = AST_NOT;
    assert_broken(*state, "an operator has the wrong number of operands");
}

static void a_place_is_needed(void **state)
{
    body(*state)->as.input.shape->at = SPAN_NONE;
    assert_broken(*state, "a node has no place");
}

static void negative_literals_are_noticed(void **state)
{
    body(*state)->as.input.shape->as.integer = -1;
    assert_broken(*state, "a literal is negative");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(a_parsed_tree_keeps_its_promises),  parse_test(a_wrong_height_is_noticed),
        parse_test(a_missing_name_is_noticed),         parse_test(empty_lists_are_noticed),
        parse_test(operators_and_operands_must_agree), parse_test(a_place_is_needed),
        parse_test(negative_literals_are_noticed),
    };
    return cmocka_run_group_tests_name("ast_verify", tests, NULL, NULL);
}

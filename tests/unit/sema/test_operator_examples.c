/* The examples that operators carry for the manual: each is a complete net without a fault, and uses its operator. */
#include "compiler/graph/inspect.h"
#include "compiler/ops/op.h"
#include "compiler/sema/sema.h"
#include "compiler/support/intern.h"
#include "compiler/syntax/ast.h"
#include "compiler/syntax/parse.h"
#include "tests/support/graph_fixture.h"

#include <string.h>

static bool uses(const struct graph *g, const char *op_name)
{
    for (size_t i = 0; i < g->layer.count; i++)
        if (strcmp(g->layer.at[i].op_name, op_name) == 0)
            return true;
    return false;
}

static void check_example(struct arena *arena, const struct op *op)
{
    struct interner *names = interner_create(arena);
    struct sources sources = {.arena = arena};
    struct program program = {0};
    struct ast ast = {0};
    struct diags ds;

    diags_init(&ds, arena, &sources);
    const bool ok = parse_text(op->name, op->example, strlen(op->example), arena, names, &sources, &ds, &ast) &&
                    sema_analyse(&ast, &(struct sema_options){0}, arena, names, &sources, &ds, &program);
    if (!ok || ds.first != NULL)
        fail_msg("the example of %s: %s", op->name, ds.first != NULL ? ds.first->text : "no reason given");
    assert_true(uses(program.graph, op->name));
    assert_true(graph_verify(program.graph, stdout));
}

static void every_example_is_a_net_that_uses_its_operator(void **state)
{
    const struct graph_fixture *f = *state;

    for (size_t i = 0; ops[i] != NULL; i++)
        check_example(f->arena, ops[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        graph_test(every_example_is_a_net_that_uses_its_operator),
    };
    return cmocka_run_group_tests_name("operator_examples", tests, NULL, NULL);
}

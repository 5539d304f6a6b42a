/* compile: takes a net from its file to C, which nobody reads, and prints how many bytes were asked for.
 *
 * usage: compile FILE.net
 * What netc does without a back end's tools, so that the instructions that are counted are those of the stages. Each stage is checked
 * as the compiler checks it in every compilation.
 */
#include "compiler/describe/describe.h"
#include "compiler/differentiate/differentiate.h"
#include "compiler/emit/c/module.h"
#include "compiler/graph/graph.h"
#include "compiler/graph/inspect.h"
#include "compiler/loop/loop.h"
#include "compiler/lower/lower.h"
#include "compiler/plan/plan.h"
#include "compiler/sema/sema.h"
#include "compiler/support/arena.h"
#include "compiler/support/intern.h"
#include "compiler/support/source.h"
#include "compiler/syntax/ast.h"
#include "compiler/syntax/parse.h"
#include "compiler/target/target.h"

#include <stdio.h>
#include <stdlib.h>

static void exhausted(size_t bytes)
{
    fprintf(stderr, "no memory for %zu bytes\n", bytes);
    abort();
}

static bool read_net(const char *path, struct arena *a, struct sources *sources, struct diags *ds, struct program *p)
{
    const struct parse_options parse_options = {0};
    const struct sema_options sema_options = {0};
    struct interner *names = interner_create(a);
    struct ast ast = {0};

    return parse_file(path, &parse_options, a, names, sources, ds, &ast) == PARSE_OK && ast_verify(&ast, stderr) &&
           sema_analyse(&ast, &sema_options, a, names, sources, ds, p) && graph_verify_tables(p->graph, stderr);
}

static bool write_c(struct program *p, const struct target *target, struct arena *a, FILE *out)
{
    pass_differentiate(p->graph);
    if (!graph_verify_tables(p->graph, stderr))
        return false;
    const struct plan_options options = {.precision = p->compile.precision, .batch = p->batch};
    const struct plan *plan = pass_plan(p->graph, &options, a);
    if (!plan_verify(plan, stderr))
        return false;
    struct loop_module *m = pass_lower(plan, target, a);
    if (!loop_verify_tables(m, stderr))
        return false;
    m->description = plan_describe(plan, p, "c", "none", target->name, a);
    emit_c_module(m, false, out);
    return fflush(out) == 0;
}

static int compile(const char *path, struct arena *a)
{
    struct sources sources = {.arena = a};
    struct diags ds;
    struct program p = {0};
    struct target target;

    diags_init(&ds, a, &sources);
    if (target_find("x86-64-v3", &target) != TARGET_OK)
        return EXIT_FAILURE;
    FILE *out = fopen("/dev/null", "w");
    if (!out)
        return EXIT_FAILURE;
    const bool done = read_net(path, a, &sources, &ds, &p) && write_c(&p, &target, a, out);
    diag_print(&ds, DIAG_TEXT, false, stderr);
    fclose(out);
    if (!done || ds.errors > 0)
        return EXIT_FAILURE;
    printf("arena_bytes %zu\n", arena_bytes(a));
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: compile FILE.net\n");
        return 2;
    }
    struct arena *a = arena_create(exhausted);
    const int status = compile(argv[1], a);
    arena_destroy(a);
    return status;
}

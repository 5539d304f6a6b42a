/* fuzz_parse: any bytes as the text of a .net file.
 *
 * Beyond not crashing: the parser says "false" exactly when it added an error, every diagnostic lies within the text, and a tree
 * that was accepted keeps the promises of ast.h and can be printed.
 */
#include "compiler/support/arena.h"
#include "compiler/support/diag.h"
#include "compiler/support/intern.h"
#include "compiler/support/source.h"
#include "compiler/syntax/ast.h"
#include "compiler/syntax/parse.h"
#include "tests/fuzz/fuzz.h"

static void exhausted(size_t bytes)
{
    fprintf(stderr, "out of memory: %zu bytes\n", bytes);
    exit(0);
}

static void check_spans(const struct diag *d, const struct sources *sources)
{
    for (; d != NULL; d = d->next) {
        check_spans(d->notes, sources);
        if (span_is_none(d->at))
            continue;
        require(d->at.file < sources->file.count, "a diagnostic names a file that was read");
        require(d->at.begin <= d->at.end && d->at.end <= sources->file.at[d->at.file].length, "a diagnostic lies within its file");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create(exhausted);
    struct interner *names = interner_create(arena);
    struct sources sources = {.arena = arena};
    struct diags ds;
    struct ast ast = {0};
    FILE *out = fopen("/dev/null", "w");

    require(out != NULL, "/dev/null can be written");
    diags_init(&ds, arena, &sources);
    bool accepted = parse_text("fuzz.net", (const char *)data, size, arena, names, &sources, &ds, &ast);
    require(accepted == (ds.errors == 0), "false means that an error was added");
    check_spans(ds.first, &sources);
    diag_print(&ds, DIAG_TEXT, false, out);
    diag_print(&ds, DIAG_JSON, false, out);
    if (accepted) {
        require(ast_verify(&ast, stderr), "an accepted tree is well formed");
        ast_print(&ast, out);
    }
    fclose(out);
    arena_destroy(arena);
    return 0;
}

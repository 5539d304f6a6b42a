#include "tests/support/parse_fixture.h"

#include "compiler/syntax/parse.h"

#include <stdlib.h>
#include <string.h>

static void exhausted(size_t bytes)
{
    fprintf(stderr, "the test ran out of memory, %zu bytes\n", bytes);
    abort();
}

int parse_fixture_setup(void **state)
{
    struct arena *arena = arena_create(exhausted);
    struct parse_fixture *f = arena_new(arena, struct parse_fixture);

    f->arena = arena;
    f->names = interner_create(arena);
    f->sources.arena = arena;
    diags_init(&f->ds, arena, &f->sources);
    *state = f;
    return 0;
}

int parse_fixture_teardown(void **state)
{
    struct parse_fixture *f = *state;

    arena_destroy(f->arena);
    return 0;
}

/* Moves what was printed to a memory stream into the arena. */
static const char *keep(struct parse_fixture *f, FILE *out, char **text, const size_t *length)
{
    fclose(out);
    const char *copy = arena_copy(f->arena, *text, *length);
    free(*text);
    return copy;
}

const char *printed_diags(struct parse_fixture *f, enum diag_format format)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    diag_print(&f->ds, format, false, out);
    return keep(f, out, &text, &length);
}

const char *parse_outcome(struct parse_fixture *f, const char *text)
{
    char *printed = NULL;
    size_t length = 0;

    diags_init(&f->ds, f->arena, &f->sources);
    if (!parse_text("test.net", text, strlen(text), f->arena, f->names, &f->sources, &f->ds, &f->ast))
        return printed_diags(f, DIAG_TEXT);
    FILE *out = open_memstream(&printed, &length);
    if (ast_verify(&f->ast, out))
        ast_print(&f->ast, out);
    return keep(f, out, &printed, &length);
}

const char *first_message(const struct parse_fixture *f)
{
    return f->ds.first == NULL ? "" : f->ds.first->text;
}

const char *first_hint(const struct parse_fixture *f)
{
    return f->ds.first == NULL || f->ds.first->hint == NULL ? "" : f->ds.first->hint;
}

const char *first_place(struct parse_fixture *f)
{
    const struct span at = f->ds.first->at;

    return arena_copy(f->arena, f->sources.file.at[at.file].text + at.begin, at.end - at.begin);
}

/* The outcome without what stands before `marker`'s end, and without the last line end. */
static const char *behind(struct parse_fixture *f, const char *outcome, const char *marker)
{
    const size_t skipped = strlen(marker);

    if (strncmp(outcome, marker, skipped) != 0)
        return outcome;
    const size_t length = strlen(outcome) - skipped;
    return arena_copy(f->arena, outcome + skipped, length > 0 ? length - 1 : 0);
}

const char *parse_expr(struct parse_fixture *f, const char *text)
{
    return behind(f, parse_outcome(f, arena_printf(f->arena, "const it = %s;", text)), "const it = ");
}

const char *parse_body(struct parse_fixture *f, const char *text)
{
    return behind(f, parse_outcome(f, arena_printf(f->arena, "net n { %s }", text)), "net n\n");
}

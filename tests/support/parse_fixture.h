/* parse_fixture: an arena, an interner and diagnostics for tests, and texts parsed into them. */
#ifndef NETC_TESTS_PARSE_FIXTURE_H
#define NETC_TESTS_PARSE_FIXTURE_H

#include "compiler/support/arena.h"
#include "compiler/support/diag.h"
#include "compiler/support/intern.h"
#include "compiler/support/source.h"
#include "compiler/syntax/ast.h"

struct parse_fixture {
    struct arena *arena;
    struct interner *names;
    struct sources sources;
    struct diags ds;
    struct ast ast;
};

/* For cmocka: *state becomes a fixture of its own for each test. */
int parse_fixture_setup(void **state);
int parse_fixture_teardown(void **state);

#define parse_test(name) cmocka_unit_test_setup_teardown(name, parse_fixture_setup, parse_fixture_teardown)

/* Parses a text as the file "test.net". Returns the printed tree, verified, or else the printed diagnostics. */
const char *parse_outcome(struct parse_fixture *f, const char *text);

/* The diagnostics as text, without colour. */
const char *printed_diags(struct parse_fixture *f, enum diag_format format);

/* The first line of the first diagnostic, without its place; "" if there is none. The hint of the first, or "". */
const char *first_message(const struct parse_fixture *f);
const char *first_hint(const struct parse_fixture *f);

/* The source text that the first diagnostic points to. */
const char *first_place(struct parse_fixture *f);

/* Parses `const it = TEXT;` and returns the printed value, or the diagnostics. */
const char *parse_expr(struct parse_fixture *f, const char *text);

/* Parses `net n { TEXT }` and returns the printed body, or the diagnostics. */
const char *parse_body(struct parse_fixture *f, const char *text);

#endif

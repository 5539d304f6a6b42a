/* parse: from files to one tree (--emit=tokens, --emit=ast). */
#ifndef NETC_SYNTAX_PARSE_H
#define NETC_SYNTAX_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct arena;
struct ast;
struct diags;
struct interner;
struct sources;

enum parse_status {
    PARSE_OK,
    PARSE_ERRORS,
    PARSE_CANNOT_READ,    /* the main file: errno says why */
    PARSE_NOT_REGULAR,    /* the main file is a folder, a pipe or a device */
    PARSE_REFUSED         /* the system refused to read an included file; `ds` says which and why */
};

/* As messages call standard input, which is the main file "-". */
#define PARSE_STDIN_NAME "<stdin>"

struct parse_options {
    const char *const *include_dirs;    /* -I */
    size_t include_dir_count;
};

/* Parses a file (regular, or "-") and what it includes. On PARSE_ERRORS the reasons are in `ds`; the tree then holds what could be understood.
 * On PARSE_CANNOT_READ and PARSE_NOT_REGULAR nothing was added to `ds`. */
enum parse_status parse_file(const char *path, const struct parse_options *options, struct arena *arena, struct interner *names,
                             struct sources *sources, struct diags *ds, struct ast *ast);

/* Reads the main file alone, without parsing it (for print_tokens). It becomes the first of `sources`. */
enum parse_status read_main_file(const char *path, struct arena *arena, struct sources *sources, struct diags *ds);

/* Parses a text (for tests and fuzzing); includes are refused. */
bool parse_text(const char *name, const char *text, size_t length, struct arena *arena, struct interner *names,
                struct sources *sources, struct diags *ds, struct ast *ast);

/* Prints the tokens of the main file, one a line: place, kind, text. Returns false if the lexer added an error. */
bool print_tokens(const struct sources *sources, struct arena *arena, struct interner *names, struct diags *ds, FILE *out);

#endif

/* parse: a main file and what it includes, as one list of declarations. */
#define _XOPEN_SOURCE 700 /* realpath, which POSIX 2008 has but glibc shows only so */

#include "compiler/syntax/parse.h"

#include "compiler/support/intern.h"
#include "compiler/support/map.h"
#include "compiler/syntax/parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A file that was met already. */
struct visit {
    const char *real;       /* its path after resolving links, interned */
    const char *name;       /* as messages show it */
    bool open;              /* still being read: to include it again is a cycle */
    size_t number;          /* its place among the visits */
};

struct reading {
    struct arena *arena;
    struct interner *names;
    struct sources *sources;
    struct diags *ds;
    const struct parse_options *options;
    const char *root;       /* the folder of the main file, resolved; NULL: includes are refused */
    struct decl_list decls;
    VEC(struct visit *) visits;
    struct map *met;        /* the visits by their interned `real` */
    size_t depth;           /* of includes */
    bool refused;           /* the system refused to read one of them */
};

/* ---- Paths --------------------------------------------------------------------------------------------------------- */

/* The path after resolving links, in the arena, or NULL with errno. */
static const char *resolve(struct arena *arena, const char *path)
{
    char *real = realpath(path, NULL);

    if (real == NULL)
        return NULL;
    const char *copy = arena_strdup(arena, real);
    free(real);
    return copy;
}

/* The folder part of a path: "a/" of "a/b", "" of "b". */
static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? "" : arena_copy(arena, path, (size_t)(slash - path) + 1);
}

static bool lies_below(const char *real, const char *folder)
{
    const size_t length = strlen(folder);

    if (strcmp(folder, "/") == 0)
        return true;
    return strncmp(real, folder, length) == 0 && real[length] == '/';
}

static bool is_allowed(const struct reading *r, const char *real)
{
    if (lies_below(real, r->root))
        return true;
    for (size_t i = 0; r->options != NULL && i < r->options->include_dir_count; i++) {
        const char *folder = resolve(r->arena, r->options->include_dirs[i]);
        if (folder != NULL && lies_below(real, folder))
            return true;
    }
    return false;
}

/* Finds an included file: beside the including one, else in the folders of -I. Sets its name and its resolved path. */
static bool find_include(const struct reading *r, const struct ast_decl *d, const char **name, const char **real)
{
    const char *path = d->as.include.path;
    const char *includer = r->sources->file.at[d->at.file].name;

    *name = path[0] == '/' ? path : arena_printf(r->arena, "%s%s", folder_of(r->arena, includer), path);
    *real = resolve(r->arena, *name);
    for (size_t i = 0; *real == NULL && path[0] != '/' && r->options != NULL && i < r->options->include_dir_count; i++) {
        const char *other = arena_printf(r->arena, "%s/%s", r->options->include_dirs[i], path);
        *real = resolve(r->arena, other);
        if (*real != NULL)
            *name = other;
    }
    if (*real == NULL)
        return diag_error(r->ds, d->as.include.path_at, DIAG_INCLUDE, "cannot find '%s': %s", path, strerror(errno));
    if (!is_allowed(r, *real)) {
        diag_error(r->ds, d->as.include.path_at, DIAG_INCLUDE, "'%s' lies outside the folder of the main file", path);
        diag_hint(r->ds, "allow its folder with -I DIR");
        return false;
    }
    return true;
}

/* ---- Reading ------------------------------------------------------------------------------------------------------- */

static struct visit *add_visit(struct reading *r, const char *real, const char *name)
{
    struct visit *v = arena_new(r->arena, struct visit);

    *v = (struct visit){.real = real, .name = name, .open = true, .number = r->visits.count};
    vec_push(r->arena, &r->visits, v);
    map_set(r->met, real, v);
    return v;
}

static void report_cycle(const struct reading *r, const struct ast_decl *d, const struct visit *again)
{
    const char *cycle = again->name;

    for (size_t i = again->number + 1; i < r->visits.count; i++)
        if (r->visits.at[i]->open)
            cycle = arena_printf(r->arena, "%s -> %s", cycle, r->visits.at[i]->name);
    diag_error(r->ds, d->as.include.path_at, DIAG_INCLUDE_CYCLE, "files include each other: %s -> %s", cycle, again->name);
}

/* Whether the name in the source is at fault; otherwise the system is (too many open files, no memory, a broken disk). */
static bool is_of_the_source(int error)
{
    return error == ENOENT || error == ENOTDIR || error == EACCES || error == EPERM || error == ELOOP || error == ENAMETOOLONG;
}

static bool read_include(struct reading *r, const struct ast_decl *d, const char *name, const char *real, uint32_t *file)
{
    const struct span at = d->as.include.path_at;
    const char *text = NULL;
    size_t length = 0;

    switch (read_whole_file(real, r->arena, &text, &length)) {
    case READ_OK: break;
    case READ_FAILED:
        r->refused = !is_of_the_source(errno);
        return diag_error(r->ds, at, DIAG_INCLUDE, "cannot read '%s': %s", name, strerror(errno));
    case READ_TOO_LARGE: return diag_error(r->ds, at, DIAG_TOO_LARGE, "'%s' is larger than 16 MiB", name);
    case READ_NOT_REGULAR: return diag_error(r->ds, at, DIAG_INCLUDE, "'%s' is not a regular file", name);
    }
    *file = source_add(r->sources, name, text, length);
    return true;
}

static struct decl_list parse_one(const struct reading *r, uint32_t file)
{
    if (!check_text(r->sources, file, r->ds))
        return (struct decl_list){0};

    struct parser *p = parser_open(r->arena, r->names, r->sources, r->ds, file);
    grammar_parse(p);
    const struct decl_list decls = p->decls;
    parser_close(p);
    return decls;
}

static void read_declarations(struct reading *r, uint32_t file);

static void follow_include(struct reading *r, const struct ast_decl *d)
{
    const char *name, *real;
    uint32_t file = 0;

    if (r->root == NULL) {
        diag_error(r->ds, d->as.include.path_at, DIAG_INCLUDE, "there is no file here to include from");
        return;
    }
    if (!find_include(r, d, &name, &real))
        return;

    real = intern(r->names, real, strlen(real));
    const struct visit *before = map_get(r->met, real);
    if (before != NULL && before->open)
        report_cycle(r, d, before);
    else if (before == NULL && r->depth == MAX_INCLUDE_DEPTH)
        diag_error(r->ds, d->as.include.path_at, DIAG_INCLUDE_DEPTH, "includes are nested deeper than %d files", MAX_INCLUDE_DEPTH);
    if (before != NULL || r->depth == MAX_INCLUDE_DEPTH || !read_include(r, d, name, real, &file))
        return;

    struct visit *visit = add_visit(r, real, name);
    diag_push_include(r->ds, d->as.include.path_at);
    r->depth++;
    read_declarations(r, file);
    r->depth--;
    diag_pop_context(r->ds);
    visit->open = false;
}

/* Appends the declarations of a file, those of an included one behind its include. */
static void read_declarations(struct reading *r, uint32_t file)
{
    const struct decl_list own = parse_one(r, file);

    for (struct ast_decl *d = own.first, *next; d != NULL; d = next) {
        next = d->next;
        d->next = NULL;
        list_append(&r->decls, d);
        if (d->kind == AST_INCLUDE)
            follow_include(r, d);
    }
}

/* ---- The interface ------------------------------------------------------------------------------------------------- */

static const char *shown_name(const char *path)
{
    return strcmp(path, "-") == 0 ? PARSE_STDIN_NAME : path;
}

enum parse_status read_main_file(const char *path, struct arena *arena, struct sources *sources, struct diags *ds)
{
    const char *text = NULL;
    size_t length = 0;

    switch (read_whole_file(path, arena, &text, &length)) {
    case READ_OK: break;
    case READ_TOO_LARGE:
        source_add(sources, shown_name(path), "", 0);
        diag_error(ds, SPAN_NONE, DIAG_TOO_LARGE, "'%s' is larger than 16 MiB", path);
        return PARSE_ERRORS;
    case READ_FAILED: return PARSE_CANNOT_READ;
    case READ_NOT_REGULAR: return PARSE_NOT_REGULAR;
    }
    source_add(sources, shown_name(path), text, length);
    return PARSE_OK;
}

enum parse_status parse_file(const char *path, const struct parse_options *options, struct arena *arena, struct interner *names,
                             struct sources *sources, struct diags *ds, struct ast *ast)
{
    struct reading r = {.arena = arena, .names = names, .sources = sources, .ds = ds, .options = options, .met = map_create(arena)};
    const size_t errors = ds->errors;
    const uint32_t main_file = (uint32_t)sources->file.count;

    ast->decls = NULL;
    const enum parse_status status = read_main_file(path, arena, sources, ds);
    if (status != PARSE_OK)
        return status;
    const char *folder = folder_of(arena, path);
    const char *real = strcmp(path, "-") == 0 ? PARSE_STDIN_NAME : resolve(arena, path);
    if (real != NULL)
        r.root = resolve(arena, *folder == '\0' ? "." : folder);
    if (r.root != NULL)
        add_visit(&r, intern(names, real, strlen(real)), path);
    read_declarations(&r, main_file);
    ast->decls = r.decls.first;
    if (r.refused)
        return PARSE_REFUSED;
    return ds->errors == errors ? PARSE_OK : PARSE_ERRORS;
}

bool parse_text(const char *name, const char *text, size_t length, struct arena *arena, struct interner *names,
                struct sources *sources, struct diags *ds, struct ast *ast)
{
    struct reading r = {.arena = arena, .names = names, .sources = sources, .ds = ds};
    const size_t errors = ds->errors;

    ast->decls = NULL;
    if (length > MAX_FILE_BYTES)
        return diag_error(ds, SPAN_NONE, DIAG_TOO_LARGE, "'%s' is larger than 16 MiB", name);
    read_declarations(&r, source_add(sources, name, arena_copy(arena, text, length), length));
    ast->decls = r.decls.first;
    return ds->errors == errors;
}

bool print_tokens(const struct sources *sources, struct arena *arena, struct interner *names, struct diags *ds, FILE *out)
{
    const size_t errors = ds->errors;
    union parser_value value;
    struct span at;

    if (!check_text(sources, 0, ds))
        return false;
    struct parser *p = parser_open(arena, names, sources, ds, 0);
    for (int code; (code = scanner_next(&value, &at, p->scanner)) != 0;) {
        const struct position place = source_position(sources, at);
        fprintf(out, "%u:%u %s %.*s\n", place.line, place.column, token_name(code), (int)(at.end - at.begin), parser_text(p, at));
    }
    parser_close(p);
    return ds->errors == errors;
}

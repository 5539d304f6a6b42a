/* replay: what the C of a net's kernels is, as a hash of each, so that a change that was to move no code shows what it moved.
 *
 * usage: replay FILE.net
 * One line a kernel: its name, and hashes of its C in f32 for x86-64-v3 and v4 and in f64 for both. The last line, "module", is of all
 * the file: tables, buffers and phases, too. Comments do not count, nor does the description; nothing depends on the host or the path.
 */
#include "compiler/differentiate/differentiate.h"
#include "compiler/emit/c/module.h"
#include "compiler/graph/graph.h"
#include "compiler/loop/loop.h"
#include "compiler/lower/lower.h"
#include "compiler/plan/plan.h"
#include "compiler/sema/sema.h"
#include "compiler/sema/sha256.h"
#include "compiler/support/arena.h"
#include "compiler/support/intern.h"
#include "compiler/support/source.h"
#include "compiler/syntax/ast.h"
#include "compiler/syntax/parse.h"
#include "compiler/target/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a net is compiled for: the columns. */
static const struct {
    int precision;
    const char *march;
} variants[] = {{4, "x86-64-v3"}, {4, "x86-64-v4"}, {8, "x86-64-v3"}, {8, "x86-64-v4"}};

enum { VARIANTS = sizeof variants / sizeof *variants, DIGITS = 6 };

/* Hashes of one kernel; a kernel that a variant does not have keeps dashes. */
struct row {
    const char *name;
    char hash[VARIANTS][DIGITS + 1];
};

struct table {
    struct arena *arena;
    VEC(struct row) row;
};

static void exhausted(size_t bytes)
{
    fprintf(stderr, "no memory for %zu bytes\n", bytes);
    abort();
}

static struct row *row_of(struct table *t, const char *name)
{
    struct row new = {.name = arena_strdup(t->arena, name)};

    for (size_t i = 0; i < t->row.count; i++)
        if (strcmp(t->row.at[i].name, name) == 0)
            return &t->row.at[i];
    for (int v = 0; v < VARIANTS; v++)
        strcpy(new.hash[v], "------");
    vec_push(t->arena, &t->row, new);
    return &t->row.at[t->row.count - 1];
}

/* The text without its comments. C that netc writes has no comment's mark within a string. */
static void strip_comments(char *text)
{
    char *to = text;

    for (const char *from = text; *from;) {
        const char *end = strncmp(from, "/*", 2) == 0 ? strstr(from + 2, "*/") : NULL;
        if (end)
            from = end + 2;
        else
            *to++ = *from++;
    }
    *to = '\0';
}

static void hash(const char *text, char digits[DIGITS + 1])
{
    struct sha256 h;
    uint64_t digest[4];

    sha256_init(&h);
    sha256_add(&h, text, strlen(text));
    sha256_finish(&h, digest);
    snprintf(digits, DIGITS + 1, "%06llx", (unsigned long long)(digest[0] >> 40));
}

/* The function that begins at `text`: ends it after its closing brace. Returns what follows, or NULL where no function begins. */
static char *cut_function(char *text)
{
    char *end = strncmp(text, "static void ", 12) == 0 ? strstr(text, "\n}\n") : NULL;

    if (!end)
        return NULL;
    end[2] = '\0';
    return end + 3;
}

/* Hashes each kernel of a file of C, which netc prints one after the other, and the whole. */
static void hash_kernels(const struct loop_module *m, char *text, int variant, struct table *t)
{
    char whole[DIGITS + 1];
    size_t kernel = 0;

    strip_comments(text);
    hash(text, whole);
    for (char *next, *line = text; line && *line && kernel < m->kernel.count; line = next) {
        next = cut_function(line);
        if (next)
            hash(line, row_of(t, m->kernel.at[kernel++]->name)->hash[variant]);
        else
            next = (next = strchr(line, '\n')) ? next + 1 : NULL;
    }
    memcpy(row_of(t, "module")->hash[variant], whole, sizeof whole);
}

static bool hash_c(const struct loop_module *m, int variant, struct table *t)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (!out)
        return false;
    emit_c_module(m, false, out);
    const bool done = fclose(out) == 0;
    if (done)
        hash_kernels(m, text, variant, t);
    free(text);
    return done;
}

static bool read_net(const char *path, struct arena *a, struct sources *sources, struct diags *ds, struct program *p)
{
    const struct parse_options parse_options = {0};
    const struct sema_options sema_options = {0};
    struct interner *names = interner_create(a);
    struct ast ast = {0};

    return parse_file(path, &parse_options, a, names, sources, ds, &ast) == PARSE_OK &&
           sema_analyse(&ast, &sema_options, a, names, sources, ds, p);
}

static bool compile(const char *path, int variant, struct arena *a, struct table *t)
{
    struct sources sources = {.arena = a};
    struct diags ds;
    struct program p = {0};
    struct target target;

    diags_init(&ds, a, &sources);
    if (target_find(variants[variant].march, &target) != TARGET_OK || !read_net(path, a, &sources, &ds, &p)) {
        diag_print(&ds, DIAG_TEXT, false, stderr);
        return false;
    }
    pass_differentiate(p.graph);
    const struct plan_options plan_options = {.precision = variants[variant].precision, .batch = p.batch};
    const struct plan *plan = pass_plan(p.graph, &plan_options, a);
    const struct loop_module *m = pass_lower(plan, &target, a);
    return hash_c(m, variant, t);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: replay FILE.net\n");
        return 2;
    }
    struct arena *kept = arena_create(exhausted);
    struct table t = {.arena = kept};
    bool done = true;
    for (int v = 0; v < VARIANTS && done; v++) {
        struct arena *a = arena_create(exhausted);
        done = compile(argv[1], v, a, &t);
        arena_destroy(a);
    }
    for (size_t i = 0; i < t.row.count && done; i++) {
        printf("%s", t.row.at[i].name);
        for (int v = 0; v < VARIANTS; v++)
            printf(" %s", t.row.at[i].hash[v]);
        printf("\n");
    }
    arena_destroy(kept);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

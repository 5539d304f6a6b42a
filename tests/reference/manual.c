/* Prints one of the generated parts of the manual: what the compiler's own tables say of themselves.
 *
 * usage: manual operators | warnings | not-built | TABLE       TABLE: the `what` of a section_table, such as sources
 */
#include "compiler/ops/op.h"
#include "compiler/sema/sections.h"
#include "compiler/sema/tables.h"

#include <stdio.h>
#include <string.h>

/* ---- Operators ------------------------------------------------------------------------------------------------------- */

static void print_operators(void)
{
    for (size_t i = 0; ops[i] != NULL; i++)
        printf("\n### %s\n\n%s\n```net\n%s```\n", ops[i]->name, ops[i]->doc, ops[i]->example);
}

/* ---- Warnings -------------------------------------------------------------------------------------------------------- */

static void print_warnings(void)
{
    puts("| warning | of |\n|---|---|");
#define DIAG(id, number, summary)
#define WARNING(id, number, flag, summary) puts("| `" flag "` | " summary " |");
#include "compiler/support/diags.def"
#undef WARNING
#undef DIAG
}

/* ---- What sections hold ---------------------------------------------------------------------------------------------- */

/* "seed = 1", "count"; what is optional and has no default of its own is shown open: "on = …". */
static void print_parameter(const struct param *p)
{
    fputs(p->name, stdout);
    if (p->required)
        return;
    if (p->fallback_text != NULL)
        printf(" = %s", p->fallback_text);
    else if (p->type == PARAM_BOOL)
        printf(" = %s", p->fallback != 0 ? "true" : "false");
    else if (p->type == PARAM_NAME)
        printf(" = %s", p->choices[0]);
    else if (p->type == PARAM_STRING || (p->above_min && !(p->fallback > p->min)))
        printf(" = …");
    else
        printf(" = %g", p->fallback);
}

static void print_call(const struct op *op)
{
    printf("| `%s", op->name);
    for (int i = 0; i < op->param_count; i++) {
        fputs(i == 0 ? "(" : ", ", stdout);
        print_parameter(&op->params[i]);
    }
    printf("%s` | %s |\n", op->param_count > 0 ? ")" : "", op->doc);
}

static void print_key(const struct key *k)
{
    if (k->required)
        printf("| `%s` | must be set | %s |\n", k->name, k->doc);
    else
        printf("| `%s` | %s | %s |\n", k->name, k->fallback != NULL ? k->fallback : "none", k->doc);
}

static void print_table(const struct section_table *t)
{
    puts(t->keys != NULL ? "| setting | default | |\n|---|---|---|" : "| call | |\n|---|---|");
    for (size_t i = 0; i < t->count; i++) {
        if (t->keys != NULL && !t->keys[i].not_built)
            print_key(&t->keys[i]);
        if (t->forms != NULL && !t->forms[i].not_built)
            print_call(&t->forms[i].op);
    }
}

/* ---- What is not built yet ------------------------------------------------------------------------------------------- */

static void print_missing(const struct section_table *t)
{
    int count = 0;

    for (size_t i = 0; i < t->count; i++) {
        const bool missing = t->keys != NULL ? t->keys[i].not_built : t->forms[i].not_built;
        if (!missing)
            continue;
        if (count++ == 0)
            printf("| %s (`%s`) |", t->what, t->section);
        printf(" `%s`", t->keys != NULL ? t->keys[i].name : t->forms[i].op.name);
    }
    if (count > 0)
        puts(" |");
}

static void print_names(const char *of, const char *const names[])
{
    printf("| %s |", of);
    for (size_t i = 0; names[i] != NULL; i++)
        printf(" `%s`", names[i]);
    puts(" |");
}

static void print_not_built(void)
{
    puts("| of | not built yet |\n|---|---|");
    print_names("sections", sections_not_built);
    for (size_t i = 0; section_tables[i] != NULL; i++)
        print_missing(section_tables[i]);
}

/* ---- The program ----------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*print)(void);
} parts[] = {{"operators", print_operators}, {"warnings", print_warnings}, {"not-built", print_not_built}};

static int print_part(const char *name)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strcmp(parts[i].name, name) == 0) {
            parts[i].print();
            return 0;
        }
    for (size_t i = 0; section_tables[i] != NULL; i++)
        if (strcmp(section_tables[i]->what, name) == 0) {
            print_table(section_tables[i]);
            return 0;
        }
    fprintf(stderr, "manual: there is no part %s\n", name);
    return 2;
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fputs("usage: manual PART\n", stderr);
        return 2;
    }
    return print_part(argv[1]);
}

/* sections: collects the statements of each section, and reads them by its table: each setting once, in the form that its row
 * asks for. */
#include "compiler/sema/sections.h"

#include "compiler/sema/call.h"
#include "compiler/sema/evaluate.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/tables.h"
#include "compiler/support/synonyms.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* ---- Which sections there are ---------------------------------------------------------------------------------------- */

static const struct section_row {
    const char *name;
    size_t place;    /* in struct sections */
} rows[] = {
    {"data", offsetof(struct sections, data)},
    {"init", offsetof(struct sections, init)},
    {"regularize", offsetof(struct sections, regularize)},
    {"train", offsetof(struct sections, train)},
    {"compile", offsetof(struct sections, compile)},
};

const char *const sections_not_built[] = {"augment", "transfer", "alternate", NULL};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* The place of a section in the struct. */
static const struct ast_decl **slot(struct sections *s, const struct section_row *row)
{
    return (const struct ast_decl **)(void *)((char *)s + row->place);
}

static const struct section_row *find_row(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static bool second_section(struct diags *ds, const struct ast_decl *first, const struct ast_decl *second)
{
    const char *kind = second->as.section.kind.text;

    if (strcmp(kind, "train") == 0 && first->name.text != second->name.text)
        diag_error(ds, second->at, DIAG_SECTION_NOT_BUILT, "several train sections are not built yet");
    else
        diag_error(ds, second->at, DIAG_DOUBLE_SECTION, "there is a section %s already", kind);
    diag_note(ds, first->at, "the first one is here");
    return false;
}

static bool collect(struct diags *ds, const struct ast_decl *d, struct sections *s)
{
    const struct ast_name *kind = &d->as.section.kind;
    const struct section_row *row = find_row(kind->text);

    if (names_have(sections_not_built, kind->text))
        return diag_error(ds, kind->at, DIAG_SECTION_NOT_BUILT, "the section %s is not built yet", kind->text);
    if (row == NULL) {
        diag_error(ds, kind->at, DIAG_UNKNOWN_SECTION, "there is no section %s", kind->text);
        hint_word(ds, WORD_SECTION, kind->text, rows, ROWS);
        return false;
    }
    if (strcmp(row->name, "data") == 0 && d->name.text != NULL)
        return diag_error(ds, d->name.at, DIAG_MISPLACED, "the section data has no name");
    const struct ast_decl **place = slot(s, row);
    if (*place != NULL)
        return second_section(ds, *place, d);
    *place = d;
    return true;
}

bool sections_collect(struct diags *ds, const struct ast *ast, struct sections *s)
{
    bool ok = true;

    *s = (struct sections){0};
    for (const struct ast_decl *d = ast->decls; d != NULL; d = d->next)
        if (d->kind == AST_SECTION)
            ok = collect(ds, d, s) && ok;
    return ok;
}

/* ---- Settings -------------------------------------------------------------------------------------------------------- */

static bool read_setting(struct frame *f, const struct ast_decl *section, const struct ast_stmt *stmt, const struct key keys[],
                         size_t count, struct setting settings[])
{
    const char *kind = section->as.section.kind.text;

    if (stmt->kind != AST_BIND || stmt->as.bind.targets->next != NULL) {
        diag_error(f->x->diags, stmt->at, DIAG_MISPLACED, "the section %s holds settings: key = value;", kind);
        if (stmt->kind == AST_EVAL && stmt->as.eval->from->kind == AST_CALL && stmt->as.eval->from->as.label.text != NULL)
            diag_hint(f->x->diags, "'=' stands behind the key: %s = ...;", stmt->as.eval->from->as.label.text);
        return false;
    }
    const struct ast_name *name = &stmt->as.bind.targets->name;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i].name, name->text) != 0)
            continue;
        if (keys[i].not_built)
            return diag_error(f->x->diags, name->at, DIAG_SETTING_NOT_BUILT, "the setting %s is not built yet", name->text);
        if (settings[i].pipe != NULL) {
            diag_error(f->x->diags, name->at, DIAG_DOUBLE_KEY, "%s is set twice", name->text);
            diag_note(f->x->diags, settings[i].key_at, "it is set here");
            return false;
        }
        settings[i] = (struct setting){.pipe = stmt->as.bind.pipe, .key_at = name->at};
        return true;
    }
    diag_error(f->x->diags, name->at, DIAG_UNKNOWN_KEY, "the section %s has no setting %s", kind, name->text);
    hint_word(f->x->diags, WORD_SETTING, name->text, keys, count);
    return false;
}

/* All that is missing, in one message. */
static bool check_required(struct frame *f, const struct ast_decl *section, const struct key keys[], size_t count,
                           const struct setting settings[])
{
    const char *missing = NULL;

    for (size_t i = 0; i < count; i++)
        if (keys[i].required && settings[i].pipe == NULL)
            missing = missing == NULL ? keys[i].name : arena_printf(f->x->arena, "%s, %s", missing, keys[i].name);
    return missing == NULL || diag_error(f->x->diags, section->at, DIAG_MISSING_KEY, "the section %s does not set %s",
                                         section->as.section.kind.text, missing);
}

bool sections_read(struct frame *f, const struct ast_decl *section, const struct key keys[], size_t count,
                   struct setting settings[])
{
    bool ok = true;

    for (const struct ast_stmt *stmt = section->as.section.body; stmt != NULL; stmt = stmt->next)
        ok = read_setting(f, section, stmt, keys, count, settings) && ok;
    return ok && check_required(f, section, keys, count, settings);
}

const struct ast_expr *setting_expression(struct frame *f, const struct setting *s, const char *key)
{
    if (s->pipe->chain == NULL)
        return s->pipe->from;
    diag_error(f->x->diags, s->pipe->at, DIAG_SECTION_VALUE, "%s takes no chain", key);
    return NULL;
}

bool setting_int(struct frame *f, const struct setting *s, const char *key, int64_t min, int64_t max, int64_t *result)
{
    const struct ast_expr *e = setting_expression(f, s, key);

    if (e == NULL || !evaluate_int(f, e, key, result))
        return false;
    if (*result < min)
        return diag_error(f->x->diags, e->at, DIAG_VALUE_RANGE, "%s must be at least %" PRId64 ", got %" PRId64, key, min, *result);
    if (*result > max)
        return diag_error(f->x->diags, e->at, DIAG_VALUE_RANGE, "%s must be at most %" PRId64 ", got %" PRId64, key, max, *result);
    return true;
}

bool setting_choice(struct frame *f, const struct setting *s, const char *key, const char *const choices[], int *result)
{
    const struct ast_expr *e = setting_expression(f, s, key);
    const char *list = choices[0];
    int count = 1;

    if (e == NULL)
        return false;
    for (; choices[count] != NULL; count++)
        list = arena_printf(f->x->arena, "%s%s%s", list, choices[count + 1] == NULL ? " or " : ", ", choices[count]);
    for (int i = 0; e->kind == AST_NAME && i < count; i++)
        if (strcmp(e->as.name, choices[i]) == 0) {
            *result = i;
            return true;
        }
    diag_error(f->x->diags, e->at, DIAG_SECTION_VALUE, "%s must be %s", key, list);
    if (e->kind == AST_STRING)
        hint_unquoted(f->x->diags, e->as.string.text);
    else if (e->kind == AST_NAME)
        hint_word(f->x->diags, WORD_CHOICE, e->as.name, choices, (size_t)count);
    return false;
}

/* ---- Calls ----------------------------------------------------------------------------------------------------------- */

bool sections_no_label(struct frame *f, const struct ast_expr *e)
{
    return e->kind != AST_CALL || e->as.label.text == NULL ||
           diag_error(f->x->diags, e->as.label.at, DIAG_MISPLACED, "a label names a layer, and %s is none", e->as.call.callee.text);
}

bool sections_as_call(struct frame *f, const struct ast_expr *e, const char *what, struct ast_call *call)
{
    if (!sections_no_label(f, e))
        return false;
    if (e->kind == AST_CALL)
        *call = e->as.call;
    else if (e->kind == AST_NAME)
        *call = (struct ast_call){.callee = {e->as.name, e->at}};
    else
        diag_error(f->x->diags, e->at, DIAG_SECTION_VALUE, "this must be %s", what);
    if (e->kind == AST_STRING)
        hint_unquoted(f->x->diags, e->as.string.text);
    return e->kind == AST_CALL || e->kind == AST_NAME;
}

const struct form *sections_call(struct frame *f, const struct ast_call *call, struct span at, const struct form forms[],
                                 size_t count, enum word_kind kind, struct op_arg arg[])
{
    const char *what = word_kind_text(kind);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(forms[i].op.name, call->callee.text) != 0)
            continue;
        if (forms[i].not_built) {
            diag_error(f->x->diags, call->callee.at, DIAG_SETTING_NOT_BUILT, "the %s %s is not built yet", what, call->callee.text);
            return NULL;
        }
        return call_form(f, &forms[i].op, call->args, at, arg) ? &forms[i] : NULL;
    }
    diag_error(f->x->diags, call->callee.at, DIAG_SECTION_VALUE, "there is no %s %s", what, call->callee.text);
    hint_word(f->x->diags, kind, call->callee.text, forms, count);
    return NULL;
}

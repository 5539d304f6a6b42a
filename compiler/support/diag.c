/* diag: appends diagnostics, drops repetitions, and keeps the calls and includes in which they arose for notes. */
#include "compiler/support/diag.h"

#include "compiler/support/text.h"

#include <stdarg.h>
#include <string.h>

struct diag_context {
    struct span at;
    const char *text;    /* of the note */
    struct diag_context *outer;
};

static const struct warning {
    enum diag_code code;
    const char *flag;
} warnings[] = {
#define DIAG(id, number, summary)
#define WARNING(id, number, flag, summary) {DIAG_##id, flag},
#include "compiler/support/diags.def"
#undef WARNING
#undef DIAG
    {(enum diag_code)0, NULL},
};

const char *diag_warning_flag(enum diag_code code)
{
    for (const struct warning *w = warnings; w->flag != NULL; w++)
        if (w->code == code)
            return w->flag;
    return NULL;
}

static void set_level(struct diags *ds, enum diag_code code, enum diag_level level)
{
    switch (level) {
    case DIAG_LEVEL_OFF: ds->disabled[code] = true; break;
    case DIAG_LEVEL_ON: ds->disabled[code] = false; break;
    case DIAG_LEVEL_ERROR:
        ds->disabled[code] = false;
        ds->error[code] = 1;
        break;
    case DIAG_LEVEL_NO_ERROR: ds->error[code] = -1; break;
    }
}

bool diag_set_level(struct diags *ds, const char *name, enum diag_level level)
{
    bool known = false;

    for (const struct warning *w = warnings; w->flag != NULL; w++)
        if (strcmp(w->flag, name) == 0) {
            set_level(ds, w->code, level);
            known = true;
        }
    return known;
}

bool diag_set_warning(struct diags *ds, const char *name, bool enabled)
{
    return diag_set_level(ds, name, enabled ? DIAG_LEVEL_ON : DIAG_LEVEL_OFF);
}

static bool is_error(const struct diags *ds, enum diag_code code)
{
    return ds->error[code] > 0 || (ds->warnings_are_errors && ds->error[code] == 0);
}

void diags_init(struct diags *ds, struct arena *arena, const struct sources *sources)
{
    memset(ds, 0, sizeof *ds);
    ds->arena = arena;
    ds->sources = sources;
}

static struct diag *new_note(struct diags *ds, struct span at, const char *text)
{
    struct diag *note = arena_new(ds->arena, struct diag);

    note->severity = SEVERITY_NOTE;
    note->at = at;
    note->text = text;
    return note;
}

/* At most this many of the innermost calls are named: a deep stack says no more than its ends. */
enum { MAX_CALLS = 8 };

static struct diag *notes_of_calls(struct diags *ds)
{
    struct diag *first = NULL, **end = &first;
    int count = 0;

    for (const struct diag_context *c = ds->context; c != NULL && count < MAX_CALLS; c = c->outer, count++) {
        *end = new_note(ds, c->at, c->text);
        end = &(*end)->next;
    }
    return first;
}

static bool same_place(struct span a, struct span b)
{
    return a.file == b.file && a.begin == b.begin && a.end == b.end;
}

static bool is_known(const struct diags *ds, struct span at, enum diag_code code, const char *text)
{
    for (const struct diag *d = ds->first; d != NULL; d = d->next)
        if (d->code == code && same_place(d->at, at) && strcmp(d->text, text) == 0)
            return true;
    return false;
}

static void append(struct diags *ds, enum diag_severity severity, struct span at, enum diag_code code, const char *text)
{
    struct diag *d = arena_new(ds->arena, struct diag);

    *d = (struct diag){.severity = severity, .code = code, .at = at, .text = text, .calls = notes_of_calls(ds)};
    if (ds->last == NULL)
        ds->first = d;
    else
        ds->last->next = d;
    ds->last = d;
    ds->latest = d;
}

static void add(struct diags *ds, enum diag_severity severity, struct span at, enum diag_code code, const char *text)
{
    ds->latest = NULL;
    if (is_known(ds, at, code, text))
        return;
    if (severity == SEVERITY_WARNING)
        ds->warnings++;
    else if (++ds->errors > DIAG_MAX_ERRORS)
        return;
    append(ds, severity, at, code, text);
}

bool diag_error(struct diags *ds, struct span at, enum diag_code code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(ds, SEVERITY_ERROR, at, code, arena_vprintf(ds->arena, format, arguments));
    va_end(arguments);
    return false;
}

void diag_warning(struct diags *ds, struct span at, enum diag_code code, const char *format, ...)
{
    va_list arguments;

    if (ds->disabled[code]) {
        ds->latest = NULL;
        return;
    }
    va_start(arguments, format);
    add(ds, is_error(ds, code) ? SEVERITY_ERROR : SEVERITY_WARNING, at, code, arena_vprintf(ds->arena, format, arguments));
    va_end(arguments);
}

void diag_note(struct diags *ds, struct span at, const char *format, ...)
{
    va_list arguments;

    if (ds->latest == NULL)
        return;
    struct diag **end = &ds->latest->notes;
    while (*end != NULL)
        end = &(*end)->next;
    va_start(arguments, format);
    *end = new_note(ds, at, arena_vprintf(ds->arena, format, arguments));
    va_end(arguments);
}

void diag_hint(struct diags *ds, const char *format, ...)
{
    va_list arguments;

    if (ds->latest == NULL)
        return;
    va_start(arguments, format);
    ds->latest->hint = arena_vprintf(ds->arena, format, arguments);
    va_end(arguments);
}

bool diag_hint_nearest_row(struct diags *ds, const char *word, const void *table, size_t stride, size_t count)
{
    const char **names = arena_array(ds->arena, const char *, count);

    for (size_t i = 0; i < count; i++)
        memcpy(&names[i], (const char *)table + i * stride, sizeof names[i]);
    const char *nearest = text_nearest(word, names, count);
    if (nearest != NULL)
        diag_hint(ds, "did you mean %s?", nearest);
    return nearest != NULL;
}

static void push(struct diags *ds, struct span at, const char *text)
{
    struct diag_context *c = arena_new(ds->arena, struct diag_context);

    *c = (struct diag_context){.at = at, .text = text, .outer = ds->context};
    ds->context = c;
}

void diag_push_context(struct diags *ds, struct span at, const char *name)
{
    push(ds, at, arena_printf(ds->arena, "in the call of %s from here", name));
}

void diag_push_include(struct diags *ds, struct span at)
{
    push(ds, at, "included from here");
}

void diag_pop_context(struct diags *ds)
{
    ds->context = ds->context->outer;
}

/* diag: errors, warnings and notes as values, printed at the end as text or JSON.
 *
 * A check ends in `return diag_error(...)`: it appends the error and returns false. `false` from any front-end function means
 * that at least one error was added.
 */
#ifndef NETC_SUPPORT_DIAG_H
#define NETC_SUPPORT_DIAG_H

#include "compiler/support/arena.h"
#include "compiler/support/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum diag_code {
#define DIAG(id, number, summary) DIAG_##id = (number),
#define WARNING(id, number, flag, summary) DIAG_##id = (number),
#include "compiler/support/diags.def"
#undef WARNING
#undef DIAG
};

enum diag_severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

struct diag {
    enum diag_severity severity;
    enum diag_code code;
    struct span at;
    const char *text;
    const char *hint;     /* "   hint: …" after the notes, or NULL */
    struct diag *notes;   /* in the order in which they were added */
    struct diag *calls;   /* the notes of the calls and includes in progress, innermost first; printed after the others */
    struct diag *next;
};

struct diags {
    struct arena *arena;
    const struct sources *sources;
    struct diag *first, *last;
    size_t errors, warnings;
    bool warnings_are_errors;       /* -Werror */
    bool disabled[4096];            /* by code: -Wno-NAME */
    signed char error[4096];        /* by code: 1 -Werror=NAME, -1 -Wno-error=NAME, 0 as warnings_are_errors says */
    struct diag *latest;            /* what notes and hints attach to; NULL after a diagnostic that was dropped */
    struct diag_context *context;   /* the innermost call in progress */
};

enum diag_format { DIAG_TEXT, DIAG_JSON };

/* At most this many errors are kept; later ones only count. */
enum { DIAG_MAX_ERRORS = 20 };

void diags_init(struct diags *ds, struct arena *arena, const struct sources *sources);

/* Appends an error. Always returns false. A second error at the same span with the same text is dropped. */
bool diag_error(struct diags *ds, struct span at, enum diag_code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Appends a warning, unless it is switched off. Counts as an error under -Werror. */
void diag_warning(struct diags *ds, struct span at, enum diag_code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Adds a second place to the latest error or warning: "the size 4x4 comes from here". */
void diag_note(struct diags *ds, struct span at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Says what would mend the latest error or warning. */
void diag_hint(struct diags *ds, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Suggests the nearest to `word` of `count` names that stand at the front of a table's rows, if one is near: "did you mean NAME?".
 * Returns whether it did. */
#define diag_hint_nearest(ds, word, table, count) diag_hint_nearest_row((ds), (word), (table), sizeof *(table), (count))
bool diag_hint_nearest_row(struct diags *ds, const char *word, const void *table, size_t stride, size_t count);

/* Calls in progress: while a context is pushed, each new diagnostic gets the note "in the call of NAME from here". */
void diag_push_context(struct diags *ds, struct span at, const char *name);
void diag_pop_context(struct diags *ds);

/* The same for files: the note is "included from here". Ended by diag_pop_context. */
void diag_push_include(struct diags *ds, struct span at);

/* Whether `name` is a warning flag ("unused-border"); switches it off or on. */
bool diag_set_warning(struct diags *ds, const char *name, bool enabled);

/* The same for all that can be said of one: -Wno-NAME, -WNAME, -Werror=NAME (which switches it on), -Wno-error=NAME. */
enum diag_level { DIAG_LEVEL_OFF, DIAG_LEVEL_ON, DIAG_LEVEL_ERROR, DIAG_LEVEL_NO_ERROR };
bool diag_set_level(struct diags *ds, const char *name, enum diag_level level);

/* The flag of a warning ("unused-border"), or NULL for the code of an error. */
const char *diag_warning_flag(enum diag_code code);

/* Prints all diagnostics, in the order in which they were added. */
void diag_print(const struct diags *ds, enum diag_format format, bool color, FILE *out);

#endif

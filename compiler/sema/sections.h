/* sections: settings of the form `key = value;`, and the calls in them (grammar/REFERENCE.md, Sections). */
#ifndef NETC_SEMA_SECTIONS_H
#define NETC_SEMA_SECTIONS_H

#include "compiler/ops/op.h"
#include "compiler/support/diag.h"
#include "compiler/support/synonyms.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>
#include <stddef.h>

struct frame;

/* The sections of a file; NULL: not there. */
struct sections {
    const struct ast_decl *data, *init, *regularize, *train, *compile;
};

/* Finds them; reports unknown, doubled and not yet built ones. */
bool sections_collect(struct diags *ds, const struct ast *ast, struct sections *s);

/* A row of a section's table. */
struct key {
    const char *name;
    bool required;
    bool not_built;          /* of the language, but not of this version */
    const char *fallback;    /* for the manual: what holds where it is left out; NULL: nothing */
    const char *doc;         /* for the manual, in Markdown */
};

/* What a key was set to. */
struct setting {
    const struct ast_pipe *pipe;    /* NULL: not given */
    struct span key_at;
};

/* Fills settings[i] for keys[i]; reports unknown, doubled, missing and not yet built keys, and statements that are no settings. */
bool sections_read(struct frame *f, const struct ast_decl *section, const struct key keys[], size_t count,
                   struct setting settings[]);

/* An argument of a section: the value of an expression without a chain. Returns NULL after an error. */
const struct ast_expr *setting_expression(struct frame *f, const struct setting *s, const char *key);

/* A setting that is one integer within bounds; one of some names (its index). */
bool setting_int(struct frame *f, const struct setting *s, const char *key, int64_t min, int64_t max, int64_t *result);
bool setting_choice(struct frame *f, const struct setting *s, const char *key, const char *const choices[], int *result);

/* A form: what a section can call, as a table of parameters; `forms[i]` is called `forms[i].op.name`. */
struct form {
    struct op op;        /* name, parameters and doc only */
    int kind;            /* what the section makes of it */
    bool not_built;
};

/* Reads a call `name(…)` or a bare `name` as one of `forms`. Returns NULL after an error. `kind` says what forms they
 * are, for messages. Fills `arg` (MAX_PARAMS of them) by the form's parameters. */
const struct form *sections_call(struct frame *f, const struct ast_call *call, struct span at, const struct form forms[],
                                 size_t count, enum word_kind kind, struct op_arg arg[]);

/* Whether no label stands before a call; reports it. */
bool sections_no_label(struct frame *f, const struct ast_expr *e);

/* An expression that is a call or a bare name; false after an error that names `what` was wanted. */
bool sections_as_call(struct frame *f, const struct ast_expr *e, const char *what, struct ast_call *call);

#endif

/* scope: the names of one net or of one call of a block, and whether they were ever used.
 *
 * A name may be bound again; the latest binding counts. A place in the source may be expanded many times (a block that is called
 * twice): it counts as used if any of its bindings was.
 */
#ifndef NETC_SEMA_SCOPE_H
#define NETC_SEMA_SCOPE_H

#include "compiler/sema/value.h"
#include "compiler/support/diag.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>

struct arena;
struct map;

/* What stands at a place that binds a name; an unused label or output is no fault. */
enum declaration_kind { DECLARATION_LABEL, DECLARATION_BINDING, DECLARATION_PARAMETER };

/* A place that binds a name. */
struct declaration {
    const char *name;
    struct span at;
    enum declaration_kind kind;
    bool used;
    struct declaration *next;
};

/* All declarations of a compilation, in the order in which they were first met. */
struct declarations {
    struct arena *arena;
    struct map *by_place;     /* of struct ast_name */
    struct declaration *first, **end;
};

struct binding {
    struct sema_value operand;
    struct declaration *declaration;    /* NULL for `in` */
};

struct scope {
    struct arena *arena;
    struct map *bindings;
    VEC(const char *) names;    /* each once: candidates for suggestions */
};

void declarations_init(struct declarations *d, struct arena *a);

/* The declaration at `name`. */
struct declaration *declare(struct declarations *d, const struct ast_name *name, enum declaration_kind kind);

/* Warns of what was never used. */
void declarations_report(const struct declarations *d, struct diags *ds);

void scope_init(struct scope *s, struct arena *a);
void scope_bind(struct scope *s, const char *name, struct sema_value operand, struct declaration *declaration);
/* Binds in `to` what is bound in `from`. */
void scope_copy(struct scope *to, const struct scope *from);

void scope_unbind(struct scope *s, const char *name);

/* The latest binding of an interned name, or NULL. Does not count as a use. */
struct binding *scope_find(const struct scope *s, const char *name);

/* The same, and marks it used. */
const struct sema_value *scope_use(struct scope *s, const char *name);

/* Marks as used all names in code that the compiler skips: the arm of an `if` that was not taken. Each takes a whole list. */
void scope_use_statements(struct scope *s, const struct ast_stmt *list);
void scope_use_chain(struct scope *s, const struct ast_stage *chain);
void scope_use_expression(struct scope *s, const struct ast_expr *e);

#endif

/* emitter: what the parts of the C back end share. Internal to compiler/emit/c. */
#ifndef NETC_EMIT_C_EMITTER_H
#define NETC_EMIT_C_EMITTER_H

#include "compiler/emit/kernel_view.h"
#include "compiler/loop/loop.h"
#include "compiler/support/vec.h"

#include <stdbool.h>
#include <stdio.h>

struct names;

struct c_pointer {
    const char *name;
    bool declared;    /* in scope at the place being printed */
};

struct emitter {
    const struct loop_module *module;
    struct kernel_view *view;            /* of the kernel or function being printed */
    FILE *out;
    int depth;
    const char **axis_name;              /* by axis */
    struct c_pointer *pointer;           /* by number in the view */
    const char **variable_name;          /* by number in the view */
    FILE *file;                          /* what `out` is outside a statement */
    char *text;                          /* of the statement being printed */
    size_t length;
    bool lines;                          /* say to debuggers which line of the net each statement computes */
    struct names *taken;                 /* by pointers and axes */
};

/* ---- names.c: names that cannot collide ---------------------------------------------------------------------------- */

void c_begin_kernel(struct emitter *e, const struct loop_kernel *k);
void c_begin_function(struct emitter *e, const struct loop_function *f);

const char *c_axis_name(const void *emitter, loop_axis axis);
const char *c_variable_name(const struct emitter *e, const struct loop_variable *v);

/* ---- expressions.c ------------------------------------------------------------------------------------------------- */

void c_expr(const struct emitter *e, const struct loop_expr *x);
void c_place(const struct emitter *e, const struct loop_place *place);

/* The address of a place: "image" or "&image[h*16]". */
void c_address(const struct emitter *e, const struct loop_place *place);
void c_index(const struct emitter *e, const struct loop_index *index);

/* The operator o of "v o= y" for what is v = v o y, or NULL: C has none. */
const char *c_update_operator(const struct loop_expr *x);

/* ---- statements.c -------------------------------------------------------------------------------------------------- */

/* What is printed between the two is one statement: on a line, or on several where one would be too long. */
void c_begin_statement(struct emitter *e);
void c_end_statement(struct emitter *e);

/* A string literal, in pieces of about a line where `margin` says what stands before each; '?' is escaped so that no trigraph
 * appears. */
void c_string(const char *text, const char *margin, FILE *out);

/* ---- loops.c ------------------------------------------------------------------------------------------------------- */

/* `name`: of the function. */
void c_kernel(struct emitter *e, const struct loop_kernel *k, const char *name);
void c_function(struct emitter *e, const struct loop_function *f);

/* Prints `text` so that it neither ends nor nests the comment it stands in, and makes no trigraph. */
void c_comment_text(const char *text, FILE *out);

#endif

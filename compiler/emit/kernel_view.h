/* kernel_view: what a back end asks of a kernel or function before and while it writes it. Every back end reads the same view, so
 * that all tell their compilers the same of memory.
 *
 * A *pointer* is a buffer in one lane block, where it has one for each: what places are reached from. It can be computed where the
 * axes of its block are in scope.
 */
#ifndef NETC_EMIT_KERNEL_VIEW_H
#define NETC_EMIT_KERNEL_VIEW_H

#include "compiler/loop/loop.h"
#include "compiler/support/vec.h"

#include <stdbool.h>

struct map;

struct view_pointer {
    const struct loop_buffer *buffer;
    loop_buffer_id id;
    struct loop_index block;
    bool written;     /* a store goes through it */
    bool unshared;    /* no other pointer may reach the same bytes, unless both only read (`restrict`) */
};

struct view_variable {
    const struct loop_variable *variable;
    int number;    /* in the view */
    bool set;      /* LOOP_SET changes it */
};

struct kernel_view {
    const struct loop_module *module;
    const struct loop_kernel *kernel;    /* NULL: of a function */
    VEC(struct view_pointer) pointer;
    VEC(struct view_variable *) variable;    /* of a function the first is its parameter */
    struct map *by_variable;                 /* of loop_variable: view_variable */
    bool *axis_used;                         /* by axis: an index mentions it */
    bool *in_scope;                          /* by axis: what is written now stands inside it */
    bool uses_step;                          /* memory outside the kernel, or the number of lane blocks */
};

/* In the module's arena. */
struct kernel_view *view_of_kernel(const struct loop_module *m, const struct loop_kernel *k);
struct kernel_view *view_of_function(const struct loop_module *m, const struct loop_function *f);

/* The number of the pointer from which a place is reached. */
int view_pointer_of(const struct kernel_view *v, const struct loop_place *place);
const struct view_variable *view_variable_of(const struct kernel_view *v, const struct loop_variable *variable);

/* Whether two pointers may reach the same bytes: one buffer in two lane blocks, or buffers whose places overlap. */
bool view_may_meet(const struct kernel_view *v, size_t i, size_t j);

/* Whether a pointer can be computed in the present scope, and whether a statement or one after it reaches through it. */
bool view_is_ready(const struct kernel_view *v, size_t pointer);
bool view_is_used(const struct kernel_view *v, size_t pointer, const struct loop *s);

#endif

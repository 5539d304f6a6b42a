/* identifiers: what generated C may call things, and what debuggers call kernels, whichever back end made them. */
#ifndef NETC_EMIT_IDENTIFIERS_H
#define NETC_EMIT_IDENTIFIERS_H

#include <stdbool.h>

struct loop_module;

/* Whether a variable of a function may not have a name: C has a word of it, a header may have a macro of it, or the vocabulary of
 * netrt/vector.h does. */
bool identifier_is_word(const char *name);

/* Whether a function may not have a name: those, and what C's library declares or compilers call by themselves. */
bool identifier_is_global(const char *name);

/* By number of the kernel: what its function is called. A kernel's own name wherever C allows it, else with "kernel_" in front.
 * Unique. In the module's arena. */
const char *const *identifiers_of_kernels(const struct loop_module *m);

#endif

/* backend: who makes the machine code. */
#ifndef NETC_DRIVER_BACKEND_H
#define NETC_DRIVER_BACKEND_H

#include "compiler/driver/status.h"

#include <stdbool.h>
#include <stdio.h>

struct arena;
struct compilation;
struct output;

enum backend { BACKEND_UNSAID, BACKEND_C, BACKEND_LLVM };

/* The back end of that name ("c", "llvm"), or BACKEND_UNSAID. */
enum backend backend_find(const char *name);

/* Whether this netc has it. LLVM is there where its libraries were when netc was built. */
bool backend_is_built(enum backend b);

/* "LLVM 19.1.7", or NULL if LLVM is not built in. */
const char *backend_llvm_version(void);

/* The one that is taken where neither the command line nor the file says which. */
enum backend backend_default(void);

/* The names of those built in, the default first: "llvm, c". */
const char *backend_list(void);

/* Which one makes what is asked for: the command line's, else the file's (compile { backend = ...; }), else the default; for the
 * stages "c" and "llvm" their own. Says why and returns false if it is not built in. */
bool backend_choose(struct compilation *c);

/* "c" or "llvm", and "gcc" or "LLVM 19.1.7": for the model's description. */
const char *backend_name(enum backend b);
const char *backend_compiler(struct compilation *c);

/* LLVM's text, after its passes, of the module or of the kernels that options->kernel names. */
enum status backend_llvm_text(struct compilation *c, FILE *out);

/* Each writes to to->temporary. On failure the reason was printed. */
enum status backend_assembly(struct compilation *c, const struct output *to);
enum status backend_object(struct compilation *c, const struct output *to);
enum status backend_executable(struct compilation *c, const struct output *to);

#endif

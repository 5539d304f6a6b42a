/* compile_llvm: compiles loops with the LLVM back end and loads the result. Tests run in the project's root. */
#ifndef NETC_TESTS_SUPPORT_COMPILE_LLVM_H
#define NETC_TESTS_SUPPORT_COMPILE_LLVM_H

#include "tests/support/compile_c.h"

#include "compiler/emit/llvm/module.h"

struct arena;
struct loop_module;

/* Options for x86-64-v3 or v4, -O`level`, vectors as wide as the module's. */
struct llvm_options llvm_options_for(const struct loop_module *m, const char *march, int level, enum llvm_product product);

/* Links the object with the runtime's cpu.c and loads it; fails the test if that does not work or LLVM complains. */
struct loaded llvm_compile_and_load(const struct loop_module *m, const char *march, int level);

/* What emit_llvm writes, in the arena. */
const char *llvm_emitted(const struct loop_module *m, const struct llvm_options *o, size_t *length);

#endif

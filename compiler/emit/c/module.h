/* module: loops as one C11 file (--emit=c).
 *
 * The file includes "netrt/model.h" and "netrt/vector.h" alone and defines `netrt_model`; it is linked with libnetrt, for
 * netrt_cpu_lacks. It compiles without warnings under -std=c11 -Wall -Wextra with gcc 12 and clang 19. Its bits need
 * -ffp-contract=off; see vector.h.
 */
#ifndef NETC_EMIT_C_MODULE_H
#define NETC_EMIT_C_MODULE_H

#include <stdbool.h>
#include <stdio.h>

struct loop_module;

/* Prints the whole file. `m` has passed loop_verify. `lines`: the C compiler is to say to debuggers which lines of the net statements
 * come from, instead of lines of this file. */
void emit_c_module(const struct loop_module *m, bool lines, FILE *out);

/* Prints the kernels whose names match `pattern` (text_matches), and nothing around them. */
void emit_c_kernels(const struct loop_module *m, const char *pattern, FILE *out);

#endif

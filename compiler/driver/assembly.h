/* assembly: what --kernel leaves of an assembly file. */
#ifndef NETC_DRIVER_ASSEMBLY_H
#define NETC_DRIVER_ASSEMBLY_H

#include "compiler/driver/status.h"

struct arena;
struct loop_module;
struct output;

/* Reduces the assembly in to->temporary to the kernels of `m` whose names match: of each, its label to the end of its code. Constants
 * and tables are left out. On failure the reason was printed. */
enum status assembly_keep_kernels(const struct loop_module *m, const char *pattern, const struct output *to, struct arena *a);

#endif

/* native: from the module's C to assembly, objects and executables, through the system's C compiler ($CC, else cc). */
#ifndef NETC_DRIVER_NATIVE_H
#define NETC_DRIVER_NATIVE_H

#include "compiler/driver/status.h"

struct arena;
struct compilation;
struct output;

/* The folder with the runtime's libraries and headers, beside netc; NULL if it is not there. */
const char *native_runtime_folder(struct arena *a);

/* The C compiler's name without its folder, for the model's description. */
const char *native_compiler_name(struct compilation *c);

/* Each writes to to->temporary. On failure the reason was printed: STATUS_SYSTEM if the compiler, the linker or the runtime is missing
 * or fails for a reason of its own, STATUS_DEFECT if the compiler refuses what netc wrote. */
enum status native_assembly(struct compilation *c, const struct output *to);
enum status native_object(struct compilation *c, const struct output *to);

/* Links an object of any back end with the runtime to a trainer. */
enum status native_link(struct compilation *c, const char *object, const struct output *to);

#endif

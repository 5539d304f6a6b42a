/* compile_c: compiles a text of C with the system's compilers and loads it. Tests run in the project's root. */
#ifndef NETC_TESTS_SUPPORT_COMPILE_C_H
#define NETC_TESTS_SUPPORT_COMPILE_C_H

#include <stdbool.h>

struct loaded {
    void *handle;    /* for dlsym; NULL: nothing is loaded */
};

/* Whether `compiler` can be run, and whether this CPU has what -march=`march` ("x86-64-v3" or "x86-64-v4") allows. */
bool can_compile(const char *compiler);
bool can_run(const char *march);

/* Compiles with the flags that netc uses and -Wall -Wextra -Werror, and loads the result; fails the test if either does not
 * work. */
struct loaded compile_and_load(const char *compiler, const char *march, const char *text);
void unload(struct loaded *l);

/* The same flags, to assembly, without running anything; the caller frees the text. */
char *compile_to_assembly(const char *compiler, const char *march, const char *text);

#endif

/* target: the CPUs that code is generated for (-march=). */
#ifndef NETC_EMIT_TARGET_H
#define NETC_EMIT_TARGET_H

#include "compiler/lower/lower.h"

#include <stdbool.h>
#include <stddef.h>

struct target {
    const char *name;     /* as given to -march */
    const char *march;    /* what the C compiler's -march= is given */
    const char *tune;     /* LLVM's name of the CPU whose timings count; "native" */
    struct schedule_target schedule;
};

enum target_status {
    TARGET_OK,
    TARGET_UNKNOWN,     /* no CPU of that name is known */
    TARGET_TOO_OLD      /* below x86-64-v3: no AVX2 and FMA */
};

/* Finds a CPU by name; "native" is the one that netc runs on. Leaves *t unspecified unless TARGET_OK. */
enum target_status target_find(const char *name, struct target *t);

/* The names that target_find knows and that a message may suggest. Returns how many. */
size_t target_names(const char *const **names);

#endif

/* target: the CPUs that code is generated for (-march=), and the facts about them that choose tiles and instructions.
 *
 * No fact about a target changes a bit of a result: what can is decided on the graph, from shapes.
 */
#ifndef NETC_TARGET_TARGET_H
#define NETC_TARGET_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A level of the x86-64 psABI: the instructions that a binary for it needs. */
struct isa {
    const char *name;        /* "x86-64-v3": as LLVM and C compilers call it */
    const char *triple;      /* LLVM's name of the architecture and the system */
    const char *features;    /* what the CPU must have, by the names that the runtime asks for, separated by blanks */
    int vector_bytes;        /* of its widest register */
    int vector_registers;
};

/* A cache of 64-byte lines, read by the tiles of contractions (lower/contraction.c) and the chunks of updates (lower/update.c); the plan
 * never sees a target, so that places do not depend on it. Rows whose distance is a multiple of cache_span(c) fall into the same set, which holds `ways` lines. */
struct cache {
    int64_t bytes;
    int ways;
};

struct target {
    const char *name; /* as given to -march */
    const char *march; /* what the C compiler's -march= is given */
    const char *tune; /* LLVM's name of the CPU whose timings count; "native" */
    const struct isa *isa;
    int vector_bytes; /* of a register: 16, 32 or 64 */
    int vector_registers; /* 16 or 32 */
    struct cache l1; /* first-level data cache of a core */
};

extern const struct isa isa_x86_64_v3, isa_x86_64_v4;

static inline int64_t cache_span(struct cache c)
{
    return c.bytes / c.ways;
}

enum target_status {
    TARGET_OK,
    TARGET_UNKNOWN, /* no CPU of that name is known */
    TARGET_TOO_OLD /* below x86-64-v3: no AVX2 and FMA */
};

/* Finds a CPU by name; "native" is the one that netc runs on. Leaves *t unspecified unless TARGET_OK. */
enum target_status target_find(const char *name, struct target *t);

/* The names that target_find knows and that a message may suggest. Returns how many. */
size_t target_names(const char *const **names);

#endif

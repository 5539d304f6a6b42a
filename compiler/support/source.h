/* source: the files of a compilation and places in them. */
#ifndef NETC_SUPPORT_SOURCE_H
#define NETC_SUPPORT_SOURCE_H

#include "compiler/support/vec.h"

#include <stdbool.h>
#include <stdint.h>

/* A stretch of source text: byte offsets into a file, `end` exclusive. */
struct span {
    uint32_t file, begin, end;
};

/* A span that stands for no place (command line, whole program). */
#define SPAN_NONE ((struct span){UINT32_MAX, 0, 0})

struct source {
    const char *name;    /* as messages show it */
    const char *text;    /* NUL-terminated copy, in the arena */
    size_t length;
    VEC(uint32_t) lines; /* offset of the first byte of each line */
};

struct sources {
    struct arena *arena;
    VEC(struct source) file;
};

struct position {
    const char *file;
    uint32_t line, column;    /* from 1; the column counts bytes */
};

bool span_is_none(struct span s);

/* From the beginning of `a` to the end of `b`; both in one file. */
struct span span_join(struct span a, struct span b);

/* Registers a file's text, which lives as long as the sources. Returns its index, for struct span. */
uint32_t source_add(struct sources *s, const char *name, const char *text, size_t length);

struct position source_position(const struct sources *s, struct span at);

#endif

/* literal: values known at compile time, as arguments of operators. */
#ifndef NETC_OPS_LITERAL_H
#define NETC_OPS_LITERAL_H

#include "compiler/support/shape.h"
#include "compiler/support/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum literal_kind { LITERAL_INT, LITERAL_REAL, LITERAL_BOOL, LITERAL_STRING, LITERAL_SIZE, LITERAL_LIST, LITERAL_NAME };

struct arena;

struct literal {
    enum literal_kind kind;
    struct span at;
    const struct literal *argument;    /* NAME: 0.1 of `normal(0.1)`; else NULL */
    union {
        int64_t integer;
        double real;
        bool boolean;
        const char *string;    /* STRING; NAME: an enumerator */
        struct shape size;
        struct {
            const struct literal *const *at;
            size_t count;
        } list;
    } as;
};

/* "an integer", "a list": for messages. */
const char *literal_kind_text(enum literal_kind kind);

/* A list of integers as the size that it stands for, "3x3" or "size(-1, 7)", in the arena; NULL where it is none. */
const char *literal_size_text(const struct literal *l, struct arena *arena);

/* A number, truth value, size or string as one writes it, in the arena; NULL for a list, a name, or a size with the
 * -1 of reshape. */
const char *literal_text(const struct literal *l, struct arena *arena);

/* The number in an INT or REAL. */
double literal_number(const struct literal *l);

#endif

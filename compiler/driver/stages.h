/* stages: the rows of the pipeline (stages.def). */
#ifndef NETC_DRIVER_STAGES_H
#define NETC_DRIVER_STAGES_H

#include <stdbool.h>
#include <stdio.h>

struct compilation;

enum stage {
#define STAGE(id, name, kind, run, check, verify, print) STAGE_##id,
#include "compiler/driver/stages.def"
#undef STAGE
    STAGE_COUNT
};

enum stage_kind {
    LINE,      /* every later stage needs it */
    VIEW,      /* runs only when it is asked for */
    BINARY     /* the last one: print does not write text, tools write the file */
};

struct stage_row {
    const char *name;    /* of --emit */
    enum stage_kind kind;
    bool (*run)(struct compilation *c);                  /* false: c->status says why */
    bool (*check)(struct compilation *c, FILE *out);     /* false: a promise is broken; says which. Cheap … */
    bool (*verify)(struct compilation *c, FILE *out);    /* … and thorough */
    void (*print)(struct compilation *c, FILE *out);     /* NULL for BINARY */
};

extern const struct stage_row stage_table[STAGE_COUNT];

#endif

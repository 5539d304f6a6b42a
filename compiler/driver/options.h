/* options: the command line (manual/compiler.md), as values. */
#ifndef NETC_DRIVER_OPTIONS_H
#define NETC_DRIVER_OPTIONS_H

#include "compiler/driver/backend.h"
#include "compiler/driver/stages.h"
#include "compiler/driver/status.h"
#include "compiler/sema/sema.h"
#include "compiler/support/diag.h"
#include "compiler/support/vec.h"
#include "compiler/target/target.h"

#include <stdbool.h>
#include <stdint.h>

enum command_kind { COMMAND_COMPILE, COMMAND_CHECK, COMMAND_SUMMARY };

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct warning_switch {
    const char *name;    /* a warning's flag */
    enum diag_level level;
};

struct options {
    struct arena *arena;
    enum command_kind command;
    VEC(const char *) files;       /* the sources; several only for check and summary */
    const char *output;            /* -o; NULL: the default of the stage */
    enum stage stage;              /* where to stop */
    const char *stage_option;      /* "-c", "-S" or "--emit": how the stage was chosen; NULL: it was not */
    const char *kernel;            /* --kernel; NULL: all */
    enum backend backend;          /* --backend */
    char optimization;             /* '0' … '3' */
    struct target target;
    const char *net;               /* --net; NULL: the only one */
    VEC(struct override) consts;   /* -D */
    VEC(const char *) includes;    /* -I */
    VEC(struct warning_switch) warnings;
    bool warnings_are_errors, verify_each, time_passes, verbose, json;
    int64_t batch;                 /* 0: as the file says */
    int precision;                 /* bytes of a real; 0: as the file says */
    bool unfused;                  /* --no-fuse: a kernel for each node, for tests of what fusion must not change */
    enum color color;
    enum diag_format error_format;
    bool dependencies;             /* -MD */
    const char *dependency_file;   /* -MF; NULL: beside the output */
};

/* Reads the command line into *o. Returns
 *   STATUS_DONE     *o is complete and consistent, unless *finished: the answer (--help, --version) was printed
 *   STATUS_USAGE    it is wrong; the reason was printed */
enum status options_parse(int argc, char **argv, struct arena *a, struct options *o, bool *finished);

#endif

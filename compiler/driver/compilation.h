/* compilation: everything that one run of the pipeline makes. It lives in `arena` and dies with it. */
#ifndef NETC_DRIVER_COMPILATION_H
#define NETC_DRIVER_COMPILATION_H

#include "compiler/driver/backend.h"
#include "compiler/driver/options.h"
#include "compiler/driver/output.h"
#include "compiler/driver/status.h"
#include "compiler/sema/sema.h"
#include "compiler/support/diag.h"
#include "compiler/support/source.h"
#include "compiler/syntax/ast.h"

struct interner;
struct loop_module;
struct plan;

struct compilation {
    const struct options *options;
    const char *file;          /* the source */
    struct arena *arena;
    struct interner *names;
    struct sources sources;
    struct diags diags;
    enum status status;
    struct target target;      /* name NULL: none was given, and the one that netc runs on will not do */
    struct ast ast;
    struct program program;
    struct plan *plan;
    struct loop_module *module;
    enum backend backend;      /* chosen by the stage "c" */
    int64_t memory_bytes;      /* of a step; -1: not known */
    struct output output;      /* BINARY stages: where the tool writes */
};

/* Seconds of a clock that never goes back. */
double clock_seconds(void);

/* With --time-passes: a line for the work `what` that began at `begin`, and what the compilation has used so far. */
void report_time(const struct compilation *c, double begin, const char *what);

/* Runs the pipeline on one of the files to options->stage and writes what it makes. Diagnostics go to standard error. */
enum status compile(const struct options *options, const char *file, struct arena *a);

#endif

/* compile: runs the stages, shows diagnostics, writes what was asked for. */
#include "compiler/driver/compilation.h"

#include "compiler/driver/dependencies.h"
#include "compiler/driver/message.h"
#include "compiler/support/intern.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double clock_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void report_time(const struct compilation *c, double begin, const char *what)
{
    if (c->options->time_passes)
        fprintf(stderr, "%10.3f ms  %-24s %10zu KiB\n", 1e3 * (clock_seconds() - begin), what, arena_bytes(c->arena) / 1024);
}

static void show_diagnostics(struct compilation *c)
{
    const struct options *o = c->options;
    const char *terminal = getenv("TERM");
    bool plain = getenv("NO_COLOR") != NULL || !terminal || strcmp(terminal, "dumb") == 0 || !isatty(STDERR_FILENO);

    diag_print(&c->diags, o->error_format, o->color == COLOR_ALWAYS || (o->color == COLOR_AUTO && !plain), stderr);
    if (c->diags.errors > 0 && c->status == STATUS_DONE)
        c->status = STATUS_ERRORS;
}

/* ---- Stages -------------------------------------------------------------------------------------------------------- */

static bool verify(struct compilation *c, const struct stage_row *row)
{
    if ((c->options->verify_each ? row->verify : row->check)(c, stderr))
        return true;
    c->status = fail_defect("the stage '%s' broke a promise", row->name);
    return false;
}

/* Runs one stage: what it does, then whether it kept its promises. */
static bool run_stage(struct compilation *c, const struct stage_row *row)
{
    double begin = clock_seconds();
    bool ok = row->run(c);

    report_time(c, begin, row->name);
    if (!ok)
        return false;
    begin = clock_seconds();
    ok = verify(c, row);
    report_time(c, begin, arena_printf(c->arena, "%s: verifying", row->name));
    return ok;
}

/* Runs the line before `last`. Stops at errors; warnings are such under -Werror. */
static bool run_line(struct compilation *c, enum stage last)
{
    for (enum stage s = 0; s < last; s++) {
        if (stage_table[s].kind != LINE)
            continue;
        if (!run_stage(c, &stage_table[s]))
            return false;
        if (c->diags.errors > 0)
            return false;
    }
    return true;
}

/* ---- Output -------------------------------------------------------------------------------------------------------- */

/* Where the result goes: as -o says, else standard output for text and a file named after the net for machine code. */
static const char *output_path(const struct compilation *c)
{
    const struct options *o = c->options;
    const char *net = c->program.net;

    if (o->output)
        return o->output;
    switch (o->stage) {
    case STAGE_ASM: return strcmp(o->stage_option, "-S") == 0 ? arena_printf(c->arena, "%s.s", net) : "-";
    case STAGE_OBJ: return arena_printf(c->arena, "%s.o", net);
    case STAGE_EXE: return net;
    case STAGE_TOKENS:
    case STAGE_AST:
    case STAGE_GRAPH:
    case STAGE_SUMMARY:
    case STAGE_GRADIENT:
    case STAGE_KERNELS:
    case STAGE_MEMORY:
    case STAGE_LOOPS:
    case STAGE_C:
    case STAGE_LLVM:
    case STAGE_COUNT: break;
    }
    return "-";
}

static void write_text(struct compilation *c, const struct stage_row *row)
{
    if (!run_stage(c, row) || c->diags.errors > 0)
        return;
    c->status = output_open(&c->output, output_path(c), c->arena);
    if (c->status != STATUS_DONE)
        return;
    row->print(c, c->output.file);
    if (c->status == STATUS_DONE && c->diags.errors == 0)
        c->status = output_commit(&c->output, false);
    else
        output_discard(&c->output);
}

static void write_binary(struct compilation *c, const struct stage_row *row)
{
    c->status = output_reserve(&c->output, output_path(c), c->arena);
    if (c->status != STATUS_DONE)
        return;
    if (run_stage(c, row))
        c->status = output_commit(&c->output, c->options->stage == STAGE_EXE);
    else
        output_discard(&c->output);
}

static void run_and_write(struct compilation *c)
{
    const struct stage_row *row = &stage_table[c->options->stage];

    if (!run_line(c, c->options->stage))
        return;
    if (c->options->command == COMMAND_CHECK)
        run_stage(c, row);
    else if (row->kind == BINARY)
        write_binary(c, row);
    else
        write_text(c, row);
    if (c->status == STATUS_DONE && c->diags.errors == 0 && c->options->dependencies)
        c->status = dependencies_write(c, output_path(c));
}

/* ---- The whole ----------------------------------------------------------------------------------------------------- */

static void prepare(struct compilation *c)
{
    const struct options *o = c->options;

    c->names = interner_create(c->arena);
    c->sources.arena = c->arena;
    diags_init(&c->diags, c->arena, &c->sources);
    c->diags.warnings_are_errors = o->warnings_are_errors;
    for (size_t i = 0; i < o->warnings.count; i++)
        diag_set_warning(&c->diags, o->warnings.at[i].name, o->warnings.at[i].enabled);
    c->memory_bytes = -1;
    c->target = o->target;
    if (!c->target.name && target_find("native", &c->target) != TARGET_OK)
        c->target.name = NULL;
}

enum status compile(const struct options *options, struct arena *a)
{
    struct compilation c = {.options = options, .arena = a};

    prepare(&c);
    run_and_write(&c);
    show_diagnostics(&c);
    return c.status;
}

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

/* Whether what is wrong is --net or -D, not the file. */
static bool blames_the_command_line(const struct compilation *c)
{
    for (const struct diag *d = c->diags.first; d; d = d->next) {
        if (d->code == DIAG_BAD_OVERRIDE || (d->code == DIAG_WHICH_NET && c->options->net))
            return true;
    }
    return false;
}

static void show_diagnostics(struct compilation *c)
{
    const struct options *o = c->options;
    const char *terminal = getenv("TERM");
    bool plain = getenv("NO_COLOR") != NULL || !terminal || strcmp(terminal, "dumb") == 0 || !isatty(STDERR_FILENO);

    diag_print(&c->diags, o->error_format, o->color == COLOR_ALWAYS || (o->color == COLOR_AUTO && !plain), stderr);
    if (c->diags.errors > 0 && (c->status == STATUS_DONE || c->status == STATUS_ERRORS))
        c->status = blames_the_command_line(c) ? STATUS_USAGE : STATUS_ERRORS;
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

/* Whatever is written must not destroy what was read; nothing has been written yet. */
static bool outputs_are_apart(struct compilation *c)
{
    const char *output = output_path(c), *dependencies = c->options->dependencies ? dependencies_path(c, output) : NULL;

    for (size_t i = 0; i < c->sources.file.count && c->status == STATUS_DONE; i++) {
        const char *input = i == 0 ? c->file : c->sources.file.at[i].name;
        if (output_is_file(output, input))
            c->status =
                fail_about(STATUS_USAGE, input, "the output '%s' is the input '%s'; name another with -o PATH", output, input);
        else if (dependencies && output_is_file(dependencies, input))
            c->status = fail_about(STATUS_USAGE, input, "the dependency file '%s' is the input '%s'; name another with -MF FILE",
                                   dependencies, input);
    }
    if (c->status == STATUS_DONE && dependencies && output_is_file(dependencies, output))
        c->status =
            fail_about(STATUS_USAGE, output, "the dependency file '%s' is the output; name another with -MF FILE", dependencies);
    return c->status == STATUS_DONE;
}

static void write_text(struct compilation *c, const struct stage_row *row)
{
    if (!run_stage(c, row) || c->diags.errors > 0 || !outputs_are_apart(c))
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
    if (!outputs_are_apart(c))
        return;
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
        diag_set_level(&c->diags, o->warnings.at[i].name, o->warnings.at[i].level);
    c->memory_bytes = -1;
    c->target = o->target;
    if (!c->target.name && target_find("native", &c->target) != TARGET_OK)
        c->target.name = NULL;
}

enum status compile(const struct options *options, const char *file, struct arena *a)
{
    struct compilation c = {.options = options, .file = file, .arena = a};

    prepare(&c);
    run_and_write(&c);
    show_diagnostics(&c);
    return c.status;
}

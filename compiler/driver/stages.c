/* stages: what each row of stages.def does. A stage that fails sets c->status. */
#include "compiler/driver/stages.h"

#include "compiler/describe/describe.h"
#include "compiler/differentiate/differentiate.h"
#include "compiler/driver/backend.h"
#include "compiler/driver/compilation.h"
#include "compiler/driver/message.h"
#include "compiler/emit/c/module.h"
#include "compiler/graph/graph.h"
#include "compiler/graph/inspect.h"
#include "compiler/loop/loop.h"
#include "compiler/lower/lower.h"
#include "compiler/plan/plan.h"
#include "compiler/syntax/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool stop(struct compilation *c, enum status status)
{
    c->status = status;
    return status == STATUS_DONE;
}

static bool do_nothing(struct compilation *c)
{
    (void)c;
    return true;
}

static bool promise_nothing(struct compilation *c, FILE *out)
{
    (void)c;
    (void)out;
    return true;
}

/* ---- Text and tree ------------------------------------------------------------------------------------------------- */

static bool finish_reading(struct compilation *c, enum parse_status status)
{
    switch (status) {
    case PARSE_OK: return true;
    case PARSE_ERRORS: return stop(c, STATUS_ERRORS);
    case PARSE_REFUSED: return stop(c, STATUS_SYSTEM);
    case PARSE_NOT_REGULAR:
        return stop(c, fail_about(STATUS_SYSTEM, c->file,
                                  "cannot read '%s': it is not a regular file (netc reads standard input as -)", c->file));
    case PARSE_CANNOT_READ: break;
    }
    return stop(c, fail_about(STATUS_SYSTEM, c->file, "cannot read '%s': %s", c->file, strerror(errno)));
}

static bool read_text(struct compilation *c)
{
    return finish_reading(c, read_main_file(c->file, c->arena, &c->sources, &c->diags));
}

static void show_tokens(struct compilation *c, FILE *out)
{
    if (!print_tokens(&c->sources, c->arena, c->names, &c->diags, out))
        c->status = STATUS_ERRORS;
}

static bool parse(struct compilation *c)
{
    struct parse_options options = {c->options->includes.at, c->options->includes.count};

    return finish_reading(c, parse_file(c->file, &options, c->arena, c->names, &c->sources, &c->diags, &c->ast));
}

static bool verify_ast(struct compilation *c, FILE *out)
{
    return ast_verify(&c->ast, out);
}

static void show_ast(struct compilation *c, FILE *out)
{
    ast_print(&c->ast, out);
}

/* ---- Graph --------------------------------------------------------------------------------------------------------- */

static bool analyse_into(struct compilation *c, struct diags *ds, struct program *p)
{
    const struct options *o = c->options;
    struct sema_options options = {
        .net = o->net,
        .consts = o->consts.at,
        .const_count = o->consts.count,
        .batch = o->batch,
        .precision = o->precision,
    };

    return sema_analyse(&c->ast, &options, c->arena, c->names, &c->sources, ds, p);
}

static bool analyse(struct compilation *c)
{
    if (!analyse_into(c, &c->diags, &c->program))
        return stop(c, STATUS_ERRORS);
    c->program.compile.unfused = c->options->unfused;
    return true;
}

static bool check_graph(struct compilation *c, FILE *out)
{
    return graph_verify_tables(c->program.graph, out);
}

static bool verify_graph(struct compilation *c, FILE *out)
{
    return graph_verify(c->program.graph, out);
}

static void show_graph(struct compilation *c, FILE *out)
{
    graph_print(c->program.graph, out);
}

static struct plan *make_plan(const struct program *p, struct arena *a)
{
    const struct plan_options options = {.precision = p->compile.precision, .batch = p->batch, .unfused = p->compile.unfused};

    return pass_plan(p->graph, &options, a);
}

/* Plans a second copy of the program for its memory alone: the table is of the graph as it was written. */
static bool measure_memory(struct compilation *c)
{
    struct program copy = {0};
    struct diags ds;

    diags_init(&ds, c->arena, &c->sources);
    if (!c->program.train || !analyse_into(c, &ds, &copy))
        return true;
    pass_differentiate(copy.graph);
    c->memory_bytes = plan_memory_bytes(make_plan(&copy, c->arena));
    return true;
}

static void show_summary(struct compilation *c, FILE *out)
{
    sema_print_summary(&c->program, c->options->json, c->memory_bytes, out);
}

static bool differentiate(struct compilation *c)
{
    if (!c->program.train && c->options->stage == STAGE_GRADIENT) {
        diag_error(&c->diags, SPAN_NONE, DIAG_NO_TRAINING, "there is no train section, so there is nothing to differentiate");
        diag_hint(&c->diags, "%s", train_suggestion(&c->program, c->arena));
        return stop(c, STATUS_ERRORS);
    }
    if (!train_check_integers(c->program.graph, &c->diags))
        return stop(c, STATUS_ERRORS);
    pass_differentiate(c->program.graph);
    return true;
}

/* ---- Plan and loops ------------------------------------------------------------------------------------------------ */

static bool plan(struct compilation *c)
{
    const char *pattern = c->options->kernel;

    c->plan = make_plan(&c->program, c->arena);
    if (pattern && !plan_has_kernel(c->plan, pattern))
        return stop(c, fail(STATUS_USAGE, "--kernel: no kernel's name matches '%s'; --emit=kernels shows them all", pattern));
    return true;
}

static bool verify_plan(struct compilation *c, FILE *out)
{
    return plan_verify(c->plan, out);
}

static void show_kernels(struct compilation *c, FILE *out)
{
    /* The tiles are those of the CPU that code would be made for. */
    const struct loop_module *loops = c->target.name ? pass_lower(c->plan, &c->target, c->arena) : NULL;

    plan_print_kernels(c->plan, loops, c->options->kernel, out);
}

static void show_memory(struct compilation *c, FILE *out)
{
    plan_print_memory(c->plan, out);
}

/* The folder that relative names start from, for debuggers: as the shell calls it, if that is true. */
static const char *working_folder(struct arena *a)
{
    enum { LONGEST = 4096 };
    const char *said = getenv("PWD");
    struct stat here, there;
    char path[LONGEST];

    if (said && said[0] == '/' && stat(said, &there) == 0 && stat(".", &here) == 0 && here.st_ino == there.st_ino &&
        here.st_dev == there.st_dev)
        return arena_strdup(a, said);
    return getcwd(path, sizeof path) ? arena_strdup(a, path) : NULL;
}

static bool lower(struct compilation *c)
{
    if (!c->target.name)
        return stop(c, fail(STATUS_USAGE, "this CPU has no AVX2 and FMA, which generated code needs: name another with -march="));
    c->module = pass_lower(c->plan, &c->target, c->arena);
    c->module->folder = working_folder(c->arena);
    return true;
}

static bool check_loops(struct compilation *c, FILE *out)
{
    return loop_verify_tables(c->module, out);
}

static bool verify_loops(struct compilation *c, FILE *out)
{
    return loop_verify(c->module, out) && lower_verify(c->plan, c->module, out);
}

static void show_loops(struct compilation *c, FILE *out)
{
    loop_print(c->module, c->options->kernel, out);
}

/* ---- C and machine code -------------------------------------------------------------------------------------------- */

static bool describe(struct compilation *c)
{
    if (!backend_choose(c))
        return stop(c, STATUS_USAGE);
    c->module->description =
        plan_describe(c->plan, &c->program, backend_name(c->backend), backend_compiler(c), c->target.name, c->arena);
    return true;
}

static void show_c(struct compilation *c, FILE *out)
{
    if (c->options->kernel)
        emit_c_kernels(c->module, c->options->kernel, out);
    else
        emit_c_module(c->module, false, out);
}

static void show_llvm(struct compilation *c, FILE *out)
{
    stop(c, backend_llvm_text(c, out));
}

static bool make_assembly(struct compilation *c)
{
    return stop(c, backend_assembly(c, &c->output));
}

static bool make_object(struct compilation *c)
{
    return stop(c, backend_object(c, &c->output));
}

static bool make_executable(struct compilation *c)
{
    return stop(c, backend_executable(c, &c->output));
}

const struct stage_row stage_table[STAGE_COUNT] = {
#define STAGE(id, name, kind, run, check, verify, print) [STAGE_##id] = {name, kind, run, check, verify, print},
#include "compiler/driver/stages.def"
#undef STAGE
};

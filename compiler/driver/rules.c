/* rules: see rules.h. One table holds every option: what it is called, what it takes, what --help says, what it does. */
#include "compiler/driver/rules.h"

#include "compiler/driver/message.h"
#include "compiler/support/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- What options do ----------------------------------------------------------------------------------------------- */

const char *rule_choices(const struct options *o, const char *word, const char *const names[], size_t count)
{
    const char *nearest = text_nearest(word, names, count);

    if (nearest)
        return arena_printf(o->arena, "; did you mean '%s'?", nearest);
    return arena_printf(o->arena, "; there are %s", text_list(o->arena, names, count));
}

const char *rule_usage(const struct rule *r, struct arena *a)
{
    bool is_long = strncmp(r->name, "--", 2) == 0;
    const char *between = r->takes == NOTHING || r->takes == JOINED ? "" : r->takes == EQUALS || is_long ? "=" : " ";

    return arena_printf(a, "%s%s%s", r->name, between, r->text);
}

static enum status set_output(struct options *o, const char *text)
{
    if (text[0] == '\0')
        return fail(STATUS_USAGE, "-o needs a name");
    o->output = text;
    return STATUS_DONE;
}

static enum status set_stage(struct options *o, const char *how, enum stage stage)
{
    if (o->stage_option && (o->stage != stage))
        return fail(STATUS_USAGE, "%s and %s ask for two different stages", o->stage_option, how);
    o->stage_option = how;
    o->stage = stage;
    return STATUS_DONE;
}

static enum status set_emit(struct options *o, const char *text)
{
    static const char *const not_built[] = {"dot"};
    const char *names[STAGE_COUNT];

    for (int i = 0; i < STAGE_COUNT; i++) {
        names[i] = stage_table[i].name;
        if (strcmp(text, names[i]) != 0)
            continue;
        if (i == STAGE_LLVM && !backend_is_built(BACKEND_LLVM))
            return fail(STATUS_USAGE, "--emit=llvm: LLVM is not built in");
        return set_stage(o, "--emit", (enum stage)i);
    }
    for (size_t i = 0; i < sizeof not_built / sizeof *not_built; i++) {
        if (strcmp(text, not_built[i]) == 0)
            return fail(STATUS_USAGE, "--emit=%s is not built yet", text);
    }
    return fail(STATUS_USAGE, "--emit: there is no stage '%s'%s", text, rule_choices(o, text, names, STAGE_COUNT));
}

static enum status set_object(struct options *o, const char *text)
{
    (void)text;
    return set_stage(o, "-c", STAGE_OBJ);
}

static enum status set_assembly(struct options *o, const char *text)
{
    (void)text;
    return set_stage(o, "-S", STAGE_ASM);
}

static enum status set_kernel(struct options *o, const char *text)
{
    o->kernel = text;
    return STATUS_DONE;
}

static enum status set_backend(struct options *o, const char *text)
{
    static const char *const names[] = {"c", "llvm"};

    o->backend = backend_find(text);
    if (o->backend == BACKEND_UNSAID)
        return fail(STATUS_USAGE, "--backend: there is no back end '%s'%s", text, rule_choices(o, text, names, 2));
    if (!backend_is_built(o->backend))
        return fail(STATUS_USAGE, "--backend=%s is not built in; built in: %s", text, backend_list());
    return STATUS_DONE;
}

static enum status set_optimization(struct options *o, const char *text)
{
    if (strlen(text) != 1 || text[0] < '0' || text[0] > '3')
        return fail(STATUS_USAGE, "-O%s: the levels are -O0, -O1, -O2 and -O3", text);
    o->optimization = text[0];
    return STATUS_DONE;
}

static enum status set_march(struct options *o, const char *text)
{
    const char *const *names;
    size_t count = target_names(&names);

    switch (target_find(text, &o->target)) {
    case TARGET_OK: return STATUS_DONE;
    case TARGET_TOO_OLD: return fail(STATUS_USAGE, "-march=%s: generated code needs AVX2 and FMA; the least is x86-64-v3", text);
    case TARGET_UNKNOWN: break;
    }
    return fail(STATUS_USAGE, "-march: no CPU '%s' is known%s", text, rule_choices(o, text, names, count));
}

static enum status set_net(struct options *o, const char *text)
{
    o->net = text;
    return STATUS_DONE;
}

static enum status add_const(struct options *o, const char *text)
{
    const char *equals = strchr(text, '=');

    if (!equals || equals == text || equals[1] == '\0')
        return fail(STATUS_USAGE, "-D %s: write -D CONST=VALUE", text);
    struct override override = {arena_copy(o->arena, text, (size_t)(equals - text)), equals + 1};
    for (size_t i = 0; i < o->consts.count; i++) {
        if (strcmp(o->consts.at[i].name, override.name) == 0)
            return fail(STATUS_USAGE, "-D %s is given twice: %s and %s", override.name, o->consts.at[i].value, override.value);
    }
    vec_push(o->arena, &o->consts, override);
    return STATUS_DONE;
}

static enum status set_batch(struct options *o, const char *text)
{
    char *end;

    errno = 0;
    o->batch = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || o->batch < 1 || o->batch > SEMA_MAX_BATCH)
        return fail(STATUS_USAGE, "--batch=%s: a whole number from 1 to %d is wanted", text, SEMA_MAX_BATCH);
    return STATUS_DONE;
}

static enum status set_precision(struct options *o, const char *text)
{
    if (strcmp(text, "f32") != 0 && strcmp(text, "f64") != 0)
        return fail(STATUS_USAGE, "--precision=%s: the precisions are f32 and f64", text);
    o->precision = text[1] == '3' ? 4 : 8;
    return STATUS_DONE;
}

static enum status add_include(struct options *o, const char *text)
{
    vec_push(o->arena, &o->includes, text);
    return STATUS_DONE;
}

static const char *const warning_names[] = {
#define DIAG(id, number, summary)
#define WARNING(id, number, flag, summary) flag,
#include "compiler/support/diags.def"
#undef WARNING
#undef DIAG
    "all",
};

enum { WARNINGS = sizeof warning_names / sizeof *warning_names - 1 };    /* without "all" */

static void set_level(struct options *o, const char *name, enum diag_level level)
{
    struct warning_switch w = {name, level};

    vec_push(o->arena, &o->warnings, w);
}

static bool take_prefix(const char **text, const char *prefix)
{
    size_t length = strlen(prefix);

    if (strncmp(*text, prefix, length) != 0)
        return false;
    *text += length;
    return true;
}

/* As in clang: NAME, no-NAME, error, no-error, error=NAME, no-error=NAME; the later one counts. "all" is every warning. */
static enum status set_warning(struct options *o, const char *text)
{
    const char *name = text;
    bool off = take_prefix(&name, "no-"), error = take_prefix(&name, "error");
    enum diag_level level = error ? (off ? DIAG_LEVEL_NO_ERROR : DIAG_LEVEL_ERROR) : (off ? DIAG_LEVEL_OFF : DIAG_LEVEL_ON);

    if (error && name[0] == '\0') {
        o->warnings_are_errors = !off;
        return STATUS_DONE;
    }
    if (error && *name++ != '=')
        return fail(STATUS_USAGE, "-W%s: there is no such warning; did you mean '-Werror'?", text);
    if (!error && strcmp(name, "all") == 0) {
        for (size_t i = 0; i < WARNINGS; i++)
            set_level(o, warning_names[i], level);
        return STATUS_DONE;
    }
    for (size_t i = 0; i < WARNINGS; i++) {
        if (strcmp(name, warning_names[i]) == 0) {
            set_level(o, warning_names[i], level);
            return STATUS_DONE;
        }
    }
    return fail(STATUS_USAGE, "-W%s: there is no such warning%s", text,
                rule_choices(o, name, warning_names, error ? WARNINGS : WARNINGS + 1));
}

static enum status set_color(struct options *o, const char *text)
{
    static const char *const names[] = {[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};

    for (int i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            o->color = (enum color)i;
            return STATUS_DONE;
        }
    }
    return fail(STATUS_USAGE, "--color=%s: auto, always or never is wanted", text);
}

static enum status set_error_format(struct options *o, const char *text)
{
    if (strcmp(text, "text") != 0 && strcmp(text, "json") != 0)
        return fail(STATUS_USAGE, "--error-format=%s: text or json is wanted", text);
    o->error_format = text[0] == 'j' ? DIAG_JSON : DIAG_TEXT;
    message_format(o->error_format);
    return STATUS_DONE;
}

static enum status set_dependencies(struct options *o, const char *text)
{
    o->dependencies = true;
    o->dependency_file = text ? text : o->dependency_file;
    return STATUS_DONE;
}

static enum status set_verify_each(struct options *o, const char *text)
{
    (void)text;
    o->verify_each = true;
    return STATUS_DONE;
}

static enum status set_time_passes(struct options *o, const char *text)
{
    (void)text;
    o->time_passes = true;
    return STATUS_DONE;
}

static enum status set_verbose(struct options *o, const char *text)
{
    (void)text;
    o->verbose = true;
    return STATUS_DONE;
}

static enum status set_unfused(struct options *o, const char *text)
{
    (void)text;
    o->unfused = true;
    return STATUS_DONE;
}

static enum status set_json(struct options *o, const char *text)
{
    (void)text;
    o->json = true;
    return STATUS_DONE;
}

/* Options of the reference that this version does not have yet. */
#define NOT_BUILT(function, option)                                  \
    static enum status function(struct options *o, const char *text) \
    {                                                                \
        (void)o;                                                     \
        (void)text;                                                  \
        return fail(STATUS_USAGE, option " is not built yet");       \
    }

NOT_BUILT(refuse_lib, "--lib")
NOT_BUILT(refuse_memory, "--memory")
NOT_BUILT(refuse_portable, "--portable")
NOT_BUILT(refuse_target, "--target")
NOT_BUILT(refuse_tune, "--tune")
NOT_BUILT(refuse_winograd, "--winograd")

/* ---- The table ----------------------------------------------------------------------------------------------------- */

const struct rule option_rules[] = {
    {"-o", EITHER, set_output, "PATH", "where to write; - is standard output for text", TO_WRITERS, false},
    {"--emit", EITHER, set_emit, "STAGE", "stop at a stage and print it (below)", TO_COMPILE, false},
    {"--kernel", EITHER, set_kernel, "GLOB", "with kernels, loops, c, llvm or asm: only the kernels whose names match", TO_COMPILE,
     false},
    {"-c", NOTHING, set_object, "", "make an object file", TO_COMPILE, false},
    {"-S", NOTHING, set_assembly, "", "make an assembly file", TO_COMPILE, false},
    {"--backend", EITHER, set_backend, "llvm|c", "who makes machine code: LLVM, or the C compiler $CC, else cc", TO_COMPILE, false},
    {"-O", JOINED, set_optimization, "0..3", "how much the machine code is optimised (default 3)", TO_COMPILE, false},
    {"-march", EQUALS, set_march, "CPU", "the CPU to generate for: native (default), x86-64-v3, x86-64-v4, haswell, ...",
     TO_COMPILE, false},
    {"--net", EITHER, set_net, "NAME", "which net of the file", TO_ALL, false},
    {"-D", EITHER, add_const, "CONST=VALUE", "another value for a const", TO_ALL, true},
    {"--batch", EITHER, set_batch, "N", "another train.batch", TO_ALL, false},
    {"--precision", EITHER, set_precision, "f32|f64", "type of every number (default: as the file says, else f32)", TO_ALL, false},
    {"-I", EITHER, add_include, "DIR", "another folder that include may read", TO_ALL, true},
    {"-W", JOINED, set_warning, "[no-][error=]NAME", "a warning on, off or an error; -Wall, -Werror: all of them", TO_ALL, true},
    {"--color", EITHER, set_color, "WHEN", "auto, always or never", TO_ALL, false},
    {"--error-format", EITHER, set_error_format, "FORMAT", "text or json (one object a line)", TO_ALL, false},
    {"-MD", NOTHING, set_dependencies, "", "also write a dependency file for make and ninja", TO_WRITERS, false},
    {"-MF", EITHER, set_dependencies, "FILE", "its name (implies -MD)", TO_WRITERS, false},
    {"--json", NOTHING, set_json, "", "with summary: JSON", TO_SUMMARY, false},
    {"--verify-each", NOTHING, set_verify_each, "", "verify what every stage leaves", TO_ALL, false},
    {"--time-passes", NOTHING, set_time_passes, "", "print how long every stage took, and the memory used so far", TO_ALL, false},
    {"-v", NOTHING, set_verbose, "", "print the tools' command lines", TO_COMPILE, false},
    {"--version", NOTHING, NULL, "", "the version, what it was built with and where its runtime lies (also -V)", TO_ALL, true},
    {"--help", NOTHING, NULL, "", "this, or a command's options (also -h)", TO_ALL, true},
    {"-V", NOTHING, NULL, "", NULL, TO_ALL, true},
    {"-h", NOTHING, NULL, "", NULL, TO_ALL, true},
    {"--no-fuse", NOTHING, set_unfused, "", NULL, TO_COMPILE, false},
    {"--lib", NOTHING, refuse_lib, "", NULL, TO_COMPILE, false},
    {"--memory", EITHER, refuse_memory, "", NULL, TO_COMPILE, false},
    {"--portable", NOTHING, refuse_portable, "", NULL, TO_COMPILE, false},
    {"--target", EITHER, refuse_target, "", NULL, TO_COMPILE, false},
    {"--tune", NOTHING, refuse_tune, "", NULL, TO_COMPILE, false},
    {"--winograd", EITHER, refuse_winograd, "", NULL, TO_COMPILE, false},
};

const size_t option_rule_count = sizeof option_rules / sizeof *option_rules;

/* options: see options.h. One table holds every option: what it is called, what it takes, what --help says, what it does. */
#include "compiler/driver/options.h"

#include "compiler/driver/message.h"
#include "compiler/support/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifndef NETC_VERSION
#define NETC_VERSION "0"
#endif

/* ---- What options do ----------------------------------------------------------------------------------------------- */

/* Applies an option's value (NULL where it takes none). Prints the reason and returns STATUS_USAGE if it is wrong. */
typedef enum status apply_fn(struct options *o, const char *text);

/* "; did you mean 'ast'?", or "". */
static const char *suggestion(const struct options *o, const char *word, const char *const names[], size_t count)
{
    const char *nearest = text_nearest(word, names, count);

    return nearest ? arena_printf(o->arena, "; did you mean '%s'?", nearest) : "";
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
    return fail(STATUS_USAGE, "--emit: there is no stage '%s'%s", text, suggestion(o, text, names, STAGE_COUNT));
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
        return fail(STATUS_USAGE, "--backend: there is no back end '%s'%s", text, suggestion(o, text, names, 2));
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
    return fail(STATUS_USAGE, "-march: no CPU '%s' is known%s", text, suggestion(o, text, names, count));
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

static enum status set_warning(struct options *o, const char *text)
{
    static const char *const names[] = {
#define DIAG(id, number, summary)
#define WARNING(id, number, flag, summary) flag,
#include "compiler/support/diags.def"
#undef WARNING
#undef DIAG
    };
    bool enabled = strncmp(text, "no-", 3) != 0;
    const char *name = enabled ? text : text + 3;

    if (strcmp(text, "error") == 0) {
        o->warnings_are_errors = true;
        return STATUS_DONE;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            struct warning_switch w = {names[i], enabled};
            vec_push(o->arena, &o->warnings, w);
            return STATUS_DONE;
        }
    }
    return fail(STATUS_USAGE, "-W%s: there is no such warning%s", text, suggestion(o, name, names, sizeof names / sizeof *names));
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

static enum status set_json(struct options *o, const char *text)
{
    (void)text;
    o->json = true;
    return STATUS_DONE;
}

static enum status refuse_not_built(struct options *o, const char *text)
{
    (void)o;
    (void)text;
    return fail(STATUS_USAGE, "--lib and --target are not built yet");
}

/* ---- The table ----------------------------------------------------------------------------------------------------- */

enum takes {
    NOTHING,     /* -c */
    JOINED,      /* -O3: the value follows at once */
    EQUALS,      /* -march=CPU */
    EITHER       /* -o PATH or -oPATH; --emit=STAGE or --emit STAGE */
};

struct rule {
    const char *name;
    enum takes takes;
    apply_fn *apply;      /* NULL: --help and --version */
    const char *text;     /* what it takes, for --help */
    const char *help;     /* NULL: not shown */
};

/* Longer names stand before their prefixes. */
static const struct rule rules[] = {
    {"-o", EITHER, set_output, "PATH", "where to write; - is standard output for text"},
    {"--emit", EITHER, set_emit, "STAGE", "stop at a stage and print it (below)"},
    {"--kernel", EITHER, set_kernel, "GLOB", "with kernels, loops, c or llvm: only the kernels whose names match"},
    {"-c", NOTHING, set_object, "", "make an object file"},
    {"-S", NOTHING, set_assembly, "", "make an assembly file"},
    {"--backend", EITHER, set_backend, "llvm|c", "who makes machine code: LLVM, or the C compiler $CC, else cc"},
    {"-O", JOINED, set_optimization, "0..3", "how much the machine code is optimised (default 3)"},
    {"-march", EQUALS, set_march, "CPU", "the CPU to generate for: native (default), x86-64-v3, x86-64-v4, haswell, ..."},
    {"--net", EITHER, set_net, "NAME", "which net of the file"},
    {"-D", EITHER, add_const, "CONST=VALUE", "another value for a const"},
    {"--batch", EITHER, set_batch, "N", "another train.batch"},
    {"--precision", EITHER, set_precision, "f32|f64", "type of every number (default: as the file says, else f32)"},
    {"-I", EITHER, add_include, "DIR", "another folder that include may read"},
    {"-W", JOINED, set_warning, "[no-]NAME", "switch a warning on or off; -Werror makes errors of all"},
    {"--color", EITHER, set_color, "WHEN", "auto, always or never"},
    {"--error-format", EITHER, set_error_format, "FORMAT", "text or json (one object a line)"},
    {"-MD", NOTHING, set_dependencies, "", "also write a dependency file for make and ninja"},
    {"-MF", EITHER, set_dependencies, "FILE", "its name (implies -MD)"},
    {"--json", NOTHING, set_json, "", "with summary: JSON"},
    {"--verify-each", NOTHING, set_verify_each, "", "verify what every stage leaves"},
    {"--time-passes", NOTHING, set_time_passes, "", "print how long every stage took, and the memory used so far"},
    {"-v", NOTHING, set_verbose, "", "print the tools' command lines"},
    {"--version", NOTHING, NULL, "", "print the version"},
    {"--help", NOTHING, NULL, "", "print this"},
    {"--lib", NOTHING, refuse_not_built, "", NULL},
    {"--target", EITHER, refuse_not_built, "", NULL},
};

enum { RULES = sizeof rules / sizeof *rules };

static void print_help(void)
{
    fputs("usage: netc [options] FILE.net            compile to a native trainer\n"
          "       netc check [options] FILE.net      parse, expand and check only\n"
          "       netc summary [options] FILE.net    the table of layers\n\n",
          stdout);
    for (size_t i = 0; i < RULES; i++) {
        const char *between = rules[i].text[0] == '\0' || rules[i].takes == JOINED               ? ""
                              : rules[i].takes == EQUALS || strncmp(rules[i].name, "--", 2) == 0 ? "="
                                                                                                 : " ";
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", rules[i].name, between, rules[i].text);
        if (rules[i].help)
            printf("  %-24s %s\n", left, rules[i].help);
    }
    fputs("\nstages:", stdout);
    for (int i = 0; i < STAGE_COUNT; i++)
        printf(" %s", stage_table[i].name);
    fputs("\n", stdout);
}

/* ---- Reading ------------------------------------------------------------------------------------------------------- */

/* The rule that `word` begins with, and its value if that is in the same word. */
static const struct rule *find_rule(const char *word, const char **text)
{
    for (size_t i = 0; i < RULES; i++) {
        const struct rule *r = &rules[i];
        size_t length = strlen(r->name);
        bool is_long = strncmp(r->name, "--", 2) == 0;
        if (strncmp(word, r->name, length) != 0)
            continue;
        *text = NULL;
        if (word[length] == '\0')
            return r;
        if (word[length] == '=' && r->takes != NOTHING && (is_long || r->takes == EQUALS)) {
            *text = word + length + 1;
            return r;
        }
        if (r->takes == JOINED || (r->takes == EITHER && !is_long)) {
            *text = word + length;
            return r;
        }
    }
    return NULL;
}

static enum status unknown_option(const struct options *o, const char *word)
{
    const char *names[RULES];

    for (size_t i = 0; i < RULES; i++)
        names[i] = rules[i].name;
    const char *name = arena_copy(o->arena, word, strcspn(word, "="));
    return fail(STATUS_USAGE, "unknown option '%s'%s", word, suggestion(o, name, names, RULES));
}

static enum status read_option(struct options *o, char **argv, int *i)
{
    const char *text = NULL;
    const struct rule *r = find_rule(argv[*i], &text);

    if (!r)
        return unknown_option(o, argv[*i]);
    if (!text && r->takes == EITHER && argv[*i + 1])
        text = argv[++*i];
    if (!text && r->takes != NOTHING)
        return fail(STATUS_USAGE, "%s needs a value: %s%s%s", r->name, r->name, r->takes == JOINED ? "" : "=", r->text);
    return r->apply(o, text);
}

static enum status read_word(struct options *o, const char *word, bool first)
{
    static const char *const commands[] = {"check", "summary"};
    enum { COMMANDS = sizeof commands / sizeof *commands };
    static const char *const not_built[] = {"inspect", "run", "gradcheck", "fmt", "explain", "lsp", "sweep", "import", "export"};

    if (first && strcmp(word, "check") == 0) {
        o->command = COMMAND_CHECK;
    } else if (first && strcmp(word, "summary") == 0) {
        o->command = COMMAND_SUMMARY;
    } else if (o->file) {
        const char *nearest = o->command == COMMAND_COMPILE ? text_nearest(o->file, commands, COMMANDS) : NULL;
        if (nearest)
            return fail(STATUS_USAGE, "unknown command '%s'; did you mean '%s'?", o->file, nearest);
        return fail(STATUS_USAGE, "one file at a time: '%s' and '%s'", o->file, word);
    } else {
        for (size_t i = 0; first && i < sizeof not_built / sizeof *not_built; i++) {
            if (strcmp(word, not_built[i]) == 0)
                return fail(STATUS_USAGE, "'netc %s' is not built yet", word);
        }
        o->file = word;
    }
    return STATUS_DONE;
}

/* ---- Consistency --------------------------------------------------------------------------------------------------- */

static enum status check_consistency(struct options *o)
{
    bool by_kernel = o->stage == STAGE_KERNELS || o->stage == STAGE_LOOPS || o->stage == STAGE_C || o->stage == STAGE_LLVM;
    bool binary = stage_table[o->stage].kind == BINARY;

    if (!o->file)
        return fail(STATUS_USAGE, "no FILE.net is given; see netc --help");
    if (o->command != COMMAND_COMPILE && o->stage_option)
        return fail(STATUS_USAGE, "%s makes no sense with check and summary", o->stage_option);
    if (o->command == COMMAND_CHECK && (o->output || o->dependencies))
        return fail(STATUS_USAGE, "check writes no file: leave out %s", o->output ? "-o" : "-MD and -MF");
    if (o->json && o->command != COMMAND_SUMMARY)
        return fail(STATUS_USAGE, "--json belongs to netc summary");
    if (o->kernel && (!by_kernel || o->command != COMMAND_COMPILE))
        return fail(STATUS_USAGE, "--kernel needs --emit=kernels, --emit=loops, --emit=c or --emit=llvm");
    if ((o->stage == STAGE_LLVM && o->backend == BACKEND_C) || (o->stage == STAGE_C && o->backend == BACKEND_LLVM))
        return fail(STATUS_USAGE, "--emit=%s and --backend=%s ask for two different back ends", stage_table[o->stage].name,
                    backend_name(o->backend));
    if (binary && o->stage != STAGE_ASM && o->output && strcmp(o->output, "-") == 0)
        return fail(STATUS_USAGE, "-o -: only text goes to standard output");
    if (o->dependencies && !o->dependency_file && (!o->output || strcmp(o->output, "-") == 0) && !binary)
        return fail(STATUS_USAGE, "-MD needs -MF FILE when the output is standard output");
    return STATUS_DONE;
}

static void set_defaults(struct options *o, struct arena *a)
{
    *o = (struct options){.arena = a, .stage = STAGE_EXE, .optimization = '3'};
#ifndef NDEBUG
    o->verify_each = true;
#endif
}

enum status options_parse(int argc, char **argv, struct arena *a, struct options *o, bool *finished)
{
    bool only_words = false, first = true;
    enum status status = STATUS_DONE;

    set_defaults(o, a);
    *finished = false;
    for (int i = 1; i < argc && status == STATUS_DONE; i++) {
        const char *word = argv[i];
        if (!only_words && (strcmp(word, "--help") == 0 || strcmp(word, "--version") == 0)) {
            if (word[2] == 'h')
                print_help();
            else
                printf("netc " NETC_VERSION "\nback ends: %s\n", backend_list());
            *finished = true;
            return STATUS_DONE;
        }
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (!only_words && word[0] == '-' && word[1] != '\0') {
            status = read_option(o, argv, &i);
        } else {
            status = read_word(o, word, first);
            first = false;
        }
    }
    if (status == STATUS_DONE && o->command == COMMAND_SUMMARY && !o->stage_option)
        o->stage = STAGE_SUMMARY;
    if (status == STATUS_DONE && o->command == COMMAND_CHECK && !o->stage_option)
        o->stage = STAGE_GRAPH;
    return status == STATUS_DONE ? check_consistency(o) : status;
}

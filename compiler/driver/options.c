/* options: see options.h. What each option does: rules.c. */
#include "compiler/driver/options.h"

#include "compiler/driver/message.h"
#include "compiler/driver/rules.h"
#include "compiler/support/text.h"

#include <string.h>

/* A command line while it is read. */
struct reading {
    struct options *o;
    char **argv;
    int at;
    bool only_words;       /* behind "--" */
    bool first;            /* no word was met yet */
    const char **given;    /* by rule: the value that it was given, "" for none; NULL: not given */
};

/* ---- Options ------------------------------------------------------------------------------------------------------- */

/* The rule that `word` begins with, and its value if that is in the same word. */
static const struct rule *find_rule(const char *word, const char **text)
{
    for (size_t i = 0; i < option_rule_count; i++) {
        const struct rule *r = &option_rules[i];
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
    const char *name = arena_copy(o->arena, word, strcspn(word, "="));
    const char **names = arena_array(o->arena, const char *, option_rule_count);

    for (size_t i = 0; i < option_rule_count; i++)
        names[i] = option_rules[i].name;
    const char *nearest = text_nearest(name, names, option_rule_count);
    if (!nearest)
        return fail(STATUS_USAGE, "unknown option '%s'; netc --help lists them", word);
    if (strcmp(nearest, name) == 0)
        return fail(STATUS_USAGE, "%s takes no value: '%s'", name, word);
    return fail(STATUS_USAGE, "unknown option '%s'; did you mean '%s'?", word, nearest);
}

static enum status refuse_second(const struct rule *r, const char *before, const char *now)
{
    if (r->takes == NOTHING)
        return fail(STATUS_USAGE, "%s is given twice", r->name);
    return fail(STATUS_USAGE, "%s is given twice: '%s' and '%s'", r->name, before, now);
}

static enum status read_option(struct reading *in)
{
    const char *word = in->argv[in->at], *text = NULL;
    const struct rule *r = find_rule(word, &text);
    struct options *o = in->o;

    if (!r)
        return unknown_option(o, word);
    if (text && text[0] == '=' && r->takes == EITHER)
        return fail(STATUS_USAGE, "'%s': %s's value follows without '=': %s", word, r->name, rule_usage(r, o->arena));
    if (!text && r->takes == EITHER && in->argv[in->at + 1])
        text = in->argv[++in->at];
    if ((!text || text[0] == '\0') && r->takes != NOTHING)
        return fail(STATUS_USAGE, "%s needs a value: %s", r->name, rule_usage(r, o->arena));
    const char **given = &in->given[r - option_rules];
    if (*given && !r->repeats)
        return refuse_second(r, *given, text);
    *given = text ? text : "";
    return r->apply(o, text);
}

/* ---- Words --------------------------------------------------------------------------------------------------------- */

static const char *const commands[] = {"check", "summary", "help"};

enum { COMMANDS = sizeof commands / sizeof *commands };

static bool find_command(const char *word, enum command_kind *command)
{
    if (strcmp(word, "check") != 0 && strcmp(word, "summary") != 0)
        return false;
    *command = word[0] == 'c' ? COMMAND_CHECK : COMMAND_SUMMARY;
    return true;
}

static enum status read_word(struct reading *in, const char *word)
{
    static const char *const not_built[] = {"inspect", "run", "gradcheck", "fmt", "explain", "lsp", "sweep", "import", "export"};
    struct options *o = in->o;

    if (in->first && find_command(word, &o->command))
        return STATUS_DONE;
    for (size_t i = 0; in->first && i < sizeof not_built / sizeof *not_built; i++) {
        if (strcmp(word, not_built[i]) == 0)
            return fail(STATUS_USAGE, "'netc %s' is not built yet", word);
    }
    if (o->files.count > 0 && o->command == COMMAND_COMPILE) {
        const char *file = o->files.at[0], *nearest = text_nearest(file, commands, COMMANDS);
        if (nearest)
            return fail(STATUS_USAGE, "unknown command '%s'; did you mean '%s'?", file, nearest);
        return fail(STATUS_USAGE, "one file at a time: '%s' and '%s' (netc check takes several)", file, word);
    }
    vec_push(o->arena, &o->files, word);
    return STATUS_DONE;
}

/* "netc help" and "netc help COMMAND". */
static enum status answer_help(char **argv, struct options *o)
{
    enum command_kind command = COMMAND_COMPILE;

    if (argv[0] && (argv[1] || !find_command(argv[0], &command)))
        return fail(STATUS_USAGE, "netc help: there is no command '%s'%s", argv[1] ? argv[1] : argv[0],
                    rule_choices(o, argv[0], commands, COMMANDS - 1));
    print_help(command, o->arena);
    return STATUS_DONE;
}

/* ---- Consistency --------------------------------------------------------------------------------------------------- */

/* Options that the command has no use for. */
static enum status check_belonging(const struct reading *in)
{
    const struct options *o = in->o;
    const char *list = "";

    for (size_t i = 0; i < option_rule_count; i++) {
        if (option_rules[i].help && (option_rules[i].belongs & (1U << o->command)))
            list = arena_printf(o->arena, "%s%s%s", list, list[0] == '\0' ? "" : " ", option_rules[i].name);
    }
    for (size_t i = 0; i < option_rule_count; i++) {
        const struct rule *r = &option_rules[i];
        if (!in->given[i] || (r->belongs & (1U << o->command)))
            continue;
        if (o->command == COMMAND_COMPILE)
            return fail(STATUS_USAGE, "%s belongs to netc summary", r->name);
        return fail(STATUS_USAGE, "netc %s does not take %s; it takes %s", command_name(o->command), r->name, list);
    }
    return STATUS_DONE;
}

static bool has_kernels(enum stage s)
{
    return s == STAGE_KERNELS || s == STAGE_LOOPS || s == STAGE_C || s == STAGE_LLVM || s == STAGE_ASM;
}

static enum status check_consistency(const struct reading *in)
{
    const struct options *o = in->o;
    bool binary = stage_table[o->stage].kind == BINARY;

    if (check_belonging(in) != STATUS_DONE)
        return STATUS_USAGE;
    if (o->files.count == 0)
        return fail(STATUS_USAGE, "no FILE.net is given; see netc --help");
    if (o->files.count > 1 && (o->output || o->dependencies))
        return fail(STATUS_USAGE, "%s writes one file, but there are %zu", o->output ? "-o" : "-MD", o->files.count);
    if (o->kernel && !has_kernels(o->stage))
        return fail(STATUS_USAGE, "--kernel needs --emit=kernels, --emit=loops, --emit=c, --emit=llvm or --emit=asm");
    if ((o->stage == STAGE_LLVM && o->backend == BACKEND_C) || (o->stage == STAGE_C && o->backend == BACKEND_LLVM))
        return fail(STATUS_USAGE, "--emit=%s and --backend=%s ask for two different back ends", stage_table[o->stage].name,
                    backend_name(o->backend));
    if (binary && o->stage != STAGE_ASM && o->output && strcmp(o->output, "-") == 0)
        return fail(STATUS_USAGE, "-o -: only text goes to standard output");
    if (o->dependencies && !o->dependency_file && (!o->output || strcmp(o->output, "-") == 0) && !binary)
        return fail(STATUS_USAGE, "-MD needs -MF FILE when the output is standard output");
    return STATUS_DONE;
}

/* ---- The whole ----------------------------------------------------------------------------------------------------- */

static void set_defaults(struct options *o, struct arena *a)
{
    *o = (struct options){.arena = a, .stage = STAGE_EXE, .optimization = '3'};
#ifndef NDEBUG
    o->verify_each = true;
#endif
}

/* How messages are written is known before the first of them. */
static void find_message_format(char **argv)
{
    for (int i = 1; argv[i] && strcmp(argv[i], "--") != 0; i++) {
        bool next = strcmp(argv[i], "--error-format") == 0 && argv[i + 1];
        if (strcmp(argv[i], "--error-format=json") == 0 || (next && strcmp(argv[i + 1], "json") == 0))
            message_format(DIAG_JSON);
    }
}

/* -h, --help, -V, --version: whether one was answered. */
static bool answer(const struct reading *in, const char *word)
{
    bool help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;

    if (!help && strcmp(word, "--version") != 0 && strcmp(word, "-V") != 0)
        return false;
    if (help)
        print_help(in->o->command, in->o->arena);
    else
        print_version(in->o->arena);
    return true;
}

static enum status read_one(struct reading *in, bool *finished)
{
    const char *word = in->argv[in->at];

    if (!in->only_words && answer(in, word)) {
        *finished = true;
        return STATUS_DONE;
    }
    if (!in->only_words && strcmp(word, "--") == 0) {
        in->only_words = true;
        return STATUS_DONE;
    }
    if (!in->only_words && word[0] == '-' && word[1] != '\0')
        return read_option(in);
    if (in->first && strcmp(word, "help") == 0) {
        *finished = true;
        return answer_help(in->argv + in->at + 1, in->o);
    }
    enum status status = read_word(in, word);
    in->first = false;
    return status;
}

enum status options_parse(int argc, char **argv, struct arena *a, struct options *o, bool *finished)
{
    struct reading in = {.o = o, .argv = argv, .first = true, .given = arena_array(a, const char *, option_rule_count)};
    enum status status = STATUS_DONE;

    set_defaults(o, a);
    find_message_format(argv);
    *finished = false;
    for (in.at = 1; in.at < argc && status == STATUS_DONE && !*finished; in.at++)
        status = read_one(&in, finished);
    if (status != STATUS_DONE || *finished)
        return status;
    if (o->command == COMMAND_SUMMARY && !o->stage_option)
        o->stage = STAGE_SUMMARY;
    if (o->command == COMMAND_CHECK && !o->stage_option)
        o->stage = STAGE_GRAPH;
    return check_consistency(&in);
}

/* options: tables of commands and options; parsing, help and the command that --resume suggests read the same rows. */
#include "runtime/trainer/options.h"

#include "netrt/pool.h"
#include "runtime/trainer/suggest.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *arguments, *summary;
} commands[COMMAND_COUNT] = {
    [COMMAND_TRAIN] = {"train", "", "train the net and write checkpoints and metrics"},
    [COMMAND_EVAL] = {"eval", " --weights F", "measure loss and metrics on the test part"},
    [COMMAND_PREDICT] = {"predict", " --weights F FILE...", "one line of JSON for every PNG picture or IDX record"},
    [COMMAND_INFO] = {"info", "", "what the net is, how it was compiled, its layers"},
    [COMMAND_BENCH] = {"bench", "", "measure the speed on random data"},
};

enum option_id {
    OPTION_DATA,
    OPTION_EPOCHS,
    OPTION_THREADS,
    OPTION_SEED,
    OPTION_SET,
    OPTION_OUT,
    OPTION_RESUME,
    OPTION_WEIGHTS,
    OPTION_LIMIT,
    OPTION_CONFUSION,
    OPTION_LABEL,
    OPTION_LABELS,
    OPTION_RAW,
    OPTION_SECONDS,
    OPTION_KERNELS,
    OPTION_INFERENCE,
    OPTION_LOG,
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_COUNT
};

enum {
    TRAIN = 1 << COMMAND_TRAIN,
    EVAL = 1 << COMMAND_EVAL,
    PREDICT = 1 << COMMAND_PREDICT,
    INFO = 1 << COMMAND_INFO,
    BENCH = 1 << COMMAND_BENCH
};

static const struct {
    const char *name, *value;    /* value: NULL for a flag */
    int commands;
    const char *summary;
} table[OPTION_COUNT] = {
    [OPTION_DATA] = {"--data", "DIR", TRAIN | EVAL, "folder of the data files (default: the current one)"},
    [OPTION_EPOCHS] = {"--epochs", "N", TRAIN, "train for N epochs"},
    [OPTION_THREADS] = {"--threads", "N", TRAIN | EVAL | PREDICT | BENCH,
                        "use N threads (default: one for each CPU); the results are the same"},
    [OPTION_SEED] = {"--seed", "N", TRAIN | BENCH, "seed of every random number"},
    [OPTION_SET] = {"--set", "KEY=VALUE", TRAIN | EVAL | BENCH, "override a setting, such as train.optimizer.lr=0.1"},
    [OPTION_OUT] = {"--out", "DIR", TRAIN, "where the run is written (default: runs/MODEL-N)"},
    [OPTION_RESUME] = {"--resume", NULL, TRAIN, "go on with the run in --out, to the bits it would have had without a stop"},
    [OPTION_WEIGHTS] = {"--weights", "F", TRAIN | EVAL | PREDICT | BENCH, "weights to use, a .safetensors file"},
    [OPTION_LIMIT] = {"--limit", "N", TRAIN | EVAL, "use the first N samples of each part"},
    [OPTION_CONFUSION] = {"--confusion", NULL, EVAL, "also print the confusion matrix"},
    [OPTION_LABEL] = {"--label", "N", PREDICT, "the label of all records, where the net takes one besides them"},
    [OPTION_LABELS] = {"--labels", "F", PREDICT, "an IDX file with the label of each record instead"},
    [OPTION_RAW] = {"--raw", NULL, PREDICT, "print the outputs as they are, not classes and probabilities"},
    [OPTION_SECONDS] = {"--seconds", "N", BENCH, "measure for N seconds (default: 3), or one step if that takes longer"},
    [OPTION_KERNELS] = {"--kernels", NULL, BENCH, "also measure each kernel, on one thread; the slowest first"},
    [OPTION_INFERENCE] = {"--inference", NULL, BENCH, "measure the forward pass alone"},
    [OPTION_LOG] = {"--log", "text|json", TRAIN | EVAL | PREDICT | INFO | BENCH, "how to report; predict knows json alone"},
    [OPTION_JSON] = {"--json", NULL, TRAIN | EVAL | PREDICT | INFO | BENCH, "the same as --log json: one object a line"},
    [OPTION_QUIET] = {"--quiet", NULL, TRAIN | EVAL, "report nothing but errors"},
};

/* Names of the reference that this version does not have yet. */
static const char *const missing_commands[] = {"data", "dump", "show", "golden", "sweep", "lr-find", NULL};
static const char *const missing_options[] = {"--stage", NULL};

static bool listed(const char *word, const char *const names[])
{
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(word, names[i]) == 0)
            return true;
    }
    return false;
}

static enum netrt_status unknown(struct netrt_error *error, const char *what, const char *word, const char *const known[])
{
    const char *near = suggest(word, known);

    if (near != NULL)
        return netrt_fail(error, NETRT_E_USAGE, "unknown %s %s: did you mean %s?", what, word, near);
    return netrt_fail(error, NETRT_E_USAGE, "unknown %s %s: see --help", what, word);
}

static enum netrt_status find_command(struct options *o, const char *word, struct netrt_error *error)
{
    const char *known[COMMAND_COUNT + 1] = {NULL};

    for (int i = 0; i < COMMAND_COUNT; i++) {
        known[i] = commands[i].name;
        if (strcmp(word, commands[i].name) == 0) {
            o->command = (enum command)i;
            o->has_command = true;
            return NETRT_OK;
        }
    }
    if (listed(word, missing_commands))
        return netrt_fail(error, NETRT_E_USAGE, "the command %s is not built yet", word);
    return unknown(error, "command", word, known);
}

static enum netrt_status find_option(const struct options *o, const char *word, enum option_id *id, struct netrt_error *error)
{
    const char *known[OPTION_COUNT + 2] = {NULL};
    int count = 0;

    for (int i = 0; i < OPTION_COUNT; i++) {
        bool applies = (table[i].commands & 1 << o->command) != 0;
        if (applies)
            known[count++] = table[i].name;
        if (strcmp(word, table[i].name) != 0)
            continue;
        if (!applies)
            return netrt_fail(error, NETRT_E_USAGE, "%s takes no %s", commands[o->command].name, word);
        *id = (enum option_id)i;
        return NETRT_OK;
    }
    known[count] = "--help";
    if (strcmp(word, "--batch") == 0)
        return netrt_fail(error, NETRT_E_USAGE, "--batch is decided when the net is compiled: netc --batch=N FILE.net");
    if (listed(word, missing_options))
        return netrt_fail(error, NETRT_E_USAGE, "%s is not built yet", word);
    return unknown(error, "option", word, known);
}

static enum netrt_status parse_whole(const char *name, const char *text, int64_t least, int64_t most, int64_t *value,
                                     struct netrt_error *error)
{
    char *end;

    errno = 0;
    intmax_t parsed = strtoimax(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0 || parsed < least || parsed > most)
        return netrt_fail(error, NETRT_E_USAGE, "%s %s: expected a whole number from %" PRId64 " to %" PRId64, name, text, least,
                          most);
    *value = parsed;
    return NETRT_OK;
}

static enum netrt_status parse_seconds(const char *text, double *value, struct netrt_error *error)
{
    char *end;

    *value = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || !(*value >= 0.01 && *value <= 86400))
        return netrt_fail(error, NETRT_E_USAGE, "--seconds %s: expected a number from 0.01 to 86400", text);
    return NETRT_OK;
}

static enum netrt_status set_log(struct options *o, enum netrt_log_mode mode, struct netrt_error *error)
{
    if (o->has_log && o->log != mode)
        return netrt_fail(error, NETRT_E_USAGE, "--quiet, --log text and --log json (or --json) exclude each other");
    if (o->command == COMMAND_PREDICT && mode == NETRT_LOG_TEXT)
        return netrt_fail(error, NETRT_E_USAGE, "--log text: predict prints JSON alone, one object a line");
    o->log = mode;
    o->has_log = true;
    return NETRT_OK;
}

static enum netrt_status parse_log(struct options *o, const char *text, struct netrt_error *error)
{
    if (strcmp(text, "text") != 0 && strcmp(text, "json") != 0)
        return netrt_fail(error, NETRT_E_USAGE, "--log %s: expected text or json", text);
    return set_log(o, strcmp(text, "json") == 0 ? NETRT_LOG_JSON : NETRT_LOG_TEXT, error);
}

static enum netrt_status apply(struct options *o, enum option_id id, const char *value, struct netrt_error *error)
{
    int64_t number = 0;
    enum netrt_status status = NETRT_OK;

    switch (id) {
    case OPTION_DATA: o->data = value; break;
    case OPTION_EPOCHS: return parse_whole("--epochs", value, 1, 1000000000, &o->epochs, error);
    case OPTION_THREADS:
        status = parse_whole("--threads", value, 1, NETRT_POOL_MOST_THREADS, &number, error);
        o->threads = (int)number;
        return status;
    case OPTION_SEED:
        status = parse_whole("--seed", value, 0, INT64_MAX, &number, error);
        o->seed = (uint64_t)number;
        o->has_seed = true;
        return status;
    case OPTION_SET:
        if (o->set_count == MOST_SETTINGS)
            return netrt_fail(error, NETRT_E_USAGE, "--set %s: more than %d settings", value, MOST_SETTINGS);
        o->set[o->set_count++] = value;
        break;
    case OPTION_OUT: o->out = value; break;
    case OPTION_WEIGHTS: o->weights = value; break;
    case OPTION_LIMIT: return parse_whole("--limit", value, 1, INT64_MAX, &o->limit, error);
    case OPTION_RESUME: o->resume = true; break;
    case OPTION_CONFUSION: o->confusion = true; break;
    case OPTION_LABEL: o->has_label = true; return parse_whole("--label", value, 0, INT32_MAX, &o->label, error);
    case OPTION_LABELS: o->labels = value; break;
    case OPTION_RAW: o->raw = true; break;
    case OPTION_SECONDS: return parse_seconds(value, &o->seconds, error);
    case OPTION_KERNELS: o->kernels = true; break;
    case OPTION_INFERENCE: o->inference = true; break;
    case OPTION_LOG: return parse_log(o, value, error);
    case OPTION_JSON: return set_log(o, NETRT_LOG_JSON, error);
    case OPTION_QUIET: return set_log(o, NETRT_LOG_QUIET, error);
    case OPTION_COUNT: break;
    }
    return NETRT_OK;
}

/* One option at argv[*at], as "--name value" or "--name=value". */
static enum netrt_status parse_option(struct options *o, int argc, char *argv[], int *at, struct netrt_error *error)
{
    char name[32];
    char *equals = strchr(argv[*at], '=');
    size_t length = equals != NULL ? (size_t)(equals - argv[*at]) : strlen(argv[*at]);
    enum option_id id = OPTION_COUNT;

    snprintf(name, sizeof name, "%.*s", length < sizeof name ? (int)length : (int)sizeof name - 1, argv[*at]);
    enum netrt_status status = find_option(o, name, &id, error);
    if (status != NETRT_OK)
        return status;
    if (table[id].value == NULL) {
        if (equals != NULL)
            return netrt_fail(error, NETRT_E_USAGE, "%s takes no value", name);
        return apply(o, id, "", error);
    }
    if (equals == NULL && *at + 1 == argc)
        return netrt_fail(error, NETRT_E_USAGE, "%s: expected %s after it", name, table[id].value);
    const char *value = equals != NULL ? equals + 1 : argv[++*at];
    if (*value == '\0')
        return netrt_fail(error, NETRT_E_USAGE, "%s: expected %s, found nothing", name, table[id].value);
    return apply(o, id, value, error);
}

static enum netrt_status check_command(const struct options *o, struct netrt_error *error)
{
    if (o->help || o->version)
        return NETRT_OK;
    if (!o->has_command)
        return netrt_fail(error, NETRT_E_USAGE, "expected a command: train, eval, predict, info or bench; see --help");
    if (o->resume && o->out == NULL)
        return netrt_fail(error, NETRT_E_USAGE, "--resume needs --out DIR, the run to go on with");
    if (o->resume && o->weights != NULL)
        return netrt_fail(error, NETRT_E_USAGE, "--resume and --weights exclude each other: a run goes on with its own weights");
    if ((o->command == COMMAND_EVAL || o->command == COMMAND_PREDICT) && o->weights == NULL)
        return netrt_fail(error, NETRT_E_USAGE, "%s needs --weights F", commands[o->command].name);
    if (o->has_label && o->labels != NULL)
        return netrt_fail(error, NETRT_E_USAGE, "--label and --labels exclude each other: one label for all, or a file of them");
    if (o->command == COMMAND_PREDICT && o->file_count == 0)
        return netrt_fail(error, NETRT_E_USAGE, "predict needs files: PNG pictures or IDX files");
    return NETRT_OK;
}

static enum netrt_status take_word(struct options *o, char *word, struct netrt_error *error)
{
    if (!o->has_command)
        return find_command(o, word, error);
    if (o->command != COMMAND_PREDICT)
        return netrt_fail(error, NETRT_E_USAGE, "%s takes no file, but found %s", commands[o->command].name, word);
    o->files[o->file_count++] = word;
    return NETRT_OK;
}

enum netrt_status options_parse(struct options *o, int argc, char *argv[], struct netrt_error *error)
{
    enum netrt_status status = NETRT_OK;
    bool only_files = false;

    /* Files are gathered at the front of argv, where options have been read already. */
    *o = (struct options){.data = ".", .seconds = 3, .files = argv, .words = argv, .word_count = argc};
    for (int i = 1; i < argc && status == NETRT_OK; i++) {
        char *word = argv[i];
        if (only_files || word[0] != '-' || word[1] == '\0')
            status = take_word(o, word, error);
        else if (strcmp(word, "--") == 0)
            only_files = true;
        else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
            o->help = true;
        else if (strcmp(word, "--version") == 0)
            o->version = true;
        else if (!o->has_command)
            status = netrt_fail(error, NETRT_E_USAGE, "expected a command before %s; see --help", word);
        else
            status = parse_option(o, argc, argv, &i, error);
    }
    return status == NETRT_OK ? check_command(o, error) : status;
}

void options_print_help(const struct options *o, const char *program, FILE *out)
{
    if (!o->has_command) {
        fprintf(out, "usage: %s COMMAND [OPTIONS]\n\n", program);
        for (int i = 0; i < COMMAND_COUNT; i++)
            fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
        fprintf(out, "\n%s COMMAND --help lists the options of a command.\n", program);
        return;
    }
    fprintf(out, "usage: %s %s%s [OPTIONS]\n\n%s\n\n", program, commands[o->command].name, commands[o->command].arguments,
            commands[o->command].summary);
    for (int i = 0; i < OPTION_COUNT; i++) {
        char text[48];
        if ((table[i].commands & 1 << o->command) == 0)
            continue;
        snprintf(text, sizeof text, "%s%s%s", table[i].name, table[i].value != NULL ? " " : "",
                 table[i].value != NULL ? table[i].value : "");
        fprintf(out, "  %-18s %s\n", text, table[i].summary);
    }
}

/* In single quotes where a shell would take it for anything but a word. */
static void print_word(const char *word, FILE *out)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./,:@%";

    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word != '\0'; word++)
        fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, out);
    fputc('\'', out);
}

/* The option at a word that was accepted before, and how many words it takes; OPTION_COUNT for any other word. */
static enum option_id option_at(const struct options *o, int i, int *words)
{
    *words = 1;
    for (int id = 0; id < OPTION_COUNT; id++) {
        size_t length = strlen(table[id].name);
        if (strncmp(o->words[i], table[id].name, length) != 0)
            continue;
        if (o->words[i][length] == '\0')
            *words = table[id].value != NULL ? 2 : 1;
        if (o->words[i][length] == '\0' || o->words[i][length] == '=')
            return (enum option_id)id;
    }
    return OPTION_COUNT;
}

char *options_resume_command(const struct options *o, const char *out)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (stream == NULL)
        return NULL;
    print_word(o->words[0], stream);
    for (int i = 1, words; i < o->word_count; i += words) {
        enum option_id id = option_at(o, i, &words);
        bool replaced = id == OPTION_OUT || id == OPTION_RESUME || id == OPTION_WEIGHTS;
        for (int w = 0; w < words && !replaced; w++) {
            fputc(' ', stream);
            print_word(o->words[i + w], stream);
        }
    }
    fputs(" --resume --out ", stream);
    print_word(out, stream);
    return fclose(stream) == 0 ? text : NULL;
}

#include "runtime/trainer/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_WORDS = 32 };

/* Parses a line of words separated by single spaces, the program's name first. */
static enum netrt_status parse(const char *line, struct options *options, struct netrt_error *error)
{
    static char text[256];
    static char *words[MOST_WORDS + 1];
    int count = 0;

    strcpy(text, line);
    for (char *word = strtok(text, " "); word != NULL && count < MOST_WORDS; word = strtok(NULL, " "))
        words[count++] = word;
    words[count] = NULL;
    return options_parse(options, count, words, error);
}

static struct options accepted(const char *line)
{
    struct options options;
    struct netrt_error error = {NETRT_OK, ""};

    if (parse(line, &options, &error) != NETRT_OK)
        fail_msg("%s: %s", line, error.text);
    return options;
}

static void refused(const char *line, const char *reason)
{
    struct options options;
    struct netrt_error error = {NETRT_OK, ""};

    assert_int_equal(parse(line, &options, &error), NETRT_E_USAGE);
    if (strstr(error.text, reason) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", reason, error.text);
}

static void defaults_are_as_documented(void **state)
{
    struct options o = accepted("p train");

    (void)state;
    assert_int_equal(o.command, COMMAND_TRAIN);
    assert_string_equal(o.data, ".");
    assert_int_equal(o.threads, 0);
    assert_int_equal(o.epochs, 0);
    assert_int_equal(o.limit, 0);
    assert_false(o.has_seed || o.resume || o.confusion || o.kernels || o.inference || o.help);
    assert_int_equal(o.log, NETRT_LOG_TEXT);
    assert_null(o.out);
}

static void values_come_after_a_space_or_an_equals_sign(void **state)
{
    struct options o =
        accepted("p train --epochs 3 --threads=2 --seed 0 --set a=b=c --set d=1 --out=o --data d --limit 7 --resume");

    (void)state;
    assert_int_equal(o.epochs, 3);
    assert_int_equal(o.threads, 2);
    assert_true(o.has_seed && o.seed == 0);
    assert_int_equal(o.set_count, 2);
    assert_string_equal(o.set[0], "a=b=c");
    assert_string_equal(o.out, "o");
    assert_string_equal(o.data, "d");
    assert_int_equal(o.limit, 7);
    assert_true(o.resume);
}

static void files_and_options_may_mix(void **state)
{
    struct options o = accepted("p predict a.png --weights w b.png -- --c.png");

    (void)state;
    assert_int_equal(o.file_count, 3);
    assert_string_equal(o.files[0], "a.png");
    assert_string_equal(o.files[1], "b.png");
    assert_string_equal(o.files[2], "--c.png");
    assert_string_equal(o.weights, "w");
}

static void flags_take_effect(void **state)
{
    (void)state;
    assert_true(accepted("p predict --raw --weights w a.png").raw);
    assert_true(accepted("p predict --label 0 --weights w a.png").has_label);
    assert_int_equal(accepted("p predict --label 7 --weights w a.png").label, 7);
    assert_string_equal(accepted("p predict --labels f --weights w a.png").labels, "f");
    assert_true(accepted("p bench --kernels").kernels);
    assert_true(accepted("p bench --inference").inference);
    assert_int_equal(accepted("p bench --json").log, NETRT_LOG_JSON);
    assert_int_equal(accepted("p train --log json").log, NETRT_LOG_JSON);
    assert_int_equal(accepted("p train --quiet").log, NETRT_LOG_QUIET);
    assert_true(accepted("p eval --confusion --weights w").confusion);
    assert_true(accepted("p train --help").help);
    assert_true(accepted("p --version").version);
    assert_true(accepted("p bench --seconds 0.5").seconds < 0.6);
}

static void wrong_lines_are_refused_with_a_reason(void **state)
{
    (void)state;
    refused("p", "expected a command");
    refused("p --epochs 3", "expected a command before --epochs");
    refused("p bensh", "did you mean bench?");
    refused("p bench --second 3", "did you mean --seconds?");
    refused("p bench --epochs 3", "bench takes no --epochs");
    refused("p train --epochs", "expected N after it");
    refused("p train --epochs 0", "expected a whole number from 1");
    refused("p train --epochs 99999999999999999999", "expected a whole number from 1");
    refused("p train --threads 1025", "from 1 to 1024");
    refused("p train --resume", "--resume needs --out");
    refused("p train --resume --out o --weights w", "exclude each other");
    refused("p train --a-name-of-an-option-that-is-longer-than-any", "unknown option");
    refused("p show", "not built yet");
}

static void help_lists_what_a_command_takes(void **state)
{
    struct options o = accepted("p bench --help");
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    (void)state;
    options_print_help(&o, "lenet5", out);
    fclose(out);
    assert_non_null(strstr(text, "usage: lenet5 bench [OPTIONS]"));
    assert_non_null(strstr(text, "--kernels"));
    assert_null(strstr(text, "--epochs"));
    free(text);
}

static void reports_mean_the_same_for_every_command(void **state)
{
    static const char *const commands[] = {"train", "eval --weights w", "info", "bench", "predict --weights w f"};
    char line[64];

    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        snprintf(line, sizeof line, "p %s --json", commands[i]);
        assert_int_equal(accepted(line).log, NETRT_LOG_JSON);
        snprintf(line, sizeof line, "p %s --log json", commands[i]);
        assert_int_equal(accepted(line).log, NETRT_LOG_JSON);
        snprintf(line, sizeof line, "p %s --json --log=json", commands[i]);
        assert_int_equal(accepted(line).log, NETRT_LOG_JSON);
    }
    assert_int_equal(accepted("p info --log text").log, NETRT_LOG_TEXT);
}

static void reports_that_contradict_are_refused(void **state)
{
    (void)state;
    refused("p train --json --log text", "exclude each other");
    refused("p train --quiet --json", "--quiet, --log text and --log json (or --json) exclude each other");
    refused("p eval --weights w --log json --quiet", "exclude each other");
    refused("p predict --weights w --log text f", "predict prints JSON alone");
    refused("p info --quiet", "info takes no --quiet");
}

static void assert_goes_on(const char *line, const char *folder, const char *command)
{
    struct options o = accepted(line);
    char *text = options_resume_command(&o, folder);

    assert_string_equal(text, command);
    free(text);
}

static void a_run_goes_on_with_the_words_it_began_with(void **state)
{
    (void)state;
    assert_goes_on("./p train", "runs/p-1", "./p train --resume --out runs/p-1");
    assert_goes_on("p train --out a --epochs=3 --weights w --seed 2 --out=b", "b", "p train --epochs=3 --seed 2 --resume --out b");
    assert_goes_on("p train --resume --out a --set k=1 --quiet", "a", "p train --set k=1 --quiet --resume --out a");
    assert_goes_on("p train --weights=w --data --resume", "a", "p train --data --resume --resume --out a");
}

static void a_shell_reads_the_command_as_it_was(void **state)
{
    (void)state;
    assert_goes_on("p train --data $HOME/*", "it's a;b", "p train --data '$HOME/*' --resume --out 'it'\\''s a;b'");
    assert_goes_on("p train", "", "p train --resume --out ''");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_as_documented),
        cmocka_unit_test(values_come_after_a_space_or_an_equals_sign),
        cmocka_unit_test(files_and_options_may_mix),
        cmocka_unit_test(flags_take_effect),
        cmocka_unit_test(wrong_lines_are_refused_with_a_reason),
        cmocka_unit_test(help_lists_what_a_command_takes),
        cmocka_unit_test(reports_mean_the_same_for_every_command),
        cmocka_unit_test(reports_that_contradict_are_refused),
        cmocka_unit_test(a_run_goes_on_with_the_words_it_began_with),
        cmocka_unit_test(a_shell_reads_the_command_as_it_was),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}

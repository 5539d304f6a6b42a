/* The trainer: the program that a compiled net becomes. It knows the net by `netrt_model` alone. */
#include "netrt/model.h"
#include "runtime/trainer/options.h"
#include "runtime/trainer/session.h"
#include "runtime/trainer/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_DONE, EXIT_RUN_FAILED, EXIT_WRONG_USAGE, EXIT_SYSTEM_REFUSED };

/* Without them the first files that are opened would take their numbers, and what is printed would land in those. */
static void open_missing_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", O_RDWR);    /* takes the lowest number that is free: this one */
}

static int report(const struct netrt_error *error)
{
    fprintf(stderr, "error: %s\n", error->text);
    switch (error->status) {
    case NETRT_OK: break;
    case NETRT_E_CONTENT:
    case NETRT_E_DIVERGED: return EXIT_RUN_FAILED;
    case NETRT_E_USAGE: return EXIT_WRONG_USAGE;
    case NETRT_E_SYSTEM: return EXIT_SYSTEM_REFUSED;
    }
    return EXIT_DONE;
}

int session_report(const struct session *session)
{
    return report(&session->error);
}

static int run_command(const struct options *options)
{
    static int (*const run[COMMAND_COUNT])(struct session *) = {[COMMAND_TRAIN] = command_train,
                                                                [COMMAND_EVAL] = command_eval,
                                                                [COMMAND_PREDICT] = command_predict,
                                                                [COMMAND_INFO] = command_info,
                                                                [COMMAND_BENCH] = command_bench};
    struct session session;
    int status;

    if (session_open(&session, options, &netrt_model, stop_asked()) != NETRT_OK)
        status = session_report(&session);
    else
        status = run[options->command](&session);
    session_close(&session);
    return status;
}

static int print_version(void)
{
    struct netrt_description d;
    struct netrt_error error;

    if (netrt_description_open(&d, &netrt_model, &error) != NETRT_OK)
        return report(&error);
    printf("%s (netc %s) %s\n", d.net, d.netc, d.hash);
    netrt_description_close(&d);
    return EXIT_DONE;
}

/* What was asked for must have arrived: a full disk or a closed pipe is an error like any other. */
static int close_output(int status)
{
    bool failed = ferror(stdout) != 0;
    const char *reason = "an earlier write failed";

    if (fclose(stdout) != 0) {
        failed = true;
        reason = strerror(errno);
    }
    if (!failed || status != EXIT_DONE)
        return status;
    fprintf(stderr, "error: cannot write the output: %s\n", reason);
    return EXIT_SYSTEM_REFUSED;
}

int main(int argc, char *argv[])
{
    struct options options;
    struct netrt_error error;
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char *program = slash != NULL ? slash + 1 : argc > 0 ? argv[0] : "trainer";
    int status = EXIT_DONE;

    open_missing_streams();
    signal(SIGXFSZ, SIG_IGN);    /* a file that may not grow further is a write that fails, with its reason */
    if (options_parse(&options, argc, argv, &error) != NETRT_OK)
        status = report(&error);
    else if (options.help)
        options_print_help(&options, program, stdout);
    else if (options.version)
        status = print_version();
    else
        status = run_command(&options);
    return close_output(status);
}

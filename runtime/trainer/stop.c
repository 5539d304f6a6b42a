/* stop: a run that is asked to end finishes its step and is saved; the answer comes at once, from within the signal's handler. */
#include "runtime/trainer/stop.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* timeout(1) and some shells send one request twice, to the process and to its group: what follows so soon is no second wish. */
enum { SAME_REQUEST_MS = 100 };

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
enum { CAUGHT = sizeof caught / sizeof caught[0] };

static volatile sig_atomic_t stop_signal;
static char answer[128];    /* fixed before signals are caught */
static struct timespec first;

const volatile sig_atomic_t *stop_asked(void)
{
    return &stop_signal;
}

static int64_t milliseconds_since_first(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)(now.tv_sec - first.tv_sec) * 1000 + (now.tv_nsec - first.tv_nsec) / 1000000;
}

/* Calls only what is safe within a handler. A terminal that is gone sends SIGHUP any number of times. */
static void ask_to_stop(int number)
{
    int kept = errno;

    if (stop_signal == 0) {
        clock_gettime(CLOCK_MONOTONIC, &first);
        stop_signal = number;
        if (write(STDERR_FILENO, answer, strlen(answer)) < 0)
            errno = kept;    /* nobody reads it: the run stops all the same */
    } else if (number != SIGHUP && milliseconds_since_first() >= SAME_REQUEST_MS) {
        signal(number, SIG_DFL);
        raise(number);    /* delivered when the handler returns */
    }
    errno = kept;
}

void stop_catch(bool live)
{
    struct sigaction action = {.sa_handler = ask_to_stop, .sa_flags = (int)SA_RESTART}, before;
    bool terminal = isatty(STDERR_FILENO) != 0;

    /* The terminal has shown ^C where its cursor was: on the live line, whose place the answer takes, or on a line of its own. */
    snprintf(answer, sizeof answer, "%sfinishing the step; once more to stop now\n",
             terminal && live ? "\r\033[J"
             : terminal       ? "\n"
                              : "");
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < CAUGHT; i++)
        sigaddset(&action.sa_mask, caught[i]);
    for (int i = 0; i < CAUGHT; i++) {
        bool ignored = caught[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
        if (!ignored) /* nohup asks to go on without a terminal */
            sigaction(caught[i], &action, NULL);
    }
}

static const char *signal_name(int number)
{
    return number == SIGINT ? "SIGINT" : number == SIGTERM ? "SIGTERM" : "SIGHUP";
}

int stop_report(const struct session *s, const struct netrt_position *position, const char *last, const char *folder)
{
    int number = (int)stop_signal;
    char *command = options_resume_command(s->options, folder);

    if (s->options->log == NETRT_LOG_JSON) {
        json_t *line = json_pack("{s:s, s:I, s:I, s:o*, s:o*}", "stopped", signal_name(number), "epochs",
                                 (json_int_t)position->epoch, "samples", (json_int_t)position->samples, "weights",
                                 json_string(last), "command", command != NULL ? json_string(command) : NULL);
        json_dumpf(line, stdout, JSON_COMPACT);
        fputc('\n', stdout);
        json_decref(line);
    }
    fprintf(stderr, "stopped by %s after %" PRId64 " epoch%s and %" PRId64 " samples of the next\ncheckpoint: %s\n",
            signal_name(number), position->epoch, position->epoch == 1 ? "" : "s", position->samples, last);
    if (command != NULL)
        fprintf(stderr, "to go on: %s\n", command);
    free(command);
    return 128 + number;
}

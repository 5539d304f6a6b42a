/* message: see message.h. The signal handlers use only async-signal-safe functions: write, unlink, raise, _exit. */
#define _XOPEN_SOURCE 700 /* sigaltstack */

#include "compiler/driver/message.h"

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REPORT                                                                                                         \
    "This is a defect of netc, not of your file. Please report it with the command line, the file and the output of\n" \
    "`netc --version`.\n"

/* ---- Messages ------------------------------------------------------------------------------------------------------ */

enum status fail(enum status status, const char *format, ...)
{
    va_list args;

    fputs("netc: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return status;
}

enum status fail_defect(const char *format, ...)
{
    va_list args;

    fputs("netc: internal error: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs("\n" REPORT, stderr);
    return STATUS_DEFECT;
}

_Noreturn void end_out_of_memory(size_t bytes)
{
    temporary_remove_all();
    exit(fail(STATUS_SYSTEM, "out of memory: %zu bytes were refused", bytes));
}

/* ---- Temporary files ----------------------------------------------------------------------------------------------- */

enum { MAX_TEMPORARY = 4, MAX_PATH = 4096 };

static struct {
    volatile sig_atomic_t used;
    char path[MAX_PATH];
} temporary[MAX_TEMPORARY];

void temporary_add(const char *path)
{
    size_t length = strlen(path);

    for (int i = 0; i < MAX_TEMPORARY && length < MAX_PATH; i++) {
        if (!temporary[i].used) {
            memcpy(temporary[i].path, path, length + 1);
            temporary[i].used = 1;
            return;
        }
    }
}

void temporary_forget(const char *path)
{
    for (int i = 0; i < MAX_TEMPORARY; i++) {
        if (temporary[i].used && strcmp(temporary[i].path, path) == 0)
            temporary[i].used = 0;
    }
}

void temporary_remove_all(void)
{
    for (int i = 0; i < MAX_TEMPORARY; i++) {
        if (temporary[i].used)
            unlink(temporary[i].path);
        temporary[i].used = 0;
    }
}

/* ---- Signals ------------------------------------------------------------------------------------------------------- */

static void say(const char *text)
{
    size_t length = strlen(text);

    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, text, length);
        if (written <= 0)
            return;
        text += written;
        length -= (size_t)written;
    }
}

static void on_crash(int signal)
{
    temporary_remove_all();
    say(signal == SIGABRT ? "netc: internal error: a check failed\n" : "netc: internal error: it crashed\n");
    say(REPORT);
    _exit(STATUS_DEFECT);
}

static void on_interruption(int signal)
{
    temporary_remove_all();
    raise(signal);
}

static void handle(int signal, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, NULL);
}

void catch_signals(void)
{
    /* A stack of its own, so that running out of stack is reported as well. */
    static unsigned char stack[64 * 1024];
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    static const int interruptions[] = {SIGINT, SIGTERM, SIGHUP};
    bool own_reports = true;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    own_reports = false;    /* the sanitizer's say more */
#endif
    sigaltstack(&alternative, NULL);
    for (size_t i = 0; own_reports && i < sizeof crashes / sizeof *crashes; i++)
        handle(crashes[i], on_crash, (int)(SA_ONSTACK | SA_RESETHAND));
    for (size_t i = 0; i < sizeof interruptions / sizeof *interruptions; i++)
        handle(interruptions[i], on_interruption, (int)(SA_RESETHAND | SA_NODEFER));
    handle(SIGXFSZ, SIG_IGN, 0);    /* a file that grows too large is a failure to write, not a signal */
}

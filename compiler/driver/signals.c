/* signals: see signals.h. The handlers use only what is async-signal-safe: write, unlink, kill, waitpid, poll, raise, _exit. */
#define _XOPEN_SOURCE 700 /* sigaltstack, waitid */

#include "compiler/driver/signals.h"

#include "compiler/driver/status.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
static const int interruptions[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU};

enum { CRASHES = sizeof crashes / sizeof *crashes, INTERRUPTIONS = sizeof interruptions / sizeof *interruptions };

static volatile sig_atomic_t in_child;

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

static void remove_temporaries(void)
{
    for (int i = 0; i < MAX_TEMPORARY; i++) {
        if (temporary[i].used)
            unlink(temporary[i].path);
        temporary[i].used = 0;
    }
}

/* ---- Processes ----------------------------------------------------------------------------------------------------- */

enum { MAX_PROCESSES = 2, PATIENCE = 200, MOMENT = 10 };    /* milliseconds a moment; so many are given to end in good order */

static volatile pid_t process[MAX_PROCESSES];

void process_add(pid_t leader)
{
    for (int i = 0; i < MAX_PROCESSES; i++) {
        if (process[i] == 0) {
            process[i] = leader;
            return;
        }
    }
}

void process_forget(pid_t leader)
{
    for (int i = 0; i < MAX_PROCESSES; i++) {
        if (process[i] == leader)
            process[i] = 0;
    }
}

/* Whether it has ended. It stays to be waited for, so that its number means nobody else yet. */
static bool has_ended(pid_t leader)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)leader, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == leader;
}

static void end_process(pid_t leader)
{
    kill(-leader, SIGTERM);
    kill(-leader, SIGCONT);
    for (int i = 0; i < PATIENCE && !has_ended(leader); i++)
        poll(NULL, 0, MOMENT);
    kill(-leader, SIGKILL);
    while (waitpid(leader, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static void end_processes(void)
{
    for (int i = 0; i < MAX_PROCESSES; i++) {
        if (process[i] != 0)
            end_process(process[i]);
        process[i] = 0;
    }
}

void signals_clean_up(void)
{
    end_processes();
    remove_temporaries();
}

/* ---- Handlers ------------------------------------------------------------------------------------------------------ */

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
    signals_clean_up();
    say(signal == SIGABRT ? "netc: internal error: a check failed\n" : "netc: internal error: it crashed\n");
    say(DEFECT_REPORT);
    _exit(STATUS_DEFECT);
}

/* The signal is handled as usual by now, and taken when this returns. */
static void on_interruption(int signal)
{
    signals_clean_up();
    raise(signal);
}

/* Interruptions wait while a handler works. */
static void handle(int signal, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < INTERRUPTIONS; i++)
        sigaddset(&action.sa_mask, interruptions[i]);
    sigaction(signal, &action, NULL);
}

static bool is_ignored(int signal)
{
    struct sigaction now;

    return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* Standard output gets a descriptor that cannot be written: whoever writes to it is told. */
static void open_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    }
}

void signals_catch(void)
{
    /* A stack of its own, so that running out of stack is reported as well. */
    static unsigned char stack[64 * 1024];
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    bool own_reports = true;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    own_reports = false;    /* the sanitizer's say more */
#endif
    open_standard_descriptors();
    sigaltstack(&alternative, NULL);
    for (size_t i = 0; own_reports && i < CRASHES; i++)
        handle(crashes[i], on_crash, (int)(SA_ONSTACK | SA_RESETHAND));
    for (size_t i = 0; i < INTERRUPTIONS; i++) {
        if (!is_ignored(interruptions[i]))
            handle(interruptions[i], on_interruption, (int)SA_RESETHAND);
    }
    handle(SIGXFSZ, SIG_IGN, 0);    /* a file that grows too large is a failure to write, not a signal */
    handle(SIGCHLD, SIG_DFL, 0);    /* where it is ignored nobody can wait for a tool */
    handle(SIGTTOU, SIG_IGN, 0);    /* tools are no foreground processes, and may write all the same */
}

void signals_hold(sigset_t *before)
{
    sigset_t held;

    sigemptyset(&held);
    for (size_t i = 0; i < INTERRUPTIONS; i++)
        sigaddset(&held, interruptions[i]);
    sigprocmask(SIG_BLOCK, &held, before);
}

void signals_release(const sigset_t *before)
{
    sigprocmask(SIG_SETMASK, before, NULL);
}

/* ---- Children ------------------------------------------------------------------------------------------------------ */

void signals_be_child(const sigset_t *before)
{
    in_child = 1;
    for (int i = 0; i < MAX_TEMPORARY; i++)
        temporary[i].used = 0;
    for (int i = 0; i < MAX_PROCESSES; i++)
        process[i] = 0;
    for (size_t i = 0; i < CRASHES; i++)
        handle(crashes[i], SIG_DFL, 0);
    for (size_t i = 0; i < INTERRUPTIONS; i++) {
        if (!is_ignored(interruptions[i]))
            handle(interruptions[i], SIG_DFL, 0);
    }
    signals_release(before);
}

bool signals_in_child(void)
{
    return in_child != 0;
}

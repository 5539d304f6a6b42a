/* child: see child.h. */
#include "compiler/driver/child.h"

#include "compiler/driver/message.h"
#include "compiler/support/arena.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 1, NOT_WRITTEN = 2 };    /* exit statuses of the child */

/* The parent reports crashes and removes files: here a signal is to end the process and nothing else. */
static void restore_signals(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = SIG_DFL};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

static _Noreturn void be_child(child_work_fn *work, void *context, int to)
{
    FILE *out = fdopen(to, "w");

    restore_signals();
    if (!out)
        _exit(NOT_WRITTEN);
    if (!work(context, out))
        _exit(FAILED);
    bool written = !ferror(out);
    if (fclose(out) != 0)
        written = false;
    _exit(written ? 0 : NOT_WRITTEN);
}

/* Reads to the end, into an array that doubles. False: errno says why. */
static bool read_all(int from, struct arena *a, struct child_result *result)
{
    size_t capacity = 1 << 18, length = 0;
    char *bytes = arena_alloc(a, capacity);

    for (;;) {
        if (length == capacity) {
            char *larger = arena_alloc_array(a, capacity, 2);
            memcpy(larger, bytes, length);
            bytes = larger;
            capacity *= 2;
        }
        ssize_t count = read(from, bytes + length, capacity - length);
        if (count == 0)
            break;
        if (count < 0 && errno != EINTR)
            return false;
        length += count > 0 ? (size_t)count : 0;
    }
    *result = (struct child_result){bytes, length};
    return true;
}

static enum status judge(const char *what, int how)
{
    if (WIFSIGNALED(how)) {
        int signal = WTERMSIG(how);
        if (signal == SIGKILL || signal == SIGINT || signal == SIGTERM || signal == SIGHUP)
            return fail(STATUS_SYSTEM, "%s was stopped: %s", what, strsignal(signal));
        return fail_defect("%s crashed: %s", what, strsignal(signal));
    }
    switch (WEXITSTATUS(how)) {
    case 0: return STATUS_DONE;
    case NOT_WRITTEN: return fail(STATUS_SYSTEM, "%s: its result could not be passed on", what);
    default: return fail_defect("%s failed (status %d)", what, WEXITSTATUS(how));
    }
}

enum status child_run(const char *what, child_work_fn *work, void *context, struct arena *a, struct child_result *result)
{
    int ends[2], how = 0;

    if (pipe(ends) != 0)
        return fail(STATUS_SYSTEM, "%s: %s", what, strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_child(work, context, ends[1]);
    }
    int error = errno;
    close(ends[1]);
    bool whole = child > 0 && read_all(ends[0], a, result);
    if (child > 0 && !whole)
        error = errno;
    close(ends[0]);
    while (child > 0 && waitpid(child, &how, 0) < 0 && errno == EINTR)
        continue;
    return whole ? judge(what, how) : fail(STATUS_SYSTEM, "%s: %s", what, strerror(error));
}

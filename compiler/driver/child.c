/* child: see child.h. */
#include "compiler/driver/child.h"

#include "compiler/driver/message.h"
#include "compiler/driver/process.h"
#include "compiler/driver/signals.h"
#include "compiler/support/arena.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 1, NOT_WRITTEN = 2, TOLD = STATUS_SYSTEM };    /* how the child exits; TOLD: it said what the system refused */

static _Noreturn void be_child(child_work_fn *work, void *context, int to, int words)
{
    FILE *out = dup2(words, STDERR_FILENO) >= 0 ? fdopen(to, "w") : NULL;

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

/* Whether it gave up for want of memory: LLVM and the C++ library say so and abort. */
static bool wanted_memory(const char *words)
{
    return strstr(words, "out of memory") || strstr(words, "std::bad_alloc");
}

static enum status judge_signal(const char *what, int signal, const char *words)
{
    static const int of_the_system[] = {SIGKILL, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU};

    if (wanted_memory(words))
        return fail(STATUS_SYSTEM, "%s ran out of memory", what);
    for (size_t i = 0; i < sizeof of_the_system / sizeof *of_the_system; i++) {
        if (signal == of_the_system[i])
            return fail(STATUS_SYSTEM, "%s was stopped: %s", what, strsignal(signal));
    }
    return fail_defect("%s crashed: %s", what, strsignal(signal));
}

static enum status judge(const char *what, int how, const char *words)
{
    if (WIFEXITED(how) && WEXITSTATUS(how) == TOLD) {
        fputs(words, stderr);    /* a message of netc already */
        return STATUS_SYSTEM;
    }
    show_words(words);
    if (WIFSIGNALED(how))
        return judge_signal(what, WTERMSIG(how), words);
    switch (WEXITSTATUS(how)) {
    case 0: return STATUS_DONE;
    case NOT_WRITTEN: return fail(STATUS_SYSTEM, "%s: its result could not be passed on", what);
    default: return fail_defect("%s failed (status %d)", what, WEXITSTATUS(how));
    }
}

/* Forks; the child never returns. */
static pid_t start(child_work_fn *work, void *context, const int ends[2], int words)
{
    sigset_t before;

    signals_hold(&before);
    pid_t child = fork();
    int error = errno;
    if (child == 0) {
        setpgid(0, 0);
        signals_be_child(&before);
        close(ends[0]);
        be_child(work, context, ends[1], words);
    }
    if (child > 0) {
        setpgid(child, child);    /* whoever comes first: afterwards it is a group */
        process_add(child);
    }
    signals_release(&before);
    errno = error;
    return child;
}

/* Starts the child, reads its result and waits for it. False: errno says why; *how is as of waitpid. */
static bool run(child_work_fn *work, void *context, int words, struct arena *a, struct child_result *result, int *how)
{
    int ends[2];

    if (!process_pipe(ends))
        return false;
    pid_t child = start(work, context, ends, words);
    int error = errno;
    close(ends[1]);
    bool whole = child > 0 && read_all(ends[0], a, result);
    if (child > 0 && !whole)
        error = errno;
    close(ends[0]);
    if (child > 0 && !process_wait(child, how)) {
        whole = false;
        error = errno;
    }
    errno = error;
    return whole;
}

enum status child_run(const char *what, child_work_fn *work, void *context, struct arena *a, struct child_result *result)
{
    int words = process_open_output(), how = 0;
    bool whole = words >= 0 && run(work, context, words, a, result, &how);
    int error = errno;

    if (words < 0)
        return fail(STATUS_SYSTEM, "%s: %s", what, strerror(error));
    const char *text = process_close_output(words, a);
    return whole ? judge(what, how, text) : fail(STATUS_SYSTEM, "%s: %s", what, strerror(error));
}

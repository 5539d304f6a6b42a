/* tools: see tools.h. */
#include "compiler/driver/tools.h"

#include "compiler/driver/message.h"
#include "compiler/driver/process.h"
#include "compiler/driver/signals.h"
#include "compiler/support/arena.h"
#include "compiler/support/vec.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void command_add(struct command *c, const char *word)
{
    vec_push(c->arena, &c->word, word);
    vec_push(c->arena, &c->word, NULL);
    c->word.count--;
}

void command_add_words(struct command *c, const char *text)
{
    while (*text != '\0') {
        text += strspn(text, " \t\r\n");
        size_t length = strcspn(text, " \t\r\n");
        if (length > 0)
            command_add(c, arena_copy(c->arena, text, length));
        text += length;
    }
}

static void print_command(const struct command *c)
{
    for (size_t i = 0; i < c->word.count; i++)
        fprintf(stderr, "%s%s", i > 0 ? " " : "", c->word.at[i]);
    fputc('\n', stderr);
}

/* Writes everything; stops where the reader has gone: why it went is told by its status. */
static void feed(int fd, const char *input, size_t length)
{
    struct sigaction ignored = {.sa_handler = SIG_IGN}, before;

    sigemptyset(&ignored.sa_mask);
    sigaction(SIGPIPE, &ignored, &before);
    while (length > 0) {
        ssize_t written = write(fd, input, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            break;
        input += written;
        length -= (size_t)written;
    }
    sigaction(SIGPIPE, &before, NULL);
}

/* Starts the command with `from` and `words` as its standard input, output and error. Returns errno's value. */
static int spawn(const struct command *c, int from, int words, const sigset_t *mask, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return error;
    setenv("LC_ALL", "C", 1);
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setsigmask(&attributes, mask);
        error = posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
        if (error == 0)
            error = posix_spawn_file_actions_adddup2(&actions, words, STDOUT_FILENO);
        if (error == 0)
            error = posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
        if (error == 0)
            error = posix_spawnp(child, c->word.at[0], &actions, &attributes, (char *const *)(uintptr_t)c->word.at, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static int start(const struct command *c, int from, int words, pid_t *child)
{
    sigset_t before;

    signals_hold(&before);
    int error = spawn(c, from, words, &before, child);
    if (error == 0)
        process_add(*child);
    signals_release(&before);
    return error;
}

/* Whether a line of a compiler's output (in English: LC_ALL) blames the text that it was given: "NAME:12:3: error: …". What concerns the machine
 * ("fatal error: … No space left on device", "cc1: out of memory") has no line, or is fatal. */
static bool blames_the_input(const char *words)
{
    for (const char *at = words; (at = strstr(at, ": error: ")) != NULL; at++) {
        const char *digit = at;
        while (digit > words && digit[-1] >= '0' && digit[-1] <= '9')
            digit--;
        if (digit < at && digit > words && digit[-1] == ':')
            return true;
    }
    return false;
}

static enum status wait_for(const struct command *c, pid_t child, int words, struct command_result *result)
{
    int how = 0;
    bool ended = process_wait(child, &how);
    int error = errno;
    const char *text = process_close_output(words, c->arena);

    if (!ended)
        return fail(STATUS_SYSTEM, "lost '%s': %s", c->word.at[0], strerror(error));
    show_words(text);
    result->signal = WIFSIGNALED(how) ? WTERMSIG(how) : 0;
    result->status = WIFEXITED(how) ? WEXITSTATUS(how) : 0;
    result->blames_the_input = blames_the_input(text);
    return STATUS_DONE;
}

static enum status cannot_run(const struct command *c, int error)
{
    return fail(STATUS_SYSTEM, "cannot run '%s': %s", c->word.at[0], strerror(error));
}

enum status command_run(struct command *c, const char *input, size_t length, bool verbose, struct command_result *result)
{
    int ends[2], words = process_open_output();
    pid_t child = 0;

    if (verbose)
        print_command(c);
    if (words < 0)
        return cannot_run(c, errno);
    if (!process_pipe(ends)) {
        int error = errno;
        close(words);
        return cannot_run(c, error);
    }
    int error = start(c, ends[0], words, &child);
    close(ends[0]);
    if (error == 0 && input)
        feed(ends[1], input, length);
    close(ends[1]);
    if (error == 0)
        return wait_for(c, child, words, result);
    close(words);
    return cannot_run(c, error);
}

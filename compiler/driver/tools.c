/* tools: see tools.h. */
#include "compiler/driver/tools.h"

#include "compiler/driver/message.h"
#include "compiler/support/arena.h"
#include "compiler/support/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
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

/* Starts the command with `from` as its standard input. Returns errno's value. */
static int start(const struct command *c, int from, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return error;
    error = posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
    if (error == 0)
        error = posix_spawnp(child, c->word.at[0], &actions, NULL, (char *const *)(uintptr_t)c->word.at, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static bool open_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return false;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return true;
}

enum status command_run(struct command *c, const char *input, size_t length, bool verbose, int *result)
{
    int ends[2], how = 0;
    pid_t child = 0;

    if (verbose)
        print_command(c);
    if (!open_pipe(ends))
        return fail(STATUS_SYSTEM, "cannot run '%s': %s", c->word.at[0], strerror(errno));
    int error = start(c, ends[0], &child);
    close(ends[0]);
    if (error == 0 && input)
        feed(ends[1], input, length);
    close(ends[1]);
    if (error != 0)
        return fail(STATUS_SYSTEM, "cannot run '%s': %s", c->word.at[0], strerror(error));
    while (waitpid(child, &how, 0) < 0) {
        if (errno != EINTR)
            return fail(STATUS_SYSTEM, "lost '%s': %s", c->word.at[0], strerror(errno));
    }
    *result = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
    return STATUS_DONE;
}

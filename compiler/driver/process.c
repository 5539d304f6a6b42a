/* process: see process.h. */
#define _GNU_SOURCE /* memfd_create */

#include "compiler/driver/process.h"

#include "compiler/driver/signals.h"
#include "compiler/support/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

bool process_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return false;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return true;
}

int process_open_output(void)
{
    return memfd_create("words", MFD_CLOEXEC);
}

const char *process_close_output(int output, struct arena *a)
{
    struct stat s;
    size_t size = fstat(output, &s) == 0 ? (size_t)s.st_size : 0, length = 0;
    char *text = arena_alloc(a, size + 2);

    while (length < size) {
        ssize_t count = pread(output, text + length, size - length, (off_t)length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        length += (size_t)count;
    }
    close(output);
    if (length > 0 && text[length - 1] != '\n')
        text[length++] = '\n';
    text[length] = '\0';
    return text;
}

bool process_wait(pid_t process, int *how)
{
    while (waitpid(process, how, 0) < 0) {
        if (errno != EINTR)
            return false;
    }
    process_forget(process);
    return true;
}

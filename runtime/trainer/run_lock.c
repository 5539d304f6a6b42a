/* run_lock: a file in the run's folder, locked by flock(2), that holds the number of the process. It is removed while it is still locked,
 * so a lock that was won counts only if the file is still the one in the folder. */
#include "runtime/trainer/run_lock.h"

#include "netrt/records.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The number of the process that wrote the file; 0: it has written none yet. */
static int64_t holder(int handle)
{
    char text[24] = "";
    ssize_t got = pread(handle, text, sizeof text - 1, 0);

    return got > 0 ? strtoll(text, NULL, 10) : 0;
}

static enum netrt_status refuse(int handle, const char *folder, struct netrt_error *error)
{
    const int64_t process = holder(handle);

    if (process > 0)
        return netrt_fail(error, NETRT_E_USAGE,
                          "%s: another trainer is writing to this folder, process %" PRId64
                          ": wait for it, or choose another --out",
                          folder, process);
    return netrt_fail(error, NETRT_E_USAGE, "%s: another trainer is writing to this folder: wait for it, or choose another --out",
                      folder);
}

/* Whether `path` is still the file that was opened: its last holder may have removed it. */
static bool is_current(const char *path, int handle)
{
    struct stat there, here;

    return stat(path, &there) == 0 && fstat(handle, &here) == 0 && there.st_ino == here.st_ino && there.st_dev == here.st_dev;
}

static void write_holder(int handle)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%" PRId64 "\n", (int64_t)getpid());

    if (ftruncate(handle, 0) != 0 || pwrite(handle, text, (size_t)length, 0) != length)
        return; /* the lock holds without it; only its message names no process */
}

enum netrt_status run_lock_take(struct run_lock *lock, const char *folder, struct netrt_error *error)
{
    char *path = netrt_path_join(folder, "lock");

    *lock = (struct run_lock){.handle = -1};
    if (path == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for the names of files");
    for (;;) {
        int handle = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
        enum netrt_status status = NETRT_OK;
        if (handle < 0)
            status = netrt_fail_errno(error, "cannot write %s", path);
        else if (flock(handle, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
            status = refuse(handle, folder, error);
        else if (is_current(path, handle)) {
            write_holder(handle);
            *lock = (struct run_lock){path, handle};
            return NETRT_OK;
        }
        if (handle >= 0)
            close(handle);
        if (status != NETRT_OK) {
            free(path);
            return status;
        }
    }
}

void run_lock_release(struct run_lock *lock)
{
    if (lock->path == NULL)
        return;
    (void)unlink(lock->path);
    close(lock->handle);
    free(lock->path);
    *lock = (struct run_lock){.handle = -1};
}

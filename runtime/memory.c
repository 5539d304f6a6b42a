/* MAP_ANONYMOUS and madvise are not part of POSIX. */
#define _GNU_SOURCE
#include "netrt/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { HUGE_PAGE = 2 << 20 };

enum netrt_status netrt_memory_map(void **block, size_t bytes, const char *what, struct netrt_error *error)
{
    size_t length = bytes > 0 ? bytes : 1;
    void *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return netrt_fail_errno(error, "cannot allocate %zu bytes for %s", bytes, what);
    if (length >= HUGE_PAGE)
        (void)madvise(at, length, MADV_HUGEPAGE);    /* advice only: a refusal changes nothing but speed */
    *block = at;
    return NETRT_OK;
}

void netrt_memory_unmap(void *block, size_t bytes)
{
    if (block != NULL)
        munmap(block, bytes > 0 ? bytes : 1);
}

/* The number in a file that holds nothing else, or SIZE_MAX ("max", or no such file). */
static size_t read_number(const char *path)
{
    FILE *file = fopen(path, "r");
    uint64_t value = UINT64_MAX;

    if (file == NULL)
        return SIZE_MAX;
    if (fscanf(file, "%" SCNu64, &value) != 1)
        value = UINT64_MAX;
    fclose(file);
    return (size_t)value;
}

static size_t system_available(void)
{
    FILE *file = fopen("/proc/meminfo", "r");
    size_t available = SIZE_MAX;
    uint64_t kibibytes;
    char line[128];

    if (file == NULL)
        return SIZE_MAX;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &kibibytes) == 1)
            available = (size_t)kibibytes * 1024;
    }
    fclose(file);
    return available;
}

static size_t group_available(void)
{
    size_t most = read_number("/sys/fs/cgroup/memory.max");
    size_t used = read_number("/sys/fs/cgroup/memory.current");

    if (most == SIZE_MAX || used == SIZE_MAX)
        return SIZE_MAX;
    return most > used ? most - used : 0;
}

size_t netrt_memory_available(void)
{
    struct rlimit limit;
    size_t available = system_available();
    size_t group = group_available();

    if (group < available)
        available = group;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < available)
        available = (size_t)limit.rlim_cur;
    return available;
}

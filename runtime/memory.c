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

const char *netrt_size_print(size_t bytes, char text[NETRT_SIZE_TEXT])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double size = (double)bytes;
    int unit = 0;

    for (; size >= (unit == 0 ? 1024 : 999.5); unit++)    /* never "1000 KiB": that has four digits */
        size /= 1024;
    int decimals = unit == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
    snprintf(text, NETRT_SIZE_TEXT, "%.*f %s", decimals, size, bytes == 1 ? "byte" : units[unit]);
    return text;
}

enum netrt_status netrt_memory_map(void **block, size_t bytes, const char *what, struct netrt_error *error)
{
    size_t length = bytes > 0 ? bytes : 1;
    char size[NETRT_SIZE_TEXT];
    void *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return netrt_fail_errno(error, "cannot allocate %s for %s", netrt_size_print(bytes, size), what);
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

/* target: see target.h. Names are those of gcc 12 and clang 19; sizes of caches are the vendors' for the first core of each kind,
 * and matter to tiles only. Source: gcc's manual, "x86 Options"; Intel 64 and IA-32 Optimization Reference Manual; AMD's guides. */
#include "compiler/emit/target.h"

#include <string.h>
#include <unistd.h>

enum { KIB = 1024 };

#define AVX2(name, l2)                            \
    {                                             \
        #name, #name, #name,                      \
        {                                         \
            32, 16, 32 * KIB, (int64_t)(l2) * KIB \
        }                                         \
    }
#define AVX512(name, l1, l2)                                 \
    {                                                        \
        #name, #name, #name,                                 \
        {                                                    \
            64, 32, (int64_t)(l1) * KIB, (int64_t)(l2) * KIB \
        }                                                    \
    }

/* Newer than gcc 12: for a C compiler their level. */
#define NEWER512(name, l1, l2)                               \
    {                                                        \
        #name, "x86-64-v4", #name,                           \
        {                                                    \
            64, 32, (int64_t)(l1) * KIB, (int64_t)(l2) * KIB \
        }                                                    \
    }

static const struct target targets[] = {
    {"x86-64-v3", "x86-64-v3", "generic", {32, 16, 32 * KIB, 256 * KIB}},
    {"x86-64-v4", "x86-64-v4", "generic", {64, 32, 32 * KIB, 1024 * KIB}},
    AVX2(haswell, 256),
    AVX2(broadwell, 256),
    AVX2(skylake, 256),
    AVX2(alderlake, 1280),
    AVX2(znver1, 512),
    AVX2(znver2, 512),
    AVX2(znver3, 512),
    {"skylake-avx512", "skylake-avx512", "skylake-avx512", {64, 32, 32 * KIB, 1024 * KIB}},
    AVX512(cascadelake, 32, 1024),
    AVX512(cooperlake, 32, 1024),
    {"icelake-client", "icelake-client", "icelake-client", {64, 32, 48 * KIB, 512 * KIB}},
    {"icelake-server", "icelake-server", "icelake-server", {64, 32, 48 * KIB, 1280 * KIB}},
    AVX512(tigerlake, 48, 1280),
    AVX512(rocketlake, 48, 512),
    AVX512(sapphirerapids, 48, 2048),
    NEWER512(emeraldrapids, 48, 2048),
    NEWER512(graniterapids, 48, 2048),
    NEWER512(znver4, 32, 1024),
    NEWER512(znver5, 48, 1024),
};

/* Machines that nobody builds, for tests: the same bits must come out whatever the tiles. They run where netc runs. */
static const struct target invented[] = {
    {"test-w4r16", "native", "native", {16, 16, 32 * KIB, 256 * KIB}},
    {"test-w8r16-smallcache", "native", "native", {32, 16, 8 * KIB, 64 * KIB}},
    {"test-w16r32", "native", "native", {64, 32, 48 * KIB, 2048 * KIB}},
};

static const char *const too_old[] = {
    "x86-64",   "x86-64-v2", "i386",        "i486",      "i586",    "i686",       "pentium4", "nocona", "core2",
    "nehalem",  "westmere",  "sandybridge", "ivybridge", "bonnell", "silvermont", "goldmont", "k8",     "opteron",
    "amdfam10", "barcelona", "btver1",      "btver2",    "bdver1",  "bdver2",     "bdver3",
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int64_t cache_size(int name, int64_t otherwise)
{
    long bytes = sysconf(name);

    return bytes > 0 ? bytes : otherwise;
}

static enum target_status find_native(struct target *t)
{
#if defined(__x86_64__)
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    if (!avx2)
        return TARGET_TOO_OLD;
    t->schedule = (struct schedule_target){avx512 ? 64 : 32, avx512 ? 32 : 16, 32 * KIB, 256 * KIB};
#if defined(_SC_LEVEL1_DCACHE_SIZE)
    t->schedule.l1_bytes = cache_size(_SC_LEVEL1_DCACHE_SIZE, t->schedule.l1_bytes);
    t->schedule.l2_bytes = cache_size(_SC_LEVEL2_CACHE_SIZE, t->schedule.l2_bytes);
#endif
    t->name = t->march = t->tune = "native";
    return TARGET_OK;
#else
    (void)t;
    return TARGET_UNKNOWN;
#endif
}

static bool find_in(const struct target list[], size_t count, const char *name, struct target *t)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].name, name) == 0) {
            *t = list[i];
            return true;
        }
    }
    return false;
}

enum target_status target_find(const char *name, struct target *t)
{
    if (strcmp(name, "native") == 0)
        return find_native(t);
    if (find_in(targets, COUNT(targets), name, t) || find_in(invented, COUNT(invented), name, t))
        return TARGET_OK;
    for (size_t i = 0; i < COUNT(too_old); i++) {
        if (strcmp(too_old[i], name) == 0)
            return TARGET_TOO_OLD;
    }
    return TARGET_UNKNOWN;
}

size_t target_names(const char *const **names)
{
    static const char *list[COUNT(targets) + 1] = {"native"};

    for (size_t i = 0; i < COUNT(targets); i++)
        list[i + 1] = targets[i].name;
    *names = list;
    return COUNT(list);
}

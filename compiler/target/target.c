/* target: tables of CPUs by name, and what the host says of itself. Names are those of gcc 12 and clang 19; caches are the vendors' for
 * the first core of each kind. Source: gcc's manual, "x86 Options"; Intel 64 and IA-32 Optimization Reference Manual; AMD's guides. */
#include "compiler/target/target.h"

#include <string.h>
#include <unistd.h>

#define TRIPLE "x86_64-unknown-linux-gnu"
#define FEATURES_V3 "avx avx2 fma f16c lzcnt movbe bmi bmi2"

const struct isa isa_x86_64_v3 = {"x86-64-v3", TRIPLE, FEATURES_V3, 32, 16};
const struct isa isa_x86_64_v4 = {"x86-64-v4", TRIPLE, FEATURES_V3 " avx512f avx512bw avx512cd avx512dq avx512vl", 64, 32};

/* 32 KiB in 8 ways; 48 KiB in 12. */
#define L1_32K {32 << 10, 8}
#define L1_48K {48 << 10, 12}

#define AVX2(name) {name, name, name, &isa_x86_64_v3, 32, 16, L1_32K}
#define AVX512(name, l1) {name, name, name, &isa_x86_64_v4, 64, 32, l1}

/* Newer than gcc 12: for a C compiler their level. */
#define NEWER512(name, l1) {name, "x86-64-v4", name, &isa_x86_64_v4, 64, 32, l1}

static const struct target targets[] = {
    {"x86-64-v3", "x86-64-v3", "generic", &isa_x86_64_v3, 32, 16, L1_32K},
    {"x86-64-v4", "x86-64-v4", "generic", &isa_x86_64_v4, 64, 32, L1_32K},
    AVX2("haswell"),
    AVX2("broadwell"),
    AVX2("skylake"),
    {"alderlake", "alderlake", "alderlake", &isa_x86_64_v3, 32, 16, L1_48K},
    AVX2("znver1"),
    AVX2("znver2"),
    AVX2("znver3"),
    AVX512("skylake-avx512", L1_32K),
    AVX512("cascadelake", L1_32K),
    AVX512("cooperlake", L1_32K),
    AVX512("icelake-client", L1_48K),
    AVX512("icelake-server", L1_48K),
    AVX512("tigerlake", L1_48K),
    AVX512("rocketlake", L1_48K),
    AVX512("sapphirerapids", L1_48K),
    NEWER512("emeraldrapids", L1_48K),
    NEWER512("graniterapids", L1_48K),
    NEWER512("znver4", L1_32K),
    NEWER512("znver5", L1_48K),
};

/* Machines that nobody builds, for tests: the same bits must come out whatever the tiles. They run where netc runs. */
static const struct target invented[] = {
    {"test-w4r16", "native", "native", &isa_x86_64_v3, 16, 16, L1_32K},
    {"test-w8r16-smallcache", "native", "native", &isa_x86_64_v3, 32, 16, {4 << 10, 4}},
    {"test-w16r32", "native", "native", &isa_x86_64_v4, 64, 32, L1_48K},
};

static const char *const too_old[] = {
    "x86-64",   "x86-64-v2", "i386",        "i486",      "i586",    "i686",       "pentium4", "nocona", "core2",
    "nehalem",  "westmere",  "sandybridge", "ivybridge", "bonnell", "silvermont", "goldmont", "k8",     "opteron",
    "amdfam10", "barcelona", "btver1",      "btver2",    "bdver1",  "bdver2",     "bdver3",
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

#if defined(__x86_64__)
/* The first-level cache as the system describes it, where it does and where that makes sense. */
static struct cache host_l1(void)
{
    struct cache found = L1_32K;
#if defined(_SC_LEVEL1_DCACHE_SIZE) && defined(_SC_LEVEL1_DCACHE_ASSOC)
    const long bytes = sysconf(_SC_LEVEL1_DCACHE_SIZE), ways = sysconf(_SC_LEVEL1_DCACHE_ASSOC);

    if (bytes >= 8 << 10 && bytes <= 1 << 20 && ways >= 2 && ways <= 64 && bytes % (ways * 64) == 0)
        found = (struct cache){bytes, (int)ways};
#endif
    return found;
}
#endif

static enum target_status find_native(struct target *t)
{
#if defined(__x86_64__)
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    if (!avx2)
        return TARGET_TOO_OLD;
    const struct isa *isa = avx512 ? &isa_x86_64_v4 : &isa_x86_64_v3;
    *t = (struct target){.isa = isa, .vector_bytes = isa->vector_bytes, .vector_registers = isa->vector_registers, .l1 = host_l1()};
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

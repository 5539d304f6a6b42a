/* cpu: see cpu.h. Source of the names: gcc's manual, "x86 Built-in Functions"; of the levels: the x86-64 psABI. */
#include "netrt/cpu.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#if defined(__x86_64__)

/* The features of x86-64-v3 and v4, and those beyond that compilers are asked for by name. */
#define FEATURES(each)                                                                                                     \
    each("avx") each("avx2") each("fma") each("f16c") each("lzcnt") each("movbe") each("bmi") each("bmi2") each("avx512f") \
        each("avx512bw") each("avx512cd") each("avx512dq") each("avx512vl") each("avx512vbmi") each("avx512ifma")          \
            each("avx512vnni")

struct feature {
    const char *name;
    bool here;
};

static bool is_word(const char *word, size_t length, const char *name)
{
    return strlen(name) == length && strncmp(word, name, length) == 0;
}

static const char *lacks(const char *word, size_t length)
{
    __builtin_cpu_init();
#define FEATURE(name) {name, __builtin_cpu_supports(name) != 0},
    const struct feature known[] = {FEATURES(FEATURE)};
#undef FEATURE

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (is_word(word, length, known[i].name))
            return known[i].here ? NULL : known[i].name;
    }
    return "a feature that the runtime does not know";
}

#else

static const char *lacks(const char *word, size_t length)
{
    (void)word;
    (void)length;
    return "x86-64";
}

#endif

const char *netrt_cpu_lacks(const char *features)
{
    while (*features != '\0') {
        size_t length = strcspn(features, " ");
        const char *missing = lacks(features, length);
        if (missing != NULL)
            return missing;
        features += length + (features[length] == ' ');
    }
    return NULL;
}

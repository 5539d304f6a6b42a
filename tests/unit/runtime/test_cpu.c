#include "netrt/cpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void nothing_is_never_lacking(void **state)
{
    (void)state;
    assert_null(netrt_cpu_lacks(""));
}

#if defined(__x86_64__)
static void features_are_those_that_the_compiler_finds(void **state)
{
    (void)state;
#define CHECK(name)                                           \
    do {                                                      \
        if (__builtin_cpu_supports(name))                     \
            assert_null(netrt_cpu_lacks(name));               \
        else                                                  \
            assert_string_equal(netrt_cpu_lacks(name), name); \
    } while (0)
    CHECK("avx");
    CHECK("avx2");
    CHECK("fma");
    CHECK("bmi");
    CHECK("bmi2");
    CHECK("lzcnt");
    CHECK("avx512f");
    CHECK("avx512vl");
    CHECK("avx512vbmi");
#undef CHECK
}
#endif

static void the_first_that_is_lacking_is_named(void **state)
{
    (void)state;
    const char *lacking = netrt_cpu_lacks("made-up avx");

    assert_non_null(lacking);
    assert_string_equal(netrt_cpu_lacks("made-up"), lacking);
}

static void names_match_whole_words(void **state)
{
    (void)state;
    assert_non_null(netrt_cpu_lacks("av"));
    assert_non_null(netrt_cpu_lacks("avx2x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_never_lacking),
#if defined(__x86_64__)
        cmocka_unit_test(features_are_those_that_the_compiler_finds),
#endif
        cmocka_unit_test(the_first_that_is_lacking_is_named),
        cmocka_unit_test(names_match_whole_words),
    };
    return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}

#include "compiler/target/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void levels_choose_vectors_and_registers(void **state)
{
    struct target t;

    (void)state;
    assert_int_equal(target_find("x86-64-v3", &t), TARGET_OK);
    assert_int_equal(t.vector_bytes, 32);
    assert_int_equal(t.vector_registers, 16);
    assert_int_equal(target_find("x86-64-v4", &t), TARGET_OK);
    assert_int_equal(t.vector_bytes, 64);
    assert_int_equal(t.vector_registers, 32);
}

static void every_listed_name_is_found_and_complete(void **state)
{
    const char *const *names;
    size_t count = target_names(&names);

    (void)state;
    assert_true(count > 10);
    for (size_t i = 1; i < count; i++) {
        struct target t;
        assert_int_equal(target_find(names[i], &t), TARGET_OK);
        assert_string_equal(t.name, names[i]);
        /* A C compiler is given the name itself, or the level of a CPU that gcc 12 does not know. */
        assert_true(strcmp(t.march, names[i]) == 0 || (strcmp(t.march, "x86-64-v4") == 0 && t.vector_bytes == 64));
        assert_string_not_equal(t.tune, "");
        assert_true(t.vector_bytes == (t.vector_registers == 32 ? 64 : 32));
        assert_true(t.isa->vector_bytes == t.vector_bytes && t.isa->vector_registers == t.vector_registers);
        assert_int_equal(cache_span(t.l1), 4096);
    }
}

static void machines_for_tests_are_found_but_not_listed(void **state)
{
    static const char *const invented[] = {"test-w4r16", "test-w8r16-smallcache", "test-w16r32"};
    const char *const *names;
    size_t count = target_names(&names);

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct target t;
        assert_int_equal(target_find(invented[i], &t), TARGET_OK);
        assert_int_equal(t.vector_bytes, 16 << i);
        for (size_t j = 0; j < count; j++)
            assert_string_not_equal(names[j], invented[i]);
    }
}

static void old_and_unknown_machines_are_told_apart(void **state)
{
    struct target t;

    (void)state;
    assert_int_equal(target_find("x86-64", &t), TARGET_TOO_OLD);
    assert_int_equal(target_find("sandybridge", &t), TARGET_TOO_OLD);
    assert_int_equal(target_find("z80", &t), TARGET_UNKNOWN);
    assert_int_equal(target_find("", &t), TARGET_UNKNOWN);
}

static void the_machine_here_is_as_its_features_say(void **state)
{
    struct target t;
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");

    (void)state;
    if (target_find("native", &t) != TARGET_OK) {
        assert_false(avx2 && __builtin_cpu_supports("bmi2"));
        return;
    }
    assert_true(avx2);
    assert_string_equal(t.march, "native");
    assert_true(t.vector_bytes == 32 || __builtin_cpu_supports("avx512f"));
    assert_true(cache_span(t.l1) >= 64 && cache_span(t.l1) * t.l1.ways == t.l1.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_choose_vectors_and_registers),         cmocka_unit_test(every_listed_name_is_found_and_complete),
        cmocka_unit_test(machines_for_tests_are_found_but_not_listed), cmocka_unit_test(old_and_unknown_machines_are_told_apart),
        cmocka_unit_test(the_machine_here_is_as_its_features_say),
    };
    return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}

#include "compiler/driver/child.h"

#include "compiler/support/arena.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void exhausted(size_t bytes)
{
    fail_msg("out of memory: %zu bytes", bytes);
}

static int setup(void **state)
{
    *state = arena_create(exhausted);
    return 0;
}

static int teardown(void **state)
{
    arena_destroy(*state);
    return 0;
}

/* ---- Works --------------------------------------------------------------------------------------------------------- */

static bool write_many(void *context, FILE *out)
{
    int *count = context;

    for (int i = 0; i < *count; i++)
        fprintf(out, "%7d\n", i);
    *count = 0;
    return true;
}

static bool refuse(void *context, FILE *out)
{
    (void)context;
    fputs("half of it", out);
    return false;
}

static bool raise_signal(void *context, FILE *out)
{
    fputs("half of it", out);
    fflush(out);
    raise(*(int *)context);
    return true;
}

/* ---- Tests --------------------------------------------------------------------------------------------------------- */

static void all_bytes_come_back_and_memory_stays(void **state)
{
    struct child_result result = {0};
    int count = 100000;

    assert_int_equal(child_run("counting", write_many, &count, *state, &result), STATUS_DONE);
    assert_int_equal(count, 100000);
    assert_int_equal(result.length, 8 * 100000);
    for (int i = 0; i < count; i += 997)
        assert_int_equal(strtol(result.bytes + 8 * (ptrdiff_t)i, NULL, 10), i);
}

static void no_bytes_are_a_result(void **state)
{
    struct child_result result = {0};
    int count = 0;

    assert_int_equal(child_run("counting", write_many, &count, *state, &result), STATUS_DONE);
    assert_int_equal(result.length, 0);
}

static void work_that_fails_is_a_defect(void **state)
{
    struct child_result result;

    assert_int_equal(child_run("refusing", refuse, NULL, *state, &result), STATUS_DEFECT);
}

static void a_crash_is_a_defect_and_leaves_this_process_alone(void **state)
{
    static const int crashes[] = {SIGABRT, SIGSEGV, SIGILL, SIGFPE};
    struct child_result result;

    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
        int signal = crashes[i];
        assert_int_equal(child_run("crashing", raise_signal, &signal, *state, &result), STATUS_DEFECT);
    }
}

static void an_interruption_is_not_a_defect(void **state)
{
    struct child_result result;
    int signals[] = {SIGKILL, SIGTERM};

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(child_run("waiting", raise_signal, &signals[i], *state, &result), STATUS_SYSTEM);
}

#define child_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        child_test(all_bytes_come_back_and_memory_stays), child_test(no_bytes_are_a_result),
        child_test(work_that_fails_is_a_defect),          child_test(a_crash_is_a_defect_and_leaves_this_process_alone),
        child_test(an_interruption_is_not_a_defect),
    };
    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}

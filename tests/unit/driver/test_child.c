#include "compiler/driver/child.h"

#include "compiler/driver/message.h"
#include "compiler/driver/signals.h"
#include "compiler/support/arena.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* As LLVM and the C++ library end where memory is refused. */
static bool want_memory(void *context, FILE *out)
{
    (void)out;
    fputs(context, stderr);
    raise(SIGABRT);
    return true;
}

static bool exhaust(void *context, FILE *out)
{
    (void)context;
    (void)out;
    end_out_of_memory(7);
}

/* Says who it is, ends its parent and waits to be ended. */
static bool end_parent(void *context, FILE *out)
{
    pid_t self = getpid();

    (void)out;
    if (write(*(int *)context, &self, sizeof self) == sizeof self)
        kill(getppid(), SIGTERM);
    pause();
    return false;
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

static void want_of_memory_is_a_refusal_of_the_system(void **state)
{
    static char llvm[] = "LLVM ERROR: out of memory\n", library[] = "what():  std::bad_alloc";
    struct child_result result;

    assert_int_equal(child_run("allocating", want_memory, llvm, *state, &result), STATUS_SYSTEM);
    assert_int_equal(child_run("allocating", want_memory, library, *state, &result), STATUS_SYSTEM);
}

static void a_child_without_memory_leaves_the_files_of_its_parent(void **state)
{
    char path[] = "/tmp/netc-child-XXXXXX";
    struct child_result result;
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    temporary_add(path);
    assert_int_equal(child_run("allocating", exhaust, NULL, *state, &result), STATUS_SYSTEM);
    assert_int_equal(access(path, F_OK), 0);
    temporary_forget(path);
    close(fd);
    unlink(path);
}

static void an_interruption_ends_the_child_too(void **state)
{
    struct child_result result;
    pid_t child = 0;
    int ends[2], how = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        signals_catch();
        child_run("waiting", end_parent, &ends[1], *state, &result);
        _exit(0);
    }
    close(ends[1]);
    assert_int_equal(waitpid(parent, &how, 0), parent);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGTERM);
    assert_int_equal(read(ends[0], &child, sizeof child), sizeof child);
    assert_int_equal(kill(child, 0), -1);    /* its parent has waited for it */
    close(ends[0]);
}

#define child_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        child_test(all_bytes_come_back_and_memory_stays),
        child_test(no_bytes_are_a_result),
        child_test(work_that_fails_is_a_defect),
        child_test(a_crash_is_a_defect_and_leaves_this_process_alone),
        child_test(an_interruption_is_not_a_defect),
        child_test(want_of_memory_is_a_refusal_of_the_system),
        child_test(a_child_without_memory_leaves_the_files_of_its_parent),
        child_test(an_interruption_ends_the_child_too),
    };
    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}

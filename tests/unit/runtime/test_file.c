#include "netrt/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/temporary.h"

static void assert_content(const char *path, const char *expected)
{
    size_t count;
    unsigned char *bytes = temporary_read(path, &count);

    assert_int_equal(count, strlen(expected));
    assert_memory_equal(bytes, expected, count);
    free(bytes);
}

static void a_file_appears_when_it_is_committed(void **state)
{
    const char *path = temporary_write(*state, "target", "old", 3);
    const char *partial = temporary_path(*state, "target.partial");
    struct netrt_file file;
    struct netrt_error error;

    assert_int_equal(netrt_file_begin(&file, path, &error), NETRT_OK);
    fputs("new", file.stream);
    fflush(file.stream);
    assert_content(path, "old");
    assert_int_equal(netrt_file_commit(&file, &error), NETRT_OK);
    assert_content(path, "new");
    assert_int_not_equal(access(partial, F_OK), 0);
}

static void an_abandoned_file_leaves_the_old_one(void **state)
{
    const char *path = temporary_write(*state, "kept", "old", 3);
    const char *partial = temporary_path(*state, "kept.partial");
    struct netrt_file file;
    struct netrt_error error;

    assert_int_equal(netrt_file_begin(&file, path, &error), NETRT_OK);
    fputs("new", file.stream);
    netrt_file_abandon(&file);
    assert_content(path, "old");
    assert_int_not_equal(access(partial, F_OK), 0);
    netrt_file_abandon(&file);    /* nothing is left to give up */
}

/* A partial file that leads to /dev/full makes every write fail as a full disk does. */
static void a_full_disk_leaves_the_old_file(void **state)
{
    const char *path = temporary_write(*state, "full", "old", 3);
    const char *partial = temporary_path(*state, "full.partial");
    struct netrt_file file;
    struct netrt_error error;

    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(symlink("/dev/full", partial), 0);
    assert_int_equal(netrt_file_begin(&file, path, &error), NETRT_OK);
    fputs("new", file.stream);
    assert_int_equal(netrt_file_commit(&file, &error), NETRT_E_SYSTEM);
    assert_non_null(strstr(error.text, "No space left on device"));
    assert_content(path, "old");
    assert_int_not_equal(access(partial, F_OK), 0);
}

static void folders_are_created_with_those_above(void **state)
{
    const char *deep = temporary_path(*state, "a/b//c"), *plain = temporary_write(*state, "plain", "", 0);
    struct netrt_error error;
    struct stat facts;

    assert_int_equal(netrt_folder_create(deep, &error), NETRT_OK);
    assert_int_equal(netrt_folder_create(deep, &error), NETRT_OK);
    assert_int_equal(stat(deep, &facts), 0);
    assert_true(S_ISDIR(facts.st_mode));
    assert_int_equal(netrt_folder_create(plain, &error), NETRT_E_SYSTEM);
    assert_non_null(strstr(error.text, "Not a directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_appears_when_it_is_committed),
        cmocka_unit_test(an_abandoned_file_leaves_the_old_one),
        cmocka_unit_test(a_full_disk_leaves_the_old_file),
        cmocka_unit_test(folders_are_created_with_those_above),
    };
    return cmocka_run_group_tests_name("file", tests, temporary_setup, temporary_teardown);
}

#include "netrt/memory.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netrt/records.h"
#include "netrt/status.h"

static void blocks_are_zero_and_on_a_page(void **state)
{
    static const size_t sizes[] = {0, 1, NETRT_PAGE, 5 << 20};
    struct netrt_error error;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        void *block = NULL;
        assert_int_equal(netrt_memory_map(&block, sizes[i], "a test", &error), NETRT_OK);
        assert_int_equal((uintptr_t)block % NETRT_PAGE, 0);
        for (size_t b = 0; b < sizes[i]; b++)
            assert_int_equal(((unsigned char *)block)[b], 0);
        if (sizes[i] > 0)
            memset(block, 1, sizes[i]);
        netrt_memory_unmap(block, sizes[i]);
    }
    netrt_memory_unmap(NULL, 1);
}

static void what_the_system_cannot_give_is_an_error(void **state)
{
    struct netrt_error error;
    void *block = NULL;

    (void)state;
    assert_int_equal(netrt_memory_map(&block, SIZE_MAX / 2, "a test", &error), NETRT_E_SYSTEM);
    assert_non_null(strstr(error.text, "cannot allocate 8.00 EiB for a test: "));
    assert_null(block);
}

static void assert_size(size_t bytes, const char *expected)
{
    char text[NETRT_SIZE_TEXT];

    assert_string_equal(netrt_size_print(bytes, text), expected);
}

static void sizes_are_three_digits_and_a_unit(void **state)
{
    (void)state;
    assert_size(0, "0 bytes");
    assert_size(1, "1 byte");
    assert_size(1023, "1023 bytes");
    assert_size(1024, "1.00 KiB");
    assert_size(10238, "10.0 KiB");
    assert_size((size_t)999 << 10, "999 KiB");
    assert_size((size_t)1023 << 10, "1.00 MiB");
    assert_size((size_t)5 << 29, "2.50 GiB");
    assert_size(SIZE_MAX, "16.0 EiB");
}

static void some_memory_is_available(void **state)
{
    (void)state;
    assert_true(netrt_memory_available() > 1 << 20);
}

static void errors_say_why_and_are_cut_off(void **state)
{
    struct netrt_error error;
    char wide[sizeof error.text + 100];

    (void)state;
    memset(wide, 'x', sizeof wide);
    wide[sizeof wide - 1] = '\0';
    errno = ENOENT;
    assert_int_equal(netrt_fail_errno(&error, "cannot open %s", "f"), NETRT_E_SYSTEM);
    assert_string_equal(error.text, "cannot open f: No such file or directory");
    assert_int_equal(netrt_fail(&error, NETRT_E_CONTENT, "%s", wide), NETRT_E_CONTENT);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
    assert_int_equal(netrt_fail_errno(&error, "%s", wide), NETRT_E_SYSTEM);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

static void assert_joined(const char *folder, const char *name, const char *expected)
{
    char *path = netrt_path_join(folder, name);

    assert_string_equal(path, expected);
    free(path);
}

static void names_lie_below_their_folder_unless_absolute(void **state)
{
    (void)state;
    assert_joined("data", "images", "data/images");
    assert_joined("data/", "images", "data/images");
    assert_joined(".", "images", "images");
    assert_joined("data", "/images", "/images");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zero_and_on_a_page),     cmocka_unit_test(what_the_system_cannot_give_is_an_error),
        cmocka_unit_test(sizes_are_three_digits_and_a_unit), cmocka_unit_test(some_memory_is_available),
        cmocka_unit_test(errors_say_why_and_are_cut_off),    cmocka_unit_test(names_lie_below_their_folder_unless_absolute),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}

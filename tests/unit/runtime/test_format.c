#include "netrt/format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/temporary.h"

static void assert_format(void *state, const char *bytes, size_t count, enum netrt_format expected, const char *expected_text)
{
    enum netrt_format format = NETRT_FORMAT_OTHER;
    char text[NETRT_FORMAT_TEXT];
    struct netrt_error error;

    assert_int_equal(netrt_format_of(temporary_write(state, "file", bytes, count), &format, text, &error), NETRT_OK);
    assert_int_equal(format, expected);
    if (expected == NETRT_FORMAT_OTHER)
        assert_string_equal(text, expected_text);
}

/* A literal without its final zero. */
#define ASSERT_OTHER(bytes, text) assert_format(*state, bytes, sizeof(bytes) - 1, NETRT_FORMAT_OTHER, text)

static void formats_are_told_by_their_first_bytes(void **state)
{
    assert_format(*state, "\x89PNG\r\n\x1a\n...", 11, NETRT_FORMAT_PNG, "");
    assert_format(*state, "\x89PNG\n\n", 6, NETRT_FORMAT_PNG, ""); /* line ends were changed: the reader says that it is damaged */
    assert_format(*state, "\0\0\x08\1\0\0\0\1x", 9, NETRT_FORMAT_IDX, "");
    assert_format(*state, "\0\0\x0d\1\0\0\0\1", 8, NETRT_FORMAT_IDX, ""); /* of floats: the reader says that it takes bytes */
    ASSERT_OTHER("\xff\xd8\xff\xe0", "a JPEG picture");
    ASSERT_OTHER("GIF89a", "a GIF picture");
    ASSERT_OTHER("RIFF\1\2\3\4WEBPVP8 ", "a WebP picture");
    ASSERT_OTHER("\x93NUMPY\1\0", "a NumPy array");
    ASSERT_OTHER("PK\3\4", "a zip archive, as .npz and .pt are");
    ASSERT_OTHER("\x10\0\0\0\0\0\0\0{\"a\":0", "a safetensors file");
    ASSERT_OTHER("{\"net\": 1}", "text");
    ASSERT_OTHER("\177ELF\2\1\1", "beginning with 0x7f454c46");
    ASSERT_OTHER("\0", "beginning with 0x00");
    ASSERT_OTHER("", "empty");
}

static void files_that_cannot_be_read_are_the_systems_refusal(void **state)
{
    enum netrt_format format;
    char text[NETRT_FORMAT_TEXT];
    struct netrt_error error;

    assert_int_equal(netrt_format_of(temporary_path(*state, "missing"), &format, text, &error), NETRT_E_SYSTEM);
    assert_non_null(strstr(error.text, "No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_told_by_their_first_bytes),
        cmocka_unit_test(files_that_cannot_be_read_are_the_systems_refusal),
    };
    return cmocka_run_group_tests_name("format", tests, temporary_setup, temporary_teardown);
}

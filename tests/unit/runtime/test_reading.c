#include "netrt/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "tests/support/temporary.h"

static const char contents[] = "contents that are read";
enum { LENGTH = sizeof contents - 1, TRAILER = 8 };

static const char *write_gzip(void *state, const char *name)
{
    const char *path = temporary_path(state, name);
    gzFile file = gzopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(gzwrite(file, contents, LENGTH), LENGTH);
    assert_int_equal(gzclose(file), Z_OK);
    return path;
}

/* Reads all, in pieces of `piece` bytes; returns the status and what was got. */
static enum netrt_status read_all(const char *path, int64_t piece, char text[256], struct netrt_error *error)
{
    struct netrt_reading *r;
    int64_t used = 0, got = 0;
    enum netrt_status status = netrt_reading_open(&r, path, error);

    *error = status == NETRT_OK ? (struct netrt_error){NETRT_OK, ""} : *error;
    while (status == NETRT_OK) {
        status = netrt_reading_take(r, text + used, piece, &got, error);
        used += got;
        if (got < piece)
            break;
    }
    if (status == NETRT_OK)
        assert_int_equal(netrt_reading_offset(r), used);
    text[used] = '\0';
    netrt_reading_close(r);
    return status;
}

static void assert_reads(const char *path, const char *expected)
{
    struct netrt_error error;
    char text[256];

    for (int64_t piece = 1; piece < 64; piece += 7) {
        assert_int_equal(read_all(path, piece, text, &error), NETRT_OK);
        assert_string_equal(text, expected);
    }
}

static void assert_fails(const char *path, enum netrt_status status, const char *reason)
{
    struct netrt_error error;
    char text[256];

    assert_int_equal(read_all(path, 200, text, &error), status);
    if (strstr(error.text, reason) == NULL || strstr(error.text, path) == NULL || strstr(error.text, "fd:") != NULL)
        fail_msg("expected \"%s\" in \"%s\"", reason, error.text);
}

static void plain_and_compressed_files_are_read(void **state)
{
    assert_reads(temporary_write(*state, "plain", contents, LENGTH), contents);
    assert_reads(temporary_write(*state, "empty", contents, 0), "");
    assert_reads(write_gzip(*state, "packed.gz"), contents);
    assert_reads(temporary_path(*state, "packed"), contents);    /* the name without .gz finds it */
}

static void compressed_data_may_be_followed_by_more_of_them_and_by_zeros(void **state)
{
    size_t count;
    unsigned char *bytes = temporary_read(write_gzip(*state, "one.gz"), &count), *twice = calloc(1, 2 * count + 9);
    char expected[2 * LENGTH + 1];

    memcpy(twice, bytes, count);
    memcpy(twice + count, bytes, count);
    snprintf(expected, sizeof expected, "%s%s", contents, contents);
    assert_reads(temporary_write(*state, "twice.gz", twice, 2 * count), expected);
    assert_reads(temporary_write(*state, "zeros.gz", twice, 2 * count + 9), expected);
    twice[2 * count + 8] = 'x';
    assert_fails(temporary_write(*state, "more.gz", twice, 2 * count + 9), NETRT_E_CONTENT, "but something else follows");
    free(twice);
    free(bytes);
}

static void damage_is_told_by_its_place_and_its_kind(void **state)
{
    size_t count;
    unsigned char *bytes = temporary_read(write_gzip(*state, "whole.gz"), &count);
    char place[160];

    for (size_t length = 2; length < count; length++)
        assert_fails(temporary_write(*state, "cut.gz", bytes, length), NETRT_E_CONTENT, "break off at the end of the file");
    bytes[count - TRAILER] ^= 1;
    snprintf(place, sizeof place,
             "damaged gzip data at byte %zu of the file, %d of the contents: the checksum does not fit the contents",
             count - TRAILER / 2, LENGTH);
    assert_fails(temporary_write(*state, "checksum.gz", bytes, count), NETRT_E_CONTENT, place);
    bytes[count - TRAILER] ^= 1;
    bytes[count - 1] ^= 1;
    assert_fails(temporary_write(*state, "length.gz", bytes, count), NETRT_E_CONTENT,
                 "the length at the end does not fit the contents");
    bytes[count - 1] ^= 1;
    bytes[10] = 7;    /* the last block, of a type that there is not */
    assert_fails(temporary_write(*state, "block.gz", bytes, count), NETRT_E_CONTENT, "0 of the contents: invalid block type");
    free(bytes);
}

/* None of them is opened: a pipe that nobody writes to would never come back. */
static void what_is_no_file_is_refused_before_it_is_opened(void **state)
{
    const char *pipe_path = temporary_path(*state, "pipe"), *socket_path = temporary_path(*state, "socket");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int handle = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_fails(pipe_path, NETRT_E_SYSTEM, "is no regular file, but a named pipe");
    assert_true(handle >= 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    assert_int_equal(bind(handle, (struct sockaddr *)&address, sizeof address), 0);
    assert_fails(socket_path, NETRT_E_SYSTEM, "is no regular file, but a socket");
    close(handle);
    assert_fails("/dev/zero", NETRT_E_SYSTEM, "is no regular file, but a device");
    assert_fails(temporary_path(*state, "."), NETRT_E_SYSTEM, "is no regular file, but a folder");
    assert_fails(temporary_path(*state, "missing"), NETRT_E_SYSTEM, "No such file");
}

static void links_lead_to_what_they_name(void **state)
{
    const char *link_path = temporary_path(*state, "link"), *pipe_link = temporary_path(*state, "pipe-link");

    assert_int_equal(symlink(temporary_write(*state, "target", contents, LENGTH), link_path), 0);
    assert_reads(link_path, contents);
    assert_int_equal(mkfifo(temporary_path(*state, "target-pipe"), 0600), 0);
    assert_int_equal(symlink(temporary_path(*state, "target-pipe"), pipe_link), 0);
    assert_fails(pipe_link, NETRT_E_SYSTEM, "but a named pipe");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_and_compressed_files_are_read),
        cmocka_unit_test(compressed_data_may_be_followed_by_more_of_them_and_by_zeros),
        cmocka_unit_test(damage_is_told_by_its_place_and_its_kind),
        cmocka_unit_test(what_is_no_file_is_refused_before_it_is_opened),
        cmocka_unit_test(links_lead_to_what_they_name),
    };
    return cmocka_run_group_tests_name("reading", tests, temporary_setup, temporary_teardown);
}

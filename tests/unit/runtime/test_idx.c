#include "netrt/idx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "tests/support/temporary.h"

/* Three images of 2x2 pixels, and their labels. */
static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9};

static const char *write_gzip(void *state, const char *name, const unsigned char *bytes, size_t count)
{
    const char *path = temporary_path(state, name);
    gzFile file = gzopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)count), count);
    assert_int_equal(gzclose(file), Z_OK);
    return path;
}

static void assert_read(const char *image_path, const char *label_path)
{
    struct netrt_records records;
    struct netrt_error error;

    assert_int_equal(netrt_idx_read_records(&records, image_path, label_path, &error), NETRT_OK);
    assert_int_equal(records.count, 3);
    assert_int_equal(records.shape.rank, 2);
    assert_int_equal(records.shape.elements, 4);
    assert_memory_equal(records.image, images + 16, 12);
    assert_int_equal(records.label_shape.rank, 0);
    assert_int_equal(records.label_shape.elements, 1);
    assert_memory_equal(records.label, labels + 8, 3);
    netrt_records_free(&records);
}

static void plain_and_compressed_files_are_read(void **state)
{
    const char *label_path = temporary_write(*state, "labels", labels, sizeof labels);

    assert_read(temporary_write(*state, "images", images, sizeof images), label_path);
    assert_read(write_gzip(*state, "images-gz.gz", images, sizeof images), label_path);
    assert_read(temporary_path(*state, "images-gz"), label_path);    /* the name without .gz finds it */
}

static void refused(const char *path, enum netrt_status status, const char *reason)
{
    struct netrt_idx idx;
    struct netrt_error error = {NETRT_OK, ""};

    assert_int_equal(netrt_idx_read(&idx, path, &error), status);
    assert_int_equal(error.status, status);
    if (strstr(error.text, reason) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", reason, error.text);
    assert_non_null(strstr(error.text, path));
    assert_null(idx.bytes);
}

static void every_truncated_copy_is_refused(void **state)
{
    for (size_t length = 0; length < sizeof images; length++) {
        refused(temporary_write(*state, "short", images, length), NETRT_E_CONTENT, "");
        refused(write_gzip(*state, "short-gz.gz", images, length), NETRT_E_CONTENT, "");
    }
}

static void every_truncated_gzip_is_refused(void **state)
{
    size_t count;
    const char *whole = write_gzip(*state, "whole.gz", images, sizeof images);
    unsigned char *bytes = temporary_read(whole, &count);

    for (size_t length = 0; length < count; length++)
        refused(temporary_write(*state, "cut.gz", bytes, length), NETRT_E_CONTENT, "");
    free(bytes);
}

static void refuse_changed(void *state, size_t offset, unsigned char value, const char *reason)
{
    unsigned char copy[sizeof images];

    memcpy(copy, images, sizeof copy);
    copy[offset] = value;
    refused(temporary_write(state, "changed", copy, sizeof copy), NETRT_E_CONTENT, reason);
}

static void wrong_headers_say_what_was_expected_and_found(void **state)
{
    refuse_changed(*state, 0, 1, "expected two zero bytes at byte 0, found 0x0100");
    refuse_changed(*state, 2, 0x0a, "integers of 8, 16, 32 bits) or 0x0d (floats) at byte 2, found 0x0a");
    refuse_changed(*state, 2, 0x0e, "at byte 2, found 0x0e (doubles): store them as floats");
    refuse_changed(*state, 2, 0x0d, "the header's 3 records make 64 bytes, but the file has 28");
    refuse_changed(*state, 3, 0, "expected 1 to 8 axes at byte 3, found 0");
    refuse_changed(*state, 3, 9, "expected 1 to 8 axes at byte 3, found 9");
    refuse_changed(*state, 7, 4, "the header's 4 records make 32 bytes, but the file has 28");
    refuse_changed(*state, 11, 0, "the sizes at bytes 4 to 15: size 2 of 3x0x2 is 0, but the least is 1");
}

static void sizes_that_overflow_are_refused_before_memory_is_taken(void **state)
{
    static const unsigned char huge[] = {0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    static const unsigned char large[] = {0, 0, 8, 3, 0, 255, 255, 255, 0, 0, 1, 0, 0, 0, 1, 0};

    refused(temporary_write(*state, "huge", huge, sizeof huge), NETRT_E_CONTENT,
            "bytes 4 to 15: 4294967295x4294967295x4294967295 are more than 2^40 elements together");
    refused(temporary_write(*state, "large", large, sizeof large), NETRT_E_CONTENT, "but the file has 16");
    refused(write_gzip(*state, "large.gz", large, sizeof large), NETRT_E_CONTENT, "compressed bytes can hold");
}

/* The same two records of two numbers, as every type tells them. */
static void numbers_wider_than_bytes_are_read(void **state)
{
    static const unsigned char bytes[] = {0, 0, 0x09, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 0xff, 0x80, 0x7f};
    static const unsigned char shorts[] = {0, 0, 0x0b, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 1, 0xff, 0xff, 0x80, 0, 0x7f, 0xff};
    static const unsigned char longs[] = {0,    0,    0x0c, 2, 0, 0, 0, 2, 0, 0, 0,    2, 0, 1,
                                          0x86, 0x9f, 0,    1, 0, 0, 1, 0, 0, 1, 0x80, 0, 0, 0};
    static const unsigned char floats[] = {0, 0, 0x0d, 2, 0, 0, 0, 2, 0, 0,    0,    2,    0x3f, 0x80,
                                           0, 0, 0xbf, 0, 0, 0, 0, 0, 0, 0x01, 0x7f, 0x7f, 0xff, 0xff};
    static const struct {
        const unsigned char *file;
        size_t count;
        enum netrt_element element;
        double number[4];
    } cases[] = {{bytes, sizeof bytes, NETRT_I32, {1, -1, -128, 127}},
                 {shorts, sizeof shorts, NETRT_I32, {1, -1, -32768, 32767}},
                 {longs, sizeof longs, NETRT_I32, {99999, 65536, 16777217, -2147483648.0}},
                 {floats, sizeof floats, NETRT_F32, {1, -0.5, 0x1p-149, 0x1.fffffep127}}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct netrt_records records;
        struct netrt_error error;
        const char *path = temporary_write(*state, "numbers", cases[i].file, cases[i].count);
        assert_int_equal(netrt_idx_read_records(&records, path, NULL, &error), NETRT_OK);
        assert_int_equal(records.element, cases[i].element);
        assert_int_equal(netrt_record_bytes(&records), 8);
        for (int e = 0; e < 4; e++)
            assert_true(netrt_number(records.image, records.element, e) == cases[i].number[e]);
        netrt_records_free(&records);
        for (size_t length = 0; length < cases[i].count; length++)
            refused(temporary_write(*state, "short", cases[i].file, length), NETRT_E_CONTENT, "");
    }
}

static void trailing_bytes_are_refused(void **state)
{
    unsigned char copy[sizeof images + 1] = {0};

    memcpy(copy, images, sizeof images);
    refused(temporary_write(*state, "long", copy, sizeof copy), NETRT_E_CONTENT, "make 28 bytes, but the file has 29");
    refused(write_gzip(*state, "long.gz", copy, sizeof copy), NETRT_E_CONTENT, "expected the end at byte 28, found more");
}

static void missing_files_and_folders_are_the_systems_refusal(void **state)
{
    refused(temporary_path(*state, "missing"), NETRT_E_SYSTEM, "No such file");
    refused(temporary_path(*state, "."), NETRT_E_SYSTEM, "is no regular file, but a folder");
}

static void labels_may_have_a_class_for_each_place(void **state)
{
    const char *image_path = temporary_write(*state, "images", images, sizeof images);
    struct netrt_records records;
    struct netrt_error error;

    assert_int_equal(netrt_idx_read_records(&records, image_path, image_path, &error), NETRT_OK);
    assert_true(netrt_shape_equal(&records.shape, &records.label_shape));
    assert_memory_equal(records.label, records.image, 12);
    netrt_records_free(&records);
}

static void pair_refused(const char *image_path, const char *label_path, const char *reason)
{
    struct netrt_records records;
    struct netrt_error error;

    assert_int_equal(netrt_idx_read_records(&records, image_path, label_path, &error), NETRT_E_CONTENT);
    if (strstr(error.text, reason) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", reason, error.text);
}

static void files_that_do_not_belong_together_are_refused(void **state)
{
    static const unsigned char two[] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 0};
    const char *image_path = temporary_write(*state, "images", images, sizeof images);
    const char *label_path = temporary_write(*state, "labels", labels, sizeof labels);

    pair_refused(label_path, image_path, "seem exchanged");
    pair_refused(image_path, temporary_write(*state, "two", two, sizeof two), "holds 3 images, but");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_and_compressed_files_are_read),
        cmocka_unit_test(every_truncated_copy_is_refused),
        cmocka_unit_test(every_truncated_gzip_is_refused),
        cmocka_unit_test(wrong_headers_say_what_was_expected_and_found),
        cmocka_unit_test(sizes_that_overflow_are_refused_before_memory_is_taken),
        cmocka_unit_test(numbers_wider_than_bytes_are_read),
        cmocka_unit_test(trailing_bytes_are_refused),
        cmocka_unit_test(missing_files_and_folders_are_the_systems_refusal),
        cmocka_unit_test(files_that_do_not_belong_together_are_refused),
        cmocka_unit_test(labels_may_have_a_class_for_each_place),
    };
    return cmocka_run_group_tests_name("idx", tests, temporary_setup, temporary_teardown);
}

#include "netrt/image.h"

#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/temporary.h"

/* Writes a 2x3 picture (height 2, width 3) of a libpng format. */
static const char *write_png(void *state, const char *name, png_uint_32 format, const void *pixels)
{
    png_image png = {.version = PNG_IMAGE_VERSION, .width = 3, .height = 2, .format = format};
    const char *path = temporary_path(state, name);

    assert_int_not_equal(png_image_write_to_file(&png, path, 0, pixels, 0, NULL), 0);
    return path;
}

static const unsigned char grey[6] = {0, 1, 2, 100, 200, 255};
static const unsigned char colour[18] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};

static void grey_pictures_keep_their_bytes(void **state)
{
    struct netrt_records records;
    struct netrt_error error;
    const char *path = write_png(*state, "grey.png", PNG_FORMAT_GRAY, grey);

    assert_true(netrt_image_is_png(path));
    assert_int_equal(netrt_image_read_png(&records, path, 1, &error), NETRT_OK);
    assert_int_equal(records.count, 1);
    assert_int_equal(records.shape.rank, 3);
    assert_int_equal(records.shape.dim[1], 2);
    assert_int_equal(records.shape.dim[2], 3);
    assert_memory_equal(records.image, grey, sizeof grey);
    netrt_records_free(&records);
}

static void colours_become_planes(void **state)
{
    static const unsigned char planes[18] = {1, 4, 7, 10, 13, 16, 2, 5, 8, 11, 14, 17, 3, 6, 9, 12, 15, 18};
    struct netrt_records records;
    struct netrt_error error;

    assert_int_equal(netrt_image_read_png(&records, write_png(*state, "colour.png", PNG_FORMAT_RGB, colour), 3, &error), NETRT_OK);
    assert_int_equal(records.shape.dim[0], 3);
    assert_memory_equal(records.image, planes, sizeof planes);
    netrt_records_free(&records);
}

static void a_grey_picture_can_be_asked_for_in_colour(void **state)
{
    struct netrt_records records;
    struct netrt_error error;

    assert_int_equal(netrt_image_read_png(&records, write_png(*state, "grey.png", PNG_FORMAT_GRAY, grey), 3, &error), NETRT_OK);
    for (int c = 0; c < 3; c++)
        assert_memory_equal(records.image + c * 6, grey, sizeof grey);
    netrt_records_free(&records);
}

static void every_truncated_copy_is_refused(void **state)
{
    size_t count;
    unsigned char *bytes = temporary_read(write_png(*state, "whole.png", PNG_FORMAT_RGB, colour), &count);
    struct netrt_records records;
    struct netrt_error error;

    /* The last chunk, 12 bytes without contents, may be missing: the picture is complete before it. */
    for (size_t length = 0; length < count - 12; length++) {
        const char *path = temporary_write(*state, "cut.png", bytes, length);
        assert_int_equal(netrt_image_read_png(&records, path, 3, &error), NETRT_E_CONTENT);
        assert_null(records.image);
    }
    free(bytes);
}

static void what_is_no_picture_is_refused(void **state)
{
    struct netrt_records records;
    struct netrt_error error;
    const char *text = temporary_write(*state, "text.png", "no picture", 10);

    assert_false(netrt_image_is_png(text));
    assert_false(netrt_image_is_png(temporary_path(*state, "missing.png")));
    assert_int_equal(netrt_image_read_png(&records, text, 1, &error), NETRT_E_CONTENT);
    assert_int_equal(netrt_image_read_png(&records, temporary_path(*state, "missing.png"), 1, &error), NETRT_E_SYSTEM);
    assert_int_equal(netrt_image_read_png(&records, text, 2, &error), NETRT_E_USAGE);
    assert_non_null(strstr(error.text, "a picture has 1 or 3 channels, but the net takes 2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grey_pictures_keep_their_bytes),
        cmocka_unit_test(colours_become_planes),
        cmocka_unit_test(a_grey_picture_can_be_asked_for_in_colour),
        cmocka_unit_test(every_truncated_copy_is_refused),
        cmocka_unit_test(what_is_no_picture_is_refused),
    };
    return cmocka_run_group_tests_name("image", tests, temporary_setup, temporary_teardown);
}

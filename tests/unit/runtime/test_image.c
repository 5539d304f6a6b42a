#include "netrt/image.h"

#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include <cmocka.h>

#include "tests/support/temporary.h"

enum { HEIGHT = 2, WIDTH = 4, PIXELS = HEIGHT * WIDTH };

/* What a picture is written with besides its rows. */
struct extras {
    double gamma;                   /* 0: none is said */
    int interlace;
    const png_color *palette;
    int colours;
    const unsigned char *alpha;     /* of the first `alphas` colours */
    int alphas;
    const png_color_16 *key;
};

/* Writes HEIGHT rows of WIDTH pixels; samples below 8 bits are packed, those of 16 have their higher byte first. */
static const char *write_png(void *state, const char *name, int type, int bits, const unsigned char *rows, struct extras extras)
{
    const char *path = temporary_path(state, name);
    FILE *file = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_bytep row[HEIGHT];

    assert_non_null(file);
    png_init_io(png, file);
    png_set_IHDR(png, info, WIDTH, HEIGHT, bits, type, extras.interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (extras.gamma > 0)
        png_set_gAMA(png, info, extras.gamma);
    if (extras.palette != NULL)
        png_set_PLTE(png, info, extras.palette, extras.colours);
    if (extras.alphas > 0 || extras.key != NULL)
        png_set_tRNS(png, info, extras.alpha, extras.alphas, extras.key);
    for (int i = 0; i < HEIGHT; i++)
        row[i] = (png_bytep)rows + (size_t)i * png_get_rowbytes(png, info);
    png_write_info(png, info);
    png_write_image(png, row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    assert_int_equal(fclose(file), 0);
    return path;
}

static struct netrt_records read_png(const char *path, int64_t channels)
{
    struct netrt_records records;
    struct netrt_error error = {NETRT_OK, ""};

    if (netrt_image_read_png(&records, path, channels, &error) != NETRT_OK)
        fail_msg("%s", error.text);
    assert_int_equal(records.count, 1);
    assert_int_equal(records.shape.rank, 3);
    assert_int_equal(records.shape.dim[0], channels);
    assert_int_equal(records.shape.dim[1], HEIGHT);
    assert_int_equal(records.shape.dim[2], WIDTH);
    return records;
}

static void assert_bytes(const char *path, int64_t channels, const unsigned char *expected)
{
    struct netrt_records records = read_png(path, channels);

    assert_int_equal(records.element, NETRT_U8);
    assert_memory_equal(records.image, expected, (size_t)channels * PIXELS);
    netrt_records_free(&records);
}

static const unsigned char ramp[PIXELS] = {0, 32, 64, 96, 128, 160, 192, 255};

static void bytes_are_kept_whatever_gamma_is_said(void **state)
{
    static const double gammas[] = {0, 0.45455, 1};
    unsigned char thrice[3 * PIXELS];

    for (int c = 0; c < 3; c++)
        memcpy(thrice + (size_t)c * PIXELS, ramp, PIXELS);
    for (size_t i = 0; i < sizeof gammas / sizeof gammas[0]; i++) {
        const char *path = write_png(*state, "grey.png", PNG_COLOR_TYPE_GRAY, 8, ramp, (struct extras){.gamma = gammas[i]});
        assert_bytes(path, 1, ramp);
        assert_bytes(path, 3, thrice);
    }
}

static void sixteen_bits_are_as_fine_as_they_are(void **state)
{
    static const uint16_t values[PIXELS] = {0, 1, 255, 256, 257, 32767, 65279, 65535};
    unsigned char rows[2 * PIXELS];

    for (int i = 0; i < PIXELS; i++) {
        rows[2 * i] = (unsigned char)(values[i] >> 8);
        rows[2 * i + 1] = (unsigned char)(values[i] & 255);
    }
    for (int gamma = 0; gamma <= 1; gamma++) {
        const char *path = write_png(*state, "wide.png", PNG_COLOR_TYPE_GRAY, 16, rows, (struct extras){.gamma = gamma});
        struct netrt_records records = read_png(path, 1);
        assert_int_equal(records.element, NETRT_U16);
        assert_memory_equal(records.image, values, sizeof values);
        netrt_records_free(&records);
    }
}

static void few_bits_are_spread_over_a_byte(void **state)
{
    static const unsigned char one[2] = {0x50, 0xf0}, two[2] = {0x1b, 0xe4}, four[4] = {0x01, 0x78, 0x9e, 0xf0};

    assert_bytes(write_png(*state, "1.png", PNG_COLOR_TYPE_GRAY, 1, one, (struct extras){0}), 1,
                 (const unsigned char[]){0, 255, 0, 255, 255, 255, 255, 255});
    assert_bytes(write_png(*state, "2.png", PNG_COLOR_TYPE_GRAY, 2, two, (struct extras){0}), 1,
                 (const unsigned char[]){0, 85, 170, 255, 255, 170, 85, 0});
    assert_bytes(write_png(*state, "4.png", PNG_COLOR_TYPE_GRAY, 4, four, (struct extras){0}), 1,
                 (const unsigned char[]){0, 17, 119, 136, 153, 238, 255, 0});
}

/* Red, green, blue, white, and grey, whose luma is itself. */
static const unsigned char colours[3 * PIXELS] = {255, 0,  0,  0,  255, 0,  0, 0, 255, 255, 255, 255,
                                                  77,  77, 77, 10, 20,  30, 1, 0, 0,   200, 100, 50};

static void colours_become_planes_or_their_luma(void **state)
{
    static const int types[] = {PNG_INTERLACE_NONE, PNG_INTERLACE_ADAM7};
    unsigned char planes[3 * PIXELS];

    for (int i = 0; i < 3 * PIXELS; i++)
        planes[i % 3 * PIXELS + i / 3] = colours[i];
    for (int i = 0; i < 2; i++) {
        struct extras extras = {.interlace = types[i], .gamma = i};
        const char *path = write_png(*state, "colours.png", PNG_COLOR_TYPE_RGB, 8, colours, extras);
        assert_bytes(path, 3, planes);
        assert_bytes(path, 1, (const unsigned char[]){76, 150, 29, 255, 77, 18, 0, 124});
    }
}

static void indices_become_colours_of_the_palette(void **state)
{
    static const png_color palette[3] = {{255, 0, 0}, {9, 9, 9}, {0, 0, 255}};
    static const unsigned char alpha[1] = {128}, rows[2] = {0x1a, 0x40};    /* 0 1 2 2, 1 0 0 0 */
    struct extras extras = {.palette = palette, .colours = 3};

    assert_bytes(write_png(*state, "indexed.png", PNG_COLOR_TYPE_PALETTE, 2, rows, extras), 3,
                 (const unsigned char[]){255, 9, 0, 0, 9, 255, 255, 255, 0, 9, 0, 0, 9, 0, 0, 0, 0, 9, 255, 255, 9, 0, 0, 0});
    extras.alpha = alpha;
    extras.alphas = 1;
    assert_bytes(write_png(*state, "indexed.png", PNG_COLOR_TYPE_PALETTE, 2, rows, extras), 1,
                 (const unsigned char[]){38, 9, 29, 29, 9, 38, 38, 38});
}

static void what_is_transparent_lies_over_black(void **state)
{
    static const unsigned char rows[2 * PIXELS] = {200, 255, 200, 0, 200, 128, 0, 7, 1, 255, 2, 255, 3, 255, 255, 1};
    static const unsigned char expected[PIXELS] = {200, 0, 100, 0, 1, 2, 3, 1};
    unsigned char all[4 * PIXELS];
    png_color_16 key = {.gray = 64, .red = 77, .green = 77, .blue = 77};

    assert_bytes(write_png(*state, "alpha.png", PNG_COLOR_TYPE_GRAY_ALPHA, 8, rows, (struct extras){0}), 1, expected);
    for (int i = 0; i < PIXELS; i++) {
        memset(all + 4 * i, rows[2 * i], 3);
        all[4 * i + 3] = rows[2 * i + 1];
    }
    assert_bytes(write_png(*state, "rgba.png", PNG_COLOR_TYPE_RGB_ALPHA, 8, all, (struct extras){0}), 1, expected);
    assert_bytes(write_png(*state, "key.png", PNG_COLOR_TYPE_GRAY, 8, ramp, (struct extras){.key = &key}), 1,
                 (const unsigned char[]){0, 32, 0, 96, 128, 160, 192, 255});
    assert_bytes(write_png(*state, "keys.png", PNG_COLOR_TYPE_RGB, 8, colours, (struct extras){.key = &key}), 1,
                 (const unsigned char[]){76, 150, 29, 255, 0, 18, 0, 124});
}

static void refused(const char *path, enum netrt_status status, const char *reason)
{
    struct netrt_records records;
    struct netrt_error error = {NETRT_OK, ""};

    assert_int_equal(netrt_image_read_png(&records, path, 3, &error), status);
    assert_null(records.image);
    if (strstr(error.text, reason) == NULL || strstr(error.text, path) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", reason, error.text);
}

static void every_truncated_copy_is_refused(void **state)
{
    size_t count;
    unsigned char *bytes =
        temporary_read(write_png(*state, "whole.png", PNG_COLOR_TYPE_RGB, 8, colours, (struct extras){.gamma = 1}), &count);
    char place[64];

    for (size_t length = 8; length < count; length++) {
        snprintf(place, sizeof place, "a damaged PNG: it breaks off at byte %zu", length);
        refused(temporary_write(*state, "cut.png", bytes, length), NETRT_E_CONTENT, place);
    }
    free(bytes);
}

/* Whatever byte is changed, nothing is read beyond a buffer; what the checksums see is said with its place. */
static void every_changed_byte_is_read_or_refused(void **state)
{
    size_t count;
    unsigned char *bytes =
        temporary_read(write_png(*state, "whole.png", PNG_COLOR_TYPE_GRAY, 8, ramp, (struct extras){.interlace = 1}), &count);
    struct netrt_records records;
    struct netrt_error error;

    for (size_t at = 0; at < count; at++) {
        bytes[at] ^= 0x55;
        const char *path = temporary_write(*state, "changed.png", bytes, count);
        assert_int_equal(netrt_image_read_png(&records, path, 1, &error), NETRT_E_CONTENT);
        bytes[at] ^= 0x55;
    }
    bytes[29] ^= 1;    /* the checksum of the header */
    refused(temporary_write(*state, "changed.png", bytes, count), NETRT_E_CONTENT, "a damaged PNG, at byte 33: IHDR: CRC error");
    free(bytes);
}

/* A PNG of this header and no more. */
static const char *write_header(void *state, uint32_t width, uint32_t height, unsigned char type)
{
    unsigned char bytes[33] = "\x89PNG\r\n\x1a\n\0\0\0\15IHDR";

    for (int i = 0; i < 4; i++) {
        bytes[16 + i] = (unsigned char)(width >> (24 - 8 * i));
        bytes[20 + i] = (unsigned char)(height >> (24 - 8 * i));
    }
    bytes[24] = 8;
    bytes[25] = type;
    uLong sum = crc32(0, bytes + 12, 17);
    for (int i = 0; i < 4; i++)
        bytes[29 + i] = (unsigned char)(sum >> (24 - 8 * i));
    return temporary_write(state, "header.png", bytes, sizeof bytes);
}

/* A header that promises too much is followed by data of nothing. */
static const char *write_promise(void *state, uint32_t width, uint32_t height)
{
    static const unsigned char data[] = "\0\0\0\0IDAT\x35\xaf\x06\x1e";
    size_t count;
    unsigned char *bytes = temporary_read(write_header(state, width, height, PNG_COLOR_TYPE_RGB), &count);

    memcpy(bytes + count, data, sizeof data - 1);
    const char *path = temporary_write(state, "promise.png", bytes, count + sizeof data - 1);
    free(bytes);
    return path;
}

static void wrong_sizes_are_named_and_take_no_memory(void **state)
{
    refused(write_header(*state, 0, 5, PNG_COLOR_TYPE_GRAY), NETRT_E_CONTENT, "width is zero");
    refused(write_promise(*state, 1u << 20, 1u << 20), NETRT_E_CONTENT, "1048576x1048576 pixels are more than 2^28");
    refused(write_promise(*state, 16384, 8192), NETRT_E_CONTENT, "8192x16384 pixels, more than 45 compressed bytes can hold");
}

static void indices_beyond_the_palette_are_refused(void **state)
{
    static const png_color palette[2] = {{1, 2, 3}, {4, 5, 6}};
    static const unsigned char rows[PIXELS] = {0, 1, 0, 1, 0, 0, 2, 0};

    refused(write_png(*state, "beyond.png", PNG_COLOR_TYPE_PALETTE, 8, rows, (struct extras){.palette = palette, .colours = 2}),
            NETRT_E_CONTENT, "row 1, column 2 has colour 2 of a palette of 2");
}

static void what_is_no_picture_is_refused(void **state)
{
    struct netrt_records records;
    struct netrt_error error;
    const char *text = temporary_write(*state, "text.png", "no picture", 10), *fifo = temporary_path(*state, "pipe.png");

    refused(text, NETRT_E_CONTENT, "Not a PNG file");
    refused(temporary_path(*state, "missing.png"), NETRT_E_SYSTEM, "No such file");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    refused(fifo, NETRT_E_SYSTEM, "is no regular file, but a named pipe");
    assert_int_equal(netrt_image_read_png(&records, text, 2, &error), NETRT_E_USAGE);
    assert_non_null(strstr(error.text, "a picture has 1 or 3 channels, but the net takes 2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_kept_whatever_gamma_is_said),
        cmocka_unit_test(sixteen_bits_are_as_fine_as_they_are),
        cmocka_unit_test(few_bits_are_spread_over_a_byte),
        cmocka_unit_test(colours_become_planes_or_their_luma),
        cmocka_unit_test(indices_become_colours_of_the_palette),
        cmocka_unit_test(what_is_transparent_lies_over_black),
        cmocka_unit_test(every_truncated_copy_is_refused),
        cmocka_unit_test(every_changed_byte_is_read_or_refused),
        cmocka_unit_test(wrong_sizes_are_named_and_take_no_memory),
        cmocka_unit_test(indices_beyond_the_palette_are_refused),
        cmocka_unit_test(what_is_no_picture_is_refused),
    };
    return cmocka_run_group_tests_name("image", tests, temporary_setup, temporary_teardown);
}

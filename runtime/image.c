#include "netrt/image.h"

#include <inttypes.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNATURE = 8 };

bool netrt_image_is_png(const char *path)
{
    unsigned char head[SIGNATURE];
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return false;
    size_t got = fread(head, 1, sizeof head, file);
    fclose(file);
    return got == sizeof head && png_sig_cmp(head, 0, sizeof head) == 0;
}

/* From interleaved pixels to planes of channels. */
static void separate(const unsigned char *pixels, int64_t count, int64_t channels, unsigned char *planes)
{
    for (int64_t c = 0; c < channels; c++) {
        for (int64_t i = 0; i < count; i++)
            planes[c * count + i] = pixels[i * channels + c];
    }
}

static enum netrt_status read_pixels(struct netrt_records *records, png_image *png, const char *path, int64_t channels,
                                     struct netrt_error *error)
{
    static const png_color black = {0, 0, 0};
    int64_t dim[] = {channels, (int64_t)png->height, (int64_t)png->width}, count = dim[1] * dim[2];

    if (count > INT64_C(1) << 28 || !netrt_shape_make(&records->shape, 3, dim)) {
        png_image_free(png);
        return netrt_fail(error, NETRT_E_CONTENT, "%s: %" PRId64 "x%" PRId64 " pixels are too many", path, dim[1], dim[2]);
    }
    png->format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    unsigned char *pixels = malloc((size_t)(count * channels));
    records->count = 1;
    records->image = malloc((size_t)(count * channels));
    records->image_name = netrt_path_join(".", path);
    if (pixels == NULL || records->image == NULL || records->image_name == NULL) {
        free(pixels);
        png_image_free(png);
        return netrt_fail(error, NETRT_E_SYSTEM, "%s: out of memory", path);
    }
    bool good = png_image_finish_read(png, &black, pixels, 0, NULL) != 0;
    if (good)
        separate(pixels, count, channels, records->image);
    free(pixels);
    return good ? NETRT_OK : netrt_fail(error, NETRT_E_CONTENT, "%s: %s", path, png->message);
}

enum netrt_status netrt_image_read_png(struct netrt_records *records, const char *path, int64_t channels, struct netrt_error *error)
{
    png_image png = {.version = PNG_IMAGE_VERSION};

    *records = (struct netrt_records){0};
    if (channels != 1 && channels != 3)
        return netrt_fail(error, NETRT_E_USAGE, "%s: a picture has 1 or 3 channels, but the net takes %" PRId64, path, channels);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return netrt_fail_errno(error, "cannot open %s", path);
    enum netrt_status status;
    if (png_image_begin_read_from_stdio(&png, file) == 0)
        status = netrt_fail(error, NETRT_E_CONTENT, "%s: %s", path, png.message);
    else
        status = read_pixels(records, &png, path, channels, error);
    fclose(file);
    if (status != NETRT_OK)
        netrt_records_free(records);
    return status;
}

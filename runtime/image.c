/* image: from the pixels of a picture to the channels that a net takes. */
#include "netrt/image.h"

#include "runtime/png_picture.h"

#include <inttypes.h>
#include <stdlib.h>

/* What is transparent shows black; v and alpha are shares of `full`. */
static uint32_t over_black(uint32_t v, uint32_t alpha, uint32_t full)
{
    return alpha == full ? v : (v * alpha + full / 2) / full;
}

/* The luma of ITU-R BT.601, 0.299 red, 0.587 green and 0.114 blue, of the values as they are stored, in 65536ths that add up to 1:
 * grey stays what it is. Pillow, Keras and torchvision do so. */
static uint32_t luma(uint32_t red, uint32_t green, uint32_t blue)
{
    return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
}

static void put(struct netrt_records *records, int64_t i, uint32_t value)
{
    if (records->element == NETRT_U16)
        ((uint16_t *)(void *)records->image)[i] = (uint16_t)value;
    else
        records->image[i] = (unsigned char)value;
}

/* From pixels to planes of channels. */
static void separate(const struct png_picture *picture, struct netrt_records *records)
{
    int64_t pixels = picture->height * picture->width;
    uint32_t full = records->element == NETRT_U16 ? 65535 : 255;

    for (int64_t i = 0; i < pixels; i++) {
        struct png_colour c = png_picture_pixel(picture, i);
        uint32_t red = over_black(c.red, c.alpha, full), green = over_black(c.green, c.alpha, full);
        uint32_t blue = over_black(c.blue, c.alpha, full);
        if (records->shape.dim[0] == 1) {
            put(records, i, luma(red, green, blue));
            continue;
        }
        put(records, i, red);
        put(records, pixels + i, green);
        put(records, 2 * pixels + i, blue);
    }
}

static enum netrt_status take_pixels(struct netrt_records *records, const struct png_picture *picture, const char *name,
                                     int64_t channels, struct netrt_error *error)
{
    int64_t dim[] = {channels, picture->height, picture->width};

    netrt_shape_make(&records->shape, 3, dim);
    records->element = picture->kind != PNG_INDEXED && picture->bits == 16 ? NETRT_U16 : NETRT_U8;
    records->count = 1;
    records->image = malloc(netrt_record_bytes(records));
    records->image_name = netrt_path_join(".", name);
    if (records->image == NULL || records->image_name == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "%s: out of memory for %" PRId64 "x%" PRId64 " pixels", name, picture->height,
                          picture->width);
    separate(picture, records);
    return NETRT_OK;
}

enum netrt_status netrt_image_read_png(struct netrt_records *records, const char *path, int64_t channels, struct netrt_error *error)
{
    struct netrt_reading *reading;
    struct png_picture picture;

    *records = (struct netrt_records){0};
    if (channels != 1 && channels != 3)
        return netrt_fail(error, NETRT_E_USAGE, "%s: a picture has 1 or 3 channels, but the net takes %" PRId64, path, channels);
    enum netrt_status status = netrt_reading_open(&reading, path, error);
    if (status != NETRT_OK)
        return status;
    status = png_picture_read(&picture, reading, error);
    if (status == NETRT_OK) {
        status = take_pixels(records, &picture, netrt_reading_name(reading), channels, error);
        png_picture_free(&picture);
    }
    netrt_reading_close(reading);
    if (status != NETRT_OK)
        netrt_records_free(records);
    return status;
}

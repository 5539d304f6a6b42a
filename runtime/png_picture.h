/* png_picture: a PNG as it is stored: samples, palette and transparency, before anything is made of them. */
#ifndef NETRT_PNG_PICTURE_H
#define NETRT_PNG_PICTURE_H

#include "netrt/reading.h"

#include <stdint.h>

enum png_kind { PNG_GREY, PNG_GREY_ALPHA, PNG_COLOURS, PNG_COLOURS_ALPHA, PNG_INDEXED };

struct png_entry {
    unsigned char red, green, blue, alpha;
};

struct png_picture {
    enum png_kind kind;
    int64_t height, width;
    int samples, bits;              /* of a pixel; of a sample: 1, 2, 4, 8 or 16 */
    unsigned char *sample;          /* [height][width][samples], a byte each or, of 16 bits, two, the higher first */
    struct png_entry palette[256];  /* PNG_INDEXED: the first `colours` */
    int colours;
    bool has_key;                   /* GREY, COLOURS: pixels of exactly this value are transparent */
    uint16_t key[3];
};

/* Reads a PNG from its first byte to the end of its last chunk. What the file says of gamma, profiles and white points is not
 * looked at. NETRT_E_CONTENT with the place in the file and the reason if it is damaged, breaks off, has no pixel or more than 2^28,
 * or is too short for as many. The samples are the caller's: png_picture_free, which a failed call needs not. */
enum netrt_status png_picture_read(struct png_picture *picture, struct netrt_reading *reading, struct netrt_error *error);
void png_picture_free(struct png_picture *picture);

/* A pixel, number `i` from the first row on. Of 16 bits: 0 to 65535; else 0 to 255, however few bits were stored. */
struct png_colour {
    uint32_t red, green, blue, alpha;
};
struct png_colour png_picture_pixel(const struct png_picture *picture, int64_t i);

#endif

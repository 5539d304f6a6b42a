/* png_picture: a PNG as it is stored.
 *
 * libpng unpacks and puts interlaced rows together. None of its transformations is asked for: they correct gamma and mix colours in
 * linear light, and a net wants the numbers that the file holds.
 */
#include "runtime/png_picture.h"

#include <inttypes.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

/* The most that deflate makes of a byte (see reading.c); wider or higher pictures are no training data. */
enum { DEFLATE_MOST = 1040, REASON = 120 };
static const int64_t most_pixels = INT64_C(1) << 28;

struct reader {
    struct png_picture *picture;
    struct netrt_reading *reading;
    struct netrt_error *error;
    enum netrt_status status;
    png_structp png;
    png_infop info;
    png_bytepp row;
    char warning[REASON];    /* libpng's latest: it tells there what is wrong with a header before it refuses it */
};

/* ---- What libpng calls ----------------------------------------------------------------------------------------------- */

static void leave(struct reader *r, enum netrt_status status)
{
    r->status = status;
    png_longjmp(r->png, 1);
}

static void on_error(png_structp png, png_const_charp message)
{
    struct reader *r = png_get_error_ptr(png);
    bool more = r->warning[0] != '\0';

    leave(r,
          netrt_fail(r->error, NETRT_E_CONTENT, "%s: a damaged PNG, at byte %" PRId64 ": %s%s%s%s", netrt_reading_name(r->reading),
                     netrt_reading_offset(r->reading), message, more ? " (" : "", r->warning, more ? ")" : ""));
}

static void on_warning(png_structp png, png_const_charp message)
{
    struct reader *r = png_get_error_ptr(png);

    snprintf(r->warning, sizeof r->warning, "%s", message);
}

static void give_bytes(png_structp png, png_bytep to, size_t count)
{
    struct reader *r = png_get_io_ptr(png);
    int64_t got;
    enum netrt_status status = netrt_reading_take(r->reading, to, (int64_t)count, &got, r->error);

    if (status == NETRT_OK && got < (int64_t)count)
        status = netrt_fail(r->error, NETRT_E_CONTENT, "%s: a damaged PNG: it breaks off at byte %" PRId64,
                            netrt_reading_name(r->reading), netrt_reading_offset(r->reading));
    if (status != NETRT_OK)
        leave(r, status);
}

/* ---- Reading --------------------------------------------------------------------------------------------------------- */

/* Before memory is taken for what the header promises. */
static enum netrt_status check_size(const struct reader *r, size_t row_bytes)
{
    const struct png_picture *p = r->picture;
    const char *name = netrt_reading_name(r->reading);
    int64_t file_bytes = netrt_reading_file_bytes(r->reading);

    if (p->width > most_pixels / p->height)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: %" PRId64 "x%" PRId64 " pixels are more than 2^28", name, p->height,
                          p->width);
    if (!netrt_reading_is_packed(r->reading) && (int64_t)row_bytes > file_bytes * DEFLATE_MOST / p->height)
        return netrt_fail(r->error, NETRT_E_CONTENT,
                          "%s: a damaged PNG: its header has %" PRId64 "x%" PRId64 " pixels, more than %" PRId64
                          " compressed bytes can hold",
                          name, p->height, p->width, file_bytes);
    return NETRT_OK;
}

static void take_header(struct reader *r)
{
    static const struct {
        enum png_kind kind;
        int samples;
    } kinds[] = {
        [PNG_COLOR_TYPE_GRAY] = {PNG_GREY, 1},       [PNG_COLOR_TYPE_GRAY_ALPHA] = {PNG_GREY_ALPHA, 2},
        [PNG_COLOR_TYPE_RGB] = {PNG_COLOURS, 3},     [PNG_COLOR_TYPE_RGB_ALPHA] = {PNG_COLOURS_ALPHA, 4},
        [PNG_COLOR_TYPE_PALETTE] = {PNG_INDEXED, 1},
    };
    struct png_picture *p = r->picture;
    int type = png_get_color_type(r->png, r->info);

    p->kind = kinds[type].kind;
    p->samples = kinds[type].samples;
    p->bits = png_get_bit_depth(r->png, r->info);
    p->height = (int64_t)png_get_image_height(r->png, r->info);
    p->width = (int64_t)png_get_image_width(r->png, r->info);
}

static void take_palette(struct reader *r)
{
    struct png_picture *p = r->picture;
    png_colorp colour = NULL;
    png_bytep alpha = NULL;
    png_color_16p key = NULL;
    int alphas = 0;

    if (png_get_tRNS(r->png, r->info, &alpha, &alphas, &key) == 0)
        alphas = 0;
    if (p->kind == PNG_INDEXED) {
        png_get_PLTE(r->png, r->info, &colour, &p->colours);
        for (int i = 0; i < p->colours; i++)
            p->palette[i] = (struct png_entry){colour[i].red, colour[i].green, colour[i].blue, i < alphas ? alpha[i] : 255};
        return;
    }
    p->has_key = alphas > 0 && key != NULL && (p->kind == PNG_GREY || p->kind == PNG_COLOURS);
    if (!p->has_key)
        return;
    p->key[0] = p->kind == PNG_GREY ? key->gray : key->red;
    p->key[1] = key->green;
    p->key[2] = key->blue;
}

/* Every way out is through `leave` or the last line: called with a place to jump to. */
static void take_rows(struct reader *r)
{
    struct png_picture *p = r->picture;
    enum netrt_status status = check_size(r, png_get_rowbytes(r->png, r->info));

    if (status != NETRT_OK)
        leave(r, status);
    png_set_packing(r->png);
    (void)png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    size_t row_bytes = png_get_rowbytes(r->png, r->info);
    p->sample = malloc((size_t)p->height * row_bytes);
    r->row = malloc((size_t)p->height * sizeof *r->row);
    if (p->sample == NULL || r->row == NULL)
        leave(r, netrt_fail(r->error, NETRT_E_SYSTEM, "%s: out of memory for %" PRId64 "x%" PRId64 " pixels",
                            netrt_reading_name(r->reading), p->height, p->width));
    for (int64_t i = 0; i < p->height; i++)
        r->row[i] = p->sample + (size_t)i * row_bytes;
    png_read_image(r->png, r->row);
    png_read_end(r->png, NULL);
}

static enum netrt_status check_colours(const struct png_picture *p, const char *name, struct netrt_error *error)
{
    for (int64_t i = 0; p->kind == PNG_INDEXED && i < p->height * p->width; i++) {
        if (p->sample[i] >= p->colours)
            return netrt_fail(error, NETRT_E_CONTENT,
                              "%s: a damaged PNG: row %" PRId64 ", column %" PRId64 " has colour %d of a palette of %d", name,
                              i / p->width, i % p->width, p->sample[i], p->colours);
    }
    return NETRT_OK;
}

static void read_picture(struct reader *r)
{
    /* libpng leaves by a jump to here. What it needs afterwards is in *r, which the jump leaves alone. */
    if (setjmp(png_jmpbuf(r->png)) != 0)
        return;
    png_set_read_fn(r->png, r, give_bytes);
    png_set_user_limits(r->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(r->png, r->info);
    take_header(r);
    take_palette(r);
    take_rows(r);
}

enum netrt_status png_picture_read(struct png_picture *picture, struct netrt_reading *reading, struct netrt_error *error)
{
    struct reader r = {.picture = picture, .reading = reading, .error = error, .status = NETRT_OK};

    *picture = (struct png_picture){0};
    r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
    if (r.png != NULL)
        r.info = png_create_info_struct(r.png);
    if (r.info == NULL)
        r.status = netrt_fail(error, NETRT_E_SYSTEM, "%s: out of memory", netrt_reading_name(reading));
    else
        read_picture(&r);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    free(r.row);
    if (r.status == NETRT_OK)
        r.status = check_colours(picture, netrt_reading_name(reading), error);
    if (r.status != NETRT_OK)
        png_picture_free(picture);
    return r.status;
}

void png_picture_free(struct png_picture *picture)
{
    free(picture->sample);
    *picture = (struct png_picture){0};
}

/* ---- Pixels ---------------------------------------------------------------------------------------------------------- */

static uint32_t sample_at(const struct png_picture *p, int64_t i)
{
    return p->bits == 16 ? (uint32_t)p->sample[2 * i] << 8 | p->sample[2 * i + 1] : p->sample[i];
}

struct png_colour png_picture_pixel(const struct png_picture *p, int64_t i)
{
    uint32_t s[4] = {0}, most = (UINT32_C(1) << p->bits) - 1, full = p->bits == 16 ? most : 255, scale = full / most;
    bool is_key = p->has_key;

    if (p->kind == PNG_INDEXED) {
        const struct png_entry *e = &p->palette[p->sample[i]];
        return (struct png_colour){e->red, e->green, e->blue, e->alpha};
    }
    for (int k = 0; k < p->samples; k++) {
        s[k] = sample_at(p, i * p->samples + k);
        is_key = is_key && s[k] == p->key[k];
        s[k] *= scale;
    }
    switch (p->kind) {
    case PNG_GREY: return (struct png_colour){s[0], s[0], s[0], is_key ? 0 : full};
    case PNG_GREY_ALPHA: return (struct png_colour){s[0], s[0], s[0], s[1]};
    case PNG_COLOURS: return (struct png_colour){s[0], s[1], s[2], is_key ? 0 : full};
    case PNG_COLOURS_ALPHA:
    case PNG_INDEXED: break;
    }
    return (struct png_colour){s[0], s[1], s[2], s[3]};
}

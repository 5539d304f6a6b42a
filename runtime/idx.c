/* idx: reads and checks a whole file, plain or .gz, and joins images with their labels. */
#include "netrt/idx.h"

#include "netrt/reading.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The types of elements, by byte 2 of a file. */
static const struct idx_type {
    int code, bytes;    /* in the file, the highest byte first */
    enum netrt_element element;
} types[] = {{0x08, 1, NETRT_U8}, {0x09, 1, NETRT_I32}, {0x0b, 2, NETRT_I32}, {0x0c, 4, NETRT_I32}, {0x0d, 4, NETRT_F32}};

enum { TYPES = sizeof types / sizeof types[0], SIGNED_BYTES = 0x09, DOUBLES = 0x0e };

struct reader {
    struct netrt_reading *file;
    const struct idx_type *type;
    const char *name;
    struct netrt_error *error;
};

static enum netrt_status out_of_memory(struct netrt_error *error, const char *path)
{
    return netrt_fail(error, NETRT_E_SYSTEM, "%s: out of memory", path);
}

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static enum netrt_status read_magic(struct reader *r, int *rank)
{
    unsigned char magic[4];
    int64_t got;
    enum netrt_status status = netrt_reading_take(r->file, magic, 4, &got, r->error);

    if (status != NETRT_OK)
        return status;
    if (got < 4)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: expected a magic number of 4 bytes, found the end at byte %" PRId64,
                          r->name, got);
    if (magic[0] != 0 || magic[1] != 0)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: no IDX file: expected two zero bytes at byte 0, found 0x%02x%02x",
                          r->name, magic[0], magic[1]);
    for (int i = 0; i < TYPES && r->type == NULL; i++)
        r->type = types[i].code == magic[2] ? &types[i] : NULL;
    if (r->type == NULL)
        return netrt_fail(
            r->error, NETRT_E_CONTENT,
            "%s: expected type 0x08 (unsigned bytes), 0x09, 0x0b, 0x0c (integers of 8, 16, 32 bits) or 0x0d (floats) at "
            "byte 2, found 0x%02x%s",
            r->name, magic[2], magic[2] == DOUBLES ? " (doubles): store them as floats" : "");
    if (magic[3] < 1 || magic[3] > NETRT_MOST_AXES)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: expected 1 to %d axes at byte 3, found %d", r->name, NETRT_MOST_AXES,
                          magic[3]);
    *rank = magic[3];
    return NETRT_OK;
}

static enum netrt_status read_sizes(struct reader *r, int rank, struct netrt_shape *shape)
{
    unsigned char sizes[4 * NETRT_MOST_AXES] = {0};
    int64_t dim[NETRT_MOST_AXES], got;
    char fault[NETRT_SHAPE_TEXT];
    enum netrt_status status = netrt_reading_take(r->file, sizes, 4 * rank, &got, r->error);

    if (status != NETRT_OK)
        return status;
    if (got < 4 * rank)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: expected a header of %d bytes, found the end at byte %" PRId64, r->name,
                          4 + 4 * rank, 4 + got);
    for (int i = 0; i < rank; i++)
        dim[i] = big_endian(sizes + 4 * i);
    if (!netrt_shape_make(shape, rank, dim))
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: the sizes at bytes 4 to %d: %s", r->name, 3 + 4 * rank,
                          netrt_shape_fault(rank, dim, fault));
    return NETRT_OK;
}

/* Refuses a header that promises more than the file can hold, before memory is taken for it. */
static enum netrt_status check_length(struct reader *r, const struct netrt_shape *shape)
{
    int64_t header = 4 + 4 * (int64_t)shape->rank, expected = header + shape->elements * r->type->bytes;

    int64_t length = netrt_reading_file_bytes(r->file);

    if (!netrt_reading_is_packed(r->file) && length != expected)
        return netrt_fail(r->error, NETRT_E_CONTENT,
                          "%s: the header's %" PRId64 " records make %" PRId64 " bytes, but the file has %" PRId64, r->name,
                          shape->dim[0], expected, length);
    if (netrt_reading_is_too_short(r->file, expected))
        return netrt_fail(r->error, NETRT_E_CONTENT,
                          "%s: the header's %" PRId64 " records make %" PRId64 " bytes, more than %" PRId64
                          " compressed bytes can hold",
                          r->name, shape->dim[0], expected, length);
    return NETRT_OK;
}

/* From the file's order to the machine's, in place: narrow elements lie in the front of their room, so the last comes first. */
static void widen(const struct reader *r, struct netrt_idx *idx)
{
    for (int64_t i = idx->shape.elements; r->type->element != NETRT_U8 && i-- > 0;) {
        const unsigned char *from = idx->bytes + i * r->type->bytes;
        int32_t number = 0;
        if (r->type->bytes == 4)
            number = (int32_t)big_endian(from);    /* of a float: its bits */
        else if (r->type->code == SIGNED_BYTES)
            number = (from[0] ^ 0x80) - 0x80;
        else
            number = ((from[0] << 8 | from[1]) ^ 0x8000) - 0x8000;
        memcpy(idx->bytes + (size_t)i * sizeof number, &number, sizeof number);
    }
}

static enum netrt_status read_elements(struct reader *r, struct netrt_idx *idx)
{
    unsigned char extra;
    const int64_t bytes = idx->shape.elements * r->type->bytes, record_bytes = bytes / idx->shape.dim[0];
    const int64_t expected = netrt_reading_offset(r->file) + bytes;
    int64_t got, more;

    assert(record_bytes > 0);

    idx->element = r->type->element;
    idx->bytes = malloc((size_t)idx->shape.elements * netrt_element_bytes(idx->element));
    if (idx->bytes == NULL)
        return out_of_memory(r->error, r->name);
    enum netrt_status status = netrt_reading_take(r->file, idx->bytes, bytes, &got, r->error);
    if (status != NETRT_OK)
        return status;
    if (got < bytes)
        return netrt_fail(r->error, NETRT_E_CONTENT,
                          "%s: expected %" PRId64 " bytes of contents, found the end at byte %" PRId64 " (in record %" PRId64 ")",
                          r->name, expected, netrt_reading_offset(r->file), got / record_bytes);
    status = netrt_reading_take(r->file, &extra, 1, &more, r->error);
    if (status == NETRT_OK && more > 0)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: expected the end at byte %" PRId64 ", found more bytes", r->name,
                          expected);
    if (status == NETRT_OK)
        widen(r, idx);
    return status;
}

static void idx_free(struct netrt_idx *idx)
{
    free(idx->bytes);
    free(idx->name);
}

enum netrt_status netrt_idx_read(struct netrt_idx *idx, const char *path, struct netrt_error *error)
{
    struct reader r = {.error = error};
    int rank = 0;

    *idx = (struct netrt_idx){0};
    enum netrt_status status = netrt_reading_open(&r.file, path, error);
    if (status != NETRT_OK)
        return status;
    r.name = netrt_reading_name(r.file);
    status = read_magic(&r, &rank);
    if (status == NETRT_OK)
        status = read_sizes(&r, rank, &idx->shape);
    if (status == NETRT_OK)
        status = check_length(&r, &idx->shape);
    if (status == NETRT_OK)
        status = read_elements(&r, idx);
    idx->name = netrt_path_join(".", r.name);
    if (status == NETRT_OK && idx->name == NULL)
        status = out_of_memory(error, path);
    netrt_reading_close(r.file);
    if (status != NETRT_OK) {
        idx_free(idx);
        *idx = (struct netrt_idx){0};
    }
    return status;
}

/* Makes records of what was read; takes the bytes and names. */
static enum netrt_status combine(struct netrt_records *records, struct netrt_idx *images, struct netrt_idx *labels,
                                 struct netrt_error *error)
{
    if (images->shape.rank < 2)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: expected images (two axes or more), found one axis%s", images->name,
                          labels->bytes != NULL && labels->shape.rank > 1 ? ": images and labels seem exchanged" : "");
    if (labels->bytes != NULL && labels->shape.dim[0] != images->shape.dim[0])
        return netrt_fail(error, NETRT_E_CONTENT, "%s holds %" PRId64 " images, but %s holds %" PRId64 " labels", images->name,
                          images->shape.dim[0], labels->name, labels->shape.dim[0]);
    records->count = images->shape.dim[0];
    netrt_shape_make(&records->shape, images->shape.rank - 1, images->shape.dim + 1);
    records->element = images->element;
    records->image = images->bytes;
    records->image_name = images->name;
    if (labels->bytes != NULL)
        netrt_shape_make(&records->label_shape, labels->shape.rank - 1, labels->shape.dim + 1);
    records->label_element = labels->element;
    records->label = labels->bytes;
    records->label_name = labels->name;
    return NETRT_OK;
}

enum netrt_status netrt_idx_read_records(struct netrt_records *records, const char *images, const char *labels,
                                         struct netrt_error *error)
{
    struct netrt_idx image = {0}, label = {0};

    *records = (struct netrt_records){0};
    enum netrt_status status = netrt_idx_read(&image, images, error);
    if (status == NETRT_OK && labels != NULL)
        status = netrt_idx_read(&label, labels, error);
    if (status == NETRT_OK)
        status = combine(records, &image, &label, error);
    if (status != NETRT_OK) {
        idx_free(&image);
        idx_free(&label);
    }
    return status;
}

#include "netrt/idx.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* The most that deflate can expand a file: 258 bytes from two bits, so a little above 1032 to 1 (zlib's own documentation). */
enum { GZIP_MOST = 1040, CHUNK = 1 << 24, UNSIGNED_BYTES = 0x08 };

struct reader {
    gzFile file;
    char *name;
    int64_t length;    /* of the file on disk */
    int64_t offset;    /* in the uncompressed bytes */
    struct netrt_error *error;
};

static enum netrt_status out_of_memory(struct netrt_error *error, const char *path)
{
    return netrt_fail(error, NETRT_E_SYSTEM, "%s: out of memory", path);
}

/* Opens `path`, or `path`.gz where there is no `path`; `name` becomes the one that was found. */
static int open_either(struct reader *r, const char *path)
{
    size_t size = strlen(path) + sizeof ".gz";

    r->name = malloc(size);
    if (r->name == NULL)
        return -1;
    snprintf(r->name, size, "%s", path);
    int file = open(r->name, O_RDONLY | O_CLOEXEC);
    if (file >= 0 || errno != ENOENT)
        return file;
    snprintf(r->name, size, "%s.gz", path);
    file = open(r->name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        r->name[size - sizeof ".gz"] = '\0';
    return file;
}

static enum netrt_status reader_open(struct reader *r, const char *path, struct netrt_error *error)
{
    struct stat facts;

    *r = (struct reader){.error = error};
    int file = open_either(r, path);
    if (r->name == NULL)
        return out_of_memory(error, path);
    if (file < 0)
        return netrt_fail_errno(error, "cannot open %s", r->name);
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close(file);
        return netrt_fail(error, NETRT_E_SYSTEM, "%s is no regular file", r->name);
    }
    r->length = facts.st_size;
    r->file = gzdopen(file, "rb");
    if (r->file == NULL) {
        close(file);
        return out_of_memory(error, r->name);
    }
    gzbuffer(r->file, 1 << 17);
    return NETRT_OK;
}

/* Reads up to `count` bytes; *got is less only at the end of the file. */
static enum netrt_status read_some(struct reader *r, unsigned char *to, int64_t count, int64_t *got)
{
    *got = 0;
    while (*got < count) {
        unsigned wanted = (unsigned)(count - *got < CHUNK ? count - *got : CHUNK);
        int part = gzread(r->file, to + *got, wanted);
        if (part > 0)
            *got += part;
        int code = Z_OK;
        const char *text = part < (int)wanted ? gzerror(r->file, &code) : NULL;
        if (code == Z_ERRNO)
            return netrt_fail_errno(r->error, "%s: cannot read at byte %" PRId64, r->name, r->offset + *got);
        if (code != Z_OK && code != Z_BUF_ERROR)
            return netrt_fail(r->error, NETRT_E_CONTENT, "%s: damaged gzip data at byte %" PRId64 " of the contents: %s", r->name,
                              r->offset + *got, text);
        if (part <= 0)
            break;
    }
    r->offset += *got;
    return NETRT_OK;
}

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static enum netrt_status read_magic(struct reader *r, int *rank)
{
    unsigned char magic[4];
    int64_t got;
    enum netrt_status status = read_some(r, magic, 4, &got);

    if (status != NETRT_OK)
        return status;
    if (got < 4)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: expected a magic number of 4 bytes, found the end at byte %" PRId64,
                          r->name, got);
    if (magic[0] != 0 || magic[1] != 0)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: no IDX file: expected two zero bytes at byte 0, found 0x%02x%02x",
                          r->name, magic[0], magic[1]);
    if (magic[2] != UNSIGNED_BYTES)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: expected type 0x08 (unsigned bytes) at byte 2, found 0x%02x", r->name,
                          magic[2]);
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
    enum netrt_status status = read_some(r, sizes, 4 * rank, &got);

    if (status != NETRT_OK)
        return status;
    if (got < 4 * rank)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: expected a header of %d bytes, found the end at byte %" PRId64, r->name,
                          4 + 4 * rank, 4 + got);
    for (int i = 0; i < rank; i++)
        dim[i] = big_endian(sizes + 4 * i);
    if (!netrt_shape_make(shape, rank, dim))
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: the sizes at bytes 4 to %d hold a zero or are too large together",
                          r->name, 3 + 4 * rank);
    return NETRT_OK;
}

/* Refuses a header that promises more than the file can hold, before memory is taken for it. */
static enum netrt_status check_length(struct reader *r, const struct netrt_shape *shape)
{
    int64_t header = 4 + 4 * (int64_t)shape->rank, expected = header + shape->elements;

    if (gzdirect(r->file) && r->length != expected)
        return netrt_fail(r->error, NETRT_E_CONTENT,
                          "%s: the header's %" PRId64 " records make %" PRId64 " bytes, but the file has %" PRId64, r->name,
                          shape->dim[0], expected, r->length);
    if (!gzdirect(r->file) && expected / GZIP_MOST > r->length)
        return netrt_fail(r->error, NETRT_E_CONTENT,
                          "%s: the header's %" PRId64 " records make %" PRId64 " bytes, more than %" PRId64
                          " compressed bytes can hold",
                          r->name, shape->dim[0], expected, r->length);
    return NETRT_OK;
}

static enum netrt_status read_elements(struct reader *r, struct netrt_idx *idx)
{
    unsigned char extra;
    int64_t got, more;
    int64_t expected = r->offset + idx->shape.elements, record_bytes = idx->shape.elements / idx->shape.dim[0];

    assert(record_bytes > 0);

    idx->bytes = malloc((size_t)idx->shape.elements);
    if (idx->bytes == NULL)
        return out_of_memory(r->error, r->name);
    enum netrt_status status = read_some(r, idx->bytes, idx->shape.elements, &got);
    if (status != NETRT_OK)
        return status;
    if (got < idx->shape.elements)
        return netrt_fail(r->error, NETRT_E_CONTENT,
                          "%s: expected %" PRId64 " bytes of contents, found the end at byte %" PRId64 " (in record %" PRId64 ")",
                          r->name, expected, r->offset, got / record_bytes);
    status = read_some(r, &extra, 1, &more);
    if (status == NETRT_OK && more > 0)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: expected the end at byte %" PRId64 ", found more bytes", r->name,
                          expected);
    return status;
}

enum netrt_status netrt_idx_read(struct netrt_idx *idx, const char *path, struct netrt_error *error)
{
    struct reader r;
    int rank = 0;

    *idx = (struct netrt_idx){0};
    enum netrt_status status = reader_open(&r, path, error);
    if (status == NETRT_OK)
        status = read_magic(&r, &rank);
    if (status == NETRT_OK)
        status = read_sizes(&r, rank, &idx->shape);
    if (status == NETRT_OK)
        status = check_length(&r, &idx->shape);
    if (status == NETRT_OK)
        status = read_elements(&r, idx);
    bool truncated = r.file != NULL && gzclose(r.file) == Z_BUF_ERROR;
    if (status == NETRT_OK && truncated)
        status = netrt_fail(error, NETRT_E_CONTENT, "%s: the gzip file ends before its checksum", r.name);
    if (status != NETRT_OK) {
        free(idx->bytes);
        free(r.name);
        *idx = (struct netrt_idx){0};
        return status;
    }
    idx->name = r.name;
    return NETRT_OK;
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
    records->image = images->bytes;
    records->image_name = images->name;
    if (labels->bytes != NULL)
        netrt_shape_make(&records->label_shape, labels->shape.rank - 1, labels->shape.dim + 1);
    records->label = labels->bytes;
    records->label_name = labels->name;
    return NETRT_OK;
}

static void idx_free(struct netrt_idx *idx)
{
    free(idx->bytes);
    free(idx->name);
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

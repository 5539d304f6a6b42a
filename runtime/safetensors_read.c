/* safetensors_read: reads a file of tensors whole; header, shapes and spans are checked against its size before any is used. */
#include "netrt/safetensors.h"

#include "netrt/memory.h"
#include "netrt/reading.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The reference implementation refuses longer headers as well. */
enum { PREFIX = 8, MOST_HEADER = 100000000 };

struct memory {
    unsigned char *bytes;
    json_t *header;
    size_t length;
};

struct span {
    size_t begin, end;
    int tensor;
};

struct reader {
    const char *path;
    struct netrt_error *error;
    struct memory *memory;
    size_t data_begin, data_bytes;
};

static enum netrt_status read_bytes(struct reader *r, int handle, int64_t length)
{
    struct memory *m = r->memory;
    char size[NETRT_SIZE_TEXT];

    m->length = (size_t)length;
    m->bytes = malloc(m->length + 1);
    if (m->bytes == NULL)
        return netrt_fail(r->error, NETRT_E_SYSTEM, "%s: out of memory for %s", r->path, netrt_size_print(m->length, size));
    for (size_t got = 0; got < m->length;) {
        ssize_t part = read(handle, m->bytes + got, m->length - got);
        if (part < 0)
            return netrt_fail_errno(r->error, "%s: cannot read at byte %zu", r->path, got);
        if (part == 0)
            return netrt_fail(r->error, NETRT_E_CONTENT, "%s: expected %zu bytes, found the end at byte %zu", r->path, m->length,
                              got);
        got += (size_t)part;
    }
    return NETRT_OK;
}

static enum netrt_status read_file(struct reader *r)
{
    int handle = -1;
    int64_t length = 0;
    enum netrt_status status = netrt_regular_open(r->path, &handle, &length, r->error);

    if (status != NETRT_OK)
        return status;
    status = read_bytes(r, handle, length);
    close(handle);
    return status;
}

static enum netrt_status parse_header(struct reader *r)
{
    struct memory *m = r->memory;
    uint64_t length = 0;
    json_error_t reason;

    if (m->length < PREFIX)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: no safetensors file: expected a length of 8 bytes, found %zu bytes",
                          r->path, m->length);
    for (int i = 0; i < PREFIX; i++)
        length |= (uint64_t)m->bytes[i] << (8 * i);
    if (length > MOST_HEADER || length > m->length - PREFIX)
        return netrt_fail(r->error, NETRT_E_CONTENT,
                          "%s: no safetensors file: a header of %" PRIu64 " bytes, but %zu bytes follow its length (most: %d)",
                          r->path, length, m->length - PREFIX, MOST_HEADER);
    m->header = json_loadb((const char *)m->bytes + PREFIX, (size_t)length, JSON_REJECT_DUPLICATES, &reason);
    if (m->header == NULL)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: header, byte %d: %s", r->path, PREFIX + reason.position, reason.text);
    if (!json_is_object(m->header))
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: the header is no JSON object", r->path);
    r->data_begin = PREFIX + (size_t)length;
    r->data_bytes = m->length - r->data_begin;
    return NETRT_OK;
}

/* Bytes of an element; 0 for a type that the format does not have. */
static size_t element_bytes(const char *dtype)
{
    static const struct {
        const char *name;
        size_t bytes;
    } types[] = {{"F32", 4}, {"F64", 8}, {"F16", 2}, {"BF16", 2}, {"I64", 8}, {"I32", 4}, {"I16", 2},
                 {"I8", 1},  {"U64", 8}, {"U32", 4}, {"U16", 2},  {"U8", 1},  {"BOOL", 1}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (dtype != NULL && strcmp(types[i].name, dtype) == 0)
            return types[i].bytes;
    }
    return 0;
}

static enum netrt_status parse_shape(struct reader *r, const char *name, const json_t *list, struct netrt_shape *shape)
{
    int64_t dim[NETRT_MOST_AXES];
    size_t rank = json_array_size(list);
    char fault[NETRT_SHAPE_TEXT];

    if (!json_is_array(list) || rank > NETRT_MOST_AXES)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: %s: the shape is no list of at most %d sizes", r->path, name,
                          NETRT_MOST_AXES);
    for (size_t i = 0; i < rank; i++) {
        const json_t *size = json_array_get(list, i);
        if (!json_is_integer(size))
            return netrt_fail(r->error, NETRT_E_CONTENT, "%s: %s: size %zu of the shape is no whole number", r->path, name, i + 1);
        dim[i] = json_integer_value(size);
    }
    if (!netrt_shape_make(shape, (int)rank, dim))
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: %s: the shape: %s", r->path, name,
                          netrt_shape_fault((int)rank, dim, fault));
    return NETRT_OK;
}

static enum netrt_status parse_tensor(struct reader *r, const char *name, const json_t *entry, struct netrt_tensor *tensor,
                                      struct span *span)
{
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    size_t size = element_bytes(dtype);
    char shape[NETRT_SHAPE_TEXT];

    if (size == 0)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: %s: \"%s\" is no type", r->path, name, dtype != NULL ? dtype : "");
    enum netrt_status status = parse_shape(r, name, json_object_get(entry, "shape"), &tensor->shape);
    if (status != NETRT_OK)
        return status;
    if (json_array_size(offsets) != 2 || !json_is_integer(begin) || !json_is_integer(end) || json_integer_value(begin) < 0 ||
        json_integer_value(end) < json_integer_value(begin))
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: %s: data_offsets are no pair begin <= end", r->path, name);
    span->begin = (size_t)json_integer_value(begin);
    span->end = (size_t)json_integer_value(end);
    if (span->end > r->data_bytes)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: %s: data end at byte %zu of %zu", r->path, name, span->end,
                          r->data_bytes);
    if ((span->end - span->begin) / size != (size_t)tensor->shape.elements || (span->end - span->begin) % size != 0)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: %s: %zu bytes of data, but %s of type %s", r->path, name,
                          span->end - span->begin, netrt_shape_print(&tensor->shape, shape), dtype);
    tensor->name = name;
    tensor->precision = strcmp(dtype, "F32") == 0 ? 4 : strcmp(dtype, "F64") == 0 ? 8 : 0;
    tensor->data = r->memory->bytes + r->data_begin + span->begin;
    return NETRT_OK;
}

static int compare(const void *a, const void *b)
{
    const struct span *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->tensor - y->tensor;
}

/* The data must be used from the first byte to the last, each once: whatever hides between is no tensor. */
static enum netrt_status check_spans(struct reader *r, struct span *span, const struct netrt_tensor *tensor, int count)
{
    size_t at = 0;

    qsort(span, (size_t)count, sizeof *span, compare);
    for (int i = 0; i < count; i++) {
        if (span[i].begin != at)
            return netrt_fail(r->error, NETRT_E_CONTENT, "%s: %s: data begin at byte %zu, expected %zu (%s)", r->path,
                              tensor[span[i].tensor].name, span[i].begin, at, span[i].begin < at ? "they overlap" : "a gap");
        at = span[i].end;
    }
    if (at != r->data_bytes)
        return netrt_fail(r->error, NETRT_E_CONTENT, "%s: expected %zu bytes of data, found %zu", r->path, at, r->data_bytes);
    return NETRT_OK;
}

static enum netrt_status parse_tensors(struct reader *r, struct netrt_safetensors *file)
{
    size_t most = json_object_size(r->memory->header) + 1;
    struct span *span = malloc(most * sizeof *span);
    struct netrt_tensor *read = calloc(most, sizeof *read);
    enum netrt_status status = NETRT_OK;
    const char *name;
    json_t *entry;
    int count = 0;

    file->tensor = calloc(most, sizeof *file->tensor);
    if (span == NULL || read == NULL || file->tensor == NULL)
        status = netrt_fail(r->error, NETRT_E_SYSTEM, "%s: out of memory", r->path);
    json_object_foreach(r->memory->header, name, entry)
    {
        if (status != NETRT_OK || strcmp(name, "__metadata__") == 0)
            continue;
        status = parse_tensor(r, name, entry, &read[count], &span[count]);
        span[count].tensor = count;
        count++;
    }
    if (status == NETRT_OK)
        status = check_spans(r, span, read, count);
    for (int i = 0; status == NETRT_OK && i < count; i++)
        file->tensor[i] = read[span[i].tensor];
    file->count = count;
    free(span);
    free(read);
    return status;
}

enum netrt_status netrt_safetensors_read(struct netrt_safetensors *file, const char *path, struct netrt_error *error)
{
    struct reader r = {.path = path, .error = error, .memory = calloc(1, sizeof *r.memory)};

    *file = (struct netrt_safetensors){.memory = r.memory};
    if (r.memory == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "%s: out of memory", path);
    enum netrt_status status = read_file(&r);
    if (status == NETRT_OK)
        status = parse_header(&r);
    if (status == NETRT_OK)
        status = parse_tensors(&r, file);
    if (status != NETRT_OK)
        netrt_safetensors_close(file);
    return status;
}

void netrt_safetensors_close(struct netrt_safetensors *file)
{
    struct memory *memory = file->memory;

    if (memory != NULL) {
        json_decref(memory->header);
        free(memory->bytes);
        free(memory);
    }
    free(file->tensor);
    *file = (struct netrt_safetensors){0};
}

const struct netrt_tensor *netrt_safetensors_find(const struct netrt_safetensors *file, const char *name)
{
    for (int i = 0; i < file->count; i++) {
        if (strcmp(file->tensor[i].name, name) == 0)
            return &file->tensor[i];
    }
    return NULL;
}

const char *netrt_safetensors_metadata(const struct netrt_safetensors *file, const char *key)
{
    const struct memory *memory = file->memory;

    return json_string_value(json_object_get(json_object_get(memory->header, "__metadata__"), key));
}

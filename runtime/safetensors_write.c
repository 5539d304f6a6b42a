/* safetensors_write: writes the header, its tensors in the order of their bytes, and then the bytes; the file appears whole or
 * not at all. */
#include "netrt/safetensors.h"

#include "netrt/file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static size_t bytes_of(const struct netrt_tensor *tensor)
{
    return (size_t)tensor->shape.elements * (size_t)tensor->precision;
}

/* Wider elements first, so that each is aligned to its own size; then by name. */
static int compare(const void *a, const void *b)
{
    const struct netrt_tensor *const *x = a, *const *y = b;

    if ((*x)->precision != (*y)->precision)
        return (*x)->precision > (*y)->precision ? -1 : 1;
    return strcmp((*x)->name, (*y)->name);
}

static json_t *entry(const struct netrt_tensor *tensor, size_t begin)
{
    size_t end = begin + bytes_of(tensor);
    json_t *shape = json_array();

    for (int i = 0; i < tensor->shape.rank; i++)
        json_array_append_new(shape, json_integer(tensor->shape.dim[i]));
    return json_pack("{s:s, s:o, s:[I,I]}", "dtype", tensor->precision == 4 ? "F32" : "F64", "shape", shape, "data_offsets",
                     (json_int_t)begin, (json_int_t)end);
}

/* The header's text, padded with spaces to a multiple of eight bytes; released with free. NULL if memory is out. */
static char *header_text(const struct netrt_tensor *const *sorted, int count, const struct netrt_metadata *metadata, int pairs)
{
    json_t *root = json_object(), *facts = json_object();
    size_t offset = 0;

    for (int i = 0; i < pairs; i++)
        json_object_set_new(facts, metadata[i].key, json_string(metadata[i].value));
    json_object_set_new(root, "__metadata__", facts);
    for (int i = 0; i < count; i++) {
        json_object_set_new(root, sorted[i]->name, entry(sorted[i], offset));
        offset += bytes_of(sorted[i]);
    }
    bool complete = json_object_size(root) == (size_t)count + 1 && json_object_size(facts) == (size_t)pairs;
    char *text = complete ? json_dumps(root, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    json_decref(root);
    if (text == NULL)
        return NULL;

    size_t length = strlen(text), padded = (length + 7) / 8 * 8;
    char *grown = realloc(text, padded + 1);
    if (grown == NULL) {
        free(text);
        return NULL;
    }
    memset(grown + length, ' ', padded - length);
    grown[padded] = '\0';
    return grown;
}

static void write_all(FILE *out, const char *header, const struct netrt_tensor *const *sorted, int count)
{
    unsigned char length[8];
    size_t bytes = strlen(header);

    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)(bytes >> (8 * i));
    fwrite(length, 1, sizeof length, out);
    fwrite(header, 1, bytes, out);
    for (int i = 0; i < count; i++)
        fwrite(sorted[i]->data, 1, bytes_of(sorted[i]), out);
}

enum netrt_status netrt_safetensors_write(const char *path, const struct netrt_tensor *tensor, int count,
                                          const struct netrt_metadata *metadata, int pairs, struct netrt_error *error)
{
    const struct netrt_tensor **sorted = malloc(((size_t)count + 1) * sizeof *sorted);
    char *header = NULL;
    struct netrt_file file;

    for (int i = 0; sorted != NULL && i < count; i++)
        sorted[i] = &tensor[i];
    if (sorted != NULL) {
        qsort(sorted, (size_t)count, sizeof *sorted, compare);
        header = header_text(sorted, count, metadata, pairs);
    }
    enum netrt_status status = header == NULL ? netrt_fail(error, NETRT_E_SYSTEM, "out of memory to write %s", path)
                                              : netrt_file_begin(&file, path, error);
    if (status == NETRT_OK) {
        write_all(file.stream, header, sorted, count);
        status = netrt_file_commit(&file, error);
    }
    free(header);
    free(sorted);
    return status;
}

/* safetensors: named tensors in a file: eight bytes of length, a JSON header, then the data, little-endian.
 *
 * Source: "Safetensors format", github.com/huggingface/safetensors, README.md, section "Format".
 */
#ifndef NETRT_SAFETENSORS_H
#define NETRT_SAFETENSORS_H

#include "netrt/description.h"
#include "netrt/status.h"

#include <stddef.h>

struct netrt_tensor {
    const char *name;
    struct netrt_shape shape;
    int precision;       /* 4: F32, 8: F64; in a file that was read 0 for any other type */
    const void *data;    /* [shape.elements] */
};

struct netrt_metadata {
    const char *key, *value;
};

/* Writes tensors and metadata, whole or not at all (netrt/file.h). The same content makes the same bytes: keys are sorted, data lie
 * in the order of element size and name without gaps, the header is padded so that they start at a multiple of eight. */
enum netrt_status netrt_safetensors_write(const char *path, const struct netrt_tensor *tensor, int count,
                                          const struct netrt_metadata *metadata, int pairs, struct netrt_error *error);

struct netrt_safetensors {
    struct netrt_tensor *tensor; /* in the order of the file's data */
    int count;
    void *memory; /* owns names and data */
};

/* Reads a whole file. NETRT_E_CONTENT for anything but a well-formed file: a header that is too long or no JSON object, doubled
 * names, unknown types, shapes that do not fit their data, data that overlap, leave gaps or leave the file. */
enum netrt_status netrt_safetensors_read(struct netrt_safetensors *file, const char *path, struct netrt_error *error);
void netrt_safetensors_close(struct netrt_safetensors *file);

/* NULL if there is none. */
const struct netrt_tensor *netrt_safetensors_find(const struct netrt_safetensors *file, const char *name);
const char *netrt_safetensors_metadata(const struct netrt_safetensors *file, const char *key);

#endif

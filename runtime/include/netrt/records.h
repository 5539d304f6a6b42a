/* records: a data set in memory as it came from its source: bytes, or wider elements. */
#ifndef NETRT_RECORDS_H
#define NETRT_RECORDS_H

#include "netrt/description.h"
#include "netrt/status.h"

#include <stdbool.h>
#include <stdint.h>

enum netrt_element {
    NETRT_U8,
    NETRT_U16,    /* 65535 means what 255 means as a byte */
    NETRT_I32,
    NETRT_F32
};

size_t netrt_element_bytes(enum netrt_element element);

/* Element i as a number. */
static inline double netrt_number(const unsigned char *at, enum netrt_element element, int64_t i)
{
    switch (element) {
    case NETRT_U8: return at[i];
    case NETRT_U16: return ((const uint16_t *)(const void *)at)[i];
    case NETRT_I32: return ((const int32_t *)(const void *)at)[i];
    case NETRT_F32: return (double)((const float *)(const void *)at)[i];
    }
    return 0;
}

struct netrt_records {
    struct netrt_shape shape;    /* of one image */
    struct netrt_shape label_shape;    /* of one label: a class, or one for each place; no elements without labels */
    int64_t count;
    enum netrt_element element, label_element;
    unsigned char *image;        /* [count][shape.elements] of `element` */
    unsigned char *label;        /* [count][label_shape.elements] of `label_element`, or NULL */
    char *image_name;            /* where they came from, for messages */
    char *label_name;
};

/* Bytes of one record, and of one label. */
size_t netrt_record_bytes(const struct netrt_records *records);
size_t netrt_label_bytes(const struct netrt_records *records);

void netrt_records_free(struct netrt_records *records);

/* A file's path below a folder: `name` itself if it is absolute. Owned by the caller; NULL if memory is out. */
char *netrt_path_join(const char *folder, const char *name);

#endif

/* records: a data set in memory as it came from its source, one byte an element, or two. */
#ifndef NETRT_RECORDS_H
#define NETRT_RECORDS_H

#include "netrt/description.h"
#include "netrt/status.h"

#include <stdbool.h>
#include <stdint.h>

struct netrt_records {
    struct netrt_shape shape;    /* of one image */
    struct netrt_shape label_shape;    /* of one label: a class, or one for each place; no elements without labels */
    int64_t count;
    bool wide;                   /* an element of `image` is a uint16_t, and 65535 means what 255 means as a byte */
    unsigned char *image;        /* [count][shape.elements] */
    unsigned char *label;        /* [count][label_shape.elements], or NULL */
    char *image_name;            /* where they came from, for messages */
    char *label_name;
};

void netrt_records_free(struct netrt_records *records);

/* A file's path below a folder: `name` itself if it is absolute. Owned by the caller; NULL if memory is out. */
char *netrt_path_join(const char *folder, const char *name);

#endif

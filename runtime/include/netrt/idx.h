/* idx: the file format of MNIST: a magic number, big-endian sizes, then numbers, the last axis fastest.
 *
 * Source: LeCun, Cortes, Burges, "The MNIST database", section "The IDX file format", yann.lecun.com/exdb/mnist.
 */
#ifndef NETRT_IDX_H
#define NETRT_IDX_H

#include "netrt/records.h"

struct netrt_idx {
    struct netrt_shape shape;    /* the first axis counts records */
    enum netrt_element element;  /* U8 of unsigned bytes; I32 of other integers; F32 */
    unsigned char *bytes;        /* [shape.elements]; owned by the struct, released with free */
    char *name;                  /* the file that was read, released with free */
};

/* Reads a whole file, plain or compressed with gzip; where `path` does not exist, `path`.gz is tried.
 * NETRT_E_SYSTEM if it cannot be opened or read. NETRT_E_CONTENT if the magic number, the type (doubles are not read), a size or
 * the length of the file is wrong: the header is checked against the length before anything is allocated. */
enum netrt_status netrt_idx_read(struct netrt_idx *idx, const char *path, struct netrt_error *error);

/* Reads images (two axes or more: records first) and labels (one axis, or more for a class at each place; NULL for none) that
 * belong together.
 * NETRT_E_CONTENT also if the counts differ or the two files seem exchanged. */
enum netrt_status netrt_idx_read_records(struct netrt_records *records, const char *images, const char *labels,
                                         struct netrt_error *error);

#endif

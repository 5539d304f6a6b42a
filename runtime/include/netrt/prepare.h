/* prepare: from the bytes of a record to what the net is fed with.
 *
 * A chain of pad, scale and normalize acts on every element alone. An element of bytes starts as one of 256 values, or of 65536
 * between them: there the chain is worked out once, in double, for every value and channel; a sample is then a table lookup an
 * element, rounded once. Wider elements go through the chain themselves, in double too.
 */
#ifndef NETRT_PREPARE_H
#define NETRT_PREPARE_H

#include "netrt/description.h"
#include "netrt/model.h"
#include "netrt/records.h"
#include "netrt/status.h"

#include <stdbool.h>

struct netrt_preparation {
    struct netrt_shape in, out;    /* of a record, and after the chain */
    int precision;                 /* bytes of a real: 4 or 8 */
    enum netrt_element element;    /* of records; U16 in 257ths of a byte's steps */
    const struct netrt_prepare_step *step;    /* the chain, for I32 and F32 */
    int steps;
    int64_t channels;
    int64_t rows, values;          /* of the table: 256 or 65536 values a row; 1 where the chain is followed */
    int32_t *from;                 /* [out.elements]: the element of the record */
    int32_t *row;                  /* [out.elements]: the row of the table; padding has rows of its own, one value for all, after
                                      those of the channels */
    void *table;                   /* real [rows][values] */
};

/* Works out `step` for records like these. The channels of `normalize` are the first axis of an image of rank 3, else there is
 * one. NETRT_E_CONTENT names the step that does not fit the shape. */
enum netrt_status netrt_prepare_open(struct netrt_preparation *p, const struct netrt_records *records,
                                     const struct netrt_prepare_step *step, int steps, int precision, struct netrt_error *error);
void netrt_prepare_close(struct netrt_preparation *p);

/* Prepares sixteen records at once: `to` is real [out.elements][16], lane l from record[l], which points to elements of
 * the records' type. */
void netrt_prepare_block(const struct netrt_preparation *p, const unsigned char *const record[NETRT_LANES], void *to);

#endif

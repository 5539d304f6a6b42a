/* prepare: from the bytes of a record to what the net is fed with.
 *
 * A chain of pad, scale and normalize acts on every element alone, and an element starts as one of 256 bytes, or of 65536 values
 * between them. So the chain is worked out once, in double, for every value and channel; a sample is then a table lookup an element,
 * rounded once.
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
    bool wide;                     /* of records whose elements are uint16_t, in 257ths of a byte's steps */
    int64_t rows, values;          /* of the table: 256 or 65536 values a row */
    int32_t *from;                 /* [out.elements]: the element of the record */
    int32_t *row;                  /* [out.elements]: the row of the table; padding has rows of its own, one value for all */
    void *table;                   /* real [rows][values] */
};

/* Works out `step` for records like these. The channels of `normalize` are the first axis of an image of rank 3, else there is
 * one. NETRT_E_CONTENT names the step that does not fit the shape. */
enum netrt_status netrt_prepare_open(struct netrt_preparation *p, const struct netrt_records *records,
                                     const struct netrt_prepare_step *step, int steps, int precision, struct netrt_error *error);
void netrt_prepare_close(struct netrt_preparation *p);

/* Prepares sixteen records at once: `to` is real [out.elements][16], lane l from record[l], which of wide records points to
 * a uint16_t. */
void netrt_prepare_block(const struct netrt_preparation *p, const unsigned char *const record[NETRT_LANES], void *to);

#endif

/* prepare: from the bytes of a record to what the net is fed with.
 *
 * A chain of pad, scale and normalize acts on every element alone, and an element starts as one of 256 bytes. So the chain is
 * worked out once, in double, for every byte and channel; a sample is then a table lookup an element, rounded once.
 */
#ifndef NETRT_PREPARE_H
#define NETRT_PREPARE_H

#include "netrt/description.h"
#include "netrt/model.h"
#include "netrt/status.h"

struct netrt_preparation {
    struct netrt_shape in, out;    /* of a record, and after the chain */
    int precision;                 /* bytes of a real: 4 or 8 */
    int64_t rows;
    int32_t *from;                 /* [out.elements]: the element of the record */
    int32_t *row; /* [out.elements]: the row of the table; padding has rows of its own, one value for all bytes */
    void *table; /* real [rows][256] */
};

/* Works out `step` for records of shape `in`. The channels of `normalize` are the first axis of an image of rank 3, else there is
 * one. NETRT_E_CONTENT names the step that does not fit the shape. */
enum netrt_status netrt_prepare_open(struct netrt_preparation *p, const struct netrt_shape *in,
                                     const struct netrt_prepare_step *step, int steps, int precision, struct netrt_error *error);
void netrt_prepare_close(struct netrt_preparation *p);

/* Prepares sixteen records at once: `to` is real [out.elements][16], lane l from record[l]. */
void netrt_prepare_block(const struct netrt_preparation *p, const unsigned char *const record[NETRT_LANES], void *to);

#endif

/* batches: fills the inputs of the next step while the present one runs.
 *
 * One thread of its own prepares batches into two sets of buffers. The order of a training epoch is a pure function of
 * (seed, epoch).
 */
#ifndef NETRT_BATCHES_H
#define NETRT_BATCHES_H

#include "netrt/description.h"
#include "netrt/model.h"
#include "netrt/prepare.h"
#include "netrt/source.h"

#include <stdbool.h>

struct netrt_batches;

struct netrt_batch {
    const void *const *input;    /* as netrt_step.input; valid until the next call of netrt_batches_next */
    int64_t samples, block_count;
    const int64_t *order;        /* [samples]: which sample of the part each one is */
};

/* The buffers and the thread. An input takes the records where netrt_input_takes_records says so, another input of classes the
 * label; `netrt.weight` takes 1/samples, 0 in dead lanes; `netrt.index` the number of the record. Dead lanes copy the last sample
 * of the batch. `description`, `model` and `preparation` must outlive the batches.
 * NETRT_E_CONTENT if an input finds no field. */
enum netrt_status netrt_batches_open(struct netrt_batches **batches, const struct netrt_description *description,
                                     const struct netrt_model *model, const struct netrt_preparation *preparation,
                                     struct netrt_error *error);
void netrt_batches_close(struct netrt_batches *batches);

/* Whether a part's records, as they are prepared, and its labels have the shapes of the inputs that take them; NETRT_E_CONTENT names
 * the file whose do not. */
enum netrt_status netrt_batches_check(const struct netrt_batches *batches, const struct netrt_part *part,
                                      struct netrt_error *error);

/* The order of an epoch, and how many of its first samples to leave out: a multiple of the batch, or all. */
struct netrt_shuffle {
    uint64_t seed;
    int64_t epoch, done;
};

/* Begins a pass over a part, which must outlive it; gives up a pass that is not at its end. Shuffled, or in order.
 * NETRT_E_SYSTEM if memory for the order is out, NETRT_E_CONTENT as netrt_batches_check. */
enum netrt_status netrt_batches_begin_shuffled(struct netrt_batches *batches, const struct netrt_part *part,
                                               const struct netrt_shuffle *shuffle, struct netrt_error *error);
enum netrt_status netrt_batches_begin(struct netrt_batches *batches, const struct netrt_part *part, struct netrt_error *error);

/* Waits for the next batch. False after the last one. Allocates nothing. */
bool netrt_batches_next(struct netrt_batches *batches, struct netrt_batch *batch);

/* Seconds that netrt_batches_next has waited since the pass began. */
double netrt_batches_waited(const struct netrt_batches *batches);

/* Bytes of a full batch of an input, dead lanes included. */
size_t netrt_input_bytes(const struct netrt_input *input, const struct netrt_model *model);

/* Bytes of the buffers for a model. */
size_t netrt_batches_bytes(const struct netrt_description *description, const struct netrt_model *model);

/* Fills the input `netrt.index` with sample `sample`'s number: real [blocks][2][16]. */
void netrt_put_index(void *to, int precision, int64_t sample, uint32_t index);

/* Fills sample `sample` of an input of classes: int32_t [blocks][elements][16]. */
void netrt_put_integers(void *to, int64_t sample, const unsigned char *from, enum netrt_element element, int64_t elements);

/* Fills the input `netrt.weight` for `samples` samples: real [blocks][16]. */
void netrt_fill_weights(void *to, int precision, int64_t samples);

#endif

/* weights: a net's parameters and training state between its arena and files. */
#ifndef NETRT_WEIGHTS_H
#define NETRT_WEIGHTS_H

#include "netrt/description.h"
#include "netrt/source.h"
#include "netrt/status.h"

#include <stdint.h>

/* Where training stands. */
struct netrt_position {
    int64_t epoch;      /* epochs completed */
    int64_t samples;    /* of the next epoch that have been trained on */
    uint64_t seed;
    double best;        /* the lowest loss by which best.safetensors was chosen; infinite: there is none */
    double *sums;       /* [sum_count]: netrt_metrics_sums of the next epoch; the caller's */
    int sum_count;
    struct netrt_part_print part[NETRT_PARTS];    /* of the data: train, val, test */
};

/* Gives every parameter its starting value and clears the rest of the arena's states. */
enum netrt_status netrt_weights_init(const struct netrt_description *description, int precision, uint64_t seed,
                                     unsigned char *uniform, struct netrt_error *error);

/* Takes the parameters from a file: every one must be there, of this shape, and no unknown ones; names under "netc." and PyTorch's
 * `num_batches_tracked` are passed over. F32 is widened where the net computes in f64; F64 is taken by an f32 net if no number
 * changes. NETRT_E_CONTENT lists what is expected and found, and names a parameter that holds NaN or infinity. */
enum netrt_status netrt_weights_load(const struct netrt_description *description, int precision, const char *path,
                                     unsigned char *uniform, struct netrt_error *error);

enum netrt_resumed {
    NETRT_RESUMED_METRICS = 1,    /* other metrics: those of the unfinished epoch begin at zero */
    NETRT_RESUMED_TEST = 2        /* another test part */
};

/* Takes parameters, training states and the position from a file that was saved with its state. Unlike netrt_weights_load it wants
 * the very net, seed and training and validation data that made the file: position->seed and position->part are compared, not set;
 * `batch` is that of the net, of which the position must be a multiple, unless an epoch is complete. `*changed` gets what differs
 * and may differ, of enum netrt_resumed. */
enum netrt_status netrt_weights_resume(const struct netrt_description *description, int precision, const char *path,
                                       unsigned char *uniform, struct netrt_position *position, int *changed,
                                       struct netrt_error *error);

/* Writes the parameters alone, or with the training state as "netc.NAME" and the position as "netc.position" (F64: epochs,
 * samples, best) and "netc.sums" (F64). The metadata hold format, net hash, seed, epoch, position and, with the state, the names of
 * the metrics and what tells the data apart. */
enum netrt_status netrt_weights_save(const struct netrt_description *description, int precision, const char *path,
                                     const unsigned char *uniform, const struct netrt_position *position, bool with_state,
                                     struct netrt_error *error);

/* λ·Σ|w| + λ·Σw² over the parameters that have a penalty, in double, in the order of the description; `setting` in the
 * description's order. */
double netrt_weights_penalty(const struct netrt_description *description, int precision, const unsigned char *uniform,
                             const double setting[]);

/* The first parameter that holds a NaN or an infinity, or NULL. */
const char *netrt_weights_first_wrong(const struct netrt_description *description, int precision, const unsigned char *uniform);

#endif

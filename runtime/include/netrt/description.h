/* description: the model's JSON (description.md) as structs, checked once so that nothing else has to.
 *
 * Strings and arrays belong to the description and live until netrt_description_close. Offsets are bytes. A parsed description
 * is consistent: tensors lie inside the arenas, indexes name what exists, shapes have at least one element.
 */
#ifndef NETRT_DESCRIPTION_H
#define NETRT_DESCRIPTION_H

#include "netrt/model.h"
#include "netrt/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NETRT_MOST_AXES = 8 };

struct netrt_shape {
    int rank;
    int64_t dim[NETRT_MOST_AXES];
    int64_t elements;    /* 1 for rank 0 */
};

enum netrt_input_kind { NETRT_INPUT_REAL, NETRT_INPUT_CLASS, NETRT_INPUT_WEIGHT, NETRT_INPUT_INDEX };

struct netrt_input {
    const char *name;
    struct netrt_shape shape;
    enum netrt_input_kind kind;
    bool main;
    bool needed;        /* the outputs or the scores depend on it, outside training too */
    int64_t classes;    /* kind CLASS */
    bool ignores;       /* kind CLASS: labels that are `ignored` do not count, in losses and metrics */
    int64_t ignored;
};

/* Whether an input takes the source's main field, the records. Of integers they are the numbers as they are. */
bool netrt_input_takes_records(const struct netrt_input *input);

/* Bytes of an element of an input in a step: of an int32_t, or of a real. */
size_t netrt_input_element_bytes(const struct netrt_input *input, int precision);

struct netrt_output {
    const char *name;
    struct netrt_shape shape;
    size_t offset;    /* in a lane block */
};

/* What the loss takes its argument for. VALUES: the net does not answer with one class, or nothing says that it does. */
enum netrt_scores_kind {
#define SCORES(id, word) NETRT_SCORES_##id,
#include "netrt/words.def"
};

struct netrt_scores {
    enum netrt_scores_kind kind;
    struct netrt_shape shape;    /* classes first */
    size_t offset;               /* in a lane block */
};

/* A term of a loss in which samples count for more or less than one another: over many samples it is factor * (sum of sums) /
 * (sum of counts). */
struct netrt_loss_part {
    double factor;
    bool has_sum, has_count;    /* false: 1 for each sample */
    size_t sum, count;          /* in a lane block: one number a sample */
};

enum netrt_metric_kind {
#define METRIC(id, word) NETRT_METRIC_##id,
#include "netrt/words.def"
};

struct netrt_metric {
    const char *name;
    enum netrt_metric_kind kind;
    struct netrt_shape prediction;    /* classes first where the target is a class */
    size_t offset;                    /* in a lane block */
    int target;                       /* index of an input */
    int64_t k;                        /* TOP */
};

enum netrt_init_kind {
#define INITIALIZER(id, word, sees, argument, called, doc) NETRT_INIT_##id,
#include "netrt/words.def"
    NETRT_INIT_VALUES,
};

struct netrt_init {
    enum netrt_init_kind kind;
    double fan_in, fan_out, std, bound, value;
    double *values;    /* VALUES: one for each element */
    int64_t matrices;  /* ORTHOGONAL: so many lie one after the other along dim 0, which they divide; at least 1 */
    bool *connected;   /* [dim 0 * dim 1] rows of elements; those that are not connected start at zero. NULL: all are */
};

struct netrt_parameter {
    const char *name;
    struct netrt_shape shape;
    size_t offset;
    bool trainable;
    struct netrt_init init;
    int l1, l2;    /* index of a setting, or -1 */
};

struct netrt_state {
    const char *name;
    struct netrt_shape shape;
    size_t offset;
};

/* GIVEN: the user's. The others are what the run says: sixteen bits of a whole number. */
enum netrt_setting_kind { NETRT_SETTING_GIVEN, NETRT_SETTING_SEED, NETRT_SETTING_EPOCH };

struct netrt_setting {
    const char *name;
    enum netrt_setting_kind kind;
    int half;                          /* SEED, EPOCH: which sixteen bits, the lowest first */
    double value, minimum, maximum;    /* limits inclusive; infinite where the description has none */
};

struct netrt_layer {
    const char *name, *operator_name;
    struct netrt_shape output, receptive_field;
    int64_t parameters, multiply_adds;
};

enum netrt_data_kind {
    NETRT_DATA_IDX,
    NETRT_DATA_DIGITS,
    NETRT_DATA_TAKE,
    NETRT_DATA_DROP,
    NETRT_DATA_SPLIT,
    NETRT_DATA_SHUFFLE,
    NETRT_DATA_FILTER,
};

struct netrt_data_step {
    enum netrt_data_kind kind;
    const char *images, *labels;    /* IDX; labels may be NULL */
    int64_t count;                  /* DIGITS, TAKE, DROP */
    uint64_t seed;                  /* DIGITS, SHUFFLE */
    double noise, fraction;         /* DIGITS; SPLIT */
    bool rest;                      /* SPLIT: the part after the fraction */
    int64_t *classes;               /* FILTER */
    int class_count;
};

struct netrt_data_part {
    struct netrt_data_step *step;    /* a source, then what is done to it */
    int count;                       /* 0: there is no such part */
};

enum netrt_prepare_kind { NETRT_PREPARE_PAD, NETRT_PREPARE_SCALE, NETRT_PREPARE_NORMALIZE };

struct netrt_prepare_step {
    enum netrt_prepare_kind kind;
    int axes;                                                /* PAD: the last `axes` axes */
    int64_t before[NETRT_MOST_AXES], after[NETRT_MOST_AXES];
    double value, factor;                                    /* PAD; SCALE */
    double *mean, *std;                                      /* NORMALIZE: one, or one a channel */
    int channels;
};

struct netrt_description {
    const char *net, *source, *hash, *netc, *backend, *compiler, *march, *precision;
    int64_t parameters_total, multiply_adds;
    struct netrt_input *input;
    struct netrt_output *output;
    struct netrt_scores scores;
    struct netrt_metric *metric;
    struct netrt_parameter *parameter;
    struct netrt_state *state;
    struct netrt_setting *setting;
    struct netrt_layer *layer;
    int input_count, output_count, metric_count, parameter_count, state_count, setting_count, layer_count;
    size_t loss_offset;
    struct netrt_loss_part *loss_part;    /* none: the loss is the mean of the samples' */
    int loss_part_count;
    bool has_data;
    struct netrt_data_part train, val, test;
    struct netrt_prepare_step *prepare;
    int prepare_count;
    bool learns;            /* it has a train section: else it predicts, and there are no epochs and no loss */
    int64_t epochs, batch;
    int64_t least_batch;    /* as many samples as every batch of the training must have */
    uint64_t seed;
    void *memory;    /* owns the JSON tree and the arrays */
};

/* Parses model->description. NETRT_E_CONTENT names the member that is missing or wrong. */
enum netrt_status netrt_description_open(struct netrt_description *description, const struct netrt_model *model,
                                         struct netrt_error *error);
void netrt_description_close(struct netrt_description *description);

/* Makes a shape. False if an axis is below 1 or the elements exceed 2^40. */
bool netrt_shape_make(struct netrt_shape *shape, int rank, const int64_t dim[]);

/* Writes "6x1x5x5", or "scalar", and returns `text`. */
enum { NETRT_SHAPE_TEXT = 200 };
const char *netrt_shape_print(const struct netrt_shape *shape, char text[NETRT_SHAPE_TEXT]);

/* Why netrt_shape_make refuses these sizes, for a message about the file that has them: "size 2 of 6x0x5 is 0, but the least is 1".
 * Returns `text`. */
const char *netrt_shape_fault(int rank, const int64_t dim[], char text[NETRT_SHAPE_TEXT]);

/* Sixteen bits of a whole number, the lowest first: exact as a real of any precision. */
static inline double netrt_half(uint64_t number, int half)
{
    return (double)(number >> 16 * half & 0xffff);
}

bool netrt_shape_equal(const struct netrt_shape *a, const struct netrt_shape *b);

/* Whether a data field of shape `field` can feed an input: equal, or as many elements and only axes of size 1 differ, or the
 * input is a vector. */
bool netrt_shape_feeds(const struct netrt_shape *field, const struct netrt_shape *input);

#endif

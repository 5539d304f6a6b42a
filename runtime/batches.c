/* batches: a producer thread fills one set of buffers while a step reads the other. Lanes without a sample repeat the last one,
 * with weight 0. */
#include "netrt/batches.h"

#include "netrt/memory.h"
#include "netrt/pool.h"
#include "netrt/random.h"
#include "netrt/real.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 2 };

struct slot {
    void **input;    /* [input_count] */
    int64_t samples;
    const int64_t *order;
};

/* The consumer owns the oldest filled slot from one netrt_batches_next to the next; the producer owns the free ones. */
struct netrt_batches {
    const struct netrt_description *description;
    const struct netrt_model *model;
    const struct netrt_preparation *preparation;
    struct slot slot[SLOTS];
    const struct netrt_part *part;
    int64_t *order;
    int64_t batch_count, first, taken;    /* batches of the pass; the first one to fill; the next one to hand out */
    double waited;

    pthread_t thread;
    bool started;
    pthread_mutex_t mutex;    /* guards what follows */
    pthread_cond_t change;
    bool pass, cancelled, stopping, held;
    int filled;               /* slots that are filled, the one held by the consumer included */
};

static int64_t batches_in(const struct netrt_batches *b, int64_t samples)
{
    return (samples + b->model->batch - 1) / b->model->batch;
}

void netrt_fill_weights(void *to, int precision, int64_t samples)
{
    for (int64_t i = 0; i < netrt_block_count(samples) * NETRT_LANES; i++)
        netrt_put_real(to, precision, i, i < samples ? 1.0 / (double)samples : 0.0);
}

void netrt_put_index(void *to, int precision, int64_t sample, uint32_t index)
{
    int64_t first = sample / NETRT_LANES * 2 * NETRT_LANES + sample % NETRT_LANES;

    for (int half = 0; half < 2; half++)
        netrt_put_real(to, precision, first + half * NETRT_LANES, netrt_half(index, half));
}

static int64_t record_of(const struct netrt_batches *b, const struct slot *slot, int64_t sample)
{
    int64_t live = sample < slot->samples ? sample : slot->samples - 1;

    return b->part->index[slot->order[live]];
}

void netrt_put_integers(void *to, int64_t sample, const unsigned char *from, enum netrt_element element, int64_t elements)
{
    int64_t first = sample / NETRT_LANES * elements * NETRT_LANES + sample % NETRT_LANES;

    for (int64_t e = 0; e < elements; e++)
        ((int32_t *)to)[first + e * NETRT_LANES] = (int32_t)netrt_number(from, element, e);
}

static void fill_labels(const struct netrt_batches *b, const struct slot *slot, void *to)
{
    const struct netrt_records *r = b->part->records;

    for (int64_t i = 0; i < netrt_block_count(slot->samples) * NETRT_LANES; i++)
        netrt_put_integers(to, i, r->label + (size_t)record_of(b, slot, i) * netrt_label_bytes(r), r->label_element,
                           r->label_shape.elements);
}

static void fill_integers(const struct netrt_batches *b, const struct slot *slot, void *to)
{
    const struct netrt_records *r = b->part->records;

    for (int64_t i = 0; i < netrt_block_count(slot->samples) * NETRT_LANES; i++)
        netrt_put_integers(to, i, r->image + (size_t)record_of(b, slot, i) * netrt_record_bytes(r), r->element, r->shape.elements);
}

static void fill_images(const struct netrt_batches *b, const struct slot *slot, void *to)
{
    const struct netrt_preparation *p = b->preparation;
    size_t block_bytes = (size_t)p->out.elements * NETRT_LANES * (size_t)p->precision;

    for (int64_t block = 0; block < netrt_block_count(slot->samples); block++) {
        const unsigned char *record[NETRT_LANES];
        for (int lane = 0; lane < NETRT_LANES; lane++)
            record[lane] = b->part->records->image +
                           (size_t)record_of(b, slot, block * NETRT_LANES + lane) * netrt_record_bytes(b->part->records);
        netrt_prepare_block(p, record, (unsigned char *)to + (size_t)block * block_bytes);
    }
}

static void fill_indices(const struct netrt_batches *b, const struct slot *slot, void *to)
{
    for (int64_t i = 0; i < netrt_block_count(slot->samples) * NETRT_LANES; i++)
        netrt_put_index(to, b->model->precision, i, (uint32_t)record_of(b, slot, i));
}

static void fill(struct netrt_batches *b, struct slot *slot, int64_t batch)
{
    int64_t first = batch * b->model->batch, left = b->part->count - first;

    slot->samples = left < b->model->batch ? left : b->model->batch;
    slot->order = b->order + first;
    for (int i = 0; i < b->description->input_count; i++) {
        const struct netrt_input *input = &b->description->input[i];
        if (input->kind == NETRT_INPUT_WEIGHT)
            netrt_fill_weights(slot->input[i], b->model->precision, slot->samples);
        else if (input->kind == NETRT_INPUT_INDEX)
            fill_indices(b, slot, slot->input[i]);
        else if (!netrt_input_takes_records(input))
            fill_labels(b, slot, slot->input[i]);
        else if (input->kind == NETRT_INPUT_CLASS)
            fill_integers(b, slot, slot->input[i]);
        else
            fill_images(b, slot, slot->input[i]);
    }
}

/* Fills all batches of a pass, at most SLOTS ahead of the consumer. Called and left with the mutex held. */
static void produce(struct netrt_batches *b)
{
    for (int64_t batch = b->first; batch < b->batch_count; batch++) {
        while (b->filled == SLOTS && !b->cancelled)
            pthread_cond_wait(&b->change, &b->mutex);
        if (b->cancelled)
            break;
        pthread_mutex_unlock(&b->mutex);
        fill(b, &b->slot[batch % SLOTS], batch);
        pthread_mutex_lock(&b->mutex);
        b->filled++;
        pthread_cond_broadcast(&b->change);
    }
    b->pass = false;
    pthread_cond_broadcast(&b->change);
}

static void *producer_main(void *argument)
{
    struct netrt_batches *b = argument;

    netrt_flush_denormals();
    pthread_mutex_lock(&b->mutex);
    while (!b->stopping) {
        if (b->pass)
            produce(b);
        else
            pthread_cond_wait(&b->change, &b->mutex);
    }
    pthread_mutex_unlock(&b->mutex);
    return NULL;
}

/* Ends the present pass and waits until the producer is idle. */
static void cancel(struct netrt_batches *b)
{
    pthread_mutex_lock(&b->mutex);
    b->cancelled = true;
    pthread_cond_broadcast(&b->change);
    while (b->pass)
        pthread_cond_wait(&b->change, &b->mutex);
    b->cancelled = b->held = false;
    b->filled = 0;
    pthread_mutex_unlock(&b->mutex);
}

size_t netrt_input_bytes(const struct netrt_input *input, const struct netrt_model *model)
{
    return (size_t)(input->shape.elements * netrt_block_count(model->batch) * NETRT_LANES) *
           netrt_input_element_bytes(input, model->precision);
}

size_t netrt_batches_bytes(const struct netrt_description *description, const struct netrt_model *model)
{
    size_t bytes = 0;

    for (int i = 0; i < description->input_count; i++)
        bytes += SLOTS * netrt_input_bytes(&description->input[i], model);
    return bytes;
}

static enum netrt_status check_input(const struct netrt_input *input, struct netrt_error *error)
{
    if (input->kind == NETRT_INPUT_REAL && !netrt_input_takes_records(input))
        return netrt_fail(error, NETRT_E_CONTENT, "input %s: the data have only the fields image and label", input->name);
    return NETRT_OK;
}

static enum netrt_status allocate_slots(struct netrt_batches *b, struct netrt_error *error)
{
    int inputs = b->description->input_count;
    enum netrt_status status = NETRT_OK;

    for (int s = 0; s < SLOTS; s++) {
        b->slot[s].input = calloc((size_t)inputs + 1, sizeof b->slot[s].input[0]);
        if (b->slot[s].input == NULL)
            return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for batches");
        for (int i = 0; i < inputs && status == NETRT_OK; i++) {
            const struct netrt_input *input = &b->description->input[i];
            status = netrt_memory_map(&b->slot[s].input[i], netrt_input_bytes(input, b->model), input->name, error);
        }
    }
    return status;
}

static enum netrt_status start(struct netrt_batches *b, struct netrt_error *error)
{
    enum netrt_status status = NETRT_OK;

    for (int i = 0; i < b->description->input_count && status == NETRT_OK; i++)
        status = check_input(&b->description->input[i], error);
    if (status == NETRT_OK)
        status = allocate_slots(b, error);
    if (status != NETRT_OK)
        return status;
    if (pthread_create(&b->thread, NULL, producer_main, b) != 0)
        return netrt_fail(error, NETRT_E_SYSTEM, "cannot start the thread that prepares batches");
    b->started = true;
    return NETRT_OK;
}

enum netrt_status netrt_batches_open(struct netrt_batches **batches, const struct netrt_description *description,
                                     const struct netrt_model *model, const struct netrt_preparation *preparation,
                                     struct netrt_error *error)
{
    struct netrt_batches *b = calloc(1, sizeof *b);

    if (b == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for batches");
    b->description = description;
    b->model = model;
    b->preparation = preparation;
    pthread_mutex_init(&b->mutex, NULL);
    pthread_cond_init(&b->change, NULL);
    enum netrt_status status = start(b, error);
    if (status != NETRT_OK)
        netrt_batches_close(b);
    else
        *batches = b;
    return status;
}

void netrt_batches_close(struct netrt_batches *b)
{
    if (b == NULL)
        return;
    if (b->started) {
        cancel(b);
        pthread_mutex_lock(&b->mutex);
        b->stopping = true;
        pthread_cond_broadcast(&b->change);
        pthread_mutex_unlock(&b->mutex);
        pthread_join(b->thread, NULL);
    }
    for (int s = 0; s < SLOTS; s++) {
        for (int i = 0; b->slot[s].input != NULL && i < b->description->input_count; i++)
            netrt_memory_unmap(b->slot[s].input[i], netrt_input_bytes(&b->description->input[i], b->model));
        free(b->slot[s].input);
    }
    pthread_cond_destroy(&b->change);
    pthread_mutex_destroy(&b->mutex);
    free(b->order);
    free(b);
}

enum netrt_status netrt_batches_check(const struct netrt_batches *b, const struct netrt_part *part, struct netrt_error *error)
{
    const struct netrt_records *records = part->records;
    char wanted[NETRT_SHAPE_TEXT], given[NETRT_SHAPE_TEXT];

    if (records->count - 1 > UINT32_MAX)
        return netrt_fail(error, NETRT_E_CONTENT, "%s: %" PRId64 " records, but at most 2^32 are told apart", records->image_name,
                          records->count);
    for (int i = 0; i < b->description->input_count; i++) {
        const struct netrt_input *input = &b->description->input[i];
        if (netrt_input_takes_records(input) && !netrt_shape_feeds(&b->preparation->out, &input->shape))
            return netrt_fail(error, NETRT_E_CONTENT, "%s: expected records of %s for the input %s, but as prepared they are %s",
                              records->image_name, netrt_shape_print(&input->shape, wanted), input->name,
                              netrt_shape_print(&b->preparation->out, given));
        if (input->kind != NETRT_INPUT_CLASS || netrt_input_takes_records(input))
            continue;
        if (records->label == NULL)
            return netrt_fail(error, NETRT_E_CONTENT, "%s has no labels for the input %s", records->image_name, input->name);
        if (!netrt_shape_feeds(&records->label_shape, &input->shape))
            return netrt_fail(error, NETRT_E_CONTENT, "%s: expected labels for the input %s, %s, found %s", records->label_name,
                              input->name, netrt_shape_print(&input->shape, wanted),
                              netrt_shape_print(&records->label_shape, given));
    }
    return NETRT_OK;
}

static enum netrt_status begin(struct netrt_batches *b, const struct netrt_part *part, const struct netrt_shuffle *shuffle,
                               struct netrt_error *error)
{
    cancel(b);
    enum netrt_status status = netrt_batches_check(b, part, error);
    if (status != NETRT_OK)
        return status;
    int64_t *order = realloc(b->order, (size_t)part->count * sizeof *order);
    if (order == NULL)
        return netrt_fail(error, NETRT_E_SYSTEM, "out of memory for the order of %s", part->records->image_name);
    b->order = order;
    for (int64_t i = 0; shuffle == NULL && i < part->count; i++)
        order[i] = i;
    if (shuffle != NULL) {
        struct netrt_stream random = netrt_stream(shuffle->seed, NETRT_FOR_SHUFFLE, 0, (uint32_t)shuffle->epoch, 0);
        netrt_permutation(&random, part->count, order);
    }

    pthread_mutex_lock(&b->mutex);
    b->part = part;
    b->batch_count = batches_in(b, part->count);
    b->first = shuffle != NULL ? batches_in(b, shuffle->done) : 0;
    b->taken = b->first;
    b->waited = 0;
    b->pass = true;
    pthread_cond_broadcast(&b->change);
    pthread_mutex_unlock(&b->mutex);
    return NETRT_OK;
}

enum netrt_status netrt_batches_begin_shuffled(struct netrt_batches *b, const struct netrt_part *part,
                                               const struct netrt_shuffle *shuffle, struct netrt_error *error)
{
    return begin(b, part, shuffle, error);
}

enum netrt_status netrt_batches_begin(struct netrt_batches *b, const struct netrt_part *part, struct netrt_error *error)
{
    return begin(b, part, NULL, error);
}

bool netrt_batches_next(struct netrt_batches *b, struct netrt_batch *batch)
{
    pthread_mutex_lock(&b->mutex);
    if (b->held) {
        b->held = false;
        b->filled--;
        pthread_cond_broadcast(&b->change);
    }
    bool more = b->taken < b->batch_count;
    if (more && b->filled == 0) {
        double since = netrt_seconds();
        while (b->filled == 0)
            pthread_cond_wait(&b->change, &b->mutex);
        b->waited += netrt_seconds() - since;
    }
    b->held = more;
    pthread_mutex_unlock(&b->mutex);
    if (!more)
        return false;

    const struct slot *slot = &b->slot[b->taken++ % SLOTS];
    *batch = (struct netrt_batch){.input = (const void *const *)slot->input,
                                  .samples = slot->samples,
                                  .block_count = netrt_block_count(slot->samples),
                                  .order = slot->order};
    return true;
}

double netrt_batches_waited(const struct netrt_batches *b)
{
    return b->waited;
}

#include "netrt/batches.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RECORDS = 40, PIXELS = 4, BATCH = 32 };

/* Records whose pixels and label tell their number. */
static unsigned char pixels[RECORDS][PIXELS], labels[RECORDS];
static struct netrt_records records = {
    .count = RECORDS, .image = pixels[0], .label = labels, .image_name = "pixels", .label_name = "classes"};
static int64_t index_of[RECORDS];

static struct netrt_input inputs[] = {
    {.name = "x", .kind = NETRT_INPUT_REAL, .main = true},
    {.name = "label", .kind = NETRT_INPUT_CLASS, .shape = {.elements = 1}, .classes = 256},
    {.name = "netrt.weight", .kind = NETRT_INPUT_WEIGHT, .shape = {.elements = 1}},
    {.name = "netrt.index", .kind = NETRT_INPUT_INDEX, .shape = {.rank = 1, .dim = {2}, .elements = 2}},
};
static const struct netrt_description description = {.input = inputs, .input_count = 4};
static const struct netrt_model model = {.precision = sizeof(float), .batch = BATCH};

static int setup(void **state)
{
    static struct netrt_preparation preparation;
    static const int64_t dim[] = {2, 2};
    struct netrt_error error;

    netrt_shape_make(&records.shape, 2, dim);
    netrt_shape_make(&records.label_shape, 0, NULL);
    inputs[0].shape = records.shape;
    for (int r = 0; r < RECORDS; r++) {
        memset(pixels[r], 3 * r, PIXELS);
        pixels[r][PIXELS - 1] = (unsigned char)(3 * r + 1);
        labels[r] = (unsigned char)(RECORDS - r);
        index_of[r] = r;
    }
    *state = &preparation;
    return netrt_prepare_open(&preparation, &records, NULL, 0, sizeof(float), &error) != NETRT_OK;
}

static int teardown(void **state)
{
    netrt_prepare_close(*state);
    return 0;
}

static struct netrt_batches *open_batches(void *state)
{
    struct netrt_batches *batches = NULL;
    struct netrt_error error;

    assert_int_equal(netrt_batches_open(&batches, &description, &model, state, &error), NETRT_OK);
    return batches;
}

/* Whether lane `i` of a batch, counted through its blocks, holds record `r` with weight `weight`. */
static void assert_lane(const struct netrt_batch *batch, int64_t i, int64_t r, float weight)
{
    const int64_t first = i / NETRT_LANES * PIXELS * NETRT_LANES + i % NETRT_LANES;

    for (int64_t e = 0; e < PIXELS; e++) {
        if (inputs[0].kind == NETRT_INPUT_CLASS)
            assert_int_equal(((const int32_t *)batch->input[0])[first + e * NETRT_LANES], pixels[r][e]);
        else
            assert_int_equal((int64_t)((const float *)batch->input[0])[first + e * NETRT_LANES], pixels[r][e]);
    }
    assert_int_equal(((const int32_t *)batch->input[1])[i], labels[r]);
    assert_memory_equal(&((const float *)batch->input[2])[i], &weight, sizeof weight);
    const float *index = (const float *)batch->input[3] + i / NETRT_LANES * 2 * NETRT_LANES + i % NETRT_LANES;
    assert_true(index[0] == (float)r && index[NETRT_LANES] == 0);
}

/* A part of `count` records in order: every batch is full but the last, dead lanes copy its last sample with weight 0. */
static void check_pass(struct netrt_batches *batches, int64_t count)
{
    struct netrt_part part = {&records, index_of, count};
    struct netrt_batch batch;
    struct netrt_error error;
    int64_t done = 0;

    assert_int_equal(netrt_batches_begin(batches, &part, &error), NETRT_OK);
    while (netrt_batches_next(batches, &batch)) {
        int64_t left = count - done, samples = left < BATCH ? left : BATCH;
        assert_int_equal(batch.samples, samples);
        assert_int_equal(batch.block_count, (samples + NETRT_LANES - 1) / NETRT_LANES);
        for (int64_t i = 0; i < batch.block_count * NETRT_LANES; i++)
            assert_lane(&batch, i, done + (i < samples ? i : samples - 1), i < samples ? (float)(1.0 / (double)samples) : 0.0f);
        assert_int_equal((uintptr_t)batch.input[0] % 64, 0);
        done += samples;
    }
    assert_int_equal(done, count);
    assert_false(netrt_batches_next(batches, &batch));
    assert_true(netrt_batches_waited(batches) >= 0);
}

static void all_lanes_are_filled_for_every_count(void **state)
{
    static const int64_t counts[] = {1, 15, 16, 17, 31, 32, 33, RECORDS};
    struct netrt_batches *batches = open_batches(*state);

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        check_pass(batches, counts[i]);
    netrt_batches_close(batches);
}

/* The main input of integers takes the bytes of records, the label still comes from its own field. */
static void integers_are_the_bytes_of_records(void **state)
{
    const struct netrt_input real = inputs[0];

    inputs[0].kind = NETRT_INPUT_CLASS;
    inputs[0].classes = 256;
    struct netrt_batches *batches = open_batches(*state);
    check_pass(batches, 33);
    netrt_batches_close(batches);
    inputs[0] = real;
}

/* Whole numbers of all widths, to the last that an int32_t holds. */
static void integers_of_every_width_are_exact(void **state)
{
    static const uint8_t narrow[] = {0, 255};
    static const uint16_t middle[] = {256, 65535};
    static const int32_t wide[] = {(1 << 24) + 1, INT32_MAX};
    static const float reals[] = {3, 65537};
    const struct {
        const void *from;
        enum netrt_element element;
        int32_t number[2];
    } cases[] = {{narrow, NETRT_U8, {0, 255}},
                 {middle, NETRT_U16, {256, 65535}},
                 {wide, NETRT_I32, {16777217, 2147483647}},
                 {reals, NETRT_F32, {3, 65537}}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t to[4 * NETRT_LANES] = {0};
        netrt_put_integers(to, NETRT_LANES + 3, cases[i].from, cases[i].element, 2);
        assert_int_equal(to[2 * NETRT_LANES + 3], cases[i].number[0]);
        assert_int_equal(to[3 * NETRT_LANES + 3], cases[i].number[1]);
    }
}

static void indices_come_in_two_exact_halves(void **state)
{
    float narrow[4 * NETRT_LANES] = {0};
    double wide[4 * NETRT_LANES] = {0};

    (void)state;
    netrt_put_index(narrow, sizeof(float), NETRT_LANES + 3, UINT32_C(0xfffe8001));
    netrt_put_index(wide, sizeof(double), NETRT_LANES + 3, UINT32_C(0xfffe8001));
    assert_true(narrow[2 * NETRT_LANES + 3] == 0x8001 && narrow[3 * NETRT_LANES + 3] == 0xfffe);
    assert_true(wide[2 * NETRT_LANES + 3] == 0x8001 && wide[3 * NETRT_LANES + 3] == 0xfffe);
    assert_true(narrow[3] == 0 && narrow[NETRT_LANES + 3] == 0);
}

static void more_records_than_indices_are_refused(void **state)
{
    struct netrt_records many = records;
    struct netrt_part part = {&many, index_of, RECORDS};
    struct netrt_batches *batches = open_batches(*state);
    struct netrt_error error;

    many.count = (INT64_C(1) << 32) + 1;
    assert_int_equal(netrt_batches_begin(batches, &part, &error), NETRT_E_CONTENT);
    assert_string_equal(error.text, "pixels: 4294967297 records, but at most 2^32 are told apart");
    netrt_batches_close(batches);
}

static void order_of(struct netrt_batches *batches, uint64_t seed, int64_t epoch, int64_t order[RECORDS])
{
    struct netrt_part part = {&records, index_of, RECORDS};
    struct netrt_batch batch;
    struct netrt_error error;
    int64_t done = 0;

    assert_int_equal(netrt_batches_begin_shuffled(batches, &part, &(struct netrt_shuffle){seed, epoch, 0}, &error), NETRT_OK);
    while (netrt_batches_next(batches, &batch)) {
        for (int64_t i = 0; i < batch.samples; i++) {
            order[done] = batch.order[i];
            assert_lane(&batch, i, order[done++], (float)(1.0 / (double)batch.samples));
        }
    }
    assert_int_equal(done, RECORDS);
}

static void shuffles_depend_on_seed_and_epoch_alone(void **state)
{
    struct netrt_batches *batches = open_batches(*state), *others = open_batches(*state);
    int64_t a[RECORDS], b[RECORDS];
    bool seen[RECORDS] = {false};

    order_of(batches, 1, 0, a);
    for (int i = 0; i < RECORDS; i++)
        seen[a[i]] = true;
    for (int i = 0; i < RECORDS; i++)
        assert_true(seen[i]);
    order_of(batches, 1, 1, b);
    assert_memory_not_equal(a, b, sizeof a);
    order_of(batches, 2, 0, b);
    assert_memory_not_equal(a, b, sizeof a);
    order_of(others, 1, 0, b);
    assert_memory_equal(a, b, sizeof a);
    netrt_batches_close(batches);
    netrt_batches_close(others);
}

/* What is left of an epoch after 0, one or all batches is the end of the whole epoch, in whole batches. */
static void an_epoch_can_be_taken_up_where_it_was_left(void **state)
{
    static const int64_t done[] = {0, BATCH, RECORDS};
    struct netrt_batches *batches = open_batches(*state);
    struct netrt_part part = {&records, index_of, RECORDS};
    struct netrt_batch batch;
    struct netrt_error error;
    int64_t order[RECORDS];

    order_of(batches, 1, 5, order);
    for (size_t i = 0; i < sizeof done / sizeof done[0]; i++) {
        int64_t at = done[i];
        assert_int_equal(netrt_batches_begin_shuffled(batches, &part, &(struct netrt_shuffle){1, 5, done[i]}, &error), NETRT_OK);
        while (netrt_batches_next(batches, &batch)) {
            for (int64_t s = 0; s < batch.samples; s++) {
                assert_int_equal(batch.order[s], order[at]);
                assert_lane(&batch, s, order[at++], (float)(1.0 / (double)batch.samples));
            }
        }
        assert_int_equal(at, RECORDS);
    }
    netrt_batches_close(batches);
}

static void a_pass_can_be_given_up(void **state)
{
    struct netrt_part part = {&records, index_of, RECORDS};
    struct netrt_error error;
    struct netrt_batch batch;

    for (int taken = 0; taken <= 2; taken++) {
        struct netrt_batches *batches = open_batches(*state);
        assert_int_equal(netrt_batches_begin(batches, &part, &error), NETRT_OK);
        for (int i = 0; i < taken; i++)
            assert_true(netrt_batches_next(batches, &batch));
        check_pass(batches, 20);
        assert_int_equal(netrt_batches_begin(batches, &part, &error), NETRT_OK);
        netrt_batches_close(batches);
    }
}

static void refused(void *state, struct netrt_input input, const char *reason)
{
    struct netrt_description wrong = {.input = &input, .input_count = 1};
    struct netrt_batches *batches = NULL;
    struct netrt_error error;

    enum netrt_status status = netrt_batches_open(&batches, &wrong, &model, state, &error);
    if (status == NETRT_OK)
        status = netrt_batches_check(batches, &(struct netrt_part){&records, index_of, 20}, &error);
    assert_int_equal(status, NETRT_E_CONTENT);
    assert_string_equal(error.text, reason);
    netrt_batches_close(batches);
}

static void inputs_that_find_no_field_are_refused(void **state)
{
    struct netrt_input vector = {.name = "x", .kind = NETRT_INPUT_REAL, .main = true};
    struct netrt_input other = {.name = "depth", .kind = NETRT_INPUT_REAL, .shape = {.elements = 4}};

    netrt_shape_make(&vector.shape, 1, (int64_t[]){5});
    refused(*state, vector, "pixels: expected records of 5 for the input x, but as prepared they are 2x2");
    refused(*state, other, "input depth: the data have only the fields image and label");
}

/* Labels with a class at each place: here the pixels themselves. */
static void labels_may_have_a_class_for_each_place(void **state)
{
    const struct netrt_input scalar = inputs[1];
    struct netrt_records maps = records;
    struct netrt_part part = {&maps, index_of, 20}, plain = {&records, index_of, 20};
    struct netrt_batch batch;
    struct netrt_error error;

    maps.label_name = "maps";
    maps.label = maps.image;
    maps.label_shape = inputs[1].shape = records.shape;
    struct netrt_batches *batches = open_batches(*state);
    assert_int_equal(netrt_batches_begin(batches, &part, &error), NETRT_OK);
    assert_true(netrt_batches_next(batches, &batch));
    for (int64_t i = 0; i < 2 * NETRT_LANES * PIXELS; i++)
        assert_int_equal((int32_t)((const float *)batch.input[0])[i], ((const int32_t *)batch.input[1])[i]);
    assert_int_equal(netrt_batches_begin(batches, &plain, &error), NETRT_E_CONTENT);
    assert_string_equal(error.text, "classes: expected labels for the input label, 2x2, found scalar");
    netrt_batches_close(batches);
    inputs[1] = scalar;
    batches = open_batches(*state);
    assert_int_equal(netrt_batches_check(batches, &part, &error), NETRT_E_CONTENT);
    assert_string_equal(error.text, "maps: expected labels for the input label, scalar, found 2x2");
    maps.label = NULL;
    assert_int_equal(netrt_batches_check(batches, &part, &error), NETRT_E_CONTENT);
    assert_string_equal(error.text, "pixels has no labels for the input label");
    netrt_batches_close(batches);
}

static void buffers_are_accounted_for(void **state)
{
    (void)state;
    assert_int_equal(netrt_batches_bytes(&description, &model), 2 * BATCH * (PIXELS + 1 + 1 + 2) * sizeof(float));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_lanes_are_filled_for_every_count),
        cmocka_unit_test(integers_are_the_bytes_of_records),
        cmocka_unit_test(integers_of_every_width_are_exact),
        cmocka_unit_test(indices_come_in_two_exact_halves),
        cmocka_unit_test(more_records_than_indices_are_refused),
        cmocka_unit_test(shuffles_depend_on_seed_and_epoch_alone),
        cmocka_unit_test(an_epoch_can_be_taken_up_where_it_was_left),
        cmocka_unit_test(a_pass_can_be_given_up),
        cmocka_unit_test(inputs_that_find_no_field_are_refused),
        cmocka_unit_test(labels_may_have_a_class_for_each_place),
        cmocka_unit_test(buffers_are_accounted_for),
    };
    return cmocka_run_group_tests_name("batches", tests, setup, teardown);
}

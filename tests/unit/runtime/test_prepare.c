#include "netrt/prepare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Sixteen records of one byte sequence each; lane l starts at 10 * l. */
static unsigned char bytes[NETRT_LANES][16];
static const unsigned char *record[NETRT_LANES];

static int setup(void **state)
{
    (void)state;
    for (int lane = 0; lane < NETRT_LANES; lane++) {
        for (int e = 0; e < 16; e++)
            bytes[lane][e] = (unsigned char)(10 * lane + e);
        record[lane] = bytes[lane];
    }
    return 0;
}

static struct netrt_records shaped(int rank, const int64_t dim[])
{
    static char name[] = "f";
    struct netrt_records made = {.count = 1, .image_name = name};

    assert_true(netrt_shape_make(&made.shape, rank, dim));
    return made;
}

static void assert_value(const double *block, int64_t element, int lane, double expected)
{
    double found = block[element * NETRT_LANES + lane];

    if (found < expected || found > expected)
        fail_msg("element %d, lane %d: expected %.17g, found %.17g", (int)element, lane, expected, found);
}

static void nothing_to_do_keeps_the_bytes(void **state)
{
    struct netrt_preparation p;
    struct netrt_records in = shaped(2, (int64_t[]){2, 3});
    struct netrt_error error;
    double block[6 * NETRT_LANES];

    (void)state;
    assert_int_equal(netrt_prepare_open(&p, &in, NULL, 0, sizeof(double), &error), NETRT_OK);
    netrt_prepare_block(&p, record, block);
    for (int lane = 0; lane < NETRT_LANES; lane++) {
        for (int e = 0; e < 6; e++)
            assert_value(block, e, lane, 10 * lane + e);
    }
    netrt_prepare_close(&p);
}

/* What is padded before a scale is scaled with the rest; what is padded after it is not. */
static void padding_takes_part_in_what_follows(void **state)
{
    const struct netrt_prepare_step steps[] = {
        {.kind = NETRT_PREPARE_PAD, .axes = 1, .before = {1}, .after = {0}, .value = 8},
        {.kind = NETRT_PREPARE_SCALE, .factor = 0.5},
        {.kind = NETRT_PREPARE_PAD, .axes = 2, .before = {0, 0}, .after = {1, 1}, .value = 9},
    };
    struct netrt_preparation p;
    struct netrt_records in = shaped(2, (int64_t[]){1, 2});
    struct netrt_error error;
    double block[8 * NETRT_LANES];

    (void)state;
    assert_int_equal(netrt_prepare_open(&p, &in, steps, 3, sizeof(double), &error), NETRT_OK);
    assert_int_equal(p.out.dim[0], 2);
    assert_int_equal(p.out.dim[1], 4);
    netrt_prepare_block(&p, record, block);
    for (int lane = 0; lane < NETRT_LANES; lane++) {
        const double expected[8] = {4, 5.0 * lane, 5.0 * lane + 0.5, 9, 9, 9, 9, 9};
        for (int e = 0; e < 8; e++)
            assert_value(block, e, lane, expected[e]);
    }
    netrt_prepare_close(&p);
}

static void channels_are_normalized_each_with_its_own(void **state)
{
    double mean[] = {1, 2}, std[] = {0.5, 4};
    const struct netrt_prepare_step steps[] = {
        {.kind = NETRT_PREPARE_PAD, .axes = 1, .before = {0}, .after = {1}, .value = 0},
        {.kind = NETRT_PREPARE_NORMALIZE, .mean = mean, .std = std, .channels = 2},
    };
    struct netrt_preparation p;
    struct netrt_records in = shaped(3, (int64_t[]){2, 1, 2});
    struct netrt_error error;
    double block[6 * NETRT_LANES];

    (void)state;
    assert_int_equal(netrt_prepare_open(&p, &in, steps, 2, sizeof(double), &error), NETRT_OK);
    netrt_prepare_block(&p, record, block);
    for (int lane = 0; lane < NETRT_LANES; lane++) {
        double b = 10 * lane;
        const double expected[6] = {(b - 1) / 0.5, (b + 1 - 1) / 0.5, -1 / 0.5, (b + 2 - 2) / 4, (b + 3 - 2) / 4, -2.0 / 4};
        for (int e = 0; e < 6; e++)
            assert_value(block, e, lane, expected[e]);
    }
    netrt_prepare_close(&p);
}

static void single_precision_is_rounded_once(void **state)
{
    double mean[] = {0.1307}, std[] = {0.3081};
    const struct netrt_prepare_step steps[] = {
        {.kind = NETRT_PREPARE_SCALE, .factor = 1.0 / 255},
        {.kind = NETRT_PREPARE_NORMALIZE, .mean = mean, .std = std, .channels = 1},
    };
    struct netrt_preparation p;
    struct netrt_records in = shaped(1, (int64_t[]){4});
    struct netrt_error error;
    float block[4 * NETRT_LANES];

    (void)state;
    assert_int_equal(netrt_prepare_open(&p, &in, steps, 2, sizeof(float), &error), NETRT_OK);
    netrt_prepare_block(&p, record, block);
    for (int lane = 0; lane < NETRT_LANES; lane++) {
        float expected = (float)((bytes[lane][3] * (1.0 / 255) - 0.1307) / 0.3081);
        assert_memory_equal(&block[3 * NETRT_LANES + lane], &expected, sizeof expected);
    }
    netrt_prepare_close(&p);
}

/* 65535 is what 255 is as a byte; what lies between two bytes stays between them. */
static void wide_records_are_as_fine_as_they_are(void **state)
{
    const struct netrt_prepare_step steps[] = {
        {.kind = NETRT_PREPARE_PAD, .axes = 1, .before = {0}, .after = {1}, .value = 7},
        {.kind = NETRT_PREPARE_SCALE, .factor = 2},
    };
    const uint16_t wide[] = {0, 1, 257, 65535};
    const unsigned char *same[NETRT_LANES];
    struct netrt_preparation p;
    struct netrt_records in = shaped(1, (int64_t[]){4});
    struct netrt_error error;
    double block[5 * NETRT_LANES];
    float single[5 * NETRT_LANES];

    (void)state;
    in.element = NETRT_U16;
    for (int lane = 0; lane < NETRT_LANES; lane++)
        same[lane] = (const unsigned char *)wide;
    assert_int_equal(netrt_prepare_open(&p, &in, steps, 2, sizeof(double), &error), NETRT_OK);
    netrt_prepare_block(&p, same, block);
    const double expected[5] = {0, 2 * (1.0 / 257), 2, 510, 14};
    for (int e = 0; e < 5; e++)
        assert_value(block, e, 3, expected[e]);
    netrt_prepare_close(&p);
    assert_int_equal(netrt_prepare_open(&p, &in, steps, 2, sizeof(float), &error), NETRT_OK);
    netrt_prepare_block(&p, same, single);
    assert_true(single[NETRT_LANES] > 0.0077F && single[NETRT_LANES] < 0.0079F);
    netrt_prepare_close(&p);
}

/* Numbers that bytes hold too are prepared to the same bits, whatever holds them; others follow the same chain. */
static void integers_and_floats_follow_the_chain(void **state)
{
    double mean[] = {100, 3}, std[] = {7, 0.3};
    const struct netrt_prepare_step steps[] = {
        {.kind = NETRT_PREPARE_PAD, .axes = 1, .before = {1}, .after = {0}, .value = 9},
        {.kind = NETRT_PREPARE_SCALE, .factor = 1.0 / 255},
        {.kind = NETRT_PREPARE_NORMALIZE, .mean = mean, .std = std, .channels = 2},
    };
    static const unsigned char narrow[4] = {0, 17, 200, 255};
    static const int32_t integers[4] = {0, 17, 200, 255};
    static const float floats[4] = {0, 17, 200, 255};
    const void *const from[] = {narrow, integers, floats};
    static const enum netrt_element element[] = {NETRT_U8, NETRT_I32, NETRT_F32};
    float block[3][6 * NETRT_LANES];

    (void)state;
    for (int i = 0; i < 3; i++) {
        const unsigned char *same[NETRT_LANES];
        struct netrt_records in = shaped(3, (int64_t[]){2, 1, 2});
        struct netrt_preparation p;
        struct netrt_error error;
        in.element = element[i];
        for (int lane = 0; lane < NETRT_LANES; lane++)
            same[lane] = from[i];
        assert_int_equal(netrt_prepare_open(&p, &in, steps, 3, sizeof(float), &error), NETRT_OK);
        netrt_prepare_block(&p, same, block[i]);
        netrt_prepare_close(&p);
        assert_memory_equal(block[i], block[0], sizeof block[0]);
    }
    assert_true(block[2][5 * NETRT_LANES] == (float)((255 * (1.0 / 255) - 3) / 0.3));
    assert_true(block[2][0] == (float)((9 * (1.0 / 255) - 100) / 7));
}

static void refused(struct netrt_prepare_step step, const char *reason)
{
    struct netrt_preparation p;
    struct netrt_records in = shaped(3, (int64_t[]){2, 2, 2});
    struct netrt_error error;

    assert_int_equal(netrt_prepare_open(&p, &in, &step, 1, sizeof(float), &error), NETRT_E_CONTENT);
    assert_string_equal(error.text, reason);
}

static void steps_that_do_not_fit_are_refused(void **state)
{
    double three[] = {1, 1, 1};

    (void)state;
    refused((struct netrt_prepare_step){.kind = NETRT_PREPARE_PAD, .axes = 4}, "f: prepare: pad: 4 axes, but the data have rank 3");
    refused((struct netrt_prepare_step){.kind = NETRT_PREPARE_PAD, .axes = 3}, "f: prepare: pad: 3 axes, but the data have rank 3");
    refused((struct netrt_prepare_step){.kind = NETRT_PREPARE_PAD, .axes = 1, .after = {INT32_MAX}},
            "f: prepare: pad: 2x2x2147483649 are more than 2^31 - 1 elements");
    refused((struct netrt_prepare_step){.kind = NETRT_PREPARE_NORMALIZE, .mean = three, .std = three, .channels = 3},
            "f: prepare: normalize: 3 means, but the data have 2 channels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_do_keeps_the_bytes),
        cmocka_unit_test(padding_takes_part_in_what_follows),
        cmocka_unit_test(channels_are_normalized_each_with_its_own),
        cmocka_unit_test(single_precision_is_rounded_once),
        cmocka_unit_test(wide_records_are_as_fine_as_they_are),
        cmocka_unit_test(integers_and_floats_follow_the_chain),
        cmocka_unit_test(steps_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests_name("prepare", tests, setup, NULL);
}

#include "netrt/digits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 500, PIXELS = NETRT_DIGITS_SIDE * NETRT_DIGITS_SIDE };

static struct netrt_records draw(uint64_t seed, double noise)
{
    struct netrt_records records;
    struct netrt_error error;

    assert_int_equal(netrt_digits_draw(&records, COUNT, seed, noise, &error), NETRT_OK);
    return records;
}

static int64_t sum_of(const unsigned char *image)
{
    int64_t sum = 0;

    for (int i = 0; i < PIXELS; i++)
        sum += image[i];
    return sum;
}

static void shape_and_labels_are_as_promised(void **state)
{
    struct netrt_records records = draw(1, 0);

    (void)state;
    assert_int_equal(records.count, COUNT);
    assert_int_equal(records.shape.rank, 3);
    assert_int_equal(records.shape.dim[0], 1);
    assert_int_equal(records.shape.dim[1], 28);
    for (int64_t i = 0; i < COUNT; i++)
        assert_int_equal(records.label[i], i % 10);
    netrt_records_free(&records);
}

/* A digit covers some of its image, is bright somewhere, has soft edges and keeps a margin. */
static void every_image_holds_a_drawing(void **state)
{
    struct netrt_records records = draw(1, 0);

    (void)state;
    for (int64_t i = 0; i < COUNT; i++) {
        const unsigned char *image = records.image + i * PIXELS;
        int ink = 0, soft = 0, brightest = 0;
        for (int p = 0; p < PIXELS; p++) {
            ink += image[p] > 0;
            brightest = image[p] > brightest ? image[p] : brightest;
        }
        for (int p = 0; p < PIXELS; p++)
            soft += image[p] > brightest / 8 && image[p] < 7 * brightest / 8;
        assert_in_range(ink, 20, PIXELS / 2);
        assert_in_range(brightest, 120, 255);
        assert_true(soft > 5);
    }
    netrt_records_free(&records);
}

static void images_repeat_by_seed_and_index(void **state)
{
    struct netrt_records a = draw(1, 0.1), b = draw(1, 0.1), c = draw(2, 0.1), one;
    struct netrt_error error;

    (void)state;
    assert_memory_equal(a.image, b.image, COUNT * PIXELS);
    assert_memory_not_equal(a.image, c.image, PIXELS);
    assert_memory_not_equal(a.image, a.image + 10 * PIXELS, PIXELS);
    assert_int_equal(netrt_digits_draw(&one, 1, 1, 0.1, &error), NETRT_OK);
    assert_memory_equal(one.image, a.image, PIXELS);    /* the count does not matter */
    netrt_records_free(&a);
    netrt_records_free(&b);
    netrt_records_free(&c);
    netrt_records_free(&one);
}

static void noise_is_added_where_it_is_asked_for(void **state)
{
    struct netrt_records clean = draw(1, 0), noisy = draw(1, 0.2);
    int64_t changed = 0;

    (void)state;
    for (int64_t i = 0; i < COUNT * PIXELS; i++)
        changed += clean.image[i] != noisy.image[i];
    assert_true(changed > COUNT * PIXELS / 4);
    assert_true(sum_of(noisy.image) > sum_of(clean.image));
    netrt_records_free(&clean);
    netrt_records_free(&noisy);
}

/* An FNV-1a hash of the images: they may change only together with every net trained on them. */
static void bits_are_pinned(void **state)
{
    struct netrt_records records = draw(1, 0.1);
    uint32_t hash = 2166136261u;

    (void)state;
    for (int64_t i = 0; i < COUNT * PIXELS; i++)
        hash = (hash ^ records.image[i]) * 16777619u;
    assert_int_equal(hash, 0x11ccdab1u);
    netrt_records_free(&records);
}

static void absurd_requests_are_refused(void **state)
{
    struct netrt_records records;
    struct netrt_error error;

    (void)state;
    assert_int_equal(netrt_digits_draw(&records, 0, 1, 0, &error), NETRT_E_CONTENT);
    assert_string_equal(error.text, "digits: a count of 0: expected 1 to 2^31");
    assert_int_equal(netrt_digits_draw(&records, INT64_MAX, 1, 0, &error), NETRT_E_CONTENT);
    assert_int_equal(netrt_digits_draw(&records, 1, 1, -1, &error), NETRT_E_CONTENT);
    assert_string_equal(error.text, "digits: a noise of -1: expected 0 to 100");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shape_and_labels_are_as_promised),
        cmocka_unit_test(every_image_holds_a_drawing),
        cmocka_unit_test(images_repeat_by_seed_and_index),
        cmocka_unit_test(noise_is_added_where_it_is_asked_for),
        cmocka_unit_test(bits_are_pinned),
        cmocka_unit_test(absurd_requests_are_refused),
    };
    return cmocka_run_group_tests_name("digits", tests, NULL, NULL);
}

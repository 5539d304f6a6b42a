#include "netrt/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/temporary.h"

/* Ten digits: record i has label i. */
static struct netrt_data_step digits = {.kind = NETRT_DATA_DIGITS, .count = 10, .seed = 1};

static struct netrt_data_part part_of(struct netrt_data_step *steps, int count)
{
    steps[0] = digits;
    return (struct netrt_data_part){steps, count};
}

/* Opens digits followed by steps[1 …] and compares the chosen records. */
static void assert_chosen(struct netrt_data_step *steps, int count, int64_t limit, const char *expected)
{
    struct netrt_library *library;
    struct netrt_data_part described = part_of(steps, count);
    struct netrt_part_options options = {.name = "train", .classes = 10, .limit = limit};
    struct netrt_part part;
    struct netrt_error error;
    char found[16] = "";

    assert_int_equal(netrt_library_open(&library, ".", &error), NETRT_OK);
    assert_int_equal(netrt_part_open(&part, library, &described, &options, &error), NETRT_OK);
    for (int64_t i = 0; i < part.count; i++)
        found[i] = (char)('0' + part.index[i]);
    assert_string_equal(found, expected);
    netrt_part_free(&part);
    netrt_library_close(library);
}

#define ASSERT_CHOSEN(limit, expected, ...)                     \
    assert_chosen((struct netrt_data_step[]){{0}, __VA_ARGS__}, \
                  1 + (int)(sizeof((struct netrt_data_step[]){__VA_ARGS__}) / sizeof(struct netrt_data_step)), limit, expected)

static void steps_choose_records_in_order(void **state)
{
    static int64_t odd[] = {1, 3, 5, 7, 9};

    (void)state;
    ASSERT_CHOSEN(0, "012", {.kind = NETRT_DATA_TAKE, .count = 3});
    ASSERT_CHOSEN(0, "3456789", {.kind = NETRT_DATA_DROP, .count = 3});
    ASSERT_CHOSEN(0, "34", {.kind = NETRT_DATA_DROP, .count = 3}, {.kind = NETRT_DATA_TAKE, .count = 2});
    ASSERT_CHOSEN(0, "0123456", {.kind = NETRT_DATA_SPLIT, .fraction = 0.7});
    ASSERT_CHOSEN(0, "789", {.kind = NETRT_DATA_SPLIT, .fraction = 0.7, .rest = true});
    ASSERT_CHOSEN(0, "13579", {.kind = NETRT_DATA_FILTER, .classes = odd, .class_count = 5});
    ASSERT_CHOSEN(2, "13", {.kind = NETRT_DATA_FILTER, .classes = odd, .class_count = 5});
    ASSERT_CHOSEN(99, "0123456789", {.kind = NETRT_DATA_TAKE, .count = 10});
}

static void shuffles_repeat_by_seed_and_keep_every_record(void **state)
{
    struct netrt_library *library;
    struct netrt_part_options options = {.name = "train", .classes = 10};
    struct netrt_part part[3];
    struct netrt_error error;
    bool seen[10] = {false};

    (void)state;
    assert_int_equal(netrt_library_open(&library, ".", &error), NETRT_OK);
    for (int i = 0; i < 3; i++) {
        struct netrt_data_step steps[] = {digits, {.kind = NETRT_DATA_SHUFFLE, .seed = i == 2 ? 8 : 7}};
        assert_int_equal(netrt_part_open(&part[i], library, &(struct netrt_data_part){steps, 2}, &options, &error), NETRT_OK);
    }
    assert_memory_equal(part[0].index, part[1].index, 10 * sizeof part[0].index[0]);
    assert_memory_not_equal(part[0].index, part[2].index, 10 * sizeof part[0].index[0]);
    for (int i = 0; i < 10; i++)
        seen[part[0].index[i]] = true;
    for (int i = 0; i < 10; i++) {
        assert_true(seen[i]);
        assert_int_equal(part[0].records->label[i], i);
    }
    for (int i = 0; i < 3; i++)
        netrt_part_free(&part[i]);
    netrt_library_close(library);
}

static void parts_of_one_source_share_its_records(void **state)
{
    struct netrt_library *library;
    struct netrt_data_step steps[] = {digits, {.kind = NETRT_DATA_TAKE, .count = 1}}, others[] = {digits};
    struct netrt_part_options options = {.name = "train", .classes = 10};
    struct netrt_part a, b, c;
    struct netrt_error error;

    (void)state;
    others[0].seed = 2;
    assert_int_equal(netrt_library_open(&library, ".", &error), NETRT_OK);
    assert_int_equal(netrt_part_open(&a, library, &(struct netrt_data_part){steps, 1}, &options, &error), NETRT_OK);
    assert_int_equal(netrt_part_open(&b, library, &(struct netrt_data_part){steps, 2}, &options, &error), NETRT_OK);
    assert_int_equal(netrt_part_open(&c, library, &(struct netrt_data_part){others, 1}, &options, &error), NETRT_OK);
    assert_ptr_equal(a.records, b.records);
    assert_ptr_not_equal(a.records, c.records);
    netrt_part_free(&a);
    netrt_part_free(&b);
    netrt_part_free(&c);
    netrt_library_close(library);
}

static void refused_for(const struct netrt_part_options *options, const char *folder, struct netrt_data_step *steps, int count,
                        enum netrt_status status, const char *reason)
{
    struct netrt_library *library;
    struct netrt_part part;
    struct netrt_error error = {NETRT_OK, ""};

    assert_int_equal(netrt_library_open(&library, folder, &error), NETRT_OK);
    assert_int_equal(netrt_part_open(&part, library, &(struct netrt_data_part){steps, count}, options, &error), status);
    if (strstr(error.text, reason) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", reason, error.text);
    assert_null(part.index);
    netrt_library_close(library);
}

static void refused(const char *folder, struct netrt_data_step *steps, int count, int64_t classes, enum netrt_status status,
                    const char *reason)
{
    refused_for(&(struct netrt_part_options){.name = "val", .classes = classes}, folder, steps, count, status, reason);
}

static void steps_that_do_not_fit_are_refused(void **state)
{
    struct netrt_data_step take[] = {digits, {.kind = NETRT_DATA_TAKE, .count = 11}};
    struct netrt_data_step drop[] = {digits, {.kind = NETRT_DATA_DROP, .count = 11}};
    struct netrt_data_step all[] = {digits, {.kind = NETRT_DATA_DROP, .count = 10}};
    struct netrt_data_step split[] = {digits, {.kind = NETRT_DATA_SPLIT, .fraction = 1.5}};
    struct netrt_data_step none[] = {digits};

    (void)state;
    none[0].count = 0;
    refused(".", take, 2, 10, NETRT_E_CONTENT, "val: take(11): only 10 records of digits are left");
    refused(".", drop, 2, 10, NETRT_E_CONTENT, "val: drop(11): only 10 records of digits are left");
    refused(".", all, 2, 10, NETRT_E_CONTENT, "val: no record of digits is left");
    refused(".", split, 2, 10, NETRT_E_CONTENT, "val: split(1.5): expected a fraction of 0 to 1");
    refused(".", none, 1, 10, NETRT_E_CONTENT, "digits: a count of 0");
    refused(".", take, 1, 9, NETRT_E_CONTENT, "digits: record 9: expected a class of 0 to 8, found 9");
}

static void integers_out_of_range_are_refused_by_record_and_element(void **state)
{
    static const unsigned char texts[] = {0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 2, 4, 0, 3, 5, 4, 4};
    struct netrt_data_step steps[] = {{.kind = NETRT_DATA_IDX, .images = "texts"}, {.kind = NETRT_DATA_DROP, .count = 2}};

    temporary_write(*state, "texts", texts, sizeof texts);
    refused_for(&(struct netrt_part_options){.name = "train", .integers = 5}, *state, steps, 1, NETRT_E_CONTENT,
                "texts: record 1, element 1: expected 0 to 4, found 5");
    /* Records that are not taken are not looked at. */
    refused_for(&(struct netrt_part_options){.name = "train", .integers = 4}, *state, steps, 2, NETRT_E_CONTENT,
                "texts: record 2, element 0: expected 0 to 3, found 4");
    refused_for(&(struct netrt_part_options){.name = "train", .classes = 3, .limit = 1, .integers = 5}, *state, steps, 1,
                NETRT_E_CONTENT, "texts has no labels, but the net needs them");
}

static void files_are_sought_in_the_folder(void **state)
{
    static const unsigned char images[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 5, 6}, labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 0, 4};
    struct netrt_data_step steps[] = {{.kind = NETRT_DATA_IDX, .images = "images", .labels = "labels"}};
    struct netrt_data_step bare[] = {{.kind = NETRT_DATA_IDX, .images = "images"}};
    static const unsigned char maps_of[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 2, 3, 4, 5};
    static int64_t first[] = {0};
    struct netrt_data_step maps[] = {{.kind = NETRT_DATA_IDX, .images = "images"},
                                     {.kind = NETRT_DATA_FILTER, .classes = first, .class_count = 1}};
    const char *folder = *state;

    temporary_write(*state, "images", images, sizeof images);
    temporary_write(*state, "labels", labels, sizeof labels);
    refused(folder, steps, 1, 3, NETRT_E_CONTENT, "labels: record 1: expected a class of 0 to 2, found 4");
    refused(folder, bare, 1, 3, NETRT_E_CONTENT, "images has no labels, but the net needs them");
    maps[0].labels = "maps";
    temporary_write(*state, "maps", maps_of, sizeof maps_of);
    refused(folder, maps, 1, 5, NETRT_E_CONTENT, "maps: record 1, element 2: expected a class of 0 to 4, found 5");
    /* One that is ignored may lie beside the classes, another not. */
    refused_for(&(struct netrt_part_options){.name = "val", .classes = 4, .ignored = 5}, folder, maps, 1, NETRT_E_CONTENT,
                "maps: record 1, element 1: expected a class of 0 to 3 or 5, found 4");
    refused(folder, maps, 2, 6, NETRT_E_CONTENT, "maps has a label of 3, not one class");
}

/* What is not there is told with the folder, what it should hold, and how to look elsewhere. */
static void missing_files_say_what_they_should_hold(void **state)
{
    static const unsigned char images[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 5, 6};
    struct netrt_data_step steps[] = {{.kind = NETRT_DATA_IDX, .images = "pictures", .labels = "their-labels"}};
    struct netrt_input input = {.name = "image", .main = true};
    struct netrt_prepare_step pad = {.kind = NETRT_PREPARE_PAD, .axes = 2, .before = {2, 2}, .after = {2, 2}};
    const struct netrt_description description = {.input = &input, .input_count = 1, .prepare = &pad, .prepare_count = 1};
    struct netrt_part_options options = {.name = "val", .classes = 10, .description = &description};
    char expected[1024];

    assert_true(netrt_shape_make(&input.shape, 3, (int64_t[]){1, 32, 32}));
    snprintf(expected, sizeof expected,
             "cannot open pictures in %s: No such file or directory; the part val takes its records from it, an IDX file (plain or "
             ".gz) of records of 1x28x28 bytes; --data DIR names another folder",
             (const char *)*state);
    refused_for(&options, *state, steps, 1, NETRT_E_SYSTEM, expected);
    refused_for(&options, "no/such/folder", steps, 1, NETRT_E_SYSTEM, "no/such/folder; the part val");
    temporary_write(*state, "pictures.gz", images, sizeof images);
    refused_for(
        &options, *state, steps, 1, NETRT_E_SYSTEM,
        "the part val takes its labels from it, an IDX file (plain or .gz) of classes 0 to 9; --data DIR names another folder");
    steps[0].images = temporary_path(*state, "gone");
    refused_for(&options, *state, steps, 1, NETRT_E_SYSTEM, "gone: No such file or directory; the part val takes its records");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_choose_records_in_order),
        cmocka_unit_test(shuffles_repeat_by_seed_and_keep_every_record),
        cmocka_unit_test(parts_of_one_source_share_its_records),
        cmocka_unit_test(steps_that_do_not_fit_are_refused),
        cmocka_unit_test(missing_files_say_what_they_should_hold),
        cmocka_unit_test(files_are_sought_in_the_folder),
        cmocka_unit_test(integers_out_of_range_are_refused_by_record_and_element),
    };
    return cmocka_run_group_tests_name("source", tests, temporary_setup, temporary_teardown);
}

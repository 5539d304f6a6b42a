/* What is known of the data before the run is held against the net and the section. */
#include "tests/support/sema_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NET(INPUT) "net t { input image: " INPUT "; output y = image -> flatten -> dense(2); }\n"
#define TRAIN " train { loss = cross_entropy(y, label); optimizer = sgd(lr = 0.1); batch = 4; epochs = 1; }"

static void takes(struct parse_fixture *f, const char *text)
{
    if (analyse(f, text) == NULL)
        fail_msg("%s: %s", text, f->ds.first->text);
}

static void means_are_held_to_the_channels_of_the_data(void **state)
{
    assert_error(*state, NET("1x28x28") "data { train = digits(9); prepare = normalize([1, 2, 3], 1); }", DIAG_BINDING,
                 "normalize: 3 means and deviations, but the data have 1 channel", "normalize([1, 2, 3], 1)");
    assert_error(*state, NET("784") "data { train = digits(9); prepare = normalize([1, 2], [1, 2]); }", DIAG_BINDING,
                 "normalize: 2 means and deviations, but the data have 1 channel", "normalize([1, 2], [1, 2])");
    assert_error(*state, NET("3x8x8") "data { train = idx(\"i\", \"l\"); prepare = normalize([1, 2], 1); }", DIAG_BINDING,
                 "normalize: 2 means and deviations, but the data have 3 channels", "normalize([1, 2], 1)");
    assert_error(*state, NET("28x28") "data { train = idx(\"i\", \"l\"); prepare = normalize([1, 2], 1); }", DIAG_BINDING,
                 "normalize: 2 means and deviations, but the data have 1 channel", "normalize([1, 2], 1)");
    takes(*state, NET("3x8x8") "data { train = idx(\"i\", \"l\"); prepare = normalize([1, 2, 3], 1) -> normalize(1, 1); }");
    takes(*state, NET("192") "data { train = idx(\"i\", \"l\"); prepare = normalize([1, 2, 3], 1); }");
}

static void what_leaves_no_record_is_refused(void **state)
{
    assert_error(*state, NET("1x28x28") "data { train = digits(9) -> take(10); }", DIAG_VALUE_RANGE,
                 "take(10): only 9 records are left", "take(10)");
    assert_error(*state, NET("1x28x28") "data { train = digits(9) -> drop(10); }", DIAG_VALUE_RANGE,
                 "drop(10): only 9 records are left", "drop(10)");
    assert_error(*state, NET("1x28x28") "data { train = digits(9) -> drop(8) -> take(2); }", DIAG_VALUE_RANGE,
                 "take(2): only 1 record is left", "take(2)");
    assert_error(*state, NET("1x28x28") "data { train = digits(9); val = digits(9) -> drop(9); }", DIAG_VALUE_RANGE,
                 "this leaves no record", "drop(9)");
    assert_error(*state, NET("1x28x28") "data { train = digits(9); test = digits(9) -> filter(classes = [10]); }", DIAG_VALUE_RANGE,
                 "this leaves no record", "filter(classes = [10])");
    assert_error(*state, NET("1x8x8") "data { train = idx(\"i\", \"l\") -> split(0); }", DIAG_VALUE_RANGE, "this leaves no record",
                 "split(0)");
    assert_error(*state, NET("1x8x8") "data { train = idx(\"i\", \"l\") -> split(1, part = rest); }", DIAG_VALUE_RANGE,
                 "this leaves no record", "split(1, part = rest)");
    assert_error(*state, NET("1x28x28") "data { train = digits(9) -> split(0.5) -> take(6); }", DIAG_VALUE_RANGE,
                 "take(6): only 5 records are left", "take(6)");
    takes(*state, NET("1x28x28") "data { train = digits(9) -> split(0.5) -> take(5); val = digits(9) -> take(9) -> drop(0); }");
    takes(*state,
          NET("1x8x8") "data { train = idx(\"i\", \"l\") -> drop(100) -> split(0.5) -> take(50) -> filter(classes = [255]); }");
}

static void labels_of_every_part_must_be_classes(void **state)
{
    assert_error(*state, NET("1x28x28") "data { train = digits(99) -> filter(classes = [0, 1]); val = digits(99); }" TRAIN,
                 DIAG_BINDING, "the labels are 0 ... 9, but the prediction has 2 classes", "label");
    takes(*state, NET("1x28x28") "data { train = digits(99) -> filter(classes = [0, 1]); val = digits(2); }" TRAIN);
    takes(*state, NET("1x28x28") "data { train = digits(99) -> filter(classes = [1, 77]); }" TRAIN);
}

static void parts_of_another_shape_are_refused(void **state)
{
    assert_error(*state, NET("1x8x8") "data { train = idx(\"i\", \"l\"); test = digits(9); }", DIAG_BINDING,
                 "the input image is 1x8x8, but the data are 1x28x28", "1x8x8");
    assert_error(*state, NET("3x65536x65536") "data { train = idx(\"i\", \"l\"); }", DIAG_TENSOR_SIZE,
                 "records of 3x65536x65536 have more than 2^31 - 1 elements", "3x65536x65536");
}

static void a_batch_in_front_of_the_sizes_is_told_so(void **state)
{
    assert_null(analyse(*state, NET("32x1x28x28") "data { train = digits(9); }"));
    assert_string_equal(first_hint(*state), "the batch is implicit: input image: 1x28x28;");
    assert_null(analyse(*state, NET("size(-1, 1, 28, 28)")));
    assert_string_equal(first_hint(*state), "the batch is implicit: leave the first number out");
    assert_null(analyse(*state, NET("0x8")));
    assert_string_equal(first_hint(*state), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(means_are_held_to_the_channels_of_the_data), parse_test(what_leaves_no_record_is_refused),
        parse_test(labels_of_every_part_must_be_classes),       parse_test(parts_of_another_shape_are_refused),
        parse_test(a_batch_in_front_of_the_sizes_is_told_so),
    };
    return cmocka_run_group_tests_name("data_facts", tests, NULL, NULL);
}

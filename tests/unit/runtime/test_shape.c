#include "netrt/description.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct netrt_shape shape(int rank, const int64_t dim[])
{
    struct netrt_shape made;

    assert_true(netrt_shape_make(&made, rank, dim));
    return made;
}

#define SHAPE(...) shape((int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[]){__VA_ARGS__})

static void sizes_are_multiplied_with_care(void **state)
{
    struct netrt_shape made = {.rank = -7};

    (void)state;
    assert_int_equal(SHAPE(6, 1, 5, 5).elements, 150);
    assert_int_equal(shape(0, NULL).elements, 1);
    assert_int_equal(SHAPE(INT64_C(1) << 40).elements, INT64_C(1) << 40);
    assert_false(netrt_shape_make(&made, 1, (int64_t[]){0}));
    assert_false(netrt_shape_make(&made, 1, (int64_t[]){-1}));
    assert_false(netrt_shape_make(&made, 2, (int64_t[]){INT64_C(1) << 40, 2}));
    assert_false(netrt_shape_make(&made, 2, (int64_t[]){INT64_MAX, INT64_MAX}));
    assert_false(netrt_shape_make(&made, NETRT_MOST_AXES + 1, (int64_t[]){1, 1, 1, 1, 1, 1, 1, 1, 1}));
    assert_int_equal(made.rank, -7);    /* a refused shape is left alone */
}

static void shapes_print_as_they_are_written(void **state)
{
    struct netrt_shape image = SHAPE(1, 28, 28), none = shape(0, NULL);
    char text[NETRT_SHAPE_TEXT];

    (void)state;
    assert_string_equal(netrt_shape_print(&image, text), "1x28x28");
    assert_string_equal(netrt_shape_print(&none, text), "scalar");
}

static void what_is_wrong_with_sizes_is_said(void **state)
{
    char text[NETRT_SHAPE_TEXT];

    (void)state;
    assert_string_equal(netrt_shape_fault(3, (int64_t[]){6, 0, 5}, text), "size 2 of 6x0x5 is 0, but the least is 1");
    assert_string_equal(netrt_shape_fault(2, (int64_t[]){INT64_C(1) << 40, 2}, text),
                        "1099511627776x2 are more than 2^40 elements together");
    assert_string_equal(netrt_shape_fault(9, (int64_t[]){1, 1, 1, 1, 1, 1, 1, 1, 1}, text),
                        "there are 9 sizes, but the most are 8");
}

static void assert_feeds(struct netrt_shape field, struct netrt_shape input, bool expected)
{
    assert_int_equal(netrt_shape_feeds(&field, &input), expected);
}

static void fields_feed_inputs_up_to_axes_of_one(void **state)
{
    (void)state;
    assert_feeds(SHAPE(28, 28), SHAPE(1, 28, 28), true);
    assert_feeds(SHAPE(1, 28, 28), SHAPE(28, 28), true);
    assert_feeds(SHAPE(28, 28), SHAPE(784), true);
    assert_feeds(SHAPE(3, 8, 4), SHAPE(3, 8, 4), true);
    assert_feeds(SHAPE(3, 8, 4), SHAPE(3, 4, 8), false);
    assert_feeds(SHAPE(28, 28), SHAPE(14, 56), false);
    assert_feeds(SHAPE(28, 28), SHAPE(783), false);
    assert_feeds(SHAPE(1), shape(0, NULL), true);
}

static void equality_looks_at_every_axis(void **state)
{
    struct netrt_shape a = SHAPE(2, 3), b = SHAPE(3, 2), c = SHAPE(2, 3, 1);

    (void)state;
    assert_true(netrt_shape_equal(&a, &a));
    assert_false(netrt_shape_equal(&a, &b));
    assert_false(netrt_shape_equal(&a, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_multiplied_with_care),   cmocka_unit_test(shapes_print_as_they_are_written),
        cmocka_unit_test(what_is_wrong_with_sizes_is_said), cmocka_unit_test(fields_feed_inputs_up_to_axes_of_one),
        cmocka_unit_test(equality_looks_at_every_axis),
    };
    return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}

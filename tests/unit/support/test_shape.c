#include "compiler/support/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void arithmetic_notices_the_ends_of_64_bits(void **state)
{
    (void)state;
    int64_t r;

    assert_true(checked_add(INT64_MAX - 1, 1, &r));
    assert_true(r == INT64_MAX);
    assert_false(checked_add(INT64_MAX, 1, &r));
    assert_false(checked_add(INT64_MIN, -1, &r));
    assert_true(checked_multiply(INT64_C(1) << 31, INT64_C(1) << 31, &r));
    assert_false(checked_multiply(INT64_C(1) << 32, INT64_C(1) << 31, &r));
    assert_false(checked_multiply(INT64_MIN, -1, &r));
}

static void division_rounds_towards_minus_infinity(void **state)
{
    (void)state;
    assert_int_equal(floor_divide(7, 2), 3);
    assert_int_equal(floor_divide(-7, 2), -4);
    assert_int_equal(floor_divide(-8, 2), -4);
    assert_int_equal(floor_divide(0, 5), 0);
    assert_true(floor_divide(INT64_MIN, 1) == INT64_MIN);
}

static void division_rounds_towards_plus_infinity(void **state)
{
    (void)state;
    assert_int_equal(ceil_divide(7, 2), 4);
    assert_int_equal(ceil_divide(-7, 2), -3);
    assert_int_equal(ceil_divide(8, 2), 4);
    assert_int_equal(ceil_divide(0, 5), 0);
    assert_true(ceil_divide(INT64_MIN, 1) == INT64_MIN);
}

static void zero_is_divided_by_everything(void **state)
{
    (void)state;
    assert_int_equal(greatest_common_divisor(12, 18), 6);
    assert_int_equal(greatest_common_divisor(18, 12), 6);
    assert_int_equal(greatest_common_divisor(7, 9), 1);
    assert_int_equal(greatest_common_divisor(0, 5), 5);
    assert_int_equal(greatest_common_divisor(5, 0), 5);
    assert_int_equal(greatest_common_divisor(0, 0), 0);
}

static void validity_ends_at_the_limit_of_elements(void **state)
{
    (void)state;
    const struct shape most = {2, {INT64_C(1) << 20, INT64_C(1) << 20}};
    const struct shape more = {3, {INT64_C(1) << 20, INT64_C(1) << 20, 2}};
    const struct shape overflow = {2, {INT64_MAX, INT64_MAX}};
    const struct shape none = {2, {3, 0}};
    const struct shape scalar = {0, {0}};

    assert_true(shape_is_valid(&most));
    assert_true(shape_elements(&most) == SHAPE_MAX_ELEMENTS);
    assert_false(shape_is_valid(&more));
    assert_false(shape_is_valid(&overflow));
    assert_false(shape_is_valid(&none));
    assert_true(shape_is_valid(&scalar));
    assert_int_equal(shape_elements(&scalar), 1);
}

static void equality_looks_at_rank_and_sizes(void **state)
{
    (void)state;
    const struct shape a = {2, {3, 4}}, b = {2, {3, 5}}, c = {3, {3, 4, 1}}, d = {2, {3, 4, 9}};

    assert_false(shape_equal(&a, &b));
    assert_false(shape_equal(&a, &c));
    assert_true(shape_equal(&a, &d));
}

static void sizes_of_one_can_be_left_out_of_the_comparison(void **state)
{
    (void)state;
    const struct shape a = {3, {1, 28, 28}}, b = {4, {28, 1, 28, 1}}, c = {2, {28, 27}}, d = {1, {28}}, one = {2, {1, 1}},
                       number = {0};

    assert_true(shape_equal_but_ones(&a, &b));
    assert_false(shape_equal_but_ones(&a, &c));
    assert_false(shape_equal_but_ones(&a, &d));
    assert_false(shape_equal_but_ones(&d, &a));
    assert_true(shape_equal_but_ones(&one, &number));
}

static void the_longest_text_fits(void **state)
{
    (void)state;
    char text[SHAPE_TEXT];
    struct shape s = {MAX_RANK, {0}};

    for (int i = 0; i < MAX_RANK; i++)
        s.dim[i] = INT64_MIN;
    assert_int_equal(strlen(shape_text(&s, text)), MAX_RANK * 21 - 1);
    assert_string_equal(shape_text(&(struct shape){3, {3, 32, 32}}, text), "3x32x32");
    assert_string_equal(shape_text(&(struct shape){0, {0}}, text), "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_notices_the_ends_of_64_bits),         cmocka_unit_test(division_rounds_towards_minus_infinity),
        cmocka_unit_test(division_rounds_towards_plus_infinity),          cmocka_unit_test(zero_is_divided_by_everything),
        cmocka_unit_test(validity_ends_at_the_limit_of_elements),         cmocka_unit_test(equality_looks_at_rank_and_sizes),
        cmocka_unit_test(sizes_of_one_can_be_left_out_of_the_comparison), cmocka_unit_test(the_longest_text_fits),
    };
    return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}

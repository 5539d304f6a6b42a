#include "compiler/loop/index.h"

#include "tests/support/loop_fixture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"c", "h", "w", "p", "q", "part"};

static const char *name_of(const void *context, loop_axis axis)
{
    (void)context;
    return names[axis];
}

static void print(const void *index, FILE *out)
{
    loop_index_print(index, name_of, NULL, out);
}

#define assert_prints(f, wanted, ...)                                            \
    do {                                                                         \
        struct loop_index printed_index = index_of((f)->module, __VA_ARGS__);    \
        assert_string_equal(printed((f)->arena, print, &printed_index), wanted); \
    } while (0)

static void constants_and_single_terms_stand_alone(void **state)
{
    struct loop_fixture *f = *state;

    assert_prints(f, "0", 0, 0);
    assert_prints(f, "-3", -3, 0);
    assert_prints(f, "h", 0, 1, 1, 1);
    assert_prints(f, "4 * h", 0, 1, 1, 4);
    assert_prints(f, "-h", 0, 1, 1, -1);
    assert_prints(f, "h + p - 1", -1, 2, 1, 1, 3, 1);
}

static void common_factors_are_taken_out(void **state)
{
    struct loop_fixture *f = *state;

    assert_prints(f, "8 * (2 * (32 * (h + p) + w + q) + part)", 0, 5, 1, 512, 3, 512, 2, 16, 4, 16, 5, 8);
    assert_prints(f, "16 * (h + w)", 0, 2, 1, 16, 2, 16);
    assert_prints(f, "12 * h + 6 * c + 1", 1, 2, 0, 6, 1, 12);
}

static void padding_shows_in_each_axis(void **state)
{
    struct loop_fixture *f = *state;

    assert_prints(f, "16 * (32 * (h + p - 1) + w + q - 1)", -16 * 33, 4, 1, 512, 3, 512, 2, 16, 4, 16);
    assert_prints(f, "8 * h + w - 8", -8, 2, 1, 8, 2, 1);
}

/* Evaluates sums, products with a constant on the left, and parentheses. */
static int64_t parse_sum(const char **text, const int64_t axis[]);

static int64_t parse_factor(const char **text, const int64_t axis[])
{
    if (**text == '-') {
        ++*text;
        return -parse_factor(text, axis);
    }
    if (**text == '(') {
        ++*text;
        int64_t inner = parse_sum(text, axis);
        assert_int_equal(**text, ')');
        ++*text;
        return inner;
    }
    if (**text >= '0' && **text <= '9') {
        char *end;
        int64_t number = strtoll(*text, &end, 10);
        *text = end;
        return number;
    }
    for (int i = 0; i < 6; i++) {
        size_t length = strlen(names[i]);
        if (strncmp(*text, names[i], length) == 0 && ((*text)[length] < 'a' || (*text)[length] > 'z')) {
            *text += length;
            return axis[i];
        }
    }
    fail_msg("unexpected: %s", *text);
    return 0;
}

static int64_t parse_product(const char **text, const int64_t axis[])
{
    int64_t product = parse_factor(text, axis);

    while (strncmp(*text, " * ", 3) == 0) {
        *text += 3;
        product *= parse_factor(text, axis);
    }
    return product;
}

static int64_t parse_sum(const char **text, const int64_t axis[])
{
    int64_t sum = parse_product(text, axis);

    while (strncmp(*text, " + ", 3) == 0 || strncmp(*text, " - ", 3) == 0) {
        int64_t sign = (*text)[1] == '+' ? 1 : -1;
        *text += 3;
        sum += sign * parse_product(text, axis);
    }
    return sum;
}

static void whatever_is_printed_has_the_same_value(void **state)
{
    struct loop_fixture *f = *state;
    static const int factors[] = {1, 2, 3, 4, 5, 6, 8, 16, 32, 80, 512, -1, -2, -16, 30, 0};
    uint32_t seed = 12345;

    for (int round = 0; round < 2000; round++) {
        int factor[6], constant = 0;
        for (int i = 0; i < 6; i++) {
            seed = seed * 1664525 + 1013904223;
            factor[i] = factors[seed >> 28];
            constant += (int)(seed >> 20 & 63) - 32;
        }
        struct loop_index x =
            index_of(f->module, constant, 6, 0, factor[0], 1, factor[1], 2, factor[2], 3, factor[3], 4, factor[4], 5, factor[5]);
        const int64_t axis[6] = {1000003, 2000029, 5000011, 7000003, 11000027, 13000027};
        int64_t wanted = constant;
        for (int i = 0; i < 6; i++)
            wanted += factor[i] * axis[i];
        const char *text = printed(f->arena, print, &x), *rest = text;
        if (parse_sum(&rest, axis) != wanted || *rest != '\0')
            fail_msg("%s is not %" PRId64, text, wanted);
    }
}

static void equality_and_factors(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_index a = index_of(f->module, 1, 2, 0, 2, 3, 4), b = index_of(f->module, 1, 2, 3, 4, 0, 2);

    assert_true(loop_index_equal(&a, &b));
    assert_int_equal(loop_index_factor(&a, 3), 4);
    assert_int_equal(loop_index_factor(&a, 1), 0);
    b.constant = 2;
    assert_false(loop_index_equal(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        loop_test(constants_and_single_terms_stand_alone),
        loop_test(common_factors_are_taken_out),
        loop_test(padding_shows_in_each_axis),
        loop_test(whatever_is_printed_has_the_same_value),
        loop_test(equality_and_factors),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}

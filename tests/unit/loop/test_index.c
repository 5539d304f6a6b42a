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
    assert_prints(f, "4*h", 0, 1, 1, 4);
    assert_prints(f, "-h", 0, 1, 1, -1);
    assert_prints(f, "h + p - 1", -1, 2, 1, 1, 3, 1);
}

static void an_index_without_dimensions_is_one_sum(void **state)
{
    struct loop_fixture *f = *state;

    assert_prints(f, "2*h + p - 1", -1, 2, 1, 2, 3, 1);
    assert_prints(f, "512*h + 16*w + 8*part", 0, 3, 1, 512, 2, 16, 5, 8);
    assert_prints(f, "27 - h", 27, 1, 1, -1);
    assert_prints(f, "c - h - 1", -1, 2, 1, -1, 0, 1);
}

enum { C, H, W, P, Q, PART };

static struct loop_index by_dimension(struct loop_module *m, const int64_t extent[4], struct loop_index c, struct loop_index h,
                                      struct loop_index w)
{
    const struct loop_dimension dimension[] = {
        {extent[0], c}, {extent[1], h}, {extent[2], w}, {extent[3], index_of(m, 0, 1, PART, 8)}};

    return loop_index_in(m, 4, dimension);
}

#define assert_index(f, wanted, index)                                           \
    do {                                                                         \
        struct loop_index printed_index = index;                                 \
        assert_true(loop_index_agrees(&printed_index));                          \
        assert_string_equal(printed((f)->arena, print, &printed_index), wanted); \
    } while (0)

static void dimensions_show_the_strides_and_the_padding_of_each(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *m = f->module;
    static const int64_t image[] = {3, 14, 14, 16}, flat[] = {3, 1, 14, 16};
    const struct loop_index c = index_of(m, 0, 1, C, 1), zero = loop_constant_index(0), two = loop_constant_index(2);
    const struct loop_index h = index_of(m, -1, 2, H, 1, P, 1), w = index_of(m, -1, 2, W, 2, Q, 1);

    assert_index(f, "((c*14 + h + p - 1)*14 + 2*w + q - 1)*16 + 8*part", by_dimension(m, image, c, h, w));
    assert_index(f, "(c*14*14 + 2*w + q - 1)*16 + 8*part", by_dimension(m, image, c, zero, w));
    assert_index(f, "8*part", by_dimension(m, image, zero, zero, zero));
    assert_index(f, "((2*14 + h + p - 1)*14 + 2)*16 + 8*part", by_dimension(m, image, two, h, two));
    assert_index(f, "(c*14 + 2*w + q - 1)*16 + 8*part", by_dimension(m, flat, c, zero, w));
    assert_index(f, "((c + h + p - 1)*14 + 2)*16 + 8*part", by_dimension(m, flat, c, h, two));
}

static void a_move_along_a_dimension_keeps_the_form(void **state)
{
    struct loop_fixture *f = *state;
    static const int64_t image[] = {3, 14, 14, 16};
    const struct loop_index c = index_of(f->module, 0, 1, C, 1), h = index_of(f->module, 0, 1, H, 1);
    struct loop_index at = by_dimension(f->module, image, c, h, loop_constant_index(0));

    assert_int_equal(loop_index_stride(&at, 1), 14 * 16);
    at = loop_index_move(f->module, at, 1, loop_constant_index(3));
    assert_index(f, "(c*14 + h + 3)*14*16 + 8*part", at);
}

static void what_is_computed_from_an_index_has_no_dimensions(void **state)
{
    struct loop_fixture *f = *state;
    static const int64_t image[] = {3, 14, 14, 16};
    const struct loop_index zero = loop_constant_index(0);
    const struct loop_index at = by_dimension(f->module, image, zero, index_of(f->module, 0, 1, H, 1), zero);

    assert_index(f, "224*h + 8*part + 1", loop_index_add(f->module, at, loop_constant_index(1)));
    assert_index(f, "448*h + 16*part", loop_index_scale(f->module, at, 2));
}

static void dimensions_that_make_another_index_are_noticed(void **state)
{
    struct loop_fixture *f = *state;
    static const int64_t image[] = {3, 14, 14, 16};
    const struct loop_index zero = loop_constant_index(0);
    struct loop_index at = by_dimension(f->module, image, zero, index_of(f->module, 0, 1, H, 1), zero);

    at.constant = 1;
    assert_false(loop_index_agrees(&at));
    at.constant = 0;
    at.count--;
    assert_false(loop_index_agrees(&at));
}

/* Evaluates sums, products and parentheses. */
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

    while (**text == '*') {
        ++*text;
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

static void assert_value(struct loop_fixture *f, struct loop_index x)
{
    static const int64_t axis[6] = {1000003, 2000029, 5000011, 7000003, 11000027, 13000027};
    const char *text = printed(f->arena, print, &x), *rest = text;
    int64_t wanted = x.constant;

    for (int i = 0; i < x.count; i++)
        wanted += x.term[i].factor * axis[x.term[i].axis];
    assert_true(loop_index_agrees(&x));
    if (parse_sum(&rest, axis) != wanted || *rest != '\0')
        fail_msg("%s is not %" PRId64, text, wanted);
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
        const struct loop_dimension dimension[] = {{3, index_of(f->module, constant, 1, 0, factor[0])},
                                                   {1 + round % 3, x},
                                                   {16, index_of(f->module, -1, 1, 5, factor[5])}};
        assert_value(f, x);
        assert_value(f, loop_index_in(f->module, 3, dimension));
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
        loop_test(an_index_without_dimensions_is_one_sum),
        loop_test(dimensions_show_the_strides_and_the_padding_of_each),
        loop_test(a_move_along_a_dimension_keeps_the_form),
        loop_test(what_is_computed_from_an_index_has_no_dimensions),
        loop_test(dimensions_that_make_another_index_are_noticed),
        loop_test(whatever_is_printed_has_the_same_value),
        loop_test(equality_and_factors),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}

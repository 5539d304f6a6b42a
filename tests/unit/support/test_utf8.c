#include "compiler/support/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static size_t decode(const char *text, uint32_t *character)
{
    *character = 0;
    return utf8_decode(text, strlen(text), character);
}

static void each_length_decodes_at_its_limits(void **state)
{
    (void)state;
    uint32_t c;

    assert_int_equal(decode("A", &c), 1);
    assert_int_equal(c, 'A');
    assert_int_equal(decode("\xc2\x80", &c), 2);
    assert_int_equal(c, 0x80);
    assert_int_equal(decode("\xe0\xa0\x80", &c), 3);
    assert_int_equal(c, 0x800);
    assert_int_equal(decode("\xef\xbf\xbf", &c), 3);
    assert_int_equal(c, 0xffff);
    assert_int_equal(decode("\xf4\x8f\xbf\xbf", &c), 4);
    assert_int_equal(c, 0x10ffff);
}

static void what_is_not_utf8_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "\x80",             /* a stray continuation byte */
        "\xff",             /* no such byte */
        "\xc2",             /* cut short */
        "\xe2\x82",         /* cut short */
        "\xe2\x41\x82",     /* no continuation */
        "\xc0\x80",         /* overlong */
        "\xe0\x80\x80",     /* overlong */
        "\xf0\x80\x80\x80", /* overlong */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
    };
    uint32_t c;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(decode(wrong[i], &c), 0);
}

static void wide_and_combining_characters_take_their_columns(void **state)
{
    (void)state;
    assert_int_equal(utf8_columns('a'), 1);
    assert_int_equal(utf8_columns(0xe9), 1);
    assert_int_equal(utf8_columns(0x301), 0);
    assert_int_equal(utf8_columns(0x4e2d), 2);
    assert_int_equal(utf8_columns(0x1f600), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_length_decodes_at_its_limits),
        cmocka_unit_test(what_is_not_utf8_is_refused),
        cmocka_unit_test(wide_and_combining_characters_take_their_columns),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}

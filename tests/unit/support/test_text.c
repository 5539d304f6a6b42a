#include "compiler/support/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

static const char *const operators[] = {"conv", "dense", "maxpool", "avgpool", "relu", "batchnorm", "global_avgpool"};

static const char *nearest(const char *word)
{
    return text_nearest(word, operators, sizeof operators / sizeof *operators);
}

static void one_slip_is_mended_in_short_words(void **state)
{
    (void)state;
    assert_string_equal(nearest("cnov"), "conv");
    assert_string_equal(nearest("con"), "conv");
    assert_string_equal(nearest("rela"), "relu");
    assert_null(nearest("cnvo1"));
    assert_null(nearest("cn"));
}

static void longer_words_may_be_off_by_a_third(void **state)
{
    (void)state;
    assert_string_equal(nearest("dens"), "dense");
    assert_string_equal(nearest("max_pool"), "maxpool");
    assert_string_equal(nearest("batch_nrom"), "batchnorm");
    assert_string_equal(nearest("globalavgpol"), "global_avgpool");
    assert_null(nearest("transformer"));
}

static void capitals_are_no_difference(void **state)
{
    (void)state;
    assert_string_equal(nearest("ReLU"), "relu");
    assert_string_equal(nearest("Conv2"), "conv");
    assert_string_equal(nearest("BATCHNROM"), "batchnorm");
}

static void nothing_is_near_to_an_empty_or_endless_word(void **state)
{
    (void)state;
    char endless[1000];

    memset(endless, 'c', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_null(nearest(""));
    assert_null(nearest("x"));
    assert_null(nearest(endless));
}

static void the_first_of_equally_near_ones_is_suggested(void **state)
{
    (void)state;
    static const char *const pair[] = {"cat", "bat"};

    assert_string_equal(text_nearest("rat", pair, 2), "cat");
}

static void patterns_match_whole_names(void **state)
{
    (void)state;
    assert_true(text_matches("*.weight", "c1.weight"));
    assert_true(text_matches("stage1.*", "stage1.0.conv1.bias"));
    assert_true(text_matches("*a*b*", "xxaxxbxx"));
    assert_true(text_matches("c?.bias", "c1.bias"));
    assert_true(text_matches("*", ""));
    assert_true(text_matches("", ""));
    assert_false(text_matches("?", ""));
    assert_false(text_matches("*.weight", "c1.weights"));
    assert_false(text_matches("c1", "c11"));
    assert_false(text_matches("", "a"));
}

static void many_stars_take_no_exponential_time(void **state)
{
    (void)state;
    char name[5001];

    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_false(text_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}

static const char *quoted(const char *text)
{
    static char buffer[256];
    FILE *out = fmemopen(buffer, sizeof buffer, "w");

    text_print_quoted(text, out);
    fclose(out);
    return buffer;
}

static void quoted_text_is_json(void **state)
{
    (void)state;
    assert_string_equal(quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
    assert_string_equal(quoted("\n\t\r\x01\x7f"), "\"\\n\\t\\r\\u0001\\u007f\"");
    assert_string_equal(quoted("\xc3\xa9\xff"), "\"\xc3\xa9\\ufffd\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_slip_is_mended_in_short_words),
        cmocka_unit_test(longer_words_may_be_off_by_a_third),
        cmocka_unit_test(capitals_are_no_difference),
        cmocka_unit_test(nothing_is_near_to_an_empty_or_endless_word),
        cmocka_unit_test(the_first_of_equally_near_ones_is_suggested),
        cmocka_unit_test(patterns_match_whole_names),
        cmocka_unit_test(many_stars_take_no_exponential_time),
        cmocka_unit_test(quoted_text_is_json),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}

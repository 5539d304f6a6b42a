#include "tests/support/sema_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *summary(struct parse_fixture *f, const char *text, bool json, int64_t memory_bytes)
{
    const struct program *p = analyse(f, text);
    char *printed = NULL;
    size_t length = 0;

    assert_non_null(p);
    FILE *out = open_memstream(&printed, &length);
    sema_print_summary(p, json, memory_bytes, out);
    fclose(out);
    const char *copy = arena_copy(f->arena, printed, length);
    free(printed);
    return copy;
}

#define NET "net wide { input x: 2x4x4; output y = x -> c: conv(40, 3x3) -> flatten -> dense(1000, frozen = true); }\n"

static void the_table_is_aligned_and_grouped(void **state)
{
    assert_string_equal(summary(*state, NET, false, -1), "wide\n\n"
                                                         "layer     operator  output  parameters  multiply-adds  receptive field\n"
                                                         "---------------------------------------------------------------------\n"
                                                         "c         conv      40x2x2         760          2,880  3x3\n"
                                                         "flatten1  flatten   160              0              0  all\n"
                                                         "dense1    dense     1000             0        160,000  all\n"
                                                         "\n"
                                                         "parameters     760\n"
                                                         "frozen         161,000\n"
                                                         "multiply-adds  162,880\n");
}

static void names_like_statistics_count(void **state)
{
    const char *text =
        summary(*state, "net t { input x: 4; output y = x -> s: repeat 1 { running_b: dense(3) -> batchnorm }; }", false, -1);

    assert_non_null(strstr(text, "parameters     21\n"));
}

/* The last line of a trained net's summary. */
static void assert_memory(void **state, int64_t bytes, const char *wanted)
{
    const char *text = summary(*state,
                               "net t { input x: 4; output y = x -> dense(4); }\n"
                               "train { loss = mse(y, x); optimizer = sgd; batch = 20; epochs = 1; }",
                               false, bytes);
    const char *line = strstr(text, "memory");

    assert_non_null(line);
    assert_string_equal(line, wanted);
}

static void a_thousand_bytes_and_less_are_counted(void **state)
{
    assert_memory(state, 1000, "memory         1000 bytes, batches of 20\n");
}

static void a_kibibyte_has_two_decimals(void **state)
{
    assert_memory(state, 1024, "memory         1.00 KiB (1,024 bytes), batches of 20\n");
}

static void larger_memory_is_told_in_three_digits(void **state)
{
    assert_memory(state, 12345678, "memory         11.8 MiB (12,345,678 bytes), batches of 20\n");
}

static void the_largest_memory_has_a_unit(void **state)
{
    assert_memory(state, INT64_C(1) << 46, "memory         64.0 TiB (70,368,744,177,664 bytes), batches of 20\n");
}

static void json_is_one_object_on_one_line(void **state)
{
    assert_string_equal(
        summary(*state, NET, true, 1234567),
        "{\"net\": \"wide\", \"layers\": [{\"name\": \"c\", \"operator\": \"conv\", \"output\": [40, 2, 2], \"parameters\": 760, "
        "\"multiply_adds\": 2880, \"receptive_field\": [3, 3]}, {\"name\": \"flatten1\", \"operator\": \"flatten\", \"output\": [160], "
        "\"parameters\": 0, \"multiply_adds\": 0, \"receptive_field\": []}, {\"name\": \"dense1\", \"operator\": \"dense\", \"output\": "
        "[1000], \"parameters\": 0, \"multiply_adds\": 160000, \"receptive_field\": []}], \"parameters\": 760, \"multiply_adds\": 162880, \"memory_bytes\": 1234567}\n");
}

static void the_loss_is_no_row(void **state)
{
    const char *text = summary(*state,
                               "net t { input x: 4; output y = x -> dense(4); }\n"
                               "train { loss = 0.5 * mse(y, x); optimizer = sgd; batch = 1; epochs = 1; }",
                               false, -1);

    assert_null(strstr(text, "mse"));
    assert_non_null(strstr(text, "dense1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(the_table_is_aligned_and_grouped),      parse_test(names_like_statistics_count),
        parse_test(a_thousand_bytes_and_less_are_counted), parse_test(a_kibibyte_has_two_decimals),
        parse_test(larger_memory_is_told_in_three_digits), parse_test(the_largest_memory_has_a_unit),
        parse_test(json_is_one_object_on_one_line),        parse_test(the_loss_is_no_row),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}

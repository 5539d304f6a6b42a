#include "runtime/trainer/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const known[] = {"train", "eval", "predict", "info", "bench", NULL};

static void slips_of_the_finger_find_their_name(void **state)
{
    (void)state;
    assert_string_equal(suggest("trani", known), "train");
    assert_string_equal(suggest("eva", known), "eval");
    assert_string_equal(suggest("predicts", known), "predict");
    assert_string_equal(suggest("train", known), "train");
}

static void what_is_far_from_all_finds_none(void **state)
{
    (void)state;
    assert_null(suggest("compile", known));
    assert_null(suggest("", known));
    assert_null(suggest("a word of more than sixty-four letters is far from every name that there is", known));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slips_of_the_finger_find_their_name),
        cmocka_unit_test(what_is_far_from_all_finds_none),
    };
    return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}

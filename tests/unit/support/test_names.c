#include "compiler/support/names.h"

#include "compiler/support/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void exhausted(size_t bytes)
{
    (void)bytes;
    abort();
}

static void a_free_name_is_given_as_it_is_and_once(void **state)
{
    struct arena *a = arena_create(exhausted);
    struct names *n = names_create(a);

    (void)state;
    assert_false(names_are_taken(n, "c1"));
    assert_string_equal(names_take(n, "c1"), "c1");
    assert_true(names_are_taken(n, "c1"));
    assert_string_equal(names_take(n, "c1"), "c1_2");
    assert_string_equal(names_take(n, "c1"), "c1_3");
    arena_destroy(a);
}

/* The counting names of one are the plain names of another, in either order. */
static void a_number_that_somebody_has_is_passed_over(void **state)
{
    struct arena *a = arena_create(exhausted);
    struct names *n = names_create(a);

    (void)state;
    assert_string_equal(names_take(n, "c1_2"), "c1_2");
    assert_string_equal(names_take(n, "c1_3"), "c1_3");
    assert_string_equal(names_take(n, "c1"), "c1");
    assert_string_equal(names_take(n, "c1"), "c1_4");
    assert_string_equal(names_take(n, "c1_2"), "c1_2_2");
    assert_string_equal(names_take(n, "c1_4"), "c1_4_2");
    arena_destroy(a);
}

static void many_namesakes_take_no_more_than_their_number(void **state)
{
    enum { MANY = 100000 };
    struct arena *a = arena_create(exhausted);
    struct names *n = names_create(a);
    char last[16];

    (void)state;
    for (int i = 1; i < MANY; i++)
        names_take(n, "same");
    snprintf(last, sizeof last, "same_%d", MANY);
    assert_string_equal(names_take(n, "same"), last);
    arena_destroy(a);
}

static void any_text_becomes_an_identifier(void **state)
{
    struct arena *a = arena_create(exhausted);

    (void)state;
    assert_string_equal(names_identifier("stage1.0.conv2", a), "stage1_0_conv2");
    assert_string_equal(names_identifier("1st", a), "_1st");
    assert_string_equal(names_identifier("c1.weight+", a), "c1_weight_");
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_free_name_is_given_as_it_is_and_once),
        cmocka_unit_test(a_number_that_somebody_has_is_passed_over),
        cmocka_unit_test(many_namesakes_take_no_more_than_their_number),
        cmocka_unit_test(any_text_becomes_an_identifier),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}

#include "compiler/support/intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/support/parse_fixture.h"

static void equal_texts_are_one_pointer(void **state)
{
    struct parse_fixture *f = *state;
    char other[] = "conv";

    const char *name = intern(f->names, "conv1", 4);
    assert_string_equal(name, "conv");
    assert_ptr_equal(intern(f->names, other, 4), name);
    assert_ptr_not_equal(intern(f->names, "conv1", 5), name);
    assert_ptr_not_equal(intern(f->names, "con", 3), name);
}

static void many_names_stay_where_they_are(void **state)
{
    struct parse_fixture *f = *state;
    const char *first[5000];
    char text[16];

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5000; i++) {
            snprintf(text, sizeof text, "n%d", i);
            const char *name = intern(f->names, text, strlen(text));
            if (round == 0)
                first[i] = name;
            assert_ptr_equal(name, first[i]);
            assert_string_equal(name, text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(equal_texts_are_one_pointer),
        parse_test(many_names_stay_where_they_are),
    };
    return cmocka_run_group_tests_name("intern", tests, NULL, NULL);
}

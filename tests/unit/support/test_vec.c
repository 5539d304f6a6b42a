#include "compiler/support/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/parse_fixture.h"

static void items_survive_growing(void **state)
{
    struct parse_fixture *f = *state;
    VEC(int) numbers = {0};

    for (int i = 0; i < 1000; i++)
        vec_push(f->arena, &numbers, i);
    assert_int_equal(numbers.count, 1000);
    assert_true(numbers.capacity >= 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers.at[i], i);
}

static void no_memory_moves_while_there_is_room(void **state)
{
    struct parse_fixture *f = *state;
    VEC(char) text = {0};

    vec_push(f->arena, &text, 'a');
    const char *before = text.at;
    while (text.count < text.capacity)
        vec_push(f->arena, &text, 'b');
    assert_ptr_equal(text.at, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        parse_test(items_survive_growing),
        parse_test(no_memory_moves_while_there_is_room),
    };
    return cmocka_run_group_tests_name("vec", tests, NULL, NULL);
}

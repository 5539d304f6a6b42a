#include "compiler/support/map.h"

#include "compiler/support/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void exhausted(size_t bytes)
{
    (void)bytes;
    abort();
}

static void keys_are_addresses_not_texts(void **state)
{
    struct arena *a = arena_create(exhausted);
    struct map *m = map_create(a);
    const char *one = arena_strdup(a, "name"), *other = arena_strdup(a, "name");
    int item = 1, later = 2;

    (void)state;
    assert_null(map_get(m, one));
    map_set(m, one, &item);
    assert_ptr_equal(map_get(m, one), &item);
    assert_null(map_get(m, other));
    map_set(m, one, &later);
    assert_ptr_equal(map_get(m, one), &later);
    arena_destroy(a);
}

static void many_keys_are_all_found(void **state)
{
    enum { MANY = 20000 };
    struct arena *a = arena_create(exhausted);
    struct map *m = map_create(a);
    int *keys = arena_array(a, int, MANY);

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        map_set(m, &keys[i], &keys[MANY - 1 - i]);
    for (size_t i = 0; i < MANY; i++)
        assert_ptr_equal(map_get(m, &keys[i]), &keys[MANY - 1 - i]);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_addresses_not_texts),
        cmocka_unit_test(many_keys_are_all_found),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}

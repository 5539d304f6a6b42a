#include "compiler/support/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdalign.h>
#include <stdlib.h>

static jmp_buf escape;

static void jump_out(size_t bytes)
{
    (void)bytes;
    longjmp(escape, 1);
}

static void objects_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena *a = arena_create(jump_out);
    unsigned char *before = NULL;

    for (size_t bytes = 0; bytes < 200; bytes++) {
        unsigned char *object = arena_alloc(a, bytes);
        assert_int_equal((uintptr_t)object % alignof(max_align_t), 0);
        assert_ptr_not_equal(object, before);
        for (size_t i = 0; i < bytes; i++)
            assert_int_equal(object[i], 0);
        memset(object, 0xff, bytes);
        before = object;
    }
    arena_destroy(a);
}

static void a_large_object_leaves_the_chunk_of_the_small_ones(void **state)
{
    (void)state;
    struct arena *a = arena_create(jump_out);
    char *small = arena_strdup(a, "small");
    char *large = arena_alloc(a, 1 << 20);
    char *after = arena_strdup(a, "after");

    memset(large, 'x', 1 << 20);
    assert_string_equal(small, "small");
    assert_string_equal(after, "after");
    arena_destroy(a);
}

static void copies_end_in_nul(void **state)
{
    (void)state;
    struct arena *a = arena_create(jump_out);

    assert_string_equal(arena_copy(a, "abcdef", 3), "abc");
    assert_string_equal(arena_copy(a, NULL, 0), "");
    assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
    arena_destroy(a);
}

static void an_array_too_large_to_count_is_exhaustion(void **state)
{
    (void)state;
    struct arena *a = arena_create(jump_out);

    if (setjmp(escape) == 0) {
        arena_alloc_array(a, SIZE_MAX / 2, 3);
        fail_msg("the overflow went unnoticed");
    }
    if (setjmp(escape) == 0) {
        arena_alloc(a, SIZE_MAX);
        fail_msg("the size went unnoticed");
    }
    arena_destroy(a);
}

static void the_nth_allocation_fails_on_demand(void **state)
{
    (void)state;
    struct arena *a = arena_create(jump_out);
    volatile int made = 0;

    arena_fail_at(a, 3);
    if (setjmp(escape) == 0)
        for (;;) {
            arena_alloc(a, 8);
            made++;
        }
    assert_int_equal(made, 2);
    assert_non_null(arena_alloc(a, 8));
    arena_destroy(a);
}

static void a_scratch_dies_on_its_own_or_with_its_arena(void **state)
{
    (void)state;
    struct arena *a = arena_create(jump_out);
    struct arena *first = arena_open_scratch(a), *second = arena_open_scratch(a), *within = arena_open_scratch(second);

    memset(arena_alloc(first, 100000), 1, 100000);
    memset(arena_alloc(within, 10), 1, 10);
    arena_close_scratch(first);
    if (setjmp(escape) == 0) {
        arena_alloc(within, SIZE_MAX);
        fail_msg("a scratch is exhausted without the handler of its arena");
    }
    arena_destroy(a);    /* the leak checker sees the others */
}

static void bytes_are_counted_as_they_are_asked_for(void **state)
{
    (void)state;
    struct arena *a = arena_create(jump_out);

    arena_alloc(a, 10);
    arena_alloc(a, 1000000);
    assert_int_equal(arena_bytes(a), 1000010);
    arena_alloc(arena_open_scratch(a), 5);
    assert_int_equal(arena_bytes(a), 1000010);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_zeroed_aligned_and_apart),
        cmocka_unit_test(a_large_object_leaves_the_chunk_of_the_small_ones),
        cmocka_unit_test(copies_end_in_nul),
        cmocka_unit_test(an_array_too_large_to_count_is_exhaustion),
        cmocka_unit_test(the_nth_allocation_fails_on_demand),
        cmocka_unit_test(a_scratch_dies_on_its_own_or_with_its_arena),
        cmocka_unit_test(bytes_are_counted_as_they_are_asked_for),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}

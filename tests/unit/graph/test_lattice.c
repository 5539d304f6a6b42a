#include "compiler/graph/lattice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static double counted_one_by_one(int64_t offset, struct lattice_axis a, struct lattice_axis b, int64_t size)
{
    int64_t inside = 0;

    for (int64_t p = 0; p < a.extent; p++)
        for (int64_t q = 0; q < b.extent; q++) {
            const int64_t at = offset + a.factor * p + b.factor * q;
            inside += at >= 0 && at < size;
        }
    return (double)inside;
}

static void the_count_is_that_of_all_points(void **state)
{
    (void)state;
    for (int64_t offset = -9; offset <= 9; offset += 3)
        for (int64_t f = -4; f <= 4; f++)
            for (int64_t g = -5; g <= 7; g += 2)
                for (int64_t size = 1; size <= 16; size += 5)
                    for (int64_t extent = 1; extent <= 7; extent += 3) {
                        const struct lattice_axis a = {f, extent}, b = {g, 8 - extent};
                        assert_true(lattice_points_within(offset, a, b, size) == counted_one_by_one(offset, a, b, size));
                    }
}

/* Going through them would not end: 2^38 * 2^40 points. */
static void the_extents_do_not_matter(void **state)
{
    const int64_t long_side = INT64_C(1) << 40, short_side = INT64_C(1) << 38;

    (void)state;
    assert_true(lattice_points_within(0, (struct lattice_axis){1, long_side}, (struct lattice_axis){1, short_side}, 2) == 3);
    assert_true(lattice_points_within(0, (struct lattice_axis){1, 9}, (struct lattice_axis){-1, long_side}, 9) == 45);
    assert_true(lattice_points_within(-1, (struct lattice_axis){3, long_side}, (struct lattice_axis){0, 1}, 3 * long_side) ==
                (double)(long_side - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_count_is_that_of_all_points),
        cmocka_unit_test(the_extents_do_not_matter),
    };
    return cmocka_run_group_tests_name("lattice", tests, NULL, NULL);
}

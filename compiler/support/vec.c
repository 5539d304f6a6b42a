#include "compiler/support/vec.h"

#include <stdint.h>
#include <string.h>

void *vec_reserve(struct arena *a, void *at, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return at;

    /* An overflowing capacity is caught by arena_alloc_array: SIZE_MAX items of any size are too many. */
    const size_t wanted = *capacity > SIZE_MAX / 2 ? SIZE_MAX : *capacity == 0 ? 8 : *capacity * 2;
    void *moved = arena_alloc_array(a, wanted, size);
    if (count > 0)
        memcpy(moved, at, count * size);
    *capacity = wanted;
    return moved;
}

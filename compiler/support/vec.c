/* vec: the growth of all vecs: by doubling, into fresh memory of the arena. */
#include "compiler/support/vec.h"

#include <stdint.h>
#include <string.h>

/* Eight items at first, or as many as this many bytes hold: most lists of large items stay at one. */
enum { FIRST_ITEMS = 8, FIRST_BYTES = 512 };

static size_t first_capacity(size_t size)
{
    const size_t fit = FIRST_BYTES / (size > 0 ? size : 1);

    return fit == 0 ? 1 : fit < FIRST_ITEMS ? fit : FIRST_ITEMS;
}

void *vec_reserve(struct arena *a, void *at, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return at;

    /* An overflowing capacity is caught by arena_alloc_array: SIZE_MAX items of any size are too many. */
    const size_t wanted = *capacity > SIZE_MAX / 2 ? SIZE_MAX : *capacity == 0 ? first_capacity(size) : *capacity * 2;
    void *moved = arena_alloc_array(a, wanted, size);
    if (count > 0)
        memcpy(moved, at, count * size);
    *capacity = wanted;
    return moved;
}

/* vec: growable arrays in an arena.
 *
 *   struct { struct node *at; size_t count, capacity; } nodes = {0};
 *   vec_push(arena, &nodes, node);
 *
 * Any struct with the members `at`, `count` and `capacity` is a vec. Growing copies to fresh arena memory, so pointers
 * into `at` do not survive a push.
 */
#ifndef NETC_SUPPORT_VEC_H
#define NETC_SUPPORT_VEC_H

#include "compiler/support/arena.h"

#include <stddef.h>

#define VEC(type)               \
    struct {                    \
        type *at;               \
        size_t count, capacity; \
    }

/* Makes room for one more item. Returns the array, moved if it had to grow. */
void *vec_reserve(struct arena *a, void *at, size_t count, size_t *capacity, size_t size);

#define vec_push(a, v, item) \
    ((v)->at = vec_reserve((a), (v)->at, (v)->count, &(v)->capacity, sizeof *(v)->at), (void)((v)->at[(v)->count++] = (item)))

#endif

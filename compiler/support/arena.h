/* arena: memory that lives as long as a compilation.
 *
 * Whatever a compilation creates lives in its arena and dies with it; nobody frees single objects.
 */
#ifndef NETC_SUPPORT_ARENA_H
#define NETC_SUPPORT_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* Called when memory is exhausted; must not return. The driver's reports the failure and ends the process. */
typedef void arena_exhausted_fn(size_t bytes);

/* Returns a new arena, or ends through `exhausted`. Release it with arena_destroy. */
struct arena *arena_create(arena_exhausted_fn *exhausted);
void arena_destroy(struct arena *a);

/* An arena for what dies before `a` does: until it is closed, at the latest with `a`. */
struct arena *arena_open_scratch(struct arena *a);
void arena_close_scratch(struct arena *scratch);

/* How many bytes were asked for since the arena was created; without those of its scratches. */
size_t arena_bytes(const struct arena *a);

/* Returns `bytes` zeroed bytes, aligned for any type. Never NULL; `count * size` is overflow-checked. */
void *arena_alloc(struct arena *a, size_t bytes);
void *arena_alloc_array(struct arena *a, size_t count, size_t size);

/* A copy of `length` bytes followed by a NUL; of a NUL-terminated string; of a formatted text. */
char *arena_copy(struct arena *a, const char *text, size_t length);
char *arena_strdup(struct arena *a, const char *text);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

/* For tests of what happens when memory ends: the nth allocation from now (from 1) calls `exhausted`; 0 calls it off. */
void arena_fail_at(struct arena *a, size_t nth);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, count) ((type *)arena_alloc_array((a), (count), sizeof(type)))

#endif

/* arena: chunks that grow, in a list; all are freed together. Where memory ends the handler of the driver is called and does
 * not return. */
#include "compiler/support/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chunk {
    struct chunk *next;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    arena_exhausted_fn *exhausted;
    struct chunk *chunks;
    size_t used, size;    /* of the newest chunk that is shared by small objects */
    size_t fail_at;       /* 0: never */
    size_t bytes;         /* handed out so far */
    struct arena *parent;    /* of a scratch */
    struct arena *scratches, *next;
};

#if defined(__SANITIZE_ADDRESS__)
#define ONE_CHUNK_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ONE_CHUNK_EACH 1
#endif
#endif

/* Under the address sanitizer every object is a chunk of its own, so that overruns inside the arena are seen as well. */
#ifdef ONE_CHUNK_EACH
enum { CHUNK = 0 };
#else
enum { CHUNK = 64 * 1024 };
#endif

/* Ends through the handler; one that returns has broken its promise. */
static _Noreturn void exhaust(arena_exhausted_fn *exhausted, size_t bytes)
{
    exhausted(bytes);
    __builtin_trap();
}

struct arena *arena_create(arena_exhausted_fn *exhausted)
{
    struct arena *a = calloc(1, sizeof *a);

    if (a == NULL)
        exhaust(exhausted, sizeof *a);
    a->exhausted = exhausted;
    return a;
}

void arena_destroy(struct arena *a)
{
    if (a == NULL)
        return;
    for (struct arena *scratch = a->scratches, *next; scratch != NULL; scratch = next) {
        next = scratch->next;
        arena_destroy(scratch);
    }
    for (struct chunk *c = a->chunks, *next; c != NULL; c = next) {
        next = c->next;
        free(c);
    }
    free(a);
}

struct arena *arena_open_scratch(struct arena *a)
{
    struct arena *scratch = arena_create(a->exhausted);

    scratch->parent = a;
    scratch->next = a->scratches;
    a->scratches = scratch;
    return scratch;
}

void arena_close_scratch(struct arena *scratch)
{
    struct arena **at = &scratch->parent->scratches;

    while (*at != scratch)
        at = &(*at)->next;
    *at = scratch->next;
    arena_destroy(scratch);
}

size_t arena_bytes(const struct arena *a)
{
    return a->bytes;
}

void arena_fail_at(struct arena *a, size_t nth)
{
    a->fail_at = nth;
}

/* A new zeroed chunk of `size` bytes, at the head of the list if small objects are to share it, else behind the head. */
static struct chunk *add_chunk(struct arena *a, size_t size, bool shared)
{
    struct chunk *c = calloc(1, sizeof *c + size);

    if (c == NULL)
        exhaust(a->exhausted, size);
    if (shared || a->chunks == NULL) {
        c->next = a->chunks;
        a->chunks = c;
        a->used = shared ? 0 : size;
        a->size = size;
    } else {
        c->next = a->chunks->next;
        a->chunks->next = c;
    }
    return c;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    const size_t align = alignof(max_align_t);

    if (bytes > SIZE_MAX / 2 || (a->fail_at > 0 && --a->fail_at == 0))
        exhaust(a->exhausted, bytes);
    a->bytes += bytes;
    if (CHUNK == 0)
        return add_chunk(a, bytes, false)->bytes;
    const size_t size = bytes == 0 ? align : (bytes + align - 1) / align * align;
    if (size > CHUNK / 4)
        return add_chunk(a, size, false)->bytes;
    if (a->size - a->used < size)
        add_chunk(a, CHUNK, true);

    void *object = a->chunks->bytes + a->used;
    a->used += size;
    return object;
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        exhaust(a->exhausted, SIZE_MAX);
    return arena_alloc(a, count * size);
}

char *arena_copy(struct arena *a, const char *text, size_t length)
{
    char *copy = arena_alloc(a, length + 1);

    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return arena_copy(a, text, strlen(text));
}

char *arena_vprintf(struct arena *a, const char *format, va_list arguments)
{
    va_list again;

    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0)
        exhaust(a->exhausted, SIZE_MAX);    /* only a text beyond INT_MAX bytes gets here */

    char *text = arena_alloc(a, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = arena_vprintf(a, format, arguments);
    va_end(arguments);
    return text;
}

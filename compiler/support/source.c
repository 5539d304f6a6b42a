/* source: texts of a compilation and the beginnings of their lines, so that a byte offset becomes a line and a column by binary
 * search. */
#include "compiler/support/source.h"

#include "compiler/support/arena.h"

#include <assert.h>

bool span_is_none(struct span s)
{
    return s.file == UINT32_MAX;
}

struct span span_join(struct span a, struct span b)
{
    if (span_is_none(a))
        return b;
    if (span_is_none(b))
        return a;
    assert(a.file == b.file);
    return (struct span){a.file, a.begin, b.end > a.end ? b.end : a.end};
}

/* Fills in where the lines begin; counted first, so that a large file costs no copies. */
static void find_lines(struct arena *arena, struct source *file)
{
    size_t count = 1;

    for (size_t i = 0; i < file->length; i++)
        count += file->text[i] == '\n';
    file->lines.at = arena_array(arena, uint32_t, count);
    file->lines.capacity = count;
    file->lines.at[file->lines.count++] = 0;
    for (size_t i = 0; i < file->length; i++)
        if (file->text[i] == '\n')
            file->lines.at[file->lines.count++] = (uint32_t)(i + 1);
}

uint32_t source_add(struct sources *s, const char *name, const char *text, size_t length)
{
    assert(length < UINT32_MAX && s->file.count < UINT32_MAX);
    struct source file = {.name = arena_strdup(s->arena, name), .text = text, .length = length};

    find_lines(s->arena, &file);
    vec_push(s->arena, &s->file, file);
    return (uint32_t)(s->file.count - 1);
}

/* The index of the last line that begins at or before `offset`. */
static size_t line_of(const struct source *file, uint32_t offset)
{
    size_t low = 0, high = file->lines.count;

    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (file->lines.at[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct position source_position(const struct sources *s, struct span at)
{
    assert(!span_is_none(at) && at.file < s->file.count);
    const struct source *file = &s->file.at[at.file];
    const size_t line = line_of(file, at.begin);

    return (struct position){file->name, (uint32_t)(line + 1), at.begin - file->lines.at[line] + 1};
}

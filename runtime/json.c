/* json: typed access to members over jansson. The first failure is kept; later calls return zeros. */
#include "runtime/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_block {
    struct json_block *next;
    max_align_t memory[];
};

void json_fail(struct json_reader *reader, const char *format, ...)
{
    char text[384];
    va_list args;

    if (reader->failed)
        return;
    reader->failed = true;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    netrt_fail(reader->error, NETRT_E_CONTENT, "%s: %s", reader->what, text);
}

void *json_allocate(struct json_reader *reader, size_t count, size_t size)
{
    static max_align_t none;
    struct json_block *block = reader->failed ? NULL : calloc(1, sizeof *block + (count > 0 ? count : 1) * size);

    if (block == NULL) {
        json_fail(reader, "out of memory");
        return &none;
    }
    block->next = reader->blocks;
    reader->blocks = block;
    return block->memory;
}

void json_free(struct json_block *blocks)
{
    while (blocks != NULL) {
        struct json_block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

json_t *json_member(struct json_reader *reader, const json_t *object, const char *where, const char *name)
{
    json_t *member = reader->failed ? NULL : json_object_get(object, name);

    if (member == NULL)
        json_fail(reader, "%s: \"%s\" is missing", where, name);
    return member;
}

/* The member if it is there and of the type that `is_type` says. */
static json_t *optional(struct json_reader *reader, const json_t *object, const char *name)
{
    json_t *member = reader->failed ? NULL : json_object_get(object, name);

    return json_is_null(member) ? NULL : member;
}

json_t *json_list(struct json_reader *reader, const json_t *object, const char *where, const char *name)
{
    json_t *member = json_member(reader, object, where, name);

    if (member != NULL && !json_is_array(member))
        json_fail(reader, "%s: \"%s\" is no list", where, name);
    return member;
}

const char *json_text_or(struct json_reader *reader, const json_t *object, const char *where, const char *name,
                         const char *fallback)
{
    json_t *member = optional(reader, object, name);

    if (member == NULL)
        return fallback;
    if (!json_is_string(member))
        json_fail(reader, "%s: \"%s\" is no string", where, name);
    return json_is_string(member) ? json_string_value(member) : fallback;
}

const char *json_text(struct json_reader *reader, const json_t *object, const char *where, const char *name)
{
    return json_text_or(reader, json_member(reader, object, where, name) == NULL ? NULL : object, where, name, "");
}

int64_t json_whole_or(struct json_reader *reader, const json_t *object, const char *where, const char *name, int64_t fallback)
{
    json_t *member = optional(reader, object, name);

    if (member == NULL)
        return fallback;
    if (!json_is_integer(member) || json_integer_value(member) < 0)
        json_fail(reader, "%s: \"%s\" is no whole number from 0", where, name);
    return json_integer_value(member);
}

int64_t json_whole(struct json_reader *reader, const json_t *object, const char *where, const char *name)
{
    return json_whole_or(reader, json_member(reader, object, where, name) == NULL ? NULL : object, where, name, 0);
}

double json_number_or(struct json_reader *reader, const json_t *object, const char *where, const char *name, double fallback)
{
    json_t *member = optional(reader, object, name);

    if (member == NULL)
        return fallback;
    if (!json_is_number(member))
        json_fail(reader, "%s: \"%s\" is no number", where, name);
    return json_number_value(member);
}

double json_number(struct json_reader *reader, const json_t *object, const char *where, const char *name)
{
    return json_number_or(reader, json_member(reader, object, where, name) == NULL ? NULL : object, where, name, 0);
}

bool json_flag_or(struct json_reader *reader, const json_t *object, const char *where, const char *name, bool fallback)
{
    json_t *member = optional(reader, object, name);

    if (member == NULL)
        return fallback;
    if (!json_is_boolean(member))
        json_fail(reader, "%s: \"%s\" is neither true nor false", where, name);
    return json_is_true(member);
}

struct netrt_shape json_shape(struct json_reader *reader, const json_t *object, const char *where, const char *name)
{
    struct netrt_shape shape = {.elements = 1};
    const json_t *list = json_list(reader, object, where, name);
    size_t rank = json_array_size(list);
    int64_t dim[NETRT_MOST_AXES] = {0};

    for (size_t i = 0; i < rank && i < NETRT_MOST_AXES; i++)
        dim[i] = json_integer_value(json_array_get(list, i));
    if (!reader->failed && (rank > NETRT_MOST_AXES || !netrt_shape_make(&shape, (int)rank, dim)))
        json_fail(reader, "%s: \"%s\" is no shape of at most %d sizes from 1", where, name, NETRT_MOST_AXES);
    return shape;
}

int json_choice(struct json_reader *reader, const json_t *object, const char *where, const char *name, const char *const names[])
{
    const char *text = json_text(reader, object, where, name);

    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], text) == 0)
            return i;
    }
    json_fail(reader, "%s: \"%s\" is \"%s\", which this version does not know", where, name, text);
    return 0;
}

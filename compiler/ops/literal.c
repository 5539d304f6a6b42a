/* literal: values known at compile time as text and as numbers. */
#include "compiler/ops/literal.h"

#include "compiler/support/arena.h"

#include <assert.h>
#include <inttypes.h>

const char *literal_kind_text(enum literal_kind kind)
{
    switch (kind) {
    case LITERAL_INT: return "an integer";
    case LITERAL_REAL: return "a number";
    case LITERAL_BOOL: return "true or false";
    case LITERAL_STRING: return "a string";
    case LITERAL_SIZE: return "a size";
    case LITERAL_LIST: return "a list";
    case LITERAL_NAME: return "a name";
    }
    return "";
}

const char *literal_text(const struct literal *l, struct arena *arena)
{
    char text[SHAPE_TEXT];

    switch (l->kind) {
    case LITERAL_INT: return arena_printf(arena, "%" PRId64, l->as.integer);
    case LITERAL_REAL: return arena_printf(arena, "%.9g", l->as.real);
    case LITERAL_BOOL: return l->as.boolean ? "true" : "false";
    case LITERAL_STRING: return arena_printf(arena, "\"%s\"", l->as.string);
    case LITERAL_SIZE:
        for (int d = 0; d < l->as.size.rank; d++)
            if (l->as.size.dim[d] < 0)
                return NULL;
        return arena_strdup(arena, shape_text(&l->as.size, text));
    case LITERAL_LIST:
    case LITERAL_NAME: break;
    }
    return NULL;
}

double literal_number(const struct literal *l)
{
    assert(l->kind == LITERAL_INT || l->kind == LITERAL_REAL);
    return l->kind == LITERAL_INT ? (double)l->as.integer : l->as.real;
}

const char *literal_size_text(const struct literal *l, struct arena *arena)
{
    const char *text = "";
    bool is_known = true;

    if (l->kind != LITERAL_LIST || l->as.list.count < 2 || l->as.list.count > MAX_RANK)
        return NULL;
    for (size_t i = 0; i < l->as.list.count; i++) {
        if (l->as.list.at[i]->kind != LITERAL_INT)
            return NULL;
        is_known = is_known && l->as.list.at[i]->as.integer >= 0;
    }
    for (size_t i = 0; i < l->as.list.count; i++)
        text = arena_printf(arena, "%s%s%" PRId64, text, i == 0 ? "" : is_known ? "x" : ", ", l->as.list.at[i]->as.integer);
    return is_known ? text : arena_printf(arena, "size(%s)", text);
}

/* tile: what a register tile is called, in the names of its variables and in words. */
#include "compiler/lower/tile.h"

#include "compiler/lower/lowering.h"
#include "compiler/lower/reduce.h"

#include <inttypes.h>
#include <string.h>

const char *name_along(struct lowering *l, const char *base, const char *axis, int64_t number)
{
    return arena_printf(l->arena, "%s_%s%" PRId64, base, axis, number);
}

/* What axes count: by the letters of the operators' formulas, or where they have none, by the dimension of an image. */
static const char *const words[][2] = {
    {"o", "filters"}, {"u", "units"},   {"c", "channels"}, {"f", "features"}, {"t", "steps"},    {"l", "places"},
    {"h", "rows"},    {"w", "columns"}, {"p", "taps"},     {"q", "taps"},     {"", "positions"},
};

static const char *letter_of(const struct lowering *l, const struct nest *n, int axis)
{
    const bool image = graph_node(l->graph, l->planned->fused.at[0].v)->shape.rank == 3;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], n->axis_name[axis]) == 0)
            return words[i][0];
    return image && n->out[1].factor[axis] != 0 ? "h" : image && n->out[2].factor[axis] != 0 ? "w" : "";
}

const char *times_along(struct lowering *l, const char *tile, int64_t count, const struct nest *n, int axis)
{
    const char *letter = letter_of(l, n, axis);
    size_t i = 0;

    if (count == 1)
        return tile;
    while (strcmp(words[i][0], letter) != 0)
        i++;
    return arena_printf(l->arena, "%s%s%" PRId64 " %s", tile, *tile ? " x " : "", count, words[i][1]);
}

void note_registers(struct lowering *l, struct loop_list list, const char *tile)
{
    if (list.first && *tile)
        list.first->note = arena_printf(l->arena, "%s in registers", tile);
}

void note_border(struct lowering *l, struct loop_list list, const struct nest *n, int axis, int border)
{
    static const char *const sides[][3] = {{"left border", "right border", "left and right border"},
                                           {"upper border", "lower border", "upper and lower border"},
                                           {"the beginning", "the end", "beginning and end"}};

    if (border == 0 || !list.first)
        return;
    const char letter = *letter_of(l, n, axis);
    list.first->note = arena_printf(l->arena, "%s%s%s", list.first->note ? list.first->note : "", list.first->note ? "; " : "",
                                    sides[letter == 'h'   ? 1
                                          : letter == 't' ? 2
                                                          : 0][border - 1]);
}

void note_tile(struct lowering *l, const char *tile, int sums, int kept, double loads)
{
    const char *operands = kept > 0 ? arena_printf(l->arena, " and %d operands", kept) : "";
    const char *note = arena_printf(l->arena, "%s: %d sums%s in %d registers, %.2g load%s a term", tile, sums, operands,
                                    l->target->vector_registers, loads, loads == 1 ? "" : "s");

    if (sums == 1)
        return;
    for (size_t i = 0; i < l->k->tile.count; i++)
        if (strcmp(l->k->tile.at[i], note) == 0)
            return;
    vec_push(l->arena, &l->k->tile, note);
}

/* tile_split: an axis in tiles, as items of a kernel.
 *
 * A tile's code knows its size, so the tiles of an axis that no size divides come in two segments; an item finds its segment by its number.
 */
#include "compiler/lower/tile_split.h"

#include "compiler/lower/lowering.h"
#include "compiler/lower/reduce.h"

int split_evenly(int64_t extent, int64_t most, struct tile_segment segment[2])
{
    int64_t tiles = (extent + most - 1) / most, size = (extent + tiles - 1) / tiles;
    int64_t larger = extent - tiles * (size - 1);

    segment[0] = (struct tile_segment){0, size, larger};
    segment[1] = (struct tile_segment){larger * size, size - 1, tiles - larger};
    return tiles > larger ? 2 : 1;
}

loop_axis add_item_axis(struct lowering *l, const char *name, int64_t extent)
{
    loop_axis a = open_axis(l, name, 0, extent);

    l->k->item_extent[l->k->item_count++] = extent;
    return a;
}

static int64_t tiles_of(const struct tile_split *r)
{
    return r->segment[0].count + (r->count == 2 ? r->segment[1].count : 0);
}

void add_item_split(struct lowering *l, struct tile_split *r, const char *name)
{
    r->tile = tiles_of(r) > 1 ? add_item_axis(l, name, tiles_of(r)) : -1;
}

static int64_t tiles_before(const struct tile_split *r, int i)
{
    return i == 0 ? 0 : r->segment[0].count;
}

struct loop_index open_segment(struct lowering *l, const struct tile_split *r, int i)
{
    int64_t before = tiles_before(r, i), size = r->segment[i].size;

    if (r->tile < 0)
        return loop_constant_index(r->segment[i].begin);
    l->range.at[r->tile] = (struct axis_range){before, before + r->segment[i].count - 1};
    /* Never folded to a constant: what an item stores must be seen to follow from its number. */
    return loop_index_add(l->m, loop_axis_index(l->m, r->tile, size), loop_constant_index(r->segment[i].begin - before * size));
}

void close_segment(struct lowering *l, const struct tile_split *r, int i, struct loop_list body, struct loop_list *out)
{
    int64_t before = tiles_before(r, i);

    if (r->tile >= 0)
        l->range.at[r->tile] = (struct axis_range){0, tiles_of(r) - 1};
    if (r->count == 1)
        append_list(out, body);
    else
        loop_append(out, loop_if(l->m, loop_axis_index(l->m, r->tile, 1), before, before + r->segment[i].count,
                                 loop_list_block(l->m, body)));
}

void add_all_item(struct lowering *l)
{
    if (l->k->item_count == 0)
        add_item_axis(l, "all", 1);
}

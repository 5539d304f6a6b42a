/* update: element-wise work on whole parameters: the optimizer's step.
 *
 * Elements are independent and stand one after the other, so they fill vectors as samples do elsewhere; buffers are padded to
 * whole vectors. Work is divided into chunks of consecutive elements.
 */
#include "compiler/lower/fused.h"
#include "compiler/lower/kernels.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/reduce.h"
#include "compiler/lower/tile_split.h"

/* Sixteens of elements in a chunk: of f32, half of the first-level cache, so that those of three or four buffers stay in the second. */
static int64_t chunk_of(const struct target *t)
{
    return t->l1.bytes / 2 / (LANES * (int64_t)sizeof(float));
}

/* The sixteens of a chunk that begins at `first`. */
static void lower_chunk(struct lowering *l, struct loop_index first, int64_t size, struct loop_list *out)
{
    struct loop_list vector = {0}, body = {0};
    loop_axis i = open_axis(l, "i", 0, size);

    loop_axis part = begin_parts(l);
    const struct loop_dimension dimension[] = {{0, loop_index_add(l->m, first, axis_times(l, i, 1))}, {LANES, l->lane}};
    lower_fused_at(l, loop_index_in(l->m, 2, dimension), NULL, &vector);
    end_parts(l, part, vector, &body);
    close_axis(l, i, body, out);
}

void lower_update(struct lowering *l)
{
    struct tile_split chunks;
    struct loop_list body = {0};

    int64_t elements = shape_elements(&graph_node(l->graph, l->planned->fused.at[0].v)->shape);
    chunks.count = split_evenly((elements + LANES - 1) / LANES, chunk_of(l->target), chunks.segment);
    add_item_split(l, &chunks, "chunk");
    add_all_item(l);
    for (int i = 0; i < chunks.count; i++) {
        struct loop_list chunk = {0};
        lower_chunk(l, open_segment(l, &chunks, i), chunks.segment[i].size, &chunk);
        close_segment(l, &chunks, i, chunk, &body);
    }
    l->k->body = loop_list_block(l->m, body);
}

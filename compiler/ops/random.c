/* random: what operators that draw random numbers share. */
#include "compiler/ops/build.h"

#include <inttypes.h>

/* Elements are numbered by signed words. */
#define MOST_ELEMENTS (INT64_C(1) << 31)

bool op_want_drawable(struct op_call *c, const struct shape *shape)
{
    char text[SHAPE_TEXT];

    if (shape_elements(shape) <= MOST_ELEMENTS)
        return true;
    return diag_error(c->diags, c->at, DIAG_TENSOR_SIZE, "%s: draws at most %" PRId64 " numbers for a sample, %s has %" PRId64,
                      c->op->name, MOST_ELEMENTS, shape_text(shape, text), shape_elements(shape));
}

static const struct expr *same(const struct op_call *c, const struct expr *x)
{
    (void)c;
    return x;
}

/* A node of its own, because the input may be a result of the net too, and results do not share a place. */
node_id op_add_outside(struct op_call *c)
{
    return op_add_elementwise(c, "outside", c->in[0], same);
}

node_id op_add_drawn(struct op_call *c, const char *op_name, drawn_formula *formula)
{
    struct graph *g = c->graph;
    const node_id x = c->in[0], outside = op_add_outside(c);
    const struct shape shape = graph_node(g, x)->shape, flat = {.rank = 1, .dim = {shape_elements(&shape)}};
    struct nest n = {0};

    n.out[0] = index_axis(nest_add_axis(&n, "i", flat.dim[0], false), 1);
    const struct expr *read = nest_read(g, &n, graph_add_view(g, x, &flat), n.out);
    n.body = formula(c, expr_random(g, &n, graph_add_stream(g, c->name), n.out[0]), read);
    const node_id y = graph_add_view(g, graph_add_compute(g, op_name, &flat, &n, false), &shape);
    graph_set_inference(g, y, outside);
    return y;
}

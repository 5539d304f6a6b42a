/* fused: element-wise fused nodes of a kernel over tensors of one shape, at one place: a scalar, or a vector of neighbours.
 *
 * The optimizer's step, alone or behind the gradient that it uses.
 */
#include "compiler/lower/fused.h"

#include "compiler/lower/expression.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/notes.h"
#include "compiler/lower/reduce.h"

#include <string.h>

struct fused {
    struct lowering *l;
    struct loop_index at;              /* the first element, in row-major order */
    const struct loop_expr **result;   /* of each fused node */
};

/* "new_momentum" of "c1.weight.momentum+"; else the operator. */
static const char *name_of_fused(struct lowering *l, const struct node *n)
{
    const char *dot = strrchr(n->name, '.'), *plus = strrchr(n->name, '+');

    if (!dot || !plus || plus < dot)
        return n->op_name;
    return arena_printf(l->arena, "new_%.*s", (int)(plus - dot - 1), dot + 1);
}

static struct loop_place place_of(const struct fused *s, node_id v)
{
    struct loop_place p = {.buffer = s->l->buffer[v], .block = loop_constant_index(0), .at = s->at};

    return p;
}

static const struct loop_expr *read_element(void *context, const struct nest *n, int access, const struct instance *p)
{
    struct fused *s = context;
    struct lowering *l = s->l;
    node_id v = n->in[access].of;

    for (size_t i = 0; i < l->planned->fused.count; i++)
        if (l->planned->fused.at[i].v == v)
            return s->result[i];
    if (plan_is_number(l->plan, l->planned, v))
        return load_access(l, n, &n->in[access], p);
    return load_real(l, l->type, place_of(s, v));
}

void lower_fused_at(struct lowering *l, struct loop_index at, const struct loop_expr *anchor, struct loop_list *out)
{
    const struct plan_kernel *k = l->planned;
    struct fused s = {.l = l, .at = at, .result = arena_array(l->arena, const struct loop_expr *, k->fused.count)};
    struct instance nowhere = {.number = 0};

    for (int a = 0; a < MAX_AXES; a++)
        nowhere.axis[a] = loop_constant_index(0);
    for (size_t i = 0; i < k->fused.count; i++) {
        const struct node *n = graph_node(l->graph, k->fused.at[i].v);
        if (i == 0 && anchor) {
            s.result[i] = anchor;
            continue;
        }
        const struct loop_origin *before = enter_value(l, k->fused.at[i].v);
        const struct loop_variable *v = fresh(l, name_of_fused(l, n), l->type);
        loop_append(out, loop_define(l->m, v, lower_body(l, n->nest, n->nest->body, &nowhere, read_element, &s, out)));
        s.result[i] = loop_read(l->m, v);
        l->m->origin = before;
    }
    for (size_t i = 0; i < k->fused.count; i++)
        if (k->fused.at[i].stored)
            loop_append(out, loop_store(l->m, place_of(&s, k->fused.at[i].v), s.result[i]));
}

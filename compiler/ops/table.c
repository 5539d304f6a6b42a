/* table: tensors of constants, which an argument gives as nested lists of numbers.
 *
 *   t[i, j, …] = the number at place i, j, … of the lists            uniform; nothing flows back into it
 *
 * A run of equal numbers is one nest of the node, so a table costs what its text does.
 */
#include "compiler/ops/build.h"

#include <inttypes.h>

/* Each number may become a nest. */
enum { MOST_NUMBERS = 4096 };

struct reading {
    struct op_call *call;
    const char *name;       /* of the argument */
    struct table *table;
    double *next;
    int64_t left;           /* numbers that may follow */
};

/* The sizes that the first item of each list promises for all. */
static struct shape shape_of(const struct literal *l)
{
    struct shape s = {.rank = 0};

    while (l->kind == LITERAL_LIST && s.rank < MAX_RANK) {
        s.dim[s.rank++] = (int64_t)l->as.list.count;
        if (l->as.list.count == 0)
            break;
        l = l->as.list.at[0];
    }
    return s;
}

static bool is_too_long(const struct reading *r, const struct literal *l)
{
    diag_error(r->call->diags, l->at, DIAG_FIXED_VALUES, "%s: %s has more than %d numbers", r->call->op->name, r->name,
               MOST_NUMBERS);
    return false;
}

static bool read_level(struct reading *r, const struct literal *l, int level)
{
    const struct shape *s = &r->table->shape;
    const bool is_list = l->kind == LITERAL_LIST;

    if (is_list != (level < s->rank) || (is_list && (int64_t)l->as.list.count != s->dim[level]))
        return diag_error(r->call->diags, l->at, DIAG_FIXED_VALUES, "%s: the lists of %s are not of one length", r->call->op->name,
                          r->name);
    if (is_list && l->as.list.count == 0)
        return diag_error(r->call->diags, l->at, DIAG_FIXED_VALUES, "%s: %s is an empty list", r->call->op->name, r->name);
    if (!is_list) {
        *r->next++ = literal_number(l);
        return r->left-- > 0 || is_too_long(r, l);
    }
    for (size_t i = 0; i < l->as.list.count; i++)
        if (!read_level(r, l->as.list.at[i], level + 1))
            return false;
    return true;
}

bool op_read_table(struct op_call *c, int arg, struct table *t)
{
    const struct literal *l = c->arg[arg].literal;
    double *values = arena_array(c->graph->arena, double, MOST_NUMBERS + 1);
    struct reading r = {.call = c, .name = op_param(c->op, arg)->name, .table = t, .next = values, .left = MOST_NUMBERS};

    *t = (struct table){.shape = shape_of(l), .values = values};
    return read_level(&r, l, 0);
}

node_id op_add_table(struct op_call *c, const char *op_name, const struct table *t)
{
    const int64_t count = shape_elements(&t->shape);
    struct nest *parts = arena_array(c->graph->arena, struct nest, (size_t)count);
    int part_count = 0;

    for (int64_t begin = 0, end; begin < count; begin = end) {
        struct nest *n = &parts[part_count++];
        end = begin + 1;
        while (end < count && !(t->values[end] < t->values[begin]) && !(t->values[end] > t->values[begin]))
            end++;
        n->out[0] = index_add(index_axis(nest_add_axis(n, "i", end - begin, false), 1), index_constant(begin));
        n->body = expr_constant(c->graph, t->values[begin]);
    }
    const node_id v = graph_add_parts(c->graph, op_name, &(struct shape){.rank = 1, .dim = {count}}, part_count, parts, false);
    return graph_add_view(c->graph, v, &t->shape);
}

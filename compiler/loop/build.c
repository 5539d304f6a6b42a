/* build: makes loop IR. Types follow from the arguments; indices are kept in canonical form (loop.h, Indices).
 *
 * Real arithmetic is never folded or rearranged here: what the lowering writes is what runs.
 */
#include "compiler/loop/loop.h"

#include "compiler/loop/index.h"
#include "compiler/loop/operations.h"

#include <assert.h>
#include <string.h>

/* ---- Kernels, buffers, axes ---------------------------------------------------------------------------------------- */

struct loop_kernel *loop_add_kernel(struct loop_module *m, const char *name)
{
    struct loop_kernel *k = arena_new(m->arena, struct loop_kernel);

    k->name = name;
    k->title = "";
    k->where = "";
    vec_push(m->arena, &m->kernel, k);
    return k;
}

struct loop_program *loop_add_program(struct loop_module *m, const char *name)
{
    struct loop_program *p = arena_new(m->arena, struct loop_program);

    p->name = name;
    vec_push(m->arena, &m->program, p);
    return p;
}

struct loop_program *loop_find_program(const struct loop_module *m, const char *name)
{
    for (size_t i = 0; i < m->program.count; i++)
        if (strcmp(m->program.at[i]->name, name) == 0)
            return m->program.at[i];
    return NULL;
}

loop_buffer_id loop_add_buffer(struct loop_module *m, struct loop_buffer b)
{
    assert(b.space != SPACE_LOCAL);
    vec_push(m->arena, &m->buffer, b);
    return (loop_buffer_id)m->buffer.count - 1;
}

loop_buffer_id loop_add_local(struct loop_module *m, struct loop_kernel *k, const char *name, enum loop_type type, int64_t elements)
{
    struct loop_buffer b = {.name = name, .space = SPACE_LOCAL, .elements = elements, .label = "", .type = type};

    vec_push(m->arena, &k->local, b);
    return (loop_buffer_id)(m->buffer.count + k->local.count) - 1;
}

const struct loop_buffer *loop_buffer_at(const struct loop_module *m, const struct loop_kernel *k, loop_buffer_id id)
{
    size_t i = (size_t)id;

    if (i < m->buffer.count)
        return &m->buffer.at[i];
    assert(k && i - m->buffer.count < k->local.count);
    return &k->local.at[i - m->buffer.count];
}

int64_t loop_buffer_bytes(const struct loop_buffer *b)
{
    return b->elements * loop_type_bytes(b->type);
}

bool loop_buffers_meet(const struct loop_buffer *a, const struct loop_buffer *b)
{
    if (a->space != b->space || (a->space != SPACE_UNIFORM && a->space != SPACE_BLOCK))
        return false;
    return a->offset < b->offset + loop_buffer_bytes(b) && b->offset < a->offset + loop_buffer_bytes(a);
}

int64_t loop_item_total(const struct loop_kernel *k)
{
    int64_t count = k->item_count > 0 ? 1 : 0;

    for (int i = 0; i < k->item_count; i++)
        count *= k->item_extent[i];
    return count;
}

loop_axis loop_add_axis(struct loop_module *m, struct loop_kernel *k, const char *name)
{
    struct loop_axis_info axis = {name};

    vec_push(m->arena, &k->axis, axis);
    return (loop_axis)k->axis.count - 1;
}

/* ---- Indices ------------------------------------------------------------------------------------------------------- */

struct loop_index loop_constant_index(int64_t constant)
{
    return (struct loop_index){.constant = constant};
}

struct loop_index loop_axis_index(struct loop_module *m, loop_axis axis, int64_t factor)
{
    if (factor == 0)
        return loop_constant_index(0);
    struct loop_term *term = arena_new(m->arena, struct loop_term);
    *term = (struct loop_term){axis, factor};
    return (struct loop_index){.count = 1, .term = term};
}

struct loop_index loop_index_add(struct loop_module *m, struct loop_index a, struct loop_index b)
{
    int64_t constant = a.constant + b.constant;

    if (a.count == 0 || b.count == 0) {
        const struct loop_index *varying = a.count == 0 ? &b : &a;
        return (struct loop_index){.constant = constant, .count = varying->count, .term = varying->term};
    }
    struct loop_term *term = arena_array(m->arena, struct loop_term, (size_t)a.count + (size_t)b.count);
    int count = 0;
    for (int i = 0, j = 0; i < a.count || j < b.count;) {
        if (j == b.count || (i < a.count && a.term[i].axis < b.term[j].axis)) {
            term[count++] = a.term[i++];
        } else if (i == a.count || b.term[j].axis < a.term[i].axis) {
            term[count++] = b.term[j++];
        } else {
            int64_t factor = a.term[i].factor + b.term[j++].factor;
            if (factor != 0)
                term[count++] = (struct loop_term){a.term[i].axis, factor};
            i++;
        }
    }
    return (struct loop_index){.constant = constant, .count = count, .term = term};
}

struct loop_index loop_index_scale(struct loop_module *m, struct loop_index a, int64_t factor)
{
    if (factor == 0)
        return loop_constant_index(0);
    if (factor == 1)
        return a;
    struct loop_term *term = arena_array(m->arena, struct loop_term, (size_t)a.count);
    for (int i = 0; i < a.count; i++)
        term[i] = (struct loop_term){a.term[i].axis, a.term[i].factor * factor};
    return (struct loop_index){.constant = a.constant * factor, .count = a.count, .term = term};
}

struct loop_index loop_index_in(struct loop_module *m, int rank, const struct loop_dimension dimension[])
{
    struct loop_dimension *kept = arena_array(m->arena, struct loop_dimension, (size_t)rank);
    struct loop_index sum = loop_constant_index(0);

    for (int d = 0; d < rank; d++) {
        kept[d] = dimension[d];
        kept[d].at.rank = 0;
        sum = loop_index_add(m, loop_index_scale(m, sum, dimension[d].extent), dimension[d].at);
    }
    sum.rank = rank;
    sum.dimension = kept;
    return sum;
}

int64_t loop_index_stride(const struct loop_index *a, int d)
{
    int64_t stride = 1;

    for (int i = d + 1; i < a->rank; i++)
        stride *= a->dimension[i].extent;
    return stride;
}

struct loop_index loop_index_move(struct loop_module *m, struct loop_index a, int d, struct loop_index by)
{
    struct loop_dimension *moved = arena_array(m->arena, struct loop_dimension, (size_t)a.rank);
    struct loop_index sum = loop_index_add(m, a, loop_index_scale(m, by, loop_index_stride(&a, d)));

    assert(d >= 0 && d < a.rank);
    for (int i = 0; i < a.rank; i++)
        moved[i] = a.dimension[i];
    moved[d].at = loop_index_add(m, moved[d].at, by);
    sum.rank = a.rank;
    sum.dimension = moved;
    return sum;
}

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

static struct loop_expr *new_expr(struct loop_module *m, enum loop_op op, enum loop_type type)
{
    struct loop_expr *e = arena_new(m->arena, struct loop_expr);

    e->op = op;
    e->type = type;
    return e;
}

const struct loop_expr *loop_real(struct loop_module *m, enum loop_type type, double value)
{
    assert(loop_is_real(type));
    struct loop_expr *e = new_expr(m, LOOP_CONSTANT, type);
    e->as.real = value;
    return e;
}

const struct loop_expr *loop_bits(struct loop_module *m, enum loop_type type, int64_t value)
{
    assert(loop_is_integer(type));
    struct loop_expr *e = new_expr(m, LOOP_BITS_CONSTANT, type);
    e->as.bits = value;
    return e;
}

const struct loop_expr *loop_read(struct loop_module *m, const struct loop_variable *v)
{
    struct loop_expr *e = new_expr(m, LOOP_VARIABLE, v->type);

    e->as.variable = v;
    return e;
}

const struct loop_expr *loop_load(struct loop_module *m, enum loop_type type, struct loop_place from)
{
    struct loop_expr *e = new_expr(m, LOOP_LOAD, type);

    e->as.place = from;
    return e;
}

const struct loop_expr *loop_index_value(struct loop_module *m, enum loop_type type, struct loop_index index)
{
    assert(!loop_is_vector(type));
    struct loop_expr *e = new_expr(m, LOOP_INDEX, type);
    e->as.index = index;
    return e;
}

const struct loop_expr *loop_sum_lanes(struct loop_module *m, struct loop_place from)
{
    struct loop_expr *e = new_expr(m, LOOP_SUM_LANES, m->real);

    e->as.place = from;
    return e;
}

/* `stated`: the type of the result, where the row leaves it open. */
static struct loop_expr *operation(struct loop_module *m, enum loop_op op, enum loop_type stated,
                                   const struct loop_expr *const arg[3])
{
    enum loop_type type = stated;
    const bool fits = loop_result_type(m, op, arg, stated, &type);

    assert(fits);
    (void)fits;
    struct loop_expr *e = new_expr(m, op, type);
    memcpy(e->arg, arg, (size_t)loop_arity(op) * sizeof arg[0]);
    return e;
}

const struct loop_expr *loop_unary(struct loop_module *m, enum loop_op op, const struct loop_expr *a)
{
    assert(loop_arity(op) == 1);
    return operation(m, op, a->type, (const struct loop_expr *const[3]){a});
}

const struct loop_expr *loop_splat(struct loop_module *m, const struct loop_expr *scalar)
{
    return loop_unary(m, LOOP_SPLAT, scalar);
}

const struct loop_expr *loop_convert(struct loop_module *m, enum loop_type element, const struct loop_expr *a)
{
    assert(loop_is_integer(a->type) || loop_is_real(element));
    if (loop_scalar_of(a->type) == loop_scalar_of(element))
        return a;
    return operation(m, LOOP_CONVERT, element, (const struct loop_expr *const[3]){a});
}

const struct loop_expr *loop_shift(struct loop_module *m, enum loop_op op, const struct loop_expr *a, int distance)
{
    assert(op == LOOP_SHIFT_LEFT || op == LOOP_SHIFT_RIGHT);
    struct loop_expr *e = operation(m, op, a->type, (const struct loop_expr *const[3]){a});
    e->as.bits = distance;
    return e;
}

const struct loop_expr *loop_binary(struct loop_module *m, enum loop_op op, const struct loop_expr *a, const struct loop_expr *b)
{
    assert(loop_arity(op) == 2);
    return operation(m, op, a->type, (const struct loop_expr *const[3]){a, b});
}

const struct loop_expr *loop_fma(struct loop_module *m, const struct loop_expr *a, const struct loop_expr *b,
                                 const struct loop_expr *c)
{
    return operation(m, LOOP_FMA, a->type, (const struct loop_expr *const[3]){a, b, c});
}

const struct loop_expr *loop_select(struct loop_module *m, const struct loop_expr *mask, const struct loop_expr *yes,
                                    const struct loop_expr *no)
{
    return operation(m, LOOP_SELECT, yes->type, (const struct loop_expr *const[3]){mask, yes, no});
}

const struct loop_expr *loop_call(struct loop_module *m, const struct loop_function *f, const struct loop_expr *a)
{
    assert(f->parameter->type == a->type);
    struct loop_expr *e = operation(m, LOOP_CALL, a->type, (const struct loop_expr *const[3]){a});
    e->as.function = f;
    return e;
}

const struct loop_variable *loop_add_variable(struct loop_module *m, const char *name, enum loop_type type)
{
    struct loop_variable *v = arena_new(m->arena, struct loop_variable);

    v->name = name;
    v->type = type;
    return v;
}

/* ---- Statements ---------------------------------------------------------------------------------------------------- */

static struct loop *new_statement(struct loop_module *m, enum loop_kind kind)
{
    struct loop *s = arena_new(m->arena, struct loop);

    s->kind = kind;
    s->origin = m->origin;
    return s;
}

void loop_append(struct loop_list *list, struct loop *statement)
{
    assert(!statement->next);
    if (list->last)
        list->last->next = statement;
    else
        list->first = statement;
    list->last = statement;
}

const struct loop *loop_list_block(struct loop_module *m, struct loop_list list)
{
    struct loop *s = new_statement(m, LOOP_BLOCK);

    s->as.block = list.first;
    return s;
}

struct loop *loop_for(struct loop_module *m, loop_axis axis, int64_t begin, int64_t end, const struct loop *body)
{
    struct loop *s = new_statement(m, LOOP_FOR);

    s->as.for_.axis = axis;
    s->as.for_.begin = begin;
    s->as.for_.end = end;
    s->as.for_.body = body;
    return s;
}

struct loop *loop_for_blocks(struct loop_module *m, loop_axis axis, const struct loop *body)
{
    struct loop *s = loop_for(m, axis, 0, 0, body);

    s->as.for_.over_blocks = true;
    return s;
}

struct loop *loop_if(struct loop_module *m, struct loop_index index, int64_t low, int64_t high, const struct loop *body)
{
    struct loop *s = new_statement(m, LOOP_IF);

    s->as.if_.index = index;
    s->as.if_.low = low;
    s->as.if_.high = high;
    s->as.if_.body = body;
    return s;
}

struct loop *loop_if_block(struct loop_module *m, struct loop_index index, const struct loop *body)
{
    struct loop *s = loop_if(m, index, 0, (m->batch + LANES - 1) / LANES, body);

    s->as.if_.of_blocks = true;
    return s;
}

struct loop *loop_indirect(struct loop_module *m, loop_axis axis, int64_t begin, int64_t end, const struct loop_expr *value,
                           const struct loop *body)
{
    struct loop *s = new_statement(m, LOOP_INDIRECT);

    assert(value->type == m->real || value->type == TYPE_I32);
    s->as.indirect.axis = axis;
    s->as.indirect.begin = begin;
    s->as.indirect.end = end;
    s->as.indirect.value = value;
    s->as.indirect.body = body;
    return s;
}

static struct loop *assign(struct loop_module *m, enum loop_kind kind, const struct loop_variable *v, const struct loop_expr *value)
{
    assert(v->type == value->type);
    struct loop *s = new_statement(m, kind);
    s->as.set.variable = v;
    s->as.set.value = value;
    return s;
}

struct loop *loop_define(struct loop_module *m, const struct loop_variable *v, const struct loop_expr *value)
{
    return assign(m, LOOP_DEFINE, v, value);
}

struct loop *loop_set(struct loop_module *m, const struct loop_variable *v, const struct loop_expr *value)
{
    return assign(m, LOOP_SET, v, value);
}

struct loop *loop_store(struct loop_module *m, struct loop_place to, const struct loop_expr *value)
{
    assert(loop_type_bytes(value->type) > 0);
    struct loop *s = new_statement(m, LOOP_STORE);
    s->as.store.place = to;
    s->as.store.value = value;
    return s;
}

size_t loop_count_definitions(const struct loop *s)
{
    size_t count = 0;

    for (; s; s = s->next) {
        switch (s->kind) {
        case LOOP_FOR: count += loop_count_definitions(s->as.for_.body); break;
        case LOOP_IF: count += loop_count_definitions(s->as.if_.body); break;
        case LOOP_INDIRECT: count += loop_count_definitions(s->as.indirect.body); break;
        case LOOP_DEFINE: count++; break;
        case LOOP_BLOCK: count += loop_count_definitions(s->as.block); break;
        case LOOP_SET:
        case LOOP_STORE: break;
        }
    }
    return count;
}

/* verify: whether a module keeps the promises of loop.h. Speaks of kernels and statements by name. */
#include "compiler/loop/loop.h"

#include "compiler/loop/index.h"
#include "compiler/loop/interval.h"
#include "compiler/loop/operations.h"
#include "compiler/support/names.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* Expressions deeper than this would be a burden to whoever walks them recursively. */
enum { MAX_DEPTH = 1000 };

struct verifier {
    const struct loop_module *module;
    const struct loop_kernel *kernel;        /* NULL in a function */
    const struct loop_function *function;    /* NULL in a kernel */
    const struct loop *statement;
    struct ranges ranges;
    VEC(const struct loop_variable *) visible;
    struct arena *arena;
    FILE *out;
    bool ok;
};

static void complain(struct verifier *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void complain(struct verifier *v, const char *format, ...)
{
    static const char *const kind[] = {
        [LOOP_FOR] = "for", [LOOP_IF] = "if",       [LOOP_INDIRECT] = "choice", [LOOP_DEFINE] = "definition",
        [LOOP_SET] = "set", [LOOP_STORE] = "store", [LOOP_BLOCK] = "block",
    };
    va_list args;

    if (v->kernel)
        fprintf(v->out, "kernel %s: ", v->kernel->name);
    else if (v->function)
        fprintf(v->out, "function %s: ", v->function->name);
    if (v->statement) {
        fprintf(v->out, "%s", kind[v->statement->kind]);
        if (v->statement->kind == LOOP_DEFINE || v->statement->kind == LOOP_SET)
            fprintf(v->out, " of %s", v->statement->as.set.variable->name);
        fputs(": ", v->out);
    }
    va_start(args, format);
    vfprintf(v->out, format, args);
    va_end(args);
    fputc('\n', v->out);
    v->ok = false;
}

/* ---- Places -------------------------------------------------------------------------------------------------------- */

static bool index_is_well_formed(struct verifier *v, const struct loop_index *index)
{
    for (int i = 0; i < index->count; i++) {
        struct loop_term t = index->term[i];
        if (t.factor == 0 || (i > 0 && t.axis <= index->term[i - 1].axis)) {
            complain(v, "an index is not in canonical form");
            return false;
        }
        if (!v->kernel || t.axis < 0 || (size_t)t.axis >= v->kernel->axis.count || !v->ranges.axis[t.axis].defined) {
            complain(v, "an index uses the axis %d outside its loop", t.axis);
            return false;
        }
    }
    if (!loop_index_agrees(index))
        complain(v, "an index is not what its dimensions make");
    return loop_index_agrees(index);
}

static const struct loop_buffer *buffer_of(struct verifier *v, const struct loop_place *place)
{
    size_t count = v->module->buffer.count + (v->kernel ? v->kernel->local.count : 0);

    if (v->kernel && place->buffer >= 0 && (size_t)place->buffer < count)
        return loop_buffer_at(v->module, v->kernel, place->buffer);
    complain(v, "there is no buffer %d", place->buffer);
    return NULL;
}

/* Returns false if the place cannot even be read; whether it lies within its buffer is reported only. */
static bool check_place(struct verifier *v, const struct loop_place *place, int64_t elements)
{
    const struct loop_buffer *b = buffer_of(v, place);

    if (!b || !index_is_well_formed(v, &place->at) || !index_is_well_formed(v, &place->block))
        return false;
    if (v->ranges.empty)
        return true;
    struct interval at = ranges_of_index(&v->ranges, &place->at), block = ranges_of_index(&v->ranges, &place->block);
    int64_t size = b->space == SPACE_SETTING ? 1 : b->elements;
    if (at.low < 0 || at.high + elements > size)
        complain(v, "%s has %" PRId64 " elements, but %" PRId64 " from %" PRId64 " … %" PRId64 " are used", b->name, size, elements,
                 at.low, at.high);
    int64_t blocks = (v->module->batch + LANES - 1) / LANES;
    bool per_block = b->space == SPACE_BLOCK || b->space == SPACE_INPUT;
    if (block.low < 0 || block.high >= (per_block ? blocks : 1))
        complain(v, "%s: the lane block %" PRId64 " … %" PRId64 " is none of %" PRId64, b->name, block.low, block.high,
                 per_block ? blocks : 1);
    return true;
}

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

/* A value of `type` is moved from or to a place: one element of its buffer, or a vector of them. */
static void check_access(struct verifier *v, const struct loop_place *place, enum loop_type type, int64_t elements)
{
    if (check_place(v, place, elements) && buffer_of(v, place)->type != loop_scalar_of(type))
        complain(v, "%s holds %s, not %s", buffer_of(v, place)->name, loop_type_name(buffer_of(v, place)->type),
                 loop_type_name(type));
}

static int64_t lanes_of(const struct verifier *v, enum loop_type type)
{
    return loop_is_vector(type) ? v->module->vector_lanes : 1;
}

static bool is_visible(const struct verifier *v, const struct loop_variable *variable)
{
    for (size_t i = v->visible.count; i-- > 0;) {
        if (v->visible.at[i] == variable)
            return true;
    }
    return false;
}

/* Whole numbers that a real cannot tell apart are no concern: what is computed with them is rounded like anything else. */
static void check_index(struct verifier *v, const struct loop_index *index, enum loop_type type)
{
    if (!index_is_well_formed(v, index) || v->ranges.empty || !loop_is_integer(type))
        return;
    const struct interval i = ranges_of_index(&v->ranges, index);
    const int bits = loop_is_signed(type) ? 8 * loop_type_bytes(type) - 1 : 8 * loop_type_bytes(type);
    const int64_t highest = bits >= 32 ? UINT32_MAX : (INT64_C(1) << bits) - 1;    /* of a word, too (loop.h) */
    if (i.low < (loop_is_signed(type) ? -highest : 0) || i.high > highest)
        complain(v, "an index of %" PRId64 " … %" PRId64 " is no %s", i.low, i.high, loop_type_name(type));
}

static bool leaf_fits(const struct verifier *v, const struct loop_expr *e)
{
    switch ((int)e->op) {
    case LOOP_CONSTANT: return loop_is_real(e->type);
    case LOOP_BITS_CONSTANT: return loop_is_integer(e->type);
    case LOOP_VARIABLE: return e->type == e->as.variable->type;
    case LOOP_INDEX: return e->type == TYPE_I32 || e->type == v->module->real || e->type == loop_word(v->module);
    case LOOP_SUM_LANES: return e->type == v->module->real;
    default: return loop_type_bytes(e->type) > 0;
    }
}

static void check_leaf(struct verifier *v, const struct loop_expr *e)
{
    if (!leaf_fits(v, e))
        complain(v, "a value has the wrong type");
    if (e->op == LOOP_VARIABLE && !is_visible(v, e->as.variable))
        complain(v, "%s is used where it is not defined", e->as.variable->name);
    if (e->op == LOOP_LOAD)
        check_access(v, &e->as.place, e->type, lanes_of(v, e->type));
    if (e->op == LOOP_SUM_LANES)
        check_access(v, &e->as.place, e->type, LANES);
    if (e->op == LOOP_INDEX)
        check_index(v, &e->as.index, e->type);
}

/* Functions are listed callees first, so a call reaches back; that also rules out recursion. */
static void check_call(struct verifier *v, const struct loop_expr *e)
{
    for (size_t i = 0; i < v->module->function.count; i++) {
        const struct loop_function *f = v->module->function.at[i];
        if (f == v->function)
            break;
        if (f == e->as.function)
            return;
    }
    complain(v, "a function is called that the module does not list before");
}

/* What the row of an operation cannot say. */
static void check_operation(struct verifier *v, const struct loop_expr *e)
{
    const bool shift = e->op == LOOP_SHIFT_LEFT || e->op == LOOP_SHIFT_RIGHT;
    enum loop_type type = e->type;

    if (!loop_result_type(v->module, e->op, e->arg, e->type, &type) || type != e->type)
        complain(v, "an operation has arguments or a result of the wrong type");
    if (e->op == LOOP_CALL && (e->as.function->parameter->type != e->arg[0]->type || e->as.function->result->type != e->type))
        complain(v, "a function has arguments or a result of the wrong type");
    if (e->op == LOOP_CONVERT && (!loop_type_bytes(e->type) || (loop_is_real(e->arg[0]->type) && !loop_is_real(e->type))))
        complain(v, "no conversion makes %s of %s", loop_type_name(e->type), loop_type_name(e->arg[0]->type));
    if ((e->op == LOOP_TO_BITS || e->op == LOOP_FROM_BITS) && !v->function)
        complain(v, "the bits of a real appear outside a function");
    if (shift && (e->as.bits < 0 || e->as.bits >= 8 * loop_type_bytes(e->type)))
        complain(v, "a shift by %" PRId64, e->as.bits);
}

static void check_expr(struct verifier *v, const struct loop_expr *e, int depth)
{
    int count = 0;

    while (count < 3 && e->arg[count])
        count++;
    if (loop_is_vector(e->type) && loop_type_bytes(e->type) > loop_type_bytes(v->module->real))
        complain(v, "a vector of %s is wider than a register", loop_type_name(e->type));
    if (depth > MAX_DEPTH || count != loop_arity(e->op)) {
        complain(v, depth > MAX_DEPTH ? "an expression is deeper than %d" : "an operation has the wrong number of arguments",
                 MAX_DEPTH);
        return;
    }
    if (count == 0) {
        check_leaf(v, e);
        return;
    }
    for (int i = 0; i < count; i++)
        check_expr(v, e->arg[i], depth + 1);
    if (e->op == LOOP_CALL)
        check_call(v, e);
    check_operation(v, e);
}

/* ---- Statements ---------------------------------------------------------------------------------------------------- */

static void check_statements(struct verifier *v, const struct loop *s);

/* Variables defined inside end with the block. */
static void check_body(struct verifier *v, const struct loop *body)
{
    size_t visible = v->visible.count;

    check_statements(v, body);
    v->visible.count = visible;
}

/* A body in which an axis takes values of `in`. */
static void check_axis(struct verifier *v, loop_axis axis, struct interval in, const struct loop *body)
{
    if (!v->kernel || axis < 0 || (size_t)axis >= v->kernel->axis.count) {
        complain(v, "there is no axis %d", axis);
        return;
    }
    if (v->ranges.axis[axis].defined) {
        complain(v, "the axis %s is already in use", v->kernel->axis.at[axis].name);
        return;
    }
    for (size_t i = 0; i < v->kernel->axis.count; i++)
        if (v->ranges.axis[i].defined && strcmp(v->kernel->axis.at[i].name, v->kernel->axis.at[axis].name) == 0)
            complain(v, "an axis %s inside another of that name", v->kernel->axis.at[i].name);
    struct ranges outside = ranges_enter(&v->ranges, v->arena);
    ranges_define(&v->ranges, axis, in);
    check_body(v, body);
    v->ranges = outside;
}

static void check_for(struct verifier *v, const struct loop *s)
{
    int64_t end = s->as.for_.over_blocks ? (v->module->batch + LANES - 1) / LANES : s->as.for_.end;

    check_axis(v, s->as.for_.axis, (struct interval){s->as.for_.begin, end - 1}, s->as.for_.body);
}

static void check_indirect(struct verifier *v, const struct loop *s)
{
    int64_t begin = s->as.indirect.begin, end = s->as.indirect.end;

    check_expr(v, s->as.indirect.value, 0);
    const bool integer = s->as.indirect.value->type == TYPE_I32;
    if (!integer && s->as.indirect.value->type != v->module->real)
        complain(v, "a choice reads one real or i32");
    if (begin < 0 || begin >= end || end > (integer ? INT32_MAX : MAX_INDIRECT))
        complain(v, "a choice from %" PRId64 " … %" PRId64, begin, end - 1);
    check_axis(v, s->as.indirect.axis, (struct interval){begin, end - 1}, s->as.indirect.body);
}

static void check_if(struct verifier *v, const struct loop *s)
{
    if (!index_is_well_formed(v, &s->as.if_.index))
        return;
    struct ranges outside = ranges_enter(&v->ranges, v->arena);
    ranges_assume(&v->ranges, &s->as.if_.index, (struct interval){s->as.if_.low, s->as.if_.high - 1}, v->arena);
    check_body(v, s->as.if_.body);
    v->ranges = outside;
}

static bool name_is_taken(const struct verifier *v, const struct loop_variable *variable)
{
    for (size_t i = 0; i < v->visible.count; i++) {
        if (v->visible.at[i] == variable || strcmp(v->visible.at[i]->name, variable->name) == 0)
            return true;
    }
    return false;
}

static void check_assignment(struct verifier *v, const struct loop *s)
{
    const struct loop_variable *variable = s->as.set.variable;

    check_expr(v, s->as.set.value, 0);
    if (variable->type != s->as.set.value->type)
        complain(v, "the value has another type");
    if (s->kind == LOOP_SET && !is_visible(v, variable))
        complain(v, "the variable is not defined here");
    if (s->kind == LOOP_DEFINE) {
        if (name_is_taken(v, variable))
            complain(v, "the name is already in use");
        vec_push(v->arena, &v->visible, variable);
    }
}

/* Items may run at the same time: none may store where another reads or stores. A kernel over lane blocks keeps to its own block;
 * in others, the item's axes tell the places of a store apart. */
static void check_privacy(struct verifier *v, const struct loop_buffer *b, const struct loop_place *to, int64_t elements)
{
    const struct loop_kernel *k = v->kernel;

    if (b->space == SPACE_LOCAL || v->ranges.empty)
        return;
    if (k->item_count == 0) {
        bool own = to->block.constant == 0 && to->block.count == 1 && to->block.term[0].axis == 0 && to->block.term[0].factor == 1;
        if (b->space != SPACE_BLOCK || !own)
            complain(v, "%s: a kernel over lane blocks stores outside its own block", b->name);
        return;
    }
    for (int i = 0; i < k->item_count; i++) {
        if (k->item_extent[i] > 1 && loop_index_factor(&to->at, i) == 0 && loop_index_factor(&to->block, i) == 0)
            complain(v, "%s: the items along %s store to the same place", b->name, k->axis.at[i].name);
    }
    if (!ranges_separate(&v->ranges, &to->at, elements))
        complain(v, "%s: places of different items may overlap", b->name);
}

static void check_store(struct verifier *v, const struct loop *s)
{
    const enum loop_type type = s->as.store.value->type;
    const struct loop_place *to = &s->as.store.place;
    const struct loop_buffer *b = buffer_of(v, to);

    check_expr(v, s->as.store.value, 0);
    if (!b)
        return;
    if (loop_scalar_of(type) != b->type)
        complain(v, "%s holds %s, not %s", b->name, loop_type_name(b->type), loop_type_name(type));
    if (b->space == SPACE_INPUT || b->space == SPACE_SETTING)
        complain(v, "%s is read only", b->name);
    if (check_place(v, to, lanes_of(v, type)) && b->space != SPACE_INPUT && b->space != SPACE_SETTING)
        check_privacy(v, b, to, lanes_of(v, type));
}

static void check_statements(struct verifier *v, const struct loop *s)
{
    for (; s; s = s->next) {
        v->statement = s;
        if (v->function && s->kind != LOOP_DEFINE && s->kind != LOOP_BLOCK)
            complain(v, "a function only defines variables");
        switch (s->kind) {
        case LOOP_FOR: check_for(v, s); break;
        case LOOP_IF: check_if(v, s); break;
        case LOOP_INDIRECT: check_indirect(v, s); break;
        case LOOP_DEFINE:
        case LOOP_SET: check_assignment(v, s); break;
        case LOOP_STORE: check_store(v, s); break;
        case LOOP_BLOCK: check_body(v, s->as.block); break;
        }
    }
    v->statement = NULL;
}

/* ---- Functions, kernels, programs ---------------------------------------------------------------------------------- */

static void check_function(struct verifier *v, const struct loop_function *f)
{
    v->function = f;
    v->visible.count = 0;
    vec_push(v->arena, &v->visible, f->parameter);
    check_statements(v, f->body && f->body->kind == LOOP_BLOCK ? f->body->as.block : f->body);
    check_expr(v, f->result, 0);
    if (!f->reference)
        complain(v, "there is no reference to interpret it by");
    v->function = NULL;
}

static void define_item_axes(struct verifier *v, const struct loop_kernel *k)
{
    int64_t blocks = (v->module->batch + LANES - 1) / LANES;

    if (k->item_count < 0 || k->item_count > MAX_ITEM_AXES || (size_t)k->item_count > k->axis.count) {
        complain(v, "%d item axes of %zu", k->item_count, k->axis.count);
        return;
    }
    if (k->item_count == 0 && k->axis.count > 0)
        ranges_define(&v->ranges, 0, (struct interval){0, blocks - 1});
    for (int i = 0; i < k->item_count; i++) {
        if (k->item_extent[i] < 1)
            complain(v, "the item axis %s has the extent %" PRId64, k->axis.at[i].name, k->item_extent[i]);
        ranges_define(&v->ranges, i, (struct interval){0, k->item_extent[i] - 1});
    }
}

static void check_kernel(struct verifier *v, const struct loop_kernel *k)
{
    v->kernel = k;
    v->visible.count = 0;
    v->ranges = ranges_create(k->axis.count, v->arena);
    for (size_t i = 0; i < k->local.count; i++) {
        if (k->local.at[i].space != SPACE_LOCAL || k->local.at[i].elements < 1)
            complain(v, "the local %s has %" PRId64 " elements", k->local.at[i].name, k->local.at[i].elements);
    }
    define_item_axes(v, k);
    check_body(v, k->body);
    v->kernel = NULL;
}

static void check_buffer(struct verifier *v, const struct loop_buffer *b)
{
    const struct loop_module *m = v->module;
    int64_t count = b->space == SPACE_INPUT ? m->input_count : m->setting_count;
    int64_t bytes = b->space == SPACE_UNIFORM ? m->uniform_bytes : m->block_bytes;

    if (loop_is_vector(b->type) || loop_type_bytes(b->type) == 0 || (b->space != SPACE_INPUT && b->type != m->real))
        complain(v, "%s: elements of type %s", b->name, loop_type_name(b->type));
    if (b->space == SPACE_LOCAL) {
        complain(v, "%s: a local stands among the module's buffers", b->name);
    } else if (b->space == SPACE_INPUT || b->space == SPACE_SETTING) {
        if (b->offset < 0 || b->offset >= count)
            complain(v, "%s: number %" PRId64 " of %" PRId64, b->name, b->offset, count);
    } else if (b->offset < 0 || b->offset % loop_type_bytes(b->type) != 0 || b->elements < 0 ||
               b->offset + loop_buffer_bytes(b) > bytes) {
        complain(v, "%s: %" PRId64 " elements at %" PRId64 " do not fit in %" PRId64 " bytes", b->name, b->elements, b->offset,
                 bytes);
    }
}

static void check_program(struct verifier *v, const struct loop_program *p)
{
    const char *name = p->name;
    int64_t kernels = (int64_t)v->module->kernel.count;

    if (p->checked < 0 || (size_t)p->checked > p->phase.count)
        complain(v, "%s: the loss is known after phase %d of %zu", name, p->checked, p->phase.count);
    for (size_t i = 0; i < p->phase.count; i++) {
        const struct loop_phase *phase = &p->phase.at[i];
        if (phase->first < 0 || phase->count < 1 || (int64_t)phase->first + phase->count > kernels) {
            complain(v, "%s: the phase %s has no such kernels", name, phase->name);
            continue;
        }
        bool by_block = v->module->kernel.at[phase->first]->item_count == 0;
        for (int k = phase->first; k < phase->first + phase->count; k++) {
            if ((v->module->kernel.at[k]->item_count == 0) != by_block)
                complain(v, "%s: the phase %s mixes kernels over lane blocks with others", name, phase->name);
        }
    }
}

static void check_name(struct verifier *v, struct names *seen, const char *name, const char *what)
{
    if (names_are_taken(seen, name))
        complain(v, "two %s are called %s", what, name);
    names_take(seen, name);
}

static void check_names(struct verifier *v)
{
    const struct loop_module *m = v->module;
    struct names *kernels = names_create(m->arena), *functions = names_create(m->arena), *buffers = names_create(m->arena);

    for (size_t i = 0; i < m->kernel.count; i++)
        check_name(v, kernels, m->kernel.at[i]->name, "kernels");
    for (size_t i = 0; i < m->function.count; i++)
        check_name(v, functions, m->function.at[i]->name, "functions");
    for (size_t i = 0; i < m->buffer.count; i++)
        check_name(v, buffers, m->buffer.at[i].name, "buffers");
}

static void check_tables(struct verifier *v)
{
    const struct loop_module *m = v->module;

    if (m->real != TYPE_F32 && m->real != TYPE_F64)
        complain(v, "reals of type %s", loop_type_name(m->real));
    if (m->vector_lanes != 2 && m->vector_lanes != 4 && m->vector_lanes != 8 && m->vector_lanes != 16)
        complain(v, "vectors of %d lanes", m->vector_lanes);
    for (size_t i = 0; i < m->buffer.count; i++)
        check_buffer(v, &m->buffer.at[i]);
    check_names(v);
    struct names *programs = names_create(v->arena);
    for (size_t i = 0; i < m->program.count; i++) {
        check_name(v, programs, m->program.at[i]->name, "programs");
        check_program(v, m->program.at[i]);
    }
}

bool loop_verify_tables(const struct loop_module *m, FILE *out)
{
    struct verifier v = {.module = m, .arena = m->arena, .out = out, .ok = true};

    check_tables(&v);
    return v.ok;
}

bool loop_verify(const struct loop_module *m, FILE *out)
{
    struct verifier v = {.module = m, .arena = m->arena, .out = out, .ok = true};

    for (size_t i = 0; i < m->function.count; i++)
        check_function(&v, m->function.at[i]);
    for (size_t i = 0; i < m->kernel.count; i++)
        check_kernel(&v, m->kernel.at[i]);
    check_tables(&v);
    return v.ok;
}

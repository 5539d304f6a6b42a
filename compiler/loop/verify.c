/* verify: whether a module keeps the promises of loop.h. Speaks of kernels and statements by name. */
#include "compiler/loop/loop.h"

#include "compiler/loop/index.h"
#include "compiler/loop/interval.h"
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
static bool check_place(struct verifier *v, const struct loop_place *place, int64_t reals)
{
    const struct loop_buffer *b = buffer_of(v, place);

    if (!b || !index_is_well_formed(v, &place->at) || !index_is_well_formed(v, &place->block))
        return false;
    if (v->ranges.empty)
        return true;
    struct interval at = ranges_of_index(&v->ranges, &place->at), block = ranges_of_index(&v->ranges, &place->block);
    int64_t size = b->space == SPACE_SETTING ? 1 : b->reals;
    if (at.low < 0 || at.high + reals > size)
        complain(v, "%s has %" PRId64 " reals, but %" PRId64 " from %" PRId64 " … %" PRId64 " are used", b->name, size, reals,
                 at.low, at.high);
    int64_t blocks = (v->module->batch + LANES - 1) / LANES;
    bool per_block = b->space == SPACE_BLOCK || b->space == SPACE_INPUT;
    if (block.low < 0 || block.high >= (per_block ? blocks : 1))
        complain(v, "%s: the lane block %" PRId64 " … %" PRId64 " is none of %" PRId64, b->name, block.low, block.high,
                 per_block ? blocks : 1);
    return true;
}

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

static const int arity[] = {
#define LOOP_OP(id, name, arity) [LOOP_##id] = (arity),
#include "compiler/loop/loop_ops.def"
#undef LOOP_OP
};

static enum loop_type scalar_of(enum loop_type type)
{
    switch (type) {
    case TYPE_REAL:
    case TYPE_REALS: return TYPE_REAL;
    case TYPE_INT:
    case TYPE_INT_VECTOR: return TYPE_INT;
    case TYPE_MASK:
    case TYPE_MASKS: break;
    }
    return TYPE_MASK;
}

/* The type that an operation has, given its arguments'; -1 if they do not fit. */
static int type_of_operation(const struct loop_expr *e)
{
    const struct loop_expr *second = e->arg[1], *third = e->arg[2];
    enum loop_type a = e->arg[0]->type, real = scalar_of(a) == a ? TYPE_REAL : TYPE_REALS;
    bool is_real = scalar_of(a) == TYPE_REAL, is_bits = scalar_of(a) == TYPE_INT, is_mask = scalar_of(a) == TYPE_MASK;
    bool same = !second || second->type == a, same3 = same && third && third->type == a;

    switch (e->op) {
    case LOOP_SPLAT: return scalar_of(a) != a ? -1 : (int)(is_real ? TYPE_REALS : is_bits ? TYPE_INT_VECTOR : TYPE_MASKS);
    case LOOP_NEGATE:
    case LOOP_ABSOLUTE:
    case LOOP_SQRT:
    case LOOP_ADD:
    case LOOP_SUBTRACT:
    case LOOP_MULTIPLY:
    case LOOP_DIVIDE: return is_real && same ? (int)a : -1;
    case LOOP_INTERLEAVE_LOW:
    case LOOP_INTERLEAVE_HIGH: return a == TYPE_REALS && same ? (int)a : -1;
    case LOOP_FMA: return is_real && same3 ? (int)a : -1;
    case LOOP_TO_BITS:
    case LOOP_TO_WORD: return !is_real ? -1 : (int)(a == TYPE_REAL ? TYPE_INT : TYPE_INT_VECTOR);
    case LOOP_FROM_BITS:
    case LOOP_U01: return is_bits ? (int)real : -1;
    case LOOP_LESS:
    case LOOP_LESS_EQUAL:
    case LOOP_EQUAL:
    case LOOP_NOT_EQUAL: return !is_real || !same ? -1 : (int)(a == TYPE_REAL ? TYPE_MASK : TYPE_MASKS);
    case LOOP_BITS_ADD:
    case LOOP_BITS_SUBTRACT:
    case LOOP_BITS_AND:
    case LOOP_BITS_OR:
    case LOOP_BITS_XOR:
    case LOOP_WORD_LOW:
    case LOOP_WORD_HIGH:
    case LOOP_SHIFT_LEFT:
    case LOOP_SHIFT_RIGHT: return is_bits && same ? (int)a : -1;
    case LOOP_MASK_AND:
    case LOOP_MASK_OR: return is_mask && same ? (int)a : -1;
    case LOOP_SELECT: {
        if (!second || !third || second->type != third->type)
            return -1;
        bool as_wide = (scalar_of(second->type) == second->type) == (a == TYPE_MASK);
        return is_mask && as_wide && scalar_of(second->type) != TYPE_MASK ? (int)second->type : -1;
    }
    case LOOP_CALL: return e->as.function->parameter->type == a ? (int)e->as.function->result->type : -1;
    case LOOP_CONSTANT:
    case LOOP_BITS_CONSTANT:
    case LOOP_VARIABLE:
    case LOOP_LOAD:
    case LOOP_INDEX:
    case LOOP_SUM_LANES: break;
    }
    return -1;
}

static bool is_visible(const struct verifier *v, const struct loop_variable *variable)
{
    for (size_t i = v->visible.count; i-- > 0;) {
        if (v->visible.at[i] == variable)
            return true;
    }
    return false;
}

static void check_word(struct verifier *v, const struct loop_index *index)
{
    struct interval i = ranges_of_index(&v->ranges, index);

    if (!v->ranges.empty && (i.low < 0 || i.high > UINT32_MAX))
        complain(v, "an index of %" PRId64 " … %" PRId64 " is no word", i.low, i.high);
}

static void check_leaf(struct verifier *v, const struct loop_expr *e)
{
    enum loop_type scalar = scalar_of(e->type);
    bool fits = scalar == TYPE_REAL;

    if (e->op == LOOP_BITS_CONSTANT)
        fits = scalar == TYPE_INT;
    else if (e->op == LOOP_VARIABLE)
        fits = e->type == e->as.variable->type;
    else if (e->op == LOOP_INDEX)
        fits = e->type == TYPE_REAL || e->type == TYPE_INT;
    else if (e->op == LOOP_SUM_LANES)
        fits = e->type == TYPE_REAL;
    if (!fits)
        complain(v, "a value has the wrong type");
    if (e->op == LOOP_VARIABLE && !is_visible(v, e->as.variable))
        complain(v, "%s is used where it is not defined", e->as.variable->name);
    if (e->op == LOOP_LOAD)
        check_place(v, &e->as.place, e->type == TYPE_REALS ? v->module->vector_lanes : 1);
    if (e->op == LOOP_SUM_LANES)
        check_place(v, &e->as.place, LANES);
    if (e->op == LOOP_INDEX && index_is_well_formed(v, &e->as.index) && e->type == TYPE_INT)
        check_word(v, &e->as.index);
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

static void check_expr(struct verifier *v, const struct loop_expr *e, int depth)
{
    int count = 0;

    while (count < 3 && e->arg[count])
        count++;
    if (depth > MAX_DEPTH || count != arity[e->op]) {
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
    if (type_of_operation(e) != (int)e->type)
        complain(v, "an operation has arguments or a result of the wrong type");
    if ((e->op == LOOP_TO_BITS || e->op == LOOP_FROM_BITS) && !v->function)
        complain(v, "the bits of a real appear outside a function");
    bool shift = e->op == LOOP_SHIFT_LEFT || e->op == LOOP_SHIFT_RIGHT;
    if (shift && (e->as.bits < 0 || e->as.bits >= 8 * v->module->precision))
        complain(v, "a shift by %" PRId64, e->as.bits);
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
    if (s->as.indirect.value->type != TYPE_REAL)
        complain(v, "a choice reads one real");
    if (begin < 0 || begin >= end || end > MAX_INDIRECT)
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
static void check_privacy(struct verifier *v, const struct loop_buffer *b, const struct loop_place *to, int64_t reals)
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
    if (!ranges_separate(&v->ranges, &to->at, reals))
        complain(v, "%s: places of different items may overlap", b->name);
}

static void check_store(struct verifier *v, const struct loop *s)
{
    enum loop_type type = s->as.store.value->type;
    const struct loop_buffer *b = buffer_of(v, &s->as.store.place);

    check_expr(v, s->as.store.value, 0);
    if (scalar_of(type) != TYPE_REAL)
        complain(v, "only reals are stored");
    if (b && (b->space == SPACE_INPUT || b->space == SPACE_SETTING))
        complain(v, "%s is read only", b->name);
    int64_t reals = type == TYPE_REALS ? v->module->vector_lanes : 1;
    if (b && check_place(v, &s->as.store.place, reals) && b->space != SPACE_INPUT && b->space != SPACE_SETTING)
        check_privacy(v, b, &s->as.store.place, reals);
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
        if (k->local.at[i].space != SPACE_LOCAL || k->local.at[i].reals < 1)
            complain(v, "the local %s has %" PRId64 " reals", k->local.at[i].name, k->local.at[i].reals);
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

    if (b->space == SPACE_LOCAL) {
        complain(v, "%s: a local stands among the module's buffers", b->name);
    } else if (b->space == SPACE_INPUT || b->space == SPACE_SETTING) {
        if (b->offset < 0 || b->offset >= count)
            complain(v, "%s: number %" PRId64 " of %" PRId64, b->name, b->offset, count);
    } else if (b->offset < 0 || b->offset % m->precision != 0 || b->reals < 0 || b->offset + b->reals * m->precision > bytes) {
        complain(v, "%s: %" PRId64 " reals at %" PRId64 " do not fit in %" PRId64 " bytes", b->name, b->reals, b->offset, bytes);
    }
}

static void check_program(struct verifier *v, const char *name, const struct loop_program *p)
{
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

    if (m->precision != 4 && m->precision != 8)
        complain(v, "a precision of %d bytes", m->precision);
    if (m->vector_lanes != 2 && m->vector_lanes != 4 && m->vector_lanes != 8 && m->vector_lanes != 16)
        complain(v, "vectors of %d lanes", m->vector_lanes);
    for (size_t i = 0; i < m->buffer.count; i++)
        check_buffer(v, &m->buffer.at[i]);
    check_names(v);
    check_program(v, "train", &m->train);
    check_program(v, "evaluate", &m->evaluate);
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

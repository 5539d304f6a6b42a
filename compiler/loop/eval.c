/* eval: the reference interpreter. Every real is a double and nothing is optimised: the oracle that back ends are held against. */
#include "compiler/loop/loop.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Variables by address: an open hash table, twice as large as their number. */
struct slot {
    const struct loop_variable *variable;
    double lane[LANES];
};

struct machine {
    const struct loop_module *module;
    const struct loop_kernel *kernel;
    const struct loop_memory *memory;
    int64_t *axis;
    double **local;    /* by local buffer; all in `local_reals` */
    double *local_reals;
    struct slot *slot;
    size_t slot_count;    /* a power of two */
    int lanes;
};

/* ---- Variables ----------------------------------------------------------------------------------------------------- */

static size_t count_definitions(const struct loop *s)
{
    size_t count = 0;

    for (; s; s = s->next) {
        switch (s->kind) {
        case LOOP_FOR: count += count_definitions(s->as.for_.body); break;
        case LOOP_IF: count += count_definitions(s->as.if_.body); break;
        case LOOP_INDIRECT: count += count_definitions(s->as.indirect.body); break;
        case LOOP_DEFINE: count++; break;
        case LOOP_BLOCK: count += count_definitions(s->as.block); break;
        case LOOP_SET:
        case LOOP_STORE: break;
        }
    }
    return count;
}

static double *variable_lanes(struct machine *vm, const struct loop_variable *v)
{
    size_t at = (size_t)(((uintptr_t)v >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);

    for (;; at++) {
        struct slot *s = &vm->slot[at & (vm->slot_count - 1)];
        if (!s->variable)
            s->variable = v;
        if (s->variable == v)
            return s->lane;
    }
}

/* ---- Places -------------------------------------------------------------------------------------------------------- */

static int64_t index_value(const struct machine *vm, const struct loop_index *index)
{
    int64_t sum = index->constant;

    for (int i = 0; i < index->count; i++)
        sum += index->term[i].factor * vm->axis[index->term[i].axis];
    return sum;
}

static const double *address(const struct machine *vm, const struct loop_place *place)
{
    const struct loop_module *m = vm->module;
    const struct loop_buffer *b = loop_buffer_at(m, vm->kernel, place->buffer);
    int64_t at = index_value(vm, &place->at), block = index_value(vm, &place->block);

    assert(at >= 0 && at < b->reals);
    switch (b->space) {
    case SPACE_UNIFORM: return vm->memory->uniform + b->offset / m->precision + at;
    case SPACE_BLOCK: return vm->memory->blocks + (block * m->block_bytes + b->offset) / m->precision + at;
    case SPACE_INPUT: return vm->memory->input[b->offset] + block * b->reals + at;
    case SPACE_SETTING: return vm->memory->setting + b->offset;
    case SPACE_LOCAL: return vm->local[(size_t)place->buffer - m->buffer.count] + at;
    }
    assert(!"a space");
    return NULL;
}

/* The place of a store: memory that loop_eval_kernel's caller or this machine owns. */
static double *target(const struct machine *vm, const struct loop_place *place)
{
    enum loop_space space = loop_buffer_at(vm->module, vm->kernel, place->buffer)->space;

    assert(space != SPACE_INPUT && space != SPACE_SETTING);
    (void)space;
    return (double *)(uintptr_t)address(vm, place);
}

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

static double sum_lanes(const double *x)
{
    double sum[LANES];

    memcpy(sum, x, sizeof sum);
    for (int width = LANES / 2; width > 0; width /= 2) {
        for (int i = 0; i < width; i++)
            sum[i] += sum[i + width];
    }
    return sum[0];
}

/* A word as a whole number, and what is left of one in 32 bits. */
static uint64_t whole(double word)
{
    return (uint64_t)word;
}

static double word_of(uint64_t number)
{
    return (double)(uint32_t)number;
}

/* One lane of an operation on reals, words and truth values (1 and 0). */
static double operate(const struct loop_expr *e, double a, double b, double c)
{
    switch (e->op) {
    case LOOP_SPLAT: return a;
    case LOOP_NEGATE: return -a;
    case LOOP_ABSOLUTE: return fabs(a);
    case LOOP_SQRT: return sqrt(a);
    case LOOP_CALL: return e->as.function->reference(a);
    case LOOP_ADD: return a + b;
    case LOOP_SUBTRACT: return a - b;
    case LOOP_MULTIPLY: return a * b;
    case LOOP_DIVIDE: return a / b;
    case LOOP_LESS: return a < b;
    case LOOP_LESS_EQUAL: return a <= b;
    case LOOP_EQUAL: return a == b;
    case LOOP_NOT_EQUAL: return a != b;
    case LOOP_MASK_AND: return a != 0 && b != 0;
    case LOOP_MASK_OR: return a != 0 || b != 0;
    case LOOP_FMA: return fma(a, b, c);
    case LOOP_SELECT: return a != 0 ? b : c;
    case LOOP_TO_WORD: return a;
    case LOOP_U01: return floor(a * 0x1p-9) * 0x1p-23;
    case LOOP_BITS_ADD: return word_of(whole(a) + whole(b));
    case LOOP_BITS_SUBTRACT: return word_of(whole(a) - whole(b));
    case LOOP_BITS_AND: return word_of(whole(a) & whole(b));
    case LOOP_BITS_OR: return word_of(whole(a) | whole(b));
    case LOOP_BITS_XOR: return word_of(whole(a) ^ whole(b));
    case LOOP_WORD_LOW: return word_of(whole(a) * whole(b));
    case LOOP_WORD_HIGH: return word_of(whole(a) * whole(b) >> 32);
    case LOOP_SHIFT_LEFT: return word_of(whole(a) << e->as.bits);
    case LOOP_SHIFT_RIGHT: return word_of(whole(a) >> e->as.bits);
    case LOOP_INTERLEAVE_LOW:
    case LOOP_INTERLEAVE_HIGH:
    case LOOP_CONSTANT:
    case LOOP_VARIABLE:
    case LOOP_LOAD:
    case LOOP_INDEX:
    case LOOP_SUM_LANES:
    case LOOP_BITS_CONSTANT:
    case LOOP_TO_BITS:
    case LOOP_FROM_BITS: break;
    }
    assert(
        !"leaves are read and lanes moved elsewhere; the bits of a real appear only inside functions, whose reference is called instead");
    return NAN;
}

static void evaluate_leaf(struct machine *vm, const struct loop_expr *e, int lanes, double out[])
{
    const double *from = NULL;

    if (e->op == LOOP_VARIABLE)
        from = variable_lanes(vm, e->as.variable);
    else if (e->op == LOOP_LOAD)
        from = address(vm, &e->as.place);
    for (int i = 0; i < lanes; i++) {
        if (from)
            out[i] = from[i];
        else if (e->op == LOOP_SUM_LANES)
            out[i] = sum_lanes(address(vm, &e->as.place));
        else if (e->op == LOOP_INDEX)
            out[i] = (double)index_value(vm, &e->as.index);
        else
            out[i] = e->op == LOOP_BITS_CONSTANT ? (double)(uint32_t)e->as.bits : e->as.real;
    }
}

static void zip(const double a[], const double b[], int first, int lanes, double out[])
{
    for (int i = 0; i < lanes; i++)
        out[i] = (i % 2 == 0 ? a : b)[first + i / 2];
}

/* Writes as many lanes as the expression has: 1 or vector_lanes. */
static void evaluate(struct machine *vm, const struct loop_expr *e, double out[])
{
    double arg[3][LANES] = {{0}};
    int lanes = loop_is_vector(e->type) ? vm->lanes : 1;

    if (!e->arg[0]) {
        evaluate_leaf(vm, e, lanes, out);
        return;
    }
    for (int i = 0; i < 3 && e->arg[i]; i++)
        evaluate(vm, e->arg[i], arg[i]);
    if (e->op == LOOP_INTERLEAVE_LOW || e->op == LOOP_INTERLEAVE_HIGH) {
        zip(arg[0], arg[1], e->op == LOOP_INTERLEAVE_LOW ? 0 : lanes / 2, lanes, out);
        return;
    }
    for (int i = 0; i < lanes; i++) {
        double a = e->op == LOOP_SPLAT ? arg[0][0] : arg[0][i];
        out[i] = operate(e, a, arg[1][i], arg[2][i]);
    }
}

/* ---- Statements ---------------------------------------------------------------------------------------------------- */

static void execute(struct machine *vm, const struct loop *s);

static void execute_for(struct machine *vm, const struct loop *s)
{
    int64_t end = s->as.for_.over_blocks ? vm->memory->block_count : s->as.for_.end;

    for (int64_t i = s->as.for_.begin; i < end; i++) {
        vm->axis[s->as.for_.axis] = i;
        execute(vm, s->as.for_.body);
    }
}

static void execute_if(struct machine *vm, const struct loop *s)
{
    int64_t index = index_value(vm, &s->as.if_.index);

    if (index >= s->as.if_.low && index < s->as.if_.high)
        execute(vm, s->as.if_.body);
}

static void execute_indirect(struct machine *vm, const struct loop *s)
{
    double value[LANES] = {0};

    evaluate(vm, s->as.indirect.value, value);
    bool inside = value[0] >= (double)s->as.indirect.begin && value[0] < (double)s->as.indirect.end;
    vm->axis[s->as.indirect.axis] = inside ? (int64_t)value[0] : s->as.indirect.begin;
    execute(vm, s->as.indirect.body);
}

static void execute_store(struct machine *vm, const struct loop *s)
{
    int lanes = loop_is_vector(s->as.store.value->type) ? vm->lanes : 1;
    double value[LANES];

    evaluate(vm, s->as.store.value, value);
    memcpy(target(vm, &s->as.store.place), value, sizeof *value * (size_t)lanes);
}

static void execute(struct machine *vm, const struct loop *s)
{
    double value[LANES];

    for (; s; s = s->next) {
        switch (s->kind) {
        case LOOP_FOR: execute_for(vm, s); break;
        case LOOP_IF: execute_if(vm, s); break;
        case LOOP_INDIRECT: execute_indirect(vm, s); break;
        case LOOP_DEFINE:
        case LOOP_SET:
            evaluate(vm, s->as.set.value, value);
            memcpy(variable_lanes(vm, s->as.set.variable), value,
                   sizeof *value * (size_t)(loop_is_vector(s->as.set.value->type) ? vm->lanes : 1));
            break;
        case LOOP_STORE: execute_store(vm, s); break;
        case LOOP_BLOCK: execute(vm, s->as.block); break;
        }
    }
}

/* ---- Kernels and programs ------------------------------------------------------------------------------------------ */

/* Freed by release. Exhaustion ends through the handler of the module's arena. */
static void *allocate(const struct machine *vm, size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);

    if (!memory)
        arena_alloc(vm->module->arena, SIZE_MAX);
    return memory;
}

static void prepare(struct machine *vm)
{
    const struct loop_kernel *k = vm->kernel;
    size_t reals = 0;

    for (size_t i = 0; i < k->local.count; i++)
        reals += (size_t)k->local.at[i].reals;
    vm->axis = allocate(vm, k->axis.count, sizeof *vm->axis);
    vm->local = allocate(vm, k->local.count, sizeof *vm->local);
    vm->local_reals = allocate(vm, reals, sizeof *vm->local_reals);
    reals = 0;
    for (size_t i = 0; i < k->local.count; i++) {
        vm->local[i] = vm->local_reals + reals;
        reals += (size_t)k->local.at[i].reals;
    }
    vm->slot_count = 16;
    while (vm->slot_count < 2 * count_definitions(k->body))
        vm->slot_count *= 2;
    vm->slot = allocate(vm, vm->slot_count, sizeof *vm->slot);
}

static void release(struct machine *vm)
{
    free(vm->axis);
    free(vm->local);
    free(vm->local_reals);
    free(vm->slot);
}

static void execute_item(struct machine *vm, int64_t item)
{
    const struct loop_kernel *k = vm->kernel;

    if (k->item_count == 0 && k->axis.count > 0)
        vm->axis[0] = item;
    for (int i = k->item_count - 1; i >= 0; i--) {
        vm->axis[i] = item % k->item_extent[i];
        item /= k->item_extent[i];
    }
    execute(vm, k->body);
}

void loop_eval_kernel(const struct loop_module *m, const struct loop_kernel *k, const struct loop_memory *memory, int64_t item)
{
    struct machine vm = {.module = m, .kernel = k, .memory = memory, .lanes = m->vector_lanes};

    prepare(&vm);
    execute_item(&vm, item);
    release(&vm);
}

void loop_eval_program(const struct loop_module *m, const struct loop_program *p, const struct loop_memory *memory)
{
    for (size_t i = 0; i < p->phase.count; i++) {
        for (int k = p->phase.at[i].first; k < p->phase.at[i].first + p->phase.at[i].count; k++) {
            struct machine vm = {.module = m, .kernel = m->kernel.at[k], .memory = memory, .lanes = m->vector_lanes};
            int64_t items = vm.kernel->item_count == 0 ? memory->block_count : loop_item_total(vm.kernel);
            prepare(&vm);
            for (int64_t item = 0; item < items; item++)
                execute_item(&vm, item);
            release(&vm);
        }
    }
}

/* eval: the reference interpreter. Every number is a double and nothing is optimised: the oracle that back ends are held against. */
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
    double **local; /* by local buffer; all in `local_elements` */
    double *local_elements;
    struct slot *slot;
    size_t slot_count; /* a power of two */
    int lanes;
};

/* ---- Variables ----------------------------------------------------------------------------------------------------- */

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
    int64_t at = index_value(vm, &place->at), block = index_value(vm, &place->block), real = loop_type_bytes(m->real);

    assert(at >= 0 && at < b->elements);
    switch (b->space) {
    case SPACE_UNIFORM: return vm->memory->uniform + b->offset / real + at;
    case SPACE_BLOCK: return vm->memory->blocks + (block * m->block_bytes + b->offset) / real + at;
    case SPACE_INPUT: return vm->memory->input[b->offset] + block * b->elements + at;
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

/* A number as an element of a type; doubles stand for reals of any precision. */
static double converted(enum loop_type type, double a)
{
    if (loop_is_real(type))
        return a;
    const int64_t whole_number = (int64_t)a;
    switch (loop_type_bytes(type)) {
    case 1: return (double)(uint8_t)whole_number;
    case 2: return (double)(uint16_t)whole_number;
    default: return loop_is_signed(type) ? (double)(int32_t)whole_number : word_of((uint64_t)whole_number);
    }
}

/* Memory is read elsewhere; the bits of a real appear only inside functions, whose reference is called instead. */
#define ELSEWHERE (assert(!"no operation on lanes"), (double)NAN)

/* Each lane of an operation on numbers and truth values (1 and 0). The lanes lie within a case, not around the switch: most of the
 * interpreter's time is spent here. */
static void operate(const struct loop_expr *e, const double *a, const double *b, const double *c, int lanes, double *out)
{
    switch (e->op) {
#define LOOP_OP(id, name, types, binds, in_c, in_c_vector, value) \
    case LOOP_##id:                                               \
        for (int i = 0; i < lanes; i++)                           \
            out[i] = (value);                                     \
        return;
#include "compiler/loop/loop_ops.def"
#undef LOOP_OP
    }
}

/* As many lanes as the expression has, 1 or vector_lanes: in `out`, or where they lie in memory already. */
static const double *evaluate(struct machine *vm, const struct loop_expr *e, double out[])
{
    const int lanes = loop_is_vector(e->type) ? vm->lanes : 1;
    double room[3][LANES];
    const double *arg[3] = {0};

    if (e->op == LOOP_VARIABLE)
        return variable_lanes(vm, e->as.variable);
    if (e->op == LOOP_LOAD)
        return address(vm, &e->as.place);
    if (e->op == LOOP_SUM_LANES || e->op == LOOP_INDEX) {
        out[0] = e->op == LOOP_INDEX ? (double)index_value(vm, &e->as.index) : sum_lanes(address(vm, &e->as.place));
        return out;
    }
    for (int i = 0; i < 3 && e->arg[i]; i++)
        arg[i] = evaluate(vm, e->arg[i], room[i]);
    operate(e, arg[0], arg[1], arg[2], lanes, out);
    return out;
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
    int64_t index = index_value(vm, &s->as.if_.index), end = s->as.if_.of_blocks ? vm->memory->block_count : s->as.if_.high;

    if (index >= s->as.if_.low && index < end)
        execute(vm, s->as.if_.body);
}

static void execute_indirect(struct machine *vm, const struct loop *s)
{
    double room[LANES];
    const double value = evaluate(vm, s->as.indirect.value, room)[0];
    const bool inside = value >= (double)s->as.indirect.begin && value < (double)s->as.indirect.end;

    vm->axis[s->as.indirect.axis] = inside ? (int64_t)value : s->as.indirect.begin;
    execute(vm, s->as.indirect.body);
}

/* Writes the lanes of an expression, which may read what it writes. */
static void assign(struct machine *vm, double *to, const struct loop_expr *value)
{
    double room[LANES];
    const double *from = evaluate(vm, value, room);

    memmove(to, from, sizeof *from * (size_t)(loop_is_vector(value->type) ? vm->lanes : 1));
}

static void execute(struct machine *vm, const struct loop *s)
{
    for (; s; s = s->next) {
        switch (s->kind) {
        case LOOP_FOR: execute_for(vm, s); break;
        case LOOP_IF: execute_if(vm, s); break;
        case LOOP_INDIRECT: execute_indirect(vm, s); break;
        case LOOP_DEFINE:
        case LOOP_SET: assign(vm, variable_lanes(vm, s->as.set.variable), s->as.set.value); break;
        case LOOP_STORE: assign(vm, target(vm, &s->as.store.place), s->as.store.value); break;
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
    size_t elements = 0;

    for (size_t i = 0; i < k->local.count; i++)
        elements += (size_t)k->local.at[i].elements;
    vm->axis = allocate(vm, k->axis.count, sizeof *vm->axis);
    vm->local = allocate(vm, k->local.count, sizeof *vm->local);
    vm->local_elements = allocate(vm, elements, sizeof *vm->local_elements);
    elements = 0;
    for (size_t i = 0; i < k->local.count; i++) {
        vm->local[i] = vm->local_elements + elements;
        elements += (size_t)k->local.at[i].elements;
    }
    vm->slot_count = 16;
    while (vm->slot_count < 2 * loop_count_definitions(k->body))
        vm->slot_count *= 2;
    vm->slot = allocate(vm, vm->slot_count, sizeof *vm->slot);
}

static void release(struct machine *vm)
{
    free(vm->axis);
    free(vm->local);
    free(vm->local_elements);
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

/* pointers: where kernels read and write, and what LLVM may know of it.
 *
 * Every place is reached from the base of its buffer, and each base is computed once. Two bases whose bytes never overlap are
 * said to be so through scopes: without that a store to one kernel's result would stop every read of its operands from moving.
 */
#include "compiler/emit/llvm/emitter.h"

#include <assert.h>
#include <string.h>

enum { CACHE_LINE = 64 };    /* the alignment of every space: netrt/model.h */

static LLVMMetadataRef list(const struct emitter *e, LLVMMetadataRef item[], size_t count)
{
    return LLVMMDNodeInContext2(e->context, item, count);
}

static LLVMMetadataRef text(const struct emitter *e, const char *s)
{
    return LLVMMDStringInContext2(e->context, s, strlen(s));
}

void ll_describe_sharing(struct emitter *e)
{
    const struct kernel_view *v = e->view;
    const size_t count = v->pointer.count;
    LLVMMetadataRef *scope = arena_array(e->arena, LLVMMetadataRef, count + 1);
    LLVMMetadataRef *apart = arena_array(e->arena, LLVMMetadataRef, count + 1);
    LLVMMetadataRef domain_name = text(e, e->kernel->name), domain = list(e, &domain_name, 1);

    for (size_t i = 0; i < count; i++) {
        const char *name = arena_printf(e->arena, "%s: %s %zu", e->kernel->name, v->pointer.at[i].buffer->name, i);
        scope[i] = list(e, (LLVMMetadataRef[]){text(e, name), domain}, 2);
        e->access[i].scope = LLVMMetadataAsValue(e->context, list(e, &scope[i], 1));
    }
    for (size_t i = 0; i < count; i++) {
        size_t others = 0;
        for (size_t j = 0; j < count; j++) {
            if (j != i && !view_may_meet(v, i, j))
                apart[others++] = scope[j];
        }
        if (others > 0)
            e->access[i].distinct = LLVMMetadataAsValue(e->context, list(e, apart, others));
    }
}

static void set_metadata(const struct emitter *e, LLVMValueRef instruction, const char *name, LLVMValueRef value)
{
    if (value)
        LLVMSetMetadata(instruction, LLVMGetMDKindIDInContext(e->context, name, (unsigned)strlen(name)), value);
}

/* ---- Bases --------------------------------------------------------------------------------------------------------- */

/* The largest power of two that divides all of `bytes` and is at most a cache line. */
static uint64_t common_alignment(uint64_t alignment, int64_t bytes)
{
    while (bytes % (int64_t)alignment != 0)
        alignment /= 2;
    return alignment;
}

static void never_changes(const struct emitter *e, LLVMValueRef load)
{
    set_metadata(e, load, "invariant.load", LLVMMetadataAsValue(e->context, list(e, NULL, 0)));
}

void ll_open_step(struct emitter *e)
{
    static const struct {
        int member;    /* -1: none */
        const char *name;
    } starts[] = {
        [SPACE_UNIFORM] = {STEP_UNIFORM, "uniform"},
        [SPACE_BLOCK] = {STEP_BLOCKS, "blocks"},
        [SPACE_INPUT] = {STEP_INPUT, "input"},
        [SPACE_SETTING] = {STEP_SETTING, "setting"},
        [SPACE_LOCAL] = {-1, ""},
    };

    memset(e->member, 0, sizeof e->member);
    for (size_t i = 0; i < e->view->pointer.count; i++) {
        enum loop_space space = e->view->pointer.at[i].buffer->space;
        int member = starts[space].member;
        if (member < 0 || e->member[member])
            continue;
        LLVMValueRef at = LLVMBuildStructGEP2(e->builder, e->step_type, LLVMGetParam(e->self, 0), (unsigned)member, "");
        e->member[member] = LLVMBuildLoad2(e->builder, e->pointer, at, starts[space].name);
        never_changes(e, e->member[member]);
    }
}

static LLVMValueRef add_bytes(const struct emitter *e, LLVMValueRef base, LLVMValueRef bytes, const char *name)
{
    return LLVMBuildGEP2(e->builder, LLVMInt8TypeInContext(e->context), base, &bytes, 1, name);
}

static LLVMValueRef constant(const struct emitter *e, int64_t value)
{
    return LLVMConstInt(e->int64, (unsigned long long)value, true);
}

/* `base` of lane block 0, moved to the pointer's block. */
static LLVMValueRef move_to_block(struct emitter *e, size_t number, LLVMValueRef base, int64_t stride)
{
    const struct loop_index *block = &e->view->pointer.at[number].block;
    struct ll_pointer *p = &e->access[number];

    p->alignment = common_alignment(p->alignment, stride);
    if (block->count == 0 && block->constant == 0)
        return base;
    return add_bytes(e, base, LLVMBuildNSWMul(e->builder, ll_index(e, block), constant(e, stride), ""), "");
}

static LLVMValueRef input_base(struct emitter *e, size_t number)
{
    const struct loop_buffer *b = e->view->pointer.at[number].buffer;
    LLVMValueRef table = e->member[STEP_INPUT], offset = constant(e, b->offset);
    LLVMValueRef place = LLVMBuildGEP2(e->builder, e->pointer, table, &offset, 1, "");
    LLVMValueRef base = LLVMBuildLoad2(e->builder, e->pointer, place, b->name);

    never_changes(e, base);
    return move_to_block(e, number, base, loop_buffer_bytes(b));
}

/* The value itself: a kernel reads a setting once. */
static LLVMValueRef setting(const struct emitter *e, const struct loop_buffer *b)
{
    LLVMValueRef number = constant(e, b->offset), all = e->member[STEP_SETTING];
    LLVMValueRef place = LLVMBuildGEP2(e->builder, e->type[b->type], all, &number, 1, "");

    return LLVMBuildLoad2(e->builder, e->type[b->type], place, b->name);
}

static LLVMValueRef base_of(struct emitter *e, size_t number)
{
    const struct loop_buffer *b = e->view->pointer.at[number].buffer;
    struct ll_pointer *p = &e->access[number];
    LLVMValueRef base = NULL;

    p->alignment = CACHE_LINE;
    switch (b->space) {
    case SPACE_INPUT: return input_base(e, number);
    case SPACE_UNIFORM: base = e->member[STEP_UNIFORM]; break;
    case SPACE_BLOCK: base = move_to_block(e, number, e->member[STEP_BLOCKS], e->module->block_bytes); break;
    case SPACE_SETTING: return setting(e, b);
    case SPACE_LOCAL: {
        LLVMValueRef local = LLVMBuildAlloca(e->builder, LLVMArrayType2(e->type[b->type], (uint64_t)b->elements), b->name);
        LLVMSetAlignment(local, CACHE_LINE);
        return local;
    }
    }
    p->alignment = common_alignment(p->alignment, b->offset);
    return b->offset == 0 ? base : add_bytes(e, base, constant(e, b->offset), b->name);
}

void ll_open_pointers(struct emitter *e)
{
    for (size_t i = 0; i < e->view->pointer.count; i++)
        if (!e->access[i].base && view_is_ready(e->view, i))
            e->access[i].base = base_of(e, i);
}

void ll_open_axis(struct emitter *e, loop_axis axis, LLVMValueRef value)
{
    e->axis[axis] = value;
    e->view->in_scope[axis] = true;
    e->depth[axis] = ++e->loops;
    ll_open_pointers(e);
}

void ll_close_axis(struct emitter *e, loop_axis axis)
{
    e->axis[axis] = NULL;
    e->view->in_scope[axis] = false;
    for (size_t i = 0; i < e->view->pointer.count; i++)
        if (!view_is_ready(e->view, i))
            e->access[i].base = NULL;
    e->loops--;
}

/* ---- Places -------------------------------------------------------------------------------------------------------- */

/* The terms of an index from the outermost axis inwards, so that what an inner loop does not change stands in front. */
static void sort_terms(const struct emitter *e, const struct loop_index *index, struct loop_term sorted[])
{
    for (int i = 0; i < index->count; i++) {
        int at = i;
        for (; at > 0 && e->depth[sorted[at - 1].axis] > e->depth[index->term[i].axis]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = index->term[i];
    }
}

static LLVMValueRef term_value(const struct emitter *e, const struct loop_term *t)
{
    LLVMValueRef axis = e->axis[t->axis];

    assert(axis);
    return t->factor == 1 ? axis : LLVMBuildNSWMul(e->builder, axis, constant(e, t->factor), "");
}

LLVMValueRef ll_index(struct emitter *e, const struct loop_index *index)
{
    struct loop_term *term = arena_array(e->arena, struct loop_term, (size_t)index->count + 1);
    LLVMValueRef sum = NULL;

    sort_terms(e, index, term);
    for (int i = 0; i < index->count; i++) {
        LLVMValueRef value = term_value(e, &term[i]);
        sum = sum ? LLVMBuildNSWAdd(e->builder, sum, value, "") : value;
    }
    if (!sum)
        return constant(e, index->constant);
    return index->constant == 0 ? sum : LLVMBuildNSWAdd(e->builder, sum, constant(e, index->constant), "");
}

/* `from`, in elements of a type, moved along an axis. Computed once a block: places of one tile share most of their way, and LLVM is left less to find. */
static LLVMValueRef move_along(struct emitter *e, LLVMTypeRef element, LLVMValueRef from, const struct loop_term *t)
{
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->builder);

    if (e->offset_block != here)
        e->offset.count = 0;
    e->offset_block = here;
    for (size_t i = 0; i < e->offset.count; i++) {
        const struct ll_offset *o = &e->offset.at[i];
        if (o->from == from && o->term.axis == t->axis && o->term.factor == t->factor)
            return o->to;
    }
    LLVMValueRef distance = term_value(e, t);
    struct ll_offset o = {from, LLVMBuildGEP2(e->builder, element, from, &distance, 1, ""), *t};
    vec_push(e->arena, &e->offset, o);
    return o.to;
}

/* The constant comes last: places of one tile that differ in it alone share one register and an offset each. */
struct ll_address ll_address(struct emitter *e, const struct loop_place *place)
{
    const int number = view_pointer_of(e->view, place);
    const struct ll_pointer *p = &e->access[number];
    struct loop_term *term = arena_array(e->arena, struct loop_term, (size_t)place->at.count + 1);
    const enum loop_type type = e->view->pointer.at[number].buffer->type;
    LLVMTypeRef element = e->type[type];
    const int64_t bytes = loop_type_bytes(type);
    uint64_t alignment = common_alignment(p->alignment, place->at.constant * bytes);
    LLVMValueRef at = p->base;

    assert(at);
    sort_terms(e, &place->at, term);
    for (int i = 0; i < place->at.count; i++) {
        alignment = common_alignment(alignment, term[i].factor * bytes);
        at = move_along(e, element, at, &term[i]);
    }
    if (place->at.constant != 0) {
        LLVMValueRef value = constant(e, place->at.constant);
        at = LLVMBuildGEP2(e->builder, element, at, &value, 1, "");
    }
    return (struct ll_address){at, p, (unsigned)alignment};
}

static void describe_access(const struct emitter *e, LLVMValueRef access, const struct ll_address *a)
{
    LLVMSetAlignment(access, a->alignment);
    set_metadata(e, access, "alias.scope", a->through->scope);
    set_metadata(e, access, "noalias", a->through->distinct);
}

LLVMValueRef ll_load(struct emitter *e, LLVMTypeRef type, const struct ll_address *from)
{
    LLVMValueRef value = LLVMBuildLoad2(e->builder, type, from->value, "");

    describe_access(e, value, from);
    return value;
}

LLVMValueRef ll_load_place(struct emitter *e, LLVMTypeRef type, const struct loop_place *place)
{
    const int number = view_pointer_of(e->view, place);

    if (e->view->pointer.at[number].buffer->space == SPACE_SETTING)
        return e->access[number].base;
    struct ll_address from = ll_address(e, place);
    return ll_load(e, type, &from);
}

void ll_store(struct emitter *e, LLVMValueRef value, const struct ll_address *to)
{
    describe_access(e, LLVMBuildStore(e->builder, value, to->value), to);
}

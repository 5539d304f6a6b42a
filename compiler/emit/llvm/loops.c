/* loops: kernels and functions as LLVM functions. Every decision (order, tiles, vectors) is in the loop IR.
 *
 * Variables that are never set again are values; the others have a place on the stack, which LLVM's first pass turns into values.
 * A loop is emitted in the form that LLVM would rotate it to: its test at the end, for the counter's last value, so that loop
 * strength reduction may count with an address instead.
 */
#include "compiler/emit/llvm/emitter.h"

#include "compiler/support/map.h"

#include <assert.h>
#include <string.h>

static LLVMValueRef constant(const struct emitter *e, int64_t value)
{
    return LLVMConstInt(e->int64, (unsigned long long)value, true);
}

static LLVMBasicBlockRef new_block(const struct emitter *e, const char *name)
{
    return LLVMAppendBasicBlockInContext(e->context, e->self, name);
}

/* ---- Loops --------------------------------------------------------------------------------------------------------- */

/* Keeps a loop rolled: with its taps side by side LLVM merges neighbouring loads and runs out of registers. The list has to name
 * itself first, which takes a stand-in. */
static void keep_rolled(const struct emitter *e, LLVMValueRef branch)
{
    static const char kind[] = "llvm.loop", what[] = "llvm.loop.unroll.disable";
    LLVMMetadataRef words = LLVMMDStringInContext2(e->context, what, sizeof what - 1);
    LLVMMetadataRef self = LLVMTemporaryMDNode(e->context, NULL, 0);
    LLVMMetadataRef list[2] = {self, LLVMMDNodeInContext2(e->context, &words, 1)};
    LLVMMetadataRef loop = LLVMMDNodeInContext2(e->context, list, 2);

    LLVMMetadataReplaceAllUsesWith(self, loop);
    LLVMSetMetadata(branch, LLVMGetMDKindIDInContext(e->context, kind, sizeof kind - 1), LLVMMetadataAsValue(e->context, loop));
}

struct ll_loop ll_begin_loop(struct emitter *e, LLVMValueRef begin, LLVMValueRef end, const char *name)
{
    LLVMBasicBlockRef before = LLVMGetInsertBlock(e->builder);
    struct ll_loop loop = {.head = new_block(e, name), .end = end};

    LLVMBuildBr(e->builder, loop.head);
    LLVMPositionBuilderAtEnd(e->builder, loop.head);
    loop.counter = LLVMBuildPhi(e->builder, e->int64, name);
    LLVMAddIncoming(loop.counter, &begin, &before, 1);
    return loop;
}

void ll_end_loop(struct emitter *e, const struct ll_loop *loop)
{
    LLVMBasicBlockRef last = LLVMGetInsertBlock(e->builder), after = new_block(e, "after");
    LLVMValueRef next = LLVMBuildNSWAdd(e->builder, loop->counter, constant(e, 1), "");
    LLVMValueRef more = LLVMBuildICmp(e->builder, LLVMIntNE, next, loop->end, "");

    LLVMAddIncoming(loop->counter, &next, &last, 1);
    keep_rolled(e, LLVMBuildCondBr(e->builder, more, loop->head, after));
    LLVMPositionBuilderAtEnd(e->builder, after);
}

/* ---- Statements ---------------------------------------------------------------------------------------------------- */

static void statements(struct emitter *e, const struct loop *s);

/* Ends the block with a jump to `after` unless `condition` holds, and goes on in a block where it does. */
static LLVMBasicBlockRef skip_unless(struct emitter *e, LLVMValueRef condition)
{
    LLVMBasicBlockRef then = new_block(e, "then"), after = new_block(e, "else");

    LLVMBuildCondBr(e->builder, condition, then, after);
    LLVMPositionBuilderAtEnd(e->builder, then);
    return after;
}

static void join(struct emitter *e, LLVMBasicBlockRef after)
{
    LLVMBuildBr(e->builder, after);
    LLVMMoveBasicBlockAfter(after, LLVMGetInsertBlock(e->builder));
    LLVMPositionBuilderAtEnd(e->builder, after);
}

static void loop_body(struct emitter *e, const struct loop *s, LLVMValueRef end)
{
    loop_axis axis = s->as.for_.axis;
    struct ll_loop loop = ll_begin_loop(e, constant(e, s->as.for_.begin), end, e->kernel->axis.at[axis].name);

    ll_open_axis(e, axis, loop.counter);
    statements(e, s->as.for_.body);
    ll_close_axis(e, axis);
    ll_end_loop(e, &loop);
}

static LLVMValueRef block_count(struct emitter *e)
{
    LLVMValueRef at = LLVMBuildStructGEP2(e->builder, e->step_type, LLVMGetParam(e->self, 0), STEP_BLOCK_COUNT, "");

    return LLVMBuildLoad2(e->builder, e->int64, at, "block_count");
}

static void for_loop(struct emitter *e, const struct loop *s)
{
    if (!s->as.for_.over_blocks) {
        if (s->as.for_.begin < s->as.for_.end)
            loop_body(e, s, constant(e, s->as.for_.end));
        return;
    }
    LLVMValueRef end = block_count(e);
    LLVMValueRef any = LLVMBuildICmp(e->builder, LLVMIntSLT, constant(e, s->as.for_.begin), end, "");
    LLVMBasicBlockRef after = skip_unless(e, any);
    loop_body(e, s, end);
    join(e, after);
}

/* low <= index < high by one comparison without signs: indices are far from overflow. */
static void if_inside(struct emitter *e, const struct loop *s)
{
    LLVMValueRef index = LLVMBuildNSWSub(e->builder, ll_index(e, &s->as.if_.index), constant(e, s->as.if_.low), "");

    if (s->as.if_.low >= s->as.if_.high)
        return;
    LLVMValueRef extent = s->as.if_.of_blocks ? block_count(e) : constant(e, s->as.if_.high - s->as.if_.low);
    LLVMBasicBlockRef after = skip_unless(e, LLVMBuildICmp(e->builder, LLVMIntULT, index, extent, ""));
    statements(e, s->as.if_.body);
    join(e, after);
}

static LLVMValueRef indirect_integer(struct emitter *e, const struct loop *s, const char *name)
{
    LLVMValueRef x = LLVMBuildSExt(e->builder, ll_expr(e, s->as.indirect.value), e->int64, ""),
                 first = constant(e, s->as.indirect.begin);
    LLVMValueRef distance = LLVMBuildNSWSub(e->builder, x, first, "");
    LLVMValueRef count = constant(e, s->as.indirect.end - s->as.indirect.begin);

    return LLVMBuildSelect(e->builder, LLVMBuildICmp(e->builder, LLVMIntULT, distance, count, ""), x, first, name);
}

/* The conversion is of a number within the range, or of the range's first: one that does not fit would be no value at all. */
static LLVMValueRef indirect_index(struct emitter *e, const struct loop *s)
{
    const enum loop_type type = s->as.indirect.value->type;
    const char *name = e->kernel->axis.at[s->as.indirect.axis].name;

    if (!loop_is_real(type))
        return indirect_integer(e, s, name);
    LLVMValueRef x = ll_expr(e, s->as.indirect.value), first = ll_real(e, type, (double)s->as.indirect.begin);
    LLVMValueRef above = LLVMBuildFCmp(e->builder, LLVMRealOGE, x, first, "");
    LLVMValueRef below = LLVMBuildFCmp(e->builder, LLVMRealOLT, x, ll_real(e, type, (double)s->as.indirect.end), "");
    LLVMValueRef inside = LLVMBuildAnd(e->builder, above, below, "");
    x = LLVMBuildSelect(e->builder, inside, x, first, "");
    return LLVMBuildFPToSI(e->builder, x, e->int64, name);
}

static void indirect(struct emitter *e, const struct loop *s)
{
    LLVMValueRef index = indirect_index(e, s);

    e->offset.count = 0;    /* addresses that an earlier choice of this axis moved */
    ll_open_axis(e, s->as.indirect.axis, index);
    statements(e, s->as.indirect.body);
    ll_close_axis(e, s->as.indirect.axis);
}

static LLVMValueRef stack_place(struct emitter *e, const struct loop_variable *v)
{
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->builder);
    LLVMValueRef first = LLVMGetFirstInstruction(e->entry);

    if (first)
        LLVMPositionBuilderBefore(e->builder, first);
    else
        LLVMPositionBuilderAtEnd(e->builder, e->entry);
    LLVMValueRef place = LLVMBuildAlloca(e->builder, e->type[v->type], v->name);
    LLVMPositionBuilderAtEnd(e->builder, here);
    return place;
}

static void set_variable(struct emitter *e, const struct loop *s)
{
    const struct loop_variable *v = s->as.set.variable;
    const struct view_variable *known = view_variable_of(e->view, v);
    LLVMValueRef value = ll_expr(e, s->as.set.value), *own = &e->variable[known->number];

    if (!known->set) {
        *own = value;
        return;
    }
    if (!*own)
        *own = stack_place(e, v);
    LLVMBuildStore(e->builder, value, *own);
}

static void store(struct emitter *e, const struct loop *s)
{
    LLVMValueRef value = ll_expr(e, s->as.store.value);
    struct ll_address to = ll_address(e, &s->as.store.place);

    ll_store(e, value, &to);
}

static void statements(struct emitter *e, const struct loop *s)
{
    for (; s; s = s->next) {
        ll_debug_statement(e, s);
        switch (s->kind) {
        case LOOP_FOR: for_loop(e, s); break;
        case LOOP_IF: if_inside(e, s); break;
        case LOOP_INDIRECT: indirect(e, s); break;
        case LOOP_DEFINE:
        case LOOP_SET: set_variable(e, s); break;
        case LOOP_STORE: store(e, s); break;
        case LOOP_BLOCK: statements(e, s->as.block); break;
        }
    }
}

/* ---- Kernels and functions ----------------------------------------------------------------------------------------- */

LLVMValueRef ll_add_function(struct emitter *e, const char *name, LLVMTypeRef type)
{
    LLVMValueRef function = LLVMAddFunction(e->out, name, type);

    LLVMSetLinkage(function, LLVMInternalLinkage);
    ll_set_attribute(e, function, "nounwind");
    return function;
}

static void begin_function(struct emitter *e, LLVMValueRef self, struct kernel_view *view)
{
    e->view = view;
    e->self = self;
    e->entry = LLVMAppendBasicBlockInContext(e->context, self, "entry");
    e->variable = arena_array(e->arena, LLVMValueRef, view->variable.count + 1);
    e->access = arena_array(e->arena, struct ll_pointer, view->pointer.count + 1);
    e->offset_block = NULL;
    e->loops = 0;
    LLVMPositionBuilderAtEnd(e->builder, e->entry);
}

static void open_item_axis(struct emitter *e, loop_axis axis, LLVMValueRef value)
{
    e->axis[axis] = value;
    e->view->in_scope[axis] = true;
}

/* The axes of an item, the last running fastest. */
static void item_axes(struct emitter *e, const struct loop_kernel *k)
{
    LLVMValueRef item = LLVMGetParam(e->self, 1);
    int64_t below = 1;

    if (k->item_count == 0 && k->axis.count > 0)
        open_item_axis(e, 0, item);
    for (int i = k->item_count - 1; i >= 0; i--) {
        LLVMValueRef axis = below == 1 ? item : LLVMBuildUDiv(e->builder, item, constant(e, below), "");
        if (i > 0)
            axis = LLVMBuildURem(e->builder, axis, constant(e, k->item_extent[i]), k->axis.at[i].name);
        open_item_axis(e, i, axis);
        below *= k->item_extent[i];
    }
}

LLVMValueRef ll_kernel(struct emitter *e, const struct loop_kernel *k, const char *name)
{
    LLVMTypeRef parameter[2] = {e->pointer, e->int64};
    LLVMTypeRef type = LLVMFunctionType(e->no_value, parameter, 2, false);

    e->kernel = k;
    e->axis = arena_array(e->arena, LLVMValueRef, k->axis.count + 1);
    e->depth = arena_array(e->arena, int, k->axis.count + 1);
    begin_function(e, ll_add_function(e, arena_printf(e->arena, "kernel_%s", k->name), type), view_of_kernel(e->module, k));
    LLVMSetValueName2(LLVMGetParam(e->self, 0), "step", 4);
    LLVMSetValueName2(LLVMGetParam(e->self, 1), "item", 4);
    ll_debug_kernel(e, k, name);
    ll_describe_sharing(e);
    item_axes(e, k);
    ll_open_step(e);
    ll_open_pointers(e);
    statements(e, k->body);
    LLVMBuildRetVoid(e->builder);
    ll_debug_end_kernel(e);
    e->kernel = NULL;
    return e->self;
}

void ll_function(struct emitter *e, const struct loop_function *f)
{
    LLVMTypeRef parameter = e->type[f->parameter->type];
    LLVMValueRef self = ll_add_function(e, f->name, LLVMFunctionType(e->type[f->result->type], &parameter, 1, false));

    begin_function(e, self, view_of_function(e->module, f));
    ll_set_attribute(e, self, "alwaysinline");
    LLVMSetValueName2(LLVMGetParam(self, 0), f->parameter->name, strlen(f->parameter->name));
    e->variable[0] = LLVMGetParam(self, 0);
    statements(e, f->body);
    LLVMBuildRet(e->builder, ll_expr(e, f->result));
    map_set(e->function, f, self);
}

/* tables: netrt_model and what it points to. The types here are the structs of runtime/include/netrt/model.h, member by member; a
 * unit test holds their offsets against the C compiler's. */
#include "compiler/emit/llvm/emitter.h"

#include <string.h>

enum { MODEL_VERSION = 2 };    /* NETRT_MODEL_VERSION */

/* ---- Types --------------------------------------------------------------------------------------------------------- */

struct words {
    LLVMTypeRef pointer, int32, int64, real;
};

static struct words words(LLVMContextRef c)
{
    return (struct words){LLVMPointerTypeInContext(c, 0), LLVMInt32TypeInContext(c), LLVMInt64TypeInContext(c),
                          LLVMDoubleTypeInContext(c)};
}

static LLVMTypeRef structure(LLVMContextRef c, LLVMTypeRef member[], size_t count)
{
    return LLVMStructTypeInContext(c, member, (unsigned)count, false);
}

#define STRUCTURE(c, ...) structure((c), (LLVMTypeRef[]){__VA_ARGS__}, sizeof((LLVMTypeRef[]){__VA_ARGS__}) / sizeof(LLVMTypeRef))

LLVMTypeRef ll_step_type(LLVMContextRef c)
{
    struct words w = words(c);

    return STRUCTURE(c, w.pointer, w.pointer, w.pointer, w.pointer, w.int64, w.int64);
}

LLVMTypeRef ll_kernel_type(LLVMContextRef c)
{
    struct words w = words(c);

    return STRUCTURE(c, w.pointer, w.pointer, w.int64, w.real, w.real, w.int32, w.int32);
}

LLVMTypeRef ll_phase_type(LLVMContextRef c)
{
    struct words w = words(c);

    return STRUCTURE(c, w.pointer, w.int32, w.int32);
}

LLVMTypeRef ll_program_type(LLVMContextRef c)
{
    struct words w = words(c);

    return STRUCTURE(c, w.pointer, w.pointer, w.int32, w.int32);
}

LLVMTypeRef ll_model_type(LLVMContextRef c)
{
    struct words w = words(c);

    return STRUCTURE(c, w.int32, w.int32, w.pointer, w.int64, w.int64, w.int64, w.int32, w.int32, w.pointer, w.int32, w.int32,
                     w.pointer, w.int32, w.int32, w.pointer, w.pointer);
}

/* ---- Values -------------------------------------------------------------------------------------------------------- */

static LLVMValueRef int32(const struct emitter *e, int64_t value)
{
    return LLVMConstInt(e->int32, (unsigned long long)value, true);
}

static LLVMValueRef int64(const struct emitter *e, int64_t value)
{
    return LLVMConstInt(e->int64, (unsigned long long)value, true);
}

static LLVMValueRef number(const struct emitter *e, double value)
{
    return LLVMConstReal(LLVMDoubleTypeInContext(e->context), value);
}

static LLVMValueRef private_constant(const struct emitter *e, const char *name, LLVMValueRef value)
{
    LLVMValueRef global = LLVMAddGlobal(e->out, LLVMTypeOf(value), name);

    LLVMSetInitializer(global, value);
    LLVMSetGlobalConstant(global, true);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    return global;
}

static LLVMValueRef string(const struct emitter *e, const char *text)
{
    return private_constant(e, "text", LLVMConstStringInContext2(e->context, text, strlen(text), false));
}

/* A table of `count` structs, or a null pointer. */
static LLVMValueRef table(const struct emitter *e, const char *name, LLVMTypeRef type, LLVMValueRef row[], size_t count)
{
    if (count == 0)
        return LLVMConstNull(e->pointer);
    return private_constant(e, name, LLVMConstArray2(type, row, count));
}

static LLVMValueRef kernel_row(const struct emitter *e, const struct loop_kernel *k, LLVMValueRef run)
{
    LLVMValueRef member[] = {
        string(e, k->name),      run,        int64(e, loop_item_total(k)), number(e, k->multiply_adds), number(e, k->bytes),
        int32(e, k->per_sample), int32(e, 0)};

    return LLVMConstStructInContext(e->context, member, sizeof member / sizeof *member, false);
}

static LLVMValueRef kernels(const struct emitter *e)
{
    const struct loop_module *m = e->module;
    LLVMValueRef *row = arena_array(e->arena, LLVMValueRef, m->kernel.count + 1);

    for (size_t i = 0; i < m->kernel.count; i++)
        row[i] = kernel_row(e, m->kernel.at[i], e->kernel_function[i]);
    return table(e, "kernels", ll_kernel_type(e->context), row, m->kernel.count);
}

static LLVMValueRef program(const struct emitter *e, const struct loop_program *p)
{
    LLVMValueRef *row = arena_array(e->arena, LLVMValueRef, p->phase.count + 1);
    const char *name = arena_printf(e->arena, "%s_phases", p->name);

    for (size_t i = 0; i < p->phase.count; i++) {
        const struct loop_phase *phase = &p->phase.at[i];
        LLVMValueRef member[] = {string(e, phase->name), int32(e, phase->first), int32(e, phase->count)};
        row[i] = LLVMConstStructInContext(e->context, member, 3, false);
    }
    LLVMValueRef member[] = {string(e, p->name), table(e, name, ll_phase_type(e->context), row, p->phase.count),
                             int32(e, (int64_t)p->phase.count), int32(e, p->checked)};
    return LLVMConstStructInContext(e->context, member, 4, false);
}

static LLVMValueRef programs(const struct emitter *e)
{
    const struct loop_module *m = e->module;
    LLVMValueRef *row = arena_array(e->arena, LLVMValueRef, m->program.count + 1);

    for (size_t i = 0; i < m->program.count; i++)
        row[i] = program(e, m->program.at[i]);
    return table(e, "programs", ll_program_type(e->context), row, m->program.count);
}

void ll_model(struct emitter *e, const struct llvm_options *o)
{
    const struct loop_module *m = e->module;
    LLVMValueRef member[] = {
        int32(e, MODEL_VERSION),
        int32(e, loop_type_bytes(m->real)),
        string(e, m->description ? m->description : "{}"),
        int64(e, m->uniform_bytes),
        int64(e, m->block_bytes),
        int64(e, m->batch),
        int32(e, m->input_count),
        int32(e, m->setting_count),
        kernels(e),
        int32(e, (int64_t)m->kernel.count),
        int32(e, (int64_t)m->vector_lanes * loop_type_bytes(m->real)),
        programs(e),
        int32(e, (int64_t)m->program.count),
        int32(e, 0),
        ll_peak(e, o),
        ll_unsupported(e, o),
    };
    LLVMValueRef value = LLVMConstStructInContext(e->context, member, sizeof member / sizeof *member, false);
    LLVMValueRef model = LLVMAddGlobal(e->out, LLVMTypeOf(value), "netrt_model");

    LLVMSetInitializer(model, value);
    LLVMSetGlobalConstant(model, true);
}

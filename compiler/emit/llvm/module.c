/* module: see module.h. From loops to a verified LLVM module; object.c takes it from there. */
#include "compiler/emit/llvm/module.h"

#include "compiler/emit/identifiers.h"
#include "compiler/emit/llvm/emitter.h"
#include "compiler/emit/llvm/object.h"
#include "compiler/support/map.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/TargetMachine.h>

const char *emit_llvm_version(void)
{
    return "LLVM " LLVM_VERSION_STRING;
}

/* ---- Building ------------------------------------------------------------------------------------------------------ */

static LLVMTypeRef element_type(LLVMContextRef c, enum loop_type type)
{
    if (type == TYPE_MASK)
        return LLVMInt1TypeInContext(c);
    if (loop_is_real(type))
        return loop_type_bytes(type) == 4 ? LLVMFloatTypeInContext(c) : LLVMDoubleTypeInContext(c);
    return LLVMIntTypeInContext(c, 8 * (unsigned)loop_type_bytes(type));
}

static void set_types(struct emitter *e)
{
    LLVMContextRef c = e->context;

    for (int type = 0; type < LOOP_TYPE_COUNT; type += 2) {
        e->type[type] = element_type(c, (enum loop_type)type);
        e->type[loop_vector_of((enum loop_type)type)] = LLVMVectorType(e->type[type], (unsigned)e->module->vector_lanes);
    }
    e->four = LLVMVectorType(e->type[e->module->real], 4);
    e->int32 = LLVMInt32TypeInContext(c);
    e->int64 = LLVMInt64TypeInContext(c);
    e->pointer = LLVMPointerTypeInContext(c, 0);
    e->no_value = LLVMVoidTypeInContext(c);
    e->step_type = ll_step_type(c);
}

static void build(struct emitter *e, const struct llvm_options *o)
{
    const struct loop_module *m = e->module;

    set_types(e);
    e->function = map_create(e->arena);
    const char *const *name = identifiers_of_kernels(m);
    e->kernel_function = arena_array(e->arena, LLVMValueRef, m->kernel.count + 1);
    ll_debug_begin(e);
    for (size_t i = 0; i < m->function.count; i++) {
        ll_function(e, m->function.at[i]);
        ll_set_target(e, e->self, o);
    }
    for (size_t i = 0; i < m->kernel.count; i++) {
        e->kernel_function[i] = ll_kernel(e, m->kernel.at[i], name[i]);
        ll_set_target(e, e->self, o);
    }
    ll_model(e, o);
    ll_debug_finish(e);
}

/* ---- The whole ----------------------------------------------------------------------------------------------------- */

struct complaint {
    FILE *out;
    bool failed;
};

static void hear(LLVMDiagnosticInfoRef info, void *context)
{
    struct complaint *c = context;
    LLVMDiagnosticSeverity severity = LLVMGetDiagInfoSeverity(info);

    if (severity != LLVMDSError && severity != LLVMDSWarning)
        return;
    char *text = LLVMGetDiagInfoDescription(info);
    fprintf(c->out, "LLVM: %s\n", text);
    LLVMDisposeMessage(text);
    c->failed |= severity == LLVMDSError;
}

static bool verify(const struct emitter *e, FILE *errors)
{
    char *text = NULL;
    bool broken = LLVMVerifyModule(e->out, LLVMReturnStatusAction, &text);

    if (broken)
        fprintf(errors, "LLVM: %s\n", text);
    LLVMDisposeMessage(text);
    return !broken;
}

bool emit_llvm(const struct loop_module *m, const struct llvm_options *o, FILE *out, FILE *errors)
{
    struct complaint complaint = {.out = errors};
    struct emitter e = {.module = m, .arena = m->arena, .context = LLVMContextCreate()};

    LLVMContextSetDiagnosticHandler(e.context, hear, &complaint);
    e.out = LLVMModuleCreateWithNameInContext(m->name, e.context);
    e.builder = LLVMCreateBuilderInContext(e.context);
    LLVMTargetMachineRef machine = ll_open_machine(&e, o, errors);
    bool ok = machine != NULL;
    if (ok)
        build(&e, o);
    ok = ok && verify(&e, errors) && ll_optimize(&e, machine, o, errors) && ll_write(&e, machine, o, out, errors);
    if (machine)
        LLVMDisposeTargetMachine(machine);
    LLVMDisposeBuilder(e.builder);
    LLVMDisposeModule(e.out);
    LLVMContextDispose(e.context);
    return ok && !complaint.failed;
}

/* machine: the two functions of netrt_model that speak of the machine instead of the net. Their twins in C: netrt/vector.h. */
#include "compiler/emit/llvm/emitter.h"
#include "compiler/target/target.h"

/* Independent chains enough to hide the latency of two multiply-add pipes. */
enum { CHAINS_OF_32_REGISTERS = 24, CHAINS_OF_16_REGISTERS = 12, MOST_CHAINS = 24 };

struct peak {
    struct emitter *e;
    enum loop_type type;
    int chains;
    LLVMValueRef seed, factor, term;
    LLVMValueRef place[MOST_CHAINS];
};

/* A vector of copies of a number that no pass can know: it is read through volatile. */
static LLVMValueRef unknown(const struct peak *p)
{
    struct emitter *e = p->e;
    LLVMValueRef scalar = LLVMBuildLoad2(e->builder, e->type[e->module->real], p->seed, ""),
                 vector = LLVMGetPoison(e->type[loop_vector_of(e->module->real)]);

    LLVMSetVolatile(scalar, true);
    for (int i = 0; i < e->module->vector_lanes; i++)
        vector = LLVMBuildInsertElement(e->builder, vector, scalar, LLVMConstInt(e->int32, (unsigned)i, false), "");
    return vector;
}

static void begin_chains(struct peak *p)
{
    struct emitter *e = p->e;

    p->seed = LLVMBuildAlloca(e->builder, e->type[e->module->real], "seed");
    for (int i = 0; i < p->chains; i++)
        p->place[i] = LLVMBuildAlloca(e->builder, e->type[loop_vector_of(e->module->real)], "chain");
    LLVMSetVolatile(LLVMBuildStore(e->builder, ll_real(e, e->module->real, 0.999), p->seed), true);
    p->factor = unknown(p);
    p->term = LLVMBuildFSub(e->builder, ll_real(e, loop_vector_of(e->module->real), 1), unknown(p), "");
    for (int i = 0; i < p->chains; i++)
        LLVMBuildStore(e->builder, unknown(p), p->place[i]);
}

static void step_chains(const struct peak *p)
{
    struct emitter *e = p->e;
    LLVMTypeRef type = e->type[loop_vector_of(e->module->real)];

    for (int i = 0; i < p->chains; i++) {
        LLVMValueRef argument[3] = {LLVMBuildLoad2(e->builder, type, p->place[i], ""), p->factor, p->term};
        LLVMBuildStore(e->builder, ll_intrinsic(e, "llvm.fma", type, argument, 3), p->place[i]);
    }
}

/* All chains are used, so none may be left out. */
static void end_chains(const struct peak *p)
{
    struct emitter *e = p->e;
    LLVMValueRef sum = p->term;

    for (int i = 0; i < p->chains; i++)
        sum = LLVMBuildFAdd(e->builder, sum, LLVMBuildLoad2(e->builder, e->type[loop_vector_of(e->module->real)], p->place[i], ""),
                            "");
    LLVMValueRef first = LLVMBuildExtractElement(e->builder, sum, LLVMConstInt(e->int32, 0, false), "");
    LLVMSetVolatile(LLVMBuildStore(e->builder, first, p->seed), true);
}

LLVMValueRef ll_peak(struct emitter *e, const struct llvm_options *o)
{
    struct peak p = {.e = e, .chains = o->target->vector_registers >= 32 ? CHAINS_OF_32_REGISTERS : CHAINS_OF_16_REGISTERS};
    LLVMTypeRef number = LLVMDoubleTypeInContext(e->context);
    LLVMValueRef self = ll_add_function(e, "peak", LLVMFunctionType(number, &e->int64, 1, false));

    e->self = self;
    LLVMPositionBuilderAtEnd(e->builder, LLVMAppendBasicBlockInContext(e->context, self, "entry"));
    begin_chains(&p);
    LLVMValueRef zero = LLVMConstInt(e->int64, 0, false), rounds = LLVMGetParam(self, 0);
    LLVMBasicBlockRef work = LLVMAppendBasicBlockInContext(e->context, self, "work");
    LLVMBasicBlockRef done = LLVMAppendBasicBlockInContext(e->context, self, "done");
    LLVMBuildCondBr(e->builder, LLVMBuildICmp(e->builder, LLVMIntSGT, rounds, zero, ""), work, done);
    LLVMPositionBuilderAtEnd(e->builder, work);
    struct ll_loop loop = ll_begin_loop(e, zero, rounds, "round");
    step_chains(&p);
    ll_end_loop(e, &loop);
    LLVMBuildBr(e->builder, done);
    LLVMPositionBuilderAtEnd(e->builder, done);
    end_chains(&p);
    LLVMValueRef flops = LLVMConstReal(number, 2.0 * p.chains * e->module->vector_lanes);
    LLVMBuildRet(e->builder, LLVMBuildFMul(e->builder, LLVMBuildSIToFP(e->builder, rounds, number, ""), flops, ""));
    ll_set_target(e, self, o);
    return self;
}

/* Asks the runtime, by name, for the features that the rest of the module is compiled for. Itself it needs none of them. */
LLVMValueRef ll_unsupported(struct emitter *e, const struct llvm_options *o)
{
    LLVMTypeRef ask_type = LLVMFunctionType(e->pointer, &e->pointer, 1, false);
    LLVMValueRef ask = LLVMAddFunction(e->out, "netrt_cpu_lacks", ask_type);
    LLVMValueRef self = ll_add_function(e, "unsupported", LLVMFunctionType(e->pointer, NULL, 0, false));

    LLVMPositionBuilderAtEnd(e->builder, LLVMAppendBasicBlockInContext(e->context, self, "entry"));
    LLVMValueRef features = LLVMBuildGlobalStringPtr(e->builder, o->target->isa->features, "features");
    LLVMBuildRet(e->builder, LLVMBuildCall2(e->builder, ask_type, ask, &features, 1, ""));
    ll_set_text_attribute(e, self, "target-cpu", "x86-64");
    return self;
}

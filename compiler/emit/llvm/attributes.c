/* attributes: what functions say of themselves. */
#include "compiler/emit/llvm/emitter.h"
#include "compiler/target/target.h"

#include <assert.h>
#include <llvm-c/TargetMachine.h>
#include <string.h>

static void add(LLVMValueRef function, LLVMAttributeRef attribute)
{
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

void ll_set_attribute(const struct emitter *e, LLVMValueRef function, const char *name)
{
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));

    assert(kind != 0);
    add(function, LLVMCreateEnumAttribute(e->context, kind, 0));
}

void ll_set_text_attribute(const struct emitter *e, LLVMValueRef function, const char *name, const char *value)
{
    add(function, LLVMCreateStringAttribute(e->context, name, (unsigned)strlen(name), value, (unsigned)strlen(value)));
}

/* The CPU that LLVM is told to tune for. */
static const char *cpu_of(const struct emitter *e, const struct llvm_options *o)
{
    if (strcmp(o->target->tune, "native") != 0)
        return o->target->tune;
    char *host = LLVMGetHostCPUName();
    const char *name = arena_strdup(e->arena, host);
    LLVMDisposeMessage(host);
    return name;
}

/* The instructions are those of a level of the x86-64 psABI, so that what the binary needs is known exactly; the CPU chooses among
 * them. Several CPUs prefer half of their registers by default: here a value is as wide as the schedule says. */
void ll_set_target(const struct emitter *e, LLVMValueRef function, const struct llvm_options *o)
{
    ll_set_text_attribute(e, function, "target-cpu", o->target->isa->name);
    ll_set_text_attribute(e, function, "tune-cpu", cpu_of(e, o));
    ll_set_text_attribute(e, function, "denormal-fp-math", "preserve-sign,preserve-sign");
    ll_set_text_attribute(e, function, "no-trapping-math", "true");
    if (o->target->vector_bytes == 64) {
        ll_set_text_attribute(e, function, "prefer-vector-width", "512");
        ll_set_text_attribute(e, function, "min-legal-vector-width", "512");
    }
}

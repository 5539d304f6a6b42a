/* object: see object.h.
 *
 * The loops arrive scheduled, so few passes are run: those that tidy what the emitter wrote. Passes that find common loads or move
 * them out of loops (early-cse, licm, gvn, unrolling) make lives longer until registers run out; with them LeNet-5's kernels move
 * 8 to 12 vectors through the stack in their innermost loops, with these none (tests/llvm/test_spills.sh). Addresses are
 * LLVM's own loop strength reduction, which runs with code generation.
 */
#include "compiler/emit/llvm/object.h"

#include "compiler/emit/llvm/emitter.h"
#include "compiler/support/text.h"
#include "compiler/target/target.h"

#include <llvm-c/Error.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <string.h>

#define TIDY "sroa,simplifycfg,instsimplify"

static const char *const pipelines[] = {
    "always-inline,function(sroa)",
    "always-inline,function(" TIDY ")",
    "always-inline,function(" TIDY ",loop-simplify,lcssa),globaldce",
    "always-inline,function(" TIDY ",loop-simplify,lcssa),globaldce",
};

static const LLVMCodeGenOptLevel levels[] = {LLVMCodeGenLevelNone, LLVMCodeGenLevelLess, LLVMCodeGenLevelDefault,
                                             LLVMCodeGenLevelAggressive};

static bool complain(FILE *errors, char *text)
{
    fprintf(errors, "LLVM: %s\n", text);
    LLVMDisposeMessage(text);
    return false;
}

/* ---- The machine --------------------------------------------------------------------------------------------------- */

static void initialize(void)
{
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
}

LLVMTargetMachineRef ll_open_machine(struct emitter *e, const struct llvm_options *o, FILE *errors)
{
    const char *triple = o->target->isa->triple;
    LLVMTargetRef target;
    char *error = NULL;

    initialize();
    if (LLVMGetTargetFromTriple(triple, &target, &error)) {
        complain(errors, error);
        return NULL;
    }
    LLVMTargetMachineOptionsRef options = LLVMCreateTargetMachineOptions();
    LLVMTargetMachineOptionsSetCPU(options, "x86-64");
    LLVMTargetMachineOptionsSetCodeGenOptLevel(options, levels[o->level]);
    LLVMTargetMachineOptionsSetRelocMode(options, LLVMRelocPIC);
    LLVMTargetMachineRef machine = LLVMCreateTargetMachineWithOptions(target, triple, options);
    LLVMDisposeTargetMachineOptions(options);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(machine);
    LLVMSetTarget(e->out, triple);
    LLVMSetModuleDataLayout(e->out, layout);
    LLVMDisposeTargetData(layout);
    return machine;
}

/* ---- Passes -------------------------------------------------------------------------------------------------------- */

bool ll_optimize(struct emitter *e, LLVMTargetMachineRef machine, const struct llvm_options *o, FILE *errors)
{
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(e->out, pipelines[o->level], machine, options);

    LLVMDisposePassBuilderOptions(options);
    if (!error)
        return true;
    char *text = LLVMGetErrorMessage(error);
    fprintf(errors, "LLVM: %s\n", text);
    LLVMDisposeErrorMessage(text);
    return false;
}

/* ---- Writing ------------------------------------------------------------------------------------------------------- */

static void write_text(LLVMValueRef function, LLVMModuleRef module, FILE *out)
{
    char *text = function ? LLVMPrintValueToString(function) : LLVMPrintModuleToString(module);

    fputs(text, out);
    LLVMDisposeMessage(text);
}

static void write_kernels(const struct emitter *e, const char *pattern, FILE *out)
{
    for (size_t i = 0; i < e->module->kernel.count; i++) {
        if (text_matches(pattern, e->module->kernel.at[i]->name))
            write_text(e->kernel_function[i], NULL, out);
    }
}

bool ll_write(struct emitter *e, LLVMTargetMachineRef machine, const struct llvm_options *o, FILE *out, FILE *errors)
{
    LLVMCodeGenFileType type = o->product == LLVM_PRODUCT_ASSEMBLY ? LLVMAssemblyFile : LLVMObjectFile;
    LLVMMemoryBufferRef buffer = NULL;
    char *error = NULL;

    if (o->product == LLVM_PRODUCT_TEXT && o->kernel) {
        write_kernels(e, o->kernel, out);
        return true;
    }
    if (o->product == LLVM_PRODUCT_TEXT) {
        write_text(NULL, e->out, out);
        return true;
    }
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, e->out, type, &error, &buffer))
        return complain(errors, error);
    fwrite(LLVMGetBufferStart(buffer), 1, LLVMGetBufferSize(buffer), out);
    LLVMDisposeMemoryBuffer(buffer);
    return true;
}

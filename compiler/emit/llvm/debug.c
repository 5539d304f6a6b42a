/* debug: kernels as functions of the .net file, their statements at their layers' lines, so that debuggers and profilers name both. */
#include "compiler/emit/llvm/emitter.h"

#include <string.h>

#ifndef NETC_VERSION
#define NETC_VERSION "0"
#endif

static LLVMMetadataRef file_called(const struct emitter *e, const char *path)
{
    const char *folder = e->module->folder ? e->module->folder : "";

    return LLVMDIBuilderCreateFile(e->debug, path, strlen(path), folder, strlen(folder));
}

void ll_debug_begin(struct emitter *e)
{
    static const char producer[] = "netc " NETC_VERSION;
    const char *source = e->module->path ? e->module->path : e->module->source ? e->module->source : e->module->name;
    LLVMValueRef version = LLVMConstInt(e->int32, LLVMDebugMetadataVersion(), false), dwarf = LLVMConstInt(e->int32, 5, false);

    LLVMAddModuleFlag(e->out, LLVMModuleFlagBehaviorWarning, "Debug Info Version", 18, LLVMValueAsMetadata(version));
    LLVMAddModuleFlag(e->out, LLVMModuleFlagBehaviorWarning, "Dwarf Version", 13, LLVMValueAsMetadata(dwarf));
    LLVMSetSourceFileName(e->out, source, strlen(source));
    e->debug = LLVMCreateDIBuilder(e->out);
    e->debug_file = file_called(e, source);
    e->debug_unit =
        LLVMDIBuilderCreateCompileUnit(e->debug, LLVMDWARFSourceLanguageC11, e->debug_file, producer, sizeof producer - 1, true, "",
                                       0, 0, "", 0, LLVMDWARFEmissionFull, 0, false, false, "", 0, "", 0);
    e->debug_type = LLVMDIBuilderCreateSubroutineType(e->debug, e->debug_file, NULL, 0, LLVMDIFlagZero);
}

void ll_debug_kernel(struct emitter *e, const struct loop_kernel *k, const char *name)
{
    LLVMMetadataRef file = k->origin ? file_called(e, k->origin->file) : e->debug_file;
    const unsigned line = k->origin ? k->origin->line : 0;

    /* The linkage name is left out: gdb would know the function by that alone. */
    e->debug_function = LLVMDIBuilderCreateFunction(e->debug, file, name, strlen(name), "", 0, file, line, e->debug_type, true,
                                                    true, line, LLVMDIFlagZero, true);
    e->debug_scope = e->debug_function;
    e->debug_origin = k->origin;
    LLVMSetSubprogram(e->self, e->debug_function);
    LLVMSetCurrentDebugLocation2(e->builder, LLVMDIBuilderCreateDebugLocation(e->context, line, 0, e->debug_scope, NULL));
}

void ll_debug_statement(struct emitter *e, const struct loop *s)
{
    const struct loop_origin *origin = s->origin;

    if (!e->kernel || !origin || origin == e->debug_origin)
        return;
    /* A kernel that fuses layers of several files is a function of the first one's. */
    const bool elsewhere = !e->kernel->origin || strcmp(origin->file, e->kernel->origin->file) != 0;
    e->debug_scope = elsewhere ? LLVMDIBuilderCreateLexicalBlockFile(e->debug, e->debug_function, file_called(e, origin->file), 0)
                               : e->debug_function;
    e->debug_origin = origin;
    LLVMSetCurrentDebugLocation2(e->builder, LLVMDIBuilderCreateDebugLocation(e->context, origin->line, 0, e->debug_scope, NULL));
}

void ll_debug_end_kernel(struct emitter *e)
{
    LLVMSetCurrentDebugLocation2(e->builder, NULL);
}

void ll_debug_finish(struct emitter *e)
{
    LLVMDIBuilderFinalize(e->debug);
    LLVMDisposeDIBuilder(e->debug);
}

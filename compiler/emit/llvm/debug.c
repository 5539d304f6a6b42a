/* debug: kernels as functions of the .net file, so that debuggers and profilers name layers and lines. */
#include "compiler/emit/llvm/emitter.h"

#include <stdlib.h>
#include <string.h>

#ifndef NETC_VERSION
#define NETC_VERSION "0"
#endif

/* The line of "lenet5.net:7"; 0 if it names none. */
static unsigned line_of(const char *where)
{
    const char *colon = strrchr(where, ':');

    return colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
}

/* The file of "lenet5.net:7"; that of the module where it names none. An included file has layers of its own. */
static LLVMMetadataRef file_of(const struct emitter *e, const char *where)
{
    const char *colon = strrchr(where, ':');

    if (!colon || colon == where)
        return e->debug_file;
    return LLVMDIBuilderCreateFile(e->debug, where, (size_t)(colon - where), "", 0);
}

void ll_debug_begin(struct emitter *e)
{
    static const char producer[] = "netc " NETC_VERSION;
    const char *source = e->module->source ? e->module->source : e->module->name;
    LLVMValueRef version = LLVMConstInt(e->int32, LLVMDebugMetadataVersion(), false), dwarf = LLVMConstInt(e->int32, 5, false);

    LLVMAddModuleFlag(e->out, LLVMModuleFlagBehaviorWarning, "Debug Info Version", 18, LLVMValueAsMetadata(version));
    LLVMAddModuleFlag(e->out, LLVMModuleFlagBehaviorWarning, "Dwarf Version", 13, LLVMValueAsMetadata(dwarf));
    LLVMSetSourceFileName(e->out, source, strlen(source));
    e->debug = LLVMCreateDIBuilder(e->out);
    e->debug_file = LLVMDIBuilderCreateFile(e->debug, source, strlen(source), "", 0);
    e->debug_unit =
        LLVMDIBuilderCreateCompileUnit(e->debug, LLVMDWARFSourceLanguageC11, e->debug_file, producer, sizeof producer - 1, true, "",
                                       0, 0, "", 0, LLVMDWARFEmissionFull, 0, false, false, "", 0, "", 0);
    e->debug_type = LLVMDIBuilderCreateSubroutineType(e->debug, e->debug_file, NULL, 0, LLVMDIFlagZero);
}

void ll_debug_kernel(struct emitter *e, const struct loop_kernel *k)
{
    LLVMMetadataRef file = file_of(e, k->where);
    unsigned line = line_of(k->where);
    LLVMMetadataRef function = LLVMDIBuilderCreateFunction(e->debug, file, k->name, strlen(k->name), "", 0, file, line,
                                                           e->debug_type, true, true, line, LLVMDIFlagZero, true);

    LLVMSetSubprogram(e->self, function);
    LLVMSetCurrentDebugLocation2(e->builder, LLVMDIBuilderCreateDebugLocation(e->context, line, 0, function, NULL));
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

/* object: from an LLVM module to what was asked for. Internal to compiler/emit/llvm. Failures are told on `errors`. */
#ifndef NETC_EMIT_LLVM_OBJECT_H
#define NETC_EMIT_LLVM_OBJECT_H

#include <llvm-c/TargetMachine.h>
#include <stdbool.h>
#include <stdio.h>

struct emitter;
struct llvm_options;

/* The machine to generate for, to be disposed of by the caller; gives the module its triple and layout. NULL on failure. */
LLVMTargetMachineRef ll_open_machine(struct emitter *e, const struct llvm_options *o, FILE *errors);

bool ll_optimize(struct emitter *e, LLVMTargetMachineRef machine, const struct llvm_options *o, FILE *errors);

bool ll_write(struct emitter *e, LLVMTargetMachineRef machine, const struct llvm_options *o, FILE *out, FILE *errors);

#endif

/* emitter: what the parts of the LLVM back end share. Internal to compiler/emit/llvm. */
#ifndef NETC_EMIT_LLVM_EMITTER_H
#define NETC_EMIT_LLVM_EMITTER_H

#include "compiler/emit/kernel_view.h"
#include "compiler/emit/llvm/module.h"
#include "compiler/loop/loop.h"
#include "compiler/support/vec.h"

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <stdbool.h>
#include <stdint.h>

struct map;

/* Members of struct netrt_step. */
enum { STEP_UNIFORM, STEP_BLOCKS, STEP_INPUT, STEP_SETTING, STEP_SAMPLES, STEP_BLOCK_COUNT };

struct ll_pointer {
    LLVMValueRef base;       /* a setting: its value; NULL: not computed yet, or out of scope */
    LLVMValueRef scope;      /* metadata: where its accesses are (alias.scope) … */
    LLVMValueRef distinct;   /* … and the scopes of the pointers that it cannot meet (noalias); NULL: none */
    uint64_t alignment;      /* bytes, of `base` */
};

/* An address that was computed in the block being written: `from` moved along an axis. */
struct ll_offset {
    LLVMValueRef from, to;
    struct loop_term term;
};

struct emitter {
    const struct loop_module *module;
    const struct loop_kernel *kernel;    /* NULL in a function */
    struct arena *arena;

    LLVMContextRef context;
    LLVMModuleRef out;
    LLVMBuilderRef builder;
    LLVMDIBuilderRef debug;
    LLVMMetadataRef debug_unit, debug_file, debug_type;
    LLVMMetadataRef debug_function, debug_scope;    /* of the kernel being written; of the statement */
    const struct loop_origin *debug_origin;         /* where the builder says that it is */

    LLVMTypeRef type[LOOP_TYPE_COUNT];    /* by loop_type */
    LLVMTypeRef int32, int64, pointer, no_value, four;
    LLVMTypeRef step_type;
    struct map *function;                /* of loop_function: LLVMValueRef */
    LLVMValueRef *kernel_function;       /* by number of the kernel */

    /* Of the kernel or function being written. */
    LLVMValueRef self;
    LLVMBasicBlockRef entry;             /* stack places go here */
    LLVMValueRef *axis;                  /* by axis; NULL: not in scope */
    int *depth;                          /* by axis: how many loops are around it */
    int loops;                           /* around the place being written */
    struct kernel_view *view;
    LLVMValueRef *variable;              /* by number in the view; of one that is set again its place on the stack */
    struct ll_pointer *access;           /* by number in the view */
    LLVMValueRef member[STEP_SAMPLES];   /* of struct netrt_step, read at the kernel's entry; NULL: not needed */
    VEC(struct ll_offset) offset;        /* all in the block `offset_block` */
    LLVMBasicBlockRef offset_block;
};

/* ---- pointers.c ---------------------------------------------------------------------------------------------------- */

/* Says to LLVM which of the pointers never meet. */
void ll_describe_sharing(struct emitter *e);

/* Reads the members of the step that the pointers start from. At a kernel's entry. */
void ll_open_step(struct emitter *e);

/* An axis has a value from here on, or no more: computes the pointers that can be computed now, forgets those that depend on it. */
void ll_open_pointers(struct emitter *e);
void ll_open_axis(struct emitter *e, loop_axis axis, LLVMValueRef value);
void ll_close_axis(struct emitter *e, loop_axis axis);

/* The address of a place, with what an access through it may say. */
struct ll_address {
    LLVMValueRef value;
    const struct ll_pointer *through;
    unsigned alignment;
};

struct ll_address ll_address(struct emitter *e, const struct loop_place *place);
LLVMValueRef ll_load(struct emitter *e, LLVMTypeRef type, const struct ll_address *from);
LLVMValueRef ll_load_place(struct emitter *e, LLVMTypeRef type, const struct loop_place *place);
void ll_store(struct emitter *e, LLVMValueRef value, const struct ll_address *to);

/* An index as a 64-bit integer. */
LLVMValueRef ll_index(struct emitter *e, const struct loop_index *index);

/* ---- expressions.c ------------------------------------------------------------------------------------------------- */

LLVMValueRef ll_expr(struct emitter *e, const struct loop_expr *x);
LLVMValueRef ll_real(const struct emitter *e, enum loop_type type, double value);
LLVMValueRef ll_intrinsic(struct emitter *e, const char *name, LLVMTypeRef type, LLVMValueRef argument[], unsigned count);

/* ---- loops.c ------------------------------------------------------------------------------------------------------- */

void ll_function(struct emitter *e, const struct loop_function *f);
/* `name`: what debuggers call it. Returns the function. */
LLVMValueRef ll_kernel(struct emitter *e, const struct loop_kernel *k, const char *name);

/* A function of the module, private to it, without a body. */
LLVMValueRef ll_add_function(struct emitter *e, const char *name, LLVMTypeRef type);

/* A loop over `begin` … end - 1, at least one round, the body to be written between the two calls. */
struct ll_loop {
    LLVMBasicBlockRef head;
    LLVMValueRef counter, end;
};

struct ll_loop ll_begin_loop(struct emitter *e, LLVMValueRef begin, LLVMValueRef end, const char *name);
void ll_end_loop(struct emitter *e, const struct ll_loop *loop);

/* ---- tables.c ------------------------------------------------------------------------------------------------------ */

/* The structs of runtime/include/netrt/model.h. */
LLVMTypeRef ll_step_type(LLVMContextRef context);
LLVMTypeRef ll_kernel_type(LLVMContextRef context);
LLVMTypeRef ll_phase_type(LLVMContextRef context);
LLVMTypeRef ll_program_type(LLVMContextRef context);
LLVMTypeRef ll_model_type(LLVMContextRef context);

/* Defines netrt_model. */
void ll_model(struct emitter *e, const struct llvm_options *o);

/* ---- machine.c ----------------------------------------------------------------------------------------------------- */

/* netrt_model.peak and .unsupported. */
LLVMValueRef ll_peak(struct emitter *e, const struct llvm_options *o);
LLVMValueRef ll_unsupported(struct emitter *e, const struct llvm_options *o);

/* ---- attributes.c -------------------------------------------------------------------------------------------------- */

void ll_set_attribute(const struct emitter *e, LLVMValueRef function, const char *name);
void ll_set_text_attribute(const struct emitter *e, LLVMValueRef function, const char *name, const char *value);

/* What every function that computes says: its CPU, its vectors, its denormals. */
void ll_set_target(const struct emitter *e, LLVMValueRef function, const struct llvm_options *o);

/* ---- debug.c ------------------------------------------------------------------------------------------------------- */

/* Each kernel is a function of the .net file, called `name` in debuggers, and each statement stands at its layer's line. */
void ll_debug_begin(struct emitter *e);
void ll_debug_kernel(struct emitter *e, const struct loop_kernel *k, const char *name);
void ll_debug_statement(struct emitter *e, const struct loop *s);
void ll_debug_end_kernel(struct emitter *e);
void ll_debug_finish(struct emitter *e);

#endif

#include "compiler/emit/llvm/emitter.h"

#include "netrt/model.h"

#include <llvm-c/Target.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The layout that LLVM is given for x86-64. */
static const char layout_text[] = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128";

struct struct_of_c {
    LLVMTypeRef (*type)(LLVMContextRef context);
    size_t size;
    size_t offset[16];
    unsigned count;
};

#define KERNEL(member) offsetof(struct netrt_kernel, member)
#define MODEL(member) offsetof(struct netrt_model, member)
#define PHASE(member) offsetof(struct netrt_phase, member)
#define PROGRAM(member) offsetof(struct netrt_program, member)
#define STEP(member) offsetof(struct netrt_step, member)

static const struct struct_of_c structs[] = {
    {ll_step_type,
     sizeof(struct netrt_step),
     {STEP(uniform), STEP(blocks), STEP(input), STEP(setting), STEP(samples), STEP(block_count)},
     6},
    {ll_kernel_type,
     sizeof(struct netrt_kernel),
     {KERNEL(name), KERNEL(run), KERNEL(items), KERNEL(multiply_adds), KERNEL(bytes), KERNEL(per_sample), KERNEL(reserved)},
     7},
    {ll_phase_type, sizeof(struct netrt_phase), {PHASE(name), PHASE(first), PHASE(count)}, 3},
    {ll_program_type, sizeof(struct netrt_program), {PROGRAM(name), PROGRAM(phase), PROGRAM(phase_count), PROGRAM(checked)}, 4},
    {ll_model_type,
     sizeof(struct netrt_model),
     {MODEL(version), MODEL(precision), MODEL(description), MODEL(uniform_bytes), MODEL(block_bytes), MODEL(batch),
      MODEL(input_count), MODEL(setting_count), MODEL(kernel), MODEL(kernel_count), MODEL(vector_bytes), MODEL(program),
      MODEL(program_count), MODEL(reserved), MODEL(peak), MODEL(unsupported)},
     16},
};

static void structs_are_laid_out_as_in_c(void **state)
{
    LLVMContextRef context = LLVMContextCreate();
    LLVMTargetDataRef layout = LLVMCreateTargetData(layout_text);

    (void)state;
    for (size_t i = 0; i < sizeof structs / sizeof *structs; i++) {
        LLVMTypeRef type = structs[i].type(context);
        assert_int_equal(LLVMCountStructElementTypes(type), structs[i].count);
        assert_int_equal(LLVMABISizeOfType(layout, type), structs[i].size);
        for (unsigned j = 0; j < structs[i].count; j++)
            assert_int_equal(LLVMOffsetOfElement(layout, type, j), structs[i].offset[j]);
    }
    LLVMDisposeTargetData(layout);
    LLVMContextDispose(context);
}

/* Members of the same size could change places and leave the offsets as they are: each is named once. */
static void members_of_a_step_are_where_kernels_look(void **state)
{
    LLVMContextRef context = LLVMContextCreate();
    LLVMTargetDataRef layout = LLVMCreateTargetData(layout_text);
    LLVMTypeRef type = ll_step_type(context);

    (void)state;
    assert_int_equal(LLVMOffsetOfElement(layout, type, STEP_UNIFORM), STEP(uniform));
    assert_int_equal(LLVMOffsetOfElement(layout, type, STEP_BLOCKS), STEP(blocks));
    assert_int_equal(LLVMOffsetOfElement(layout, type, STEP_INPUT), STEP(input));
    assert_int_equal(LLVMOffsetOfElement(layout, type, STEP_SETTING), STEP(setting));
    assert_int_equal(LLVMOffsetOfElement(layout, type, STEP_SAMPLES), STEP(samples));
    assert_int_equal(LLVMOffsetOfElement(layout, type, STEP_BLOCK_COUNT), STEP(block_count));
    LLVMDisposeTargetData(layout);
    LLVMContextDispose(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structs_are_laid_out_as_in_c),
        cmocka_unit_test(members_of_a_step_are_where_kernels_look),
    };
    return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}

#include "compiler/emit/llvm/module.h"

#include "compiler/target/target.h"
#include "tests/support/compile_llvm.h"
#include "tests/support/loop_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* LLVM complains of a CPU that it does not know on standard error, and goes on. Returns what was written there. */
static const char *standard_error_of(const struct loop_module *m, const struct llvm_options *o)
{
    static char text[512];
    FILE *aside = tmpfile();
    int before = dup(STDERR_FILENO);
    size_t length = 0;

    assert_non_null(aside);
    assert_true(before >= 0);
    assert_int_equal(dup2(fileno(aside), STDERR_FILENO), STDERR_FILENO);
    llvm_emitted(m, o, &length);
    fflush(stderr);
    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    close(before);
    rewind(aside);
    text[fread(text, 1, sizeof text - 1, aside)] = '\0';
    fclose(aside);
    return text;
}

static void every_cpu_of_ours_is_one_of_llvms(void **state)
{
    struct loop_fixture *f = *state;
    const struct loop_module *m = small_module(f->arena, 4, 8);
    const char *const *names;
    size_t count = target_names(&names);

    for (size_t i = 0; i < count; i++) {
        struct llvm_options o = llvm_options_for(m, "x86-64-v3", 1, LLVM_PRODUCT_OBJECT);
        struct target t;
        if (target_find(names[i], &t) != TARGET_OK)
            continue;
        struct target tuned = *o.target;
        tuned.tune = t.tune;
        o.target = &tuned;
        assert_string_equal(standard_error_of(m, &o), "");
    }
}

static void a_cpu_that_llvm_does_not_know_is_noticed(void **state)
{
    struct loop_fixture *f = *state;
    const struct loop_module *m = small_module(f->arena, 4, 8);
    struct llvm_options o = llvm_options_for(m, "x86-64-v3", 1, LLVM_PRODUCT_OBJECT);

    struct target unknown = *o.target;
    unknown.tune = "no-such-cpu";
    o.target = &unknown;
    assert_non_null(strstr(standard_error_of(m, &o), "no-such-cpu"));
}

static void an_object_is_an_elf_file_and_assembly_is_text(void **state)
{
    struct loop_fixture *f = *state;
    const struct loop_module *m = small_module(f->arena, 8, 4);
    struct llvm_options o = llvm_options_for(m, "x86-64-v3", 3, LLVM_PRODUCT_OBJECT);
    size_t length = 0;

    assert_memory_equal(llvm_emitted(m, &o, &length), "\177ELF", 4);
    o.product = LLVM_PRODUCT_ASSEMBLY;
    const char *text = llvm_emitted(m, &o, &length);
    assert_int_equal(strlen(text), length);
    assert_non_null(strstr(text, "kernel_conv:"));
    assert_non_null(strstr(text, "vfmadd"));
    assert_null(strstr(text, "%zmm"));    /* not in x86-64-v3 */
}

/* Only the function that asks for features may run on any CPU: it must not use them. */
static void what_asks_for_features_needs_none(void **state)
{
    struct loop_fixture *f = *state;
    const struct loop_module *m = small_module(f->arena, 4, 16);
    struct llvm_options o = llvm_options_for(m, "x86-64-v4", 3, LLVM_PRODUCT_ASSEMBLY);
    size_t length = 0;
    const char *text = llvm_emitted(m, &o, &length), *begin = strstr(text, "\nunsupported:"), *end;

    assert_non_null(begin);
    end = strstr(begin, ".Lfunc_end");
    assert_non_null(end);
    for (const char *at = begin; at < end; at++)
        assert_false(strncmp(at, "%xmm", 4) == 0 || strncmp(at, "%ymm", 4) == 0 || strncmp(at, "%zmm", 4) == 0);
    assert_non_null(strstr(begin, "netrt_cpu_lacks"));
    assert_non_null(strstr(text, "avx512vl"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        loop_test(every_cpu_of_ours_is_one_of_llvms),
        loop_test(a_cpu_that_llvm_does_not_know_is_noticed),
        loop_test(an_object_is_an_elf_file_and_assembly_is_text),
        loop_test(what_asks_for_features_needs_none),
    };
    return cmocka_run_group_tests_name("object", tests, NULL, NULL);
}

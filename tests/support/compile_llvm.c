#include "tests/support/compile_llvm.h"

#include "compiler/loop/loop.h"
#include "compiler/support/arena.h"
#include "compiler/target/target.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

struct llvm_options llvm_options_for(const struct loop_module *m, const char *march, int level, enum llvm_product product)
{
    struct target *t = arena_new(m->arena, struct target);
    const struct isa *isa = strcmp(march, "x86-64-v4") == 0 ? &isa_x86_64_v4 : &isa_x86_64_v3;

    *t = (struct target){.tune = "generic", .isa = isa, .vector_registers = isa->vector_registers};
    t->vector_bytes = m->vector_lanes * loop_type_bytes(m->real);
    return (struct llvm_options){.product = product, .level = level, .target = t};
}

const char *llvm_emitted(const struct loop_module *m, const struct llvm_options *o, size_t *length)
{
    char *text = NULL, *complaint = NULL;
    size_t complaint_length = 0;
    FILE *out = open_memstream(&text, length), *errors = open_memstream(&complaint, &complaint_length);

    assert_non_null(out);
    assert_non_null(errors);
    bool ok = emit_llvm(m, o, out, errors);
    fclose(out);
    fclose(errors);
    if (!ok || complaint_length > 0)
        fail_msg("emit_llvm: %s", complaint);
    const char *copy = arena_copy(m->arena, text, *length);
    free(text);
    free(complaint);
    return copy;
}

static void write_object(const struct loop_module *m, const char *march, int level, const char *path)
{
    struct llvm_options o = llvm_options_for(m, march, level, LLVM_PRODUCT_OBJECT);
    size_t length = 0;
    const char *object = llvm_emitted(m, &o, &length);
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(object, 1, length, out), length);
    assert_int_equal(fclose(out), 0);
}

static int link_library(const char *object, const char *library)
{
    const char *const arguments[] = {"cc", "-shared", "-fPIC", "-Iruntime/include", "-o", library, object, "runtime/cpu.c", NULL};
    pid_t child;
    int how = 0;

    if (posix_spawnp(&child, "cc", NULL, NULL, (char *const *)(uintptr_t)arguments, environ) != 0 || waitpid(child, &how, 0) < 0)
        return -1;
    return how;
}

struct loaded llvm_compile_and_load(const struct loop_module *m, const char *march, int level)
{
    char folder[] = "/tmp/netc-test-XXXXXX", object[64], library[64];
    struct loaded l = {0};

    assert_non_null(mkdtemp(folder));
    snprintf(object, sizeof object, "%s/module.o", folder);
    snprintf(library, sizeof library, "%s/module.so", folder);
    write_object(m, march, level, object);
    int status = link_library(object, library);
    if (status == 0)
        l.handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    unlink(object);
    unlink(library);
    rmdir(folder);
    if (status != 0 || !l.handle)
        fail_msg("%s -O%d: %s", march, level, status != 0 ? "the object cannot be linked" : dlerror());
    return l;
}

#include "tests/support/compile_c.h"

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

static int run(const char *const arguments[])
{
    pid_t child;
    int how = 0;

    if (posix_spawnp(&child, arguments[0], NULL, NULL, (char *const *)(uintptr_t)arguments, environ) != 0)
        return 127;
    if (waitpid(child, &how, 0) < 0)
        return 127;
    return WIFEXITED(how) ? WEXITSTATUS(how) : 128;
}

bool can_compile(const char *compiler)
{
    return run((const char *const[]){compiler, "-E", "-x", "c", "/dev/null", "-o", "/dev/null", NULL}) == 0;
}

bool can_run(const char *march)
{
    if (strcmp(march, "x86-64-v4") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw");
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static void write_text(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

struct loaded compile_and_load(const char *compiler, const char *march, const char *text)
{
    char folder[] = "/tmp/netc-test-XXXXXX", source[64], object[64], flag[64];
    struct loaded l = {0};

    assert_non_null(mkdtemp(folder));
    snprintf(source, sizeof source, "%s/module.c", folder);
    snprintf(object, sizeof object, "%s/module.so", folder);
    snprintf(flag, sizeof flag, "-march=%s", march);
    write_text(source, text);
    int status = run((const char *const[]){compiler, "-std=c11", "-O3", flag, "-ffp-contract=off", "-fno-math-errno",
                                           "-mprefer-vector-width=512", "-Wall", "-Wextra", "-Werror", "-Iruntime/include",
                                           "-shared", "-fPIC", "-o", object, source, "runtime/cpu.c", NULL});
    if (status == 0)
        l.handle = dlopen(object, RTLD_NOW | RTLD_LOCAL);
    unlink(object);
    unlink(source);
    rmdir(folder);
    if (status != 0)
        fail_msg("%s -march=%s refuses:\n%s", compiler, march, text);
    if (!l.handle)
        fail_msg("%s", dlerror());
    return l;
}

void unload(struct loaded *l)
{
    if (l->handle)
        dlclose(l->handle);
    l->handle = NULL;
}

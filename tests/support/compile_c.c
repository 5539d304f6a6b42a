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

#define FLAGS \
    "-ffp-contract=off", "-fno-math-errno", "-mprefer-vector-width=512", "-Wall", "-Wextra", "-Werror", "-Iruntime/include"

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

    if (!out) {
        fail_msg("cannot write %s", path);
        return;
    }
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

/* Compiles into a file of a folder of its own. */
struct work {
    char folder[32], source[64], result[64], flag[64];
};

static struct work write_source(const char *march, const char *text)
{
    struct work w = {.folder = "/tmp/netc-test-XXXXXX"};

    assert_non_null(mkdtemp(w.folder));
    snprintf(w.source, sizeof w.source, "%s/module.c", w.folder);
    snprintf(w.result, sizeof w.result, "%s/module.out", w.folder);
    snprintf(w.flag, sizeof w.flag, "-march=%s", march);
    write_text(w.source, text);
    return w;
}

static void remove_work(const struct work *w)
{
    unlink(w->result);
    unlink(w->source);
    rmdir(w->folder);
}

struct loaded compile_and_load(const char *compiler, const char *march, const char *text)
{
    struct work w = write_source(march, text);
    struct loaded l = {0};

    int status = run((const char *const[]){compiler, "-std=c11", "-O3", w.flag, FLAGS, "-shared", "-fPIC", "-o", w.result, w.source,
                                           "runtime/cpu.c", NULL});
    if (status == 0)
        l.handle = dlopen(w.result, RTLD_NOW | RTLD_LOCAL);
    remove_work(&w);
    if (status != 0)
        fail_msg("%s -march=%s refuses:\n%s", compiler, march, text);
    if (!l.handle)
        fail_msg("%s", dlerror());
    return l;
}

static char *read_text(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;
    size_t length = 0;

    FILE *out = in ? open_memstream(&text, &length) : NULL;
    if (!in || !out) {
        fail_msg("cannot read %s", path);
        return NULL;
    }
    for (int c; (c = getc(in)) != EOF;)
        putc(c, out);
    fclose(in);
    fclose(out);
    return text;
}

char *compile_to_assembly(const char *compiler, const char *march, const char *text)
{
    struct work w = write_source(march, text);

    int status = run((const char *const[]){compiler, "-std=c11", "-O3", w.flag, FLAGS, "-S", "-o", w.result, w.source, NULL});
    char *assembly = status == 0 ? read_text(w.result) : NULL;
    remove_work(&w);
    if (!assembly)
        fail_msg("%s -march=%s refuses:\n%s", compiler, march, text);
    return assembly;
}

void unload(struct loaded *l)
{
    if (l->handle)
        dlclose(l->handle);
    l->handle = NULL;
}

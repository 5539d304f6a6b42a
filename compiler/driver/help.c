/* help: what --help and --version print. */
#include "compiler/driver/native.h"
#include "compiler/driver/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef NETC_VERSION
#define NETC_VERSION "0"
#endif

static const struct {
    const char *name, *arguments, *does;
} commands[] = {
    [COMMAND_COMPILE] = {"", "FILE.net", "compile to a native trainer"},
    [COMMAND_CHECK] = {"check", "FILE.net...", "parse, expand and check only"},
    [COMMAND_SUMMARY] = {"summary", "FILE.net...", "the table of layers"},
};

const char *command_name(enum command_kind command)
{
    return commands[command].name;
}

static void print_usage(enum command_kind command, const char *before, struct arena *a)
{
    const char *name = command_name(command);
    const char *line = arena_printf(a, "netc %s%s[options] %s", name, name[0] == '\0' ? "" : " ", commands[command].arguments);

    printf("%s %-38s %s\n", before, line, commands[command].does);
}

void print_help(enum command_kind command, struct arena *a)
{
    print_usage(command, "usage:", a);
    if (command == COMMAND_COMPILE) {
        print_usage(COMMAND_CHECK, "      ", a);
        print_usage(COMMAND_SUMMARY, "      ", a);
        printf("       %-38s %s\n", "netc help [COMMAND]", "what it takes");
    }
    fputs("\nFILE.net may be -, which is standard input.\n\n", stdout);
    for (size_t i = 0; i < option_rule_count; i++) {
        const struct rule *r = &option_rules[i];
        if (r->help && (r->belongs & (1U << command) || command == COMMAND_COMPILE))
            printf("  %-24s %s\n", rule_usage(r, a), r->help);
    }
    if (command != COMMAND_COMPILE)
        return;
    fputs("\nstages:", stdout);
    for (int i = 0; i < STAGE_COUNT; i++)
        printf(" %s", stage_table[i].name);
    fputs("\n", stdout);
}

void print_version(struct arena *a)
{
    const char *llvm = backend_llvm_version(), *cc = getenv("CC"), *runtime = native_runtime_folder(a);
    struct target host;
    bool usable = target_find("native", &host) == TARGET_OK;
    const char *cpu =
        !usable ? "too old for generated code: -march= names another" : arena_printf(a, "this CPU, an %s", host.isa->name);

    printf("netc " NETC_VERSION "\nback ends: %s\n", backend_list());
    printf("default: --backend=%s -march=native (%s)\n", backend_name(backend_default()), cpu);
    printf("LLVM: %s\n", llvm ? llvm + strcspn(llvm, "0123456789") : "not built in");
    printf("C compiler and linker: %s\n", cc && cc[0] != '\0' ? arena_printf(a, "%s, as CC says", cc) : "cc; CC can name another");
    printf("runtime: %s\n", runtime ? runtime : "not found beside netc: trainers cannot be linked");
}

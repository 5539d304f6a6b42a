/* rules: what every option is called, takes, does, and where it belongs. Internal to options.c, rules.c and help.c. */
#ifndef NETC_DRIVER_RULES_H
#define NETC_DRIVER_RULES_H

#include "compiler/driver/options.h"

enum takes {
    NOTHING,    /* -c */
    JOINED,     /* -O3: the value follows at once */
    EQUALS,     /* -march=CPU */
    EITHER      /* -o PATH or -oPATH; --emit=STAGE or --emit STAGE */
};

/* Where an option belongs: bits of 1 << enum command_kind. */
enum belongs {
    TO_COMPILE = 1 << COMMAND_COMPILE,
    TO_SUMMARY = 1 << COMMAND_SUMMARY,
    TO_WRITERS = TO_COMPILE | TO_SUMMARY,
    TO_ALL = TO_WRITERS | 1 << COMMAND_CHECK
};

/* Applies an option's value (NULL where it takes none). Prints the reason and returns STATUS_USAGE if it is wrong. */
typedef enum status apply_fn(struct options *o, const char *text);

struct rule {
    const char *name;
    enum takes takes;
    apply_fn *apply;         /* NULL: --help and --version */
    const char *text;        /* what it takes, for --help */
    const char *help;        /* NULL: not shown */
    enum belongs belongs;
    bool repeats;            /* it may stand several times */
};

/* Longer names stand before their prefixes. */
extern const struct rule option_rules[];
extern const size_t option_rule_count;

/* How it is written with its value: "-o PATH", "--emit=STAGE", "-O0..3". */
const char *rule_usage(const struct rule *r, struct arena *a);

/* "; did you mean 'ast'?" if a name is near, else "; there are tokens, ast, …". */
const char *rule_choices(const struct options *o, const char *word, const char *const names[], size_t count);

/* A command's name, as it is written ("" for compiling), and what it takes behind its options. */
const char *command_name(enum command_kind command);

/* What --help prints: of all, or of one command. */
void print_help(enum command_kind command, struct arena *a);

void print_version(struct arena *a);

#endif

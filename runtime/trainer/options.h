/* options: the trainer's command line. */
#ifndef NETRT_TRAINER_OPTIONS_H
#define NETRT_TRAINER_OPTIONS_H

#include "netrt/log.h"
#include "netrt/status.h"

#include <stdbool.h>
#include <stdint.h>

enum command { COMMAND_TRAIN, COMMAND_EVAL, COMMAND_PREDICT, COMMAND_INFO, COMMAND_BENCH, COMMAND_COUNT };

enum { MOST_SETTINGS = 64 };

struct options {
    enum command command;
    bool help;                        /* asked for the help of `command`, or of the program where has_command is false */
    bool version, has_command;
    const char *data, *out, *weights; /* data: "." by default; the others NULL */
    int threads;                      /* 0: as many as CPUs in the affinity mask */
    int64_t epochs, limit;            /* 0: as the net says; all */
    bool has_seed;
    uint64_t seed;
    const char *set[MOST_SETTINGS];   /* KEY=VALUE */
    int set_count;
    enum netrt_log_mode log;          /* text unless has_log */
    bool has_log;
    bool resume, confusion, kernels, inference, raw;
    const char *labels;               /* predict's: a file, or has_label and one for all records, or neither */
    int64_t label;
    bool has_label;
    double seconds;
    char **files;                     /* predict's */
    int file_count;
    char *const *words;               /* the command line as it was given, the program's name first */
    int word_count;
};

/* NETRT_E_USAGE with a suggestion where a name is unknown. */
enum netrt_status options_parse(struct options *options, int argc, char *argv[], struct netrt_error *error);

/* The command that goes on with a run of `train` in the folder `out`: the same words with --resume, for a shell. The caller frees
 * it; NULL if memory is out. */
char *options_resume_command(const struct options *options, const char *out);

/* The help text of the whole program, or of one command. */
void options_print_help(const struct options *options, const char *program, FILE *out);

#endif

/* sema: from a tree to a graph with everything that training needs (--emit=graph).
 *
 * Expands constants, blocks, repeats and branches, checks arguments against the operator tables, infers shapes, names parameters,
 * and reads the sections. What comes out is a graph without a backward pass, and plain data for the rest.
 */
#ifndef NETC_SEMA_SEMA_H
#define NETC_SEMA_SEMA_H

#include "compiler/graph/graph.h"
#include "compiler/graph/objective.h"
#include "compiler/ops/op.h"
#include "compiler/support/diag.h"
#include "compiler/syntax/ast.h"

#include <stdbool.h>
#include <stdint.h>

struct interner;

/* ---- Data ---------------------------------------------------------------------------------------------------------- */

enum data_step_kind {
    DATA_IDX,        /* images, labels */
    DATA_DIGITS,     /* count, seed, noise */
    DATA_TAKE,       /* count */
    DATA_DROP,       /* count */
    DATA_SPLIT,      /* fraction, first */
    DATA_SHUFFLE,    /* seed */
    DATA_FILTER,     /* classes */
    DATA_PAD,        /* amount, value */
    DATA_SCALE,      /* factor */
    DATA_NORMALIZE   /* mean, std: one number, or one a channel */
};

struct data_step {
    enum data_step_kind kind;
    struct span at;
    const char *images, *labels;
    int64_t count, seed;
    double noise, fraction, value, factor;
    bool first;
    int64_t amount[2][2];    /* rows, columns; before, after */
    size_t list_count;
    const int64_t *classes;
    const double *mean, *std;
    struct data_step *next;
};

struct data_section {
    struct span at;
    struct data_step *train, *val, *test, *prepare;    /* NULL: none */
};

/* ---- Training ------------------------------------------------------------------------------------------------------ */

enum { SEMA_MAX_BATCH = 1 << 20 };

/* Of what a run is, apart from what it learns (graph.objective). */
struct train_section {
    struct span at;
    int64_t epochs, seed;
    int64_t least_batch;          /* as many samples as a batch must have, the last of an epoch too */
};

/* What the section `compile` asks for. */
struct compile_section {
    int precision;               /* bytes of a real: 4 or 8, the command line's if it says; default 4 */
    const char *backend;         /* "llvm", "c"; NULL: not said. The command line counts more */
    bool unfused;                /* only the command line's: each node has a kernel of its own */
};

struct program {
    const char *net;
    const char *source;          /* name of the main file, without folders */
    const struct sources *sources;    /* for spans of the graph, or NULL */
    struct graph *graph;         /* forward, with an objective where there is a train section */
    size_t net_layers;           /* the first layers of the graph are the net's; those of the loss follow */
    int64_t batch;               /* most samples of a step */
    struct data_section *data;   /* NULL: none */
    struct train_section *train; /* NULL: none: check, summary and graph stages only */
    struct compile_section compile;
    uint64_t hash[4];            /* of what the net computes and how it learns; not of names of files, spans or back ends */
};

struct override {
    const char *name, *value;
};

struct sema_options {
    const char *net;                     /* --net, or NULL: the only one, or the one that train names */
    const struct override *consts;       /* -D NAME=VALUE */
    size_t const_count;
    int64_t batch;                       /* --batch, 0: as the file says */
    int precision;                       /* --precision, bytes of a real; 0: as the file says */
};

/* Reads the tree into `p`. Returns false after at least one error. */
bool sema_analyse(const struct ast *ast, const struct sema_options *options, struct arena *arena, struct interner *names,
                  struct sources *sources, struct diags *ds, struct program *p);

/* `netc summary`: a table, or JSON as in manual/compiler.md. `memory_bytes` of a training step, from the plan, or -1: left out. */
void sema_print_summary(const struct program *p, bool json, int64_t memory_bytes, FILE *out);

/* Whether something says how many integers each input of integers takes; reports those of which nothing does. (train.c) */
bool train_check_integers(const struct graph *g, struct diags *ds);

/* A train section that fits the net's first output, for a file that has none: "add: train { ... }", in the arena. (train.c) */
const char *train_suggestion(const struct program *p, struct arena *arena);

#endif

/* sema: from a tree to a graph with everything that training needs (--emit=graph).
 *
 * Expands constants, blocks, repeats and branches, checks arguments against the operator tables, infers shapes, names parameters,
 * and reads the sections. What comes out is a graph without a backward pass, and plain data for the rest.
 */
#ifndef NETC_SEMA_SEMA_H
#define NETC_SEMA_SEMA_H

#include "compiler/graph/graph.h"
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

enum metric_kind {
#define METRIC(id, word) METRIC_##id,
#include "runtime/include/netrt/words.def"
};

struct metric {
    enum metric_kind kind;
    int64_t k;                    /* TOP */
    const char *name;             /* in logs, each once: "accuracy", "top5", "accuracy_side" */
    const char *of;               /* the prediction, where the metric names it; NULL: that of the first loss */
    struct span at;
    node_id prediction, target;     /* the target is an input */
    struct metric *next;
};

enum optimizer_rule { RULE_SGD, RULE_ADAM, RULE_ADAMW, RULE_RMSPROP, RULE_ADAGRAD };

/* Values are settings. */
struct optimizer {
    enum optimizer_rule rule;
    node_id lr, weight_decay;       /* weight_decay NO_NODE: not used */
    node_id momentum;               /* SGD, RMSPROP; NO_NODE: not used */
    bool nesterov;                /* SGD */
    node_id beta1, beta2;           /* ADAM, ADAMW */
    bool amsgrad;                 /* ADAM, ADAMW */
    node_id alpha;                  /* RMSPROP */
    bool centered;                /* RMSPROP */
    node_id lr_decay, initial_sum;  /* ADAGRAD; NO_NODE: not used */
    node_id eps;                    /* all but SGD */
};

enum clip_kind { CLIP_NONE, CLIP_NORM, CLIP_VALUE };

/* A bound on gradients, penalties included: of the norm of them all, or of each element. */
struct clip {
    enum clip_kind kind;
    node_id limit;                  /* a setting */
};

/* The arguments of a term of the loss, whether it reads them or, of a softmax, what that was made of. */
struct loss_term {
    node_id prediction, target;
    enum op_prediction predicts;
    node_id result;                 /* each sample's loss */
    node_id sum, count;             /* of a mean over what counts; else NO_NODE */
};

struct loss_terms {
    struct loss_term *at;
    size_t count, capacity; /* a vec */
};

enum { SEMA_MAX_BATCH = 1 << 20 };

struct train_section {
    struct span at;
    struct optimizer optimizer;
    struct metric *metrics;
    struct loss_terms terms;      /* as they are written */
    int64_t batch, epochs, seed;
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
    struct graph *graph;         /* forward, with graph->loss where there is a train section */
    size_t net_layers;           /* the first layers of the graph are the net's; those of the loss follow */
    struct data_section *data;   /* NULL: none */
    struct train_section *train; /* NULL: none: check, summary and graph stages only */
    struct clip clip;
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

/* A train section that fits the net's first output, for a file that has none: "add: train { ... }", in the arena. (train.c) */
const char *train_suggestion(const struct program *p, struct arena *arena);

#endif

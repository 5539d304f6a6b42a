/* objective: what is learnt: a loss, the parameters that it trains and the rule by which they change, and what is measured beside it.
 * A graph holds any number of objectives; each has gradients and updates of its own, and a training program of its own is planned for
 * each. A graph without one can predict.
 */
#ifndef NETC_GRAPH_OBJECTIVE_H
#define NETC_GRAPH_OBJECTIVE_H

#include "compiler/graph/graph.h"

/* What a loss takes its prediction for. */
enum op_prediction {
#define SCORES(id, word) PREDICTS_##id,
#include "runtime/include/netrt/words.def"
};

/* The arguments of a term of the loss, whether it reads them or, of a softmax, what that was made of. */
struct loss_term {
    node_id prediction, target;
    enum op_prediction predicts;
    node_id result; /* each sample's loss */
    node_id sum, count; /* of a mean over what counts; else NO_NODE */
};

struct loss_terms {
    struct loss_term *at;
    size_t count, capacity; /* a vec */
};

/* A term of a loss in which samples count for more or less than one another. Over any set of samples the loss is the sum of
 * factor * (sum of `sum`) / (sum of `count`) over its parts. */
struct loss_part {
    double factor;
    node_id sum, count; /* varying, rank 0. NO_NODE: 1 for each sample */
};

enum metric_kind {
#define METRIC(id, word) METRIC_##id,
#include "runtime/include/netrt/words.def"
};

struct metric {
    enum metric_kind kind;
    int64_t k; /* TOP */
    const char *name; /* in logs, each once: "accuracy", "top5", "accuracy_side" */
    const char *of; /* the prediction, where the metric names it; NULL: that of the first loss */
    struct span at;
    node_id prediction, target; /* the target is an input */
    struct metric *next;
};

enum optimizer_rule { RULE_SGD, RULE_ADAM, RULE_ADAMW, RULE_RMSPROP, RULE_ADAGRAD };

/* Nodes are settings. */
struct optimizer {
    enum optimizer_rule rule;
    node_id lr, weight_decay; /* weight_decay NO_NODE: not used */
    node_id momentum; /* SGD, RMSPROP; NO_NODE: not used */
    bool nesterov; /* SGD */
    node_id beta1, beta2; /* ADAM, ADAMW */
    bool amsgrad; /* ADAM, ADAMW */
    node_id alpha; /* RMSPROP */
    bool centered; /* RMSPROP */
    node_id lr_decay, initial_sum; /* ADAGRAD; NO_NODE: not used */
    node_id eps; /* all but SGD */
};

enum clip_kind { CLIP_NONE, CLIP_NORM, CLIP_VALUE };

/* A bound on gradients, penalties included: of the norm of them all, or of each element. */
struct clip {
    enum clip_kind kind;
    node_id limit; /* a setting */
};

struct objective {
    const char *name; /* of its section; NULL: it has none, and is the first */
    node_id loss; /* varying, rank 0: each sample's loss, without penalty */
    VEC(struct loss_part) part; /* of a loss that is no mean over all samples alike; else empty */
    struct loss_terms terms; /* as they are written */
    struct metric *metrics;
    struct optimizer optimizer;
    struct clip clip;
    /* Set by differentiation. The penalties of a parameter are its own (struct parameter). */
    node_id *gradient; /* by node, of the first `forward` of the graph: of each parameter that is trained, else NO_NODE */
    size_t forward;
    VEC(struct graph_update) update; /* of trained parameters and the optimizer's states */
};

/* A new objective of the graph, without a loss yet. */
struct objective *graph_add_objective(struct graph *g, const char *name);

/* The gradient of a parameter, or NO_NODE: this objective does not train it. */
node_id objective_gradient(const struct objective *o, node_id parameter);

#endif

/* optimizer: rules by name, with the arguments and defaults of torch.optim (PyTorch 2). */
#include "compiler/sema/train.h"

#include "compiler/graph/build.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/sections.h"
#include "compiler/sema/sema.h"
#include "compiler/sema/tables.h"

#include <math.h>

/* The share of the past that a running mean keeps is below 1; this is the greatest that binary32 still tells apart from it. */
#define GREATEST_SHARE 0.9999999

#define LEARNING_RATE(value) {.name = "lr", .type = PARAM_REAL, .fallback = (value), .min = 0, .max = INFINITY}
#define SHARE(key, value) {.name = (key), .type = PARAM_REAL, .fallback = (value), .min = 0, .max = GREATEST_SHARE}
#define AT_LEAST_ZERO(key, value) {.name = (key), .type = PARAM_REAL, .fallback = (value), .min = 0, .max = INFINITY}
#define EPS(value) {.name = "eps", .type = PARAM_REAL, .fallback = (value), .min = 0, .max = INFINITY, .above_min = true}
#define SWITCH(key) {.name = (key), .type = PARAM_BOOL}

enum { LR };    /* the first of every rule */

enum { SGD_MOMENTUM = LR + 1, SGD_NESTEROV, SGD_WEIGHT_DECAY, SGD_PARAMS };

static const struct param sgd_params[SGD_PARAMS] = {
    [LR] = LEARNING_RATE(1e-3),
    [SGD_MOMENTUM] = {.name = "momentum", .type = PARAM_REAL, .min = 0, .max = 1},
    [SGD_NESTEROV] = SWITCH("nesterov"),
    [SGD_WEIGHT_DECAY] = AT_LEAST_ZERO("weight_decay", 0),
};

enum { ADAM_BETAS = LR + 1, ADAM_EPS, ADAM_WEIGHT_DECAY, ADAM_AMSGRAD, ADAM_PARAMS };

#define ADAM_TABLE(decay)                                                                                                          \
    {                                                                                                                              \
        [LR] = LEARNING_RATE(1e-3),                                                                                                \
        [ADAM_BETAS] = {.name = "betas", .type = PARAM_NUMBERS, .fallback_text = "[0.9, 0.999]", .min = 0, .max = GREATEST_SHARE}, \
        [ADAM_EPS] = EPS(1e-8),                                                                                                    \
        [ADAM_WEIGHT_DECAY] = AT_LEAST_ZERO("weight_decay", decay),                                                                \
        [ADAM_AMSGRAD] = SWITCH("amsgrad"),                                                                                        \
    }

static const struct param adam_params[ADAM_PARAMS] = ADAM_TABLE(0), adamw_params[ADAM_PARAMS] = ADAM_TABLE(1e-2);

enum { RMSPROP_ALPHA = LR + 1, RMSPROP_EPS, RMSPROP_WEIGHT_DECAY, RMSPROP_MOMENTUM, RMSPROP_CENTERED, RMSPROP_PARAMS };

static const struct param rmsprop_params[RMSPROP_PARAMS] = {
    [LR] = LEARNING_RATE(1e-2),
    [RMSPROP_ALPHA] = SHARE("alpha", 0.99),
    [RMSPROP_EPS] = EPS(1e-8),
    [RMSPROP_WEIGHT_DECAY] = AT_LEAST_ZERO("weight_decay", 0),
    [RMSPROP_MOMENTUM] = {.name = "momentum", .type = PARAM_REAL, .min = 0, .max = 1},
    [RMSPROP_CENTERED] = SWITCH("centered"),
};

enum { ADAGRAD_LR_DECAY = LR + 1, ADAGRAD_WEIGHT_DECAY, ADAGRAD_INITIAL, ADAGRAD_EPS, ADAGRAD_PARAMS };

static const struct param adagrad_params[ADAGRAD_PARAMS] = {
    [LR] = LEARNING_RATE(1e-2),
    [ADAGRAD_LR_DECAY] = AT_LEAST_ZERO("lr_decay", 0),
    [ADAGRAD_WEIGHT_DECAY] = AT_LEAST_ZERO("weight_decay", 0),
    [ADAGRAD_INITIAL] = AT_LEAST_ZERO("initial_accumulator_value", 0),
    [ADAGRAD_EPS] = EPS(1e-10),
};

#define RULE(NAME, KIND, PARAMS, COUNT, DOC) \
    {.op = {.name = (NAME), .params = (PARAMS), .param_count = (COUNT), .doc = (DOC)}, .kind = (KIND)}

static const struct form optimizers[] = {
    RULE("sgd", RULE_SGD, sgd_params, SGD_PARAMS, "stochastic gradient descent, with momentum where there is some"),
    RULE("adam", RULE_ADAM, adam_params, ADAM_PARAMS,
         "running means of the gradient and of its square; `weight_decay` is part of the gradient"),
    RULE("adamw", RULE_ADAMW, adamw_params, ADAM_PARAMS, "Adam with a `weight_decay` that goes past the gradient"),
    RULE("rmsprop", RULE_RMSPROP, rmsprop_params, RMSPROP_PARAMS, "divides by the root of a running mean of squares"),
    RULE("adagrad", RULE_ADAGRAD, adagrad_params, ADAGRAD_PARAMS, "divides by the root of the sum of all squares so far"),
};
const struct section_table train_optimizers = {
    .section = "train", .what = "optimizers", .forms = optimizers, .count = sizeof optimizers / sizeof optimizers[0]};

/* ---- Settings -------------------------------------------------------------------------------------------------------- */

static node_id add_setting(struct graph *g, const char *name, double initial, double maximum)
{
    return graph_add_setting(g, arena_printf(g->arena, "train.optimizer.%s", name), initial, 0, maximum);
}

/* What is 0 takes no part in the step at all. */
static node_id add_optional(struct graph *g, const char *name, const struct op_arg *a, double maximum)
{
    return a->real == 0 ? NO_NODE : add_setting(g, name, a->real, maximum);
}

static bool read_sgd(struct frame *f, const struct op_arg arg[], struct optimizer *o)
{
    struct graph *g = f->x->graph;

    if (arg[SGD_NESTEROV].boolean && arg[SGD_MOMENTUM].real == 0)
        return diag_error(f->x->diags, arg[SGD_NESTEROV].at, DIAG_ARGUMENT_RANGE, "sgd: nesterov needs a momentum above 0");
    o->momentum = add_optional(g, "momentum", &arg[SGD_MOMENTUM], 1);
    o->weight_decay = add_optional(g, "weight_decay", &arg[SGD_WEIGHT_DECAY], INFINITY);
    o->nesterov = arg[SGD_NESTEROV].boolean;
    return true;
}

static bool read_betas(struct frame *f, const char *rule, const struct op_arg *a, double beta[2])
{
    const struct literal *l = a->literal;

    beta[0] = 0.9;
    beta[1] = 0.999;
    if (l == NULL)
        return true;
    if (l->kind != LITERAL_LIST || l->as.list.count != 2)
        return diag_error(f->x->diags, a->at, DIAG_ARGUMENT_TYPE, "%s: betas must be two numbers, such as [0.9, 0.999]", rule);
    for (int i = 0; i < 2; i++)
        beta[i] = literal_number(l->as.list.at[i]);
    return true;
}

static bool read_adam(struct frame *f, const char *rule, const struct op_arg arg[], struct optimizer *o)
{
    struct graph *g = f->x->graph;
    double beta[2];

    if (!read_betas(f, rule, &arg[ADAM_BETAS], beta))
        return false;
    o->beta1 = add_setting(g, "beta1", beta[0], GREATEST_SHARE);
    o->beta2 = add_setting(g, "beta2", beta[1], GREATEST_SHARE);
    o->eps = add_setting(g, "eps", arg[ADAM_EPS].real, INFINITY);
    o->weight_decay = add_optional(g, "weight_decay", &arg[ADAM_WEIGHT_DECAY], INFINITY);
    o->amsgrad = arg[ADAM_AMSGRAD].boolean;
    return true;
}

static bool read_rmsprop(struct frame *f, const struct op_arg arg[], struct optimizer *o)
{
    struct graph *g = f->x->graph;

    o->alpha = add_setting(g, "alpha", arg[RMSPROP_ALPHA].real, GREATEST_SHARE);
    o->eps = add_setting(g, "eps", arg[RMSPROP_EPS].real, INFINITY);
    o->weight_decay = add_optional(g, "weight_decay", &arg[RMSPROP_WEIGHT_DECAY], INFINITY);
    o->momentum = add_optional(g, "momentum", &arg[RMSPROP_MOMENTUM], 1);
    o->centered = arg[RMSPROP_CENTERED].boolean;
    return true;
}

static bool read_adagrad(struct frame *f, const struct op_arg arg[], struct optimizer *o)
{
    struct graph *g = f->x->graph;

    o->lr_decay = add_optional(g, "lr_decay", &arg[ADAGRAD_LR_DECAY], INFINITY);
    o->weight_decay = add_optional(g, "weight_decay", &arg[ADAGRAD_WEIGHT_DECAY], INFINITY);
    o->initial_sum = add_optional(g, "initial_accumulator_value", &arg[ADAGRAD_INITIAL], INFINITY);
    o->eps = add_setting(g, "eps", arg[ADAGRAD_EPS].real, INFINITY);
    return true;
}

static bool read_rule(struct frame *f, const char *rule, const struct op_arg arg[], struct optimizer *o)
{
    switch (o->rule) {
    case RULE_SGD: return read_sgd(f, arg, o);
    case RULE_ADAM:
    case RULE_ADAMW: return read_adam(f, rule, arg, o);
    case RULE_RMSPROP: return read_rmsprop(f, arg, o);
    case RULE_ADAGRAD: return read_adagrad(f, arg, o);
    }
    return false;
}

bool optimizer_read(struct frame *f, const struct setting *s, struct optimizer *o)
{
    struct op_arg *arg = arena_array(f->x->arena, struct op_arg, MAX_PARAMS);
    const struct ast_expr *e = setting_expression(f, s, "optimizer");
    struct ast_call call;

    if (e == NULL || !sections_as_call(f, e, "an optimizer, such as sgd(lr = 0.01)", &call))
        return false;
    const struct form *form =
        sections_call(f, &call, e->at, optimizers, sizeof optimizers / sizeof optimizers[0], WORD_OPTIMIZER, arg);
    if (form == NULL)
        return false;
    *o = (struct optimizer){
        .rule = (enum optimizer_rule)form->kind,
        .weight_decay = NO_NODE,
        .momentum = NO_NODE,
        .beta1 = NO_NODE,
        .beta2 = NO_NODE,
        .alpha = NO_NODE,
        .lr_decay = NO_NODE,
        .initial_sum = NO_NODE,
        .eps = NO_NODE,
    };
    o->lr = add_setting(f->x->graph, "lr", arg[LR].real, INFINITY);
    return read_rule(f, form->op.name, arg, o);
}

/* train: reads `train`: the loss's terms and counts; metrics and the optimizer have files of their own. */
#include "compiler/sema/train.h"

#include "compiler/graph/build.h"
#include "compiler/sema/evaluate.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/metrics.h"
#include "compiler/sema/sections.h"
#include "compiler/sema/sema.h"
#include "compiler/sema/tables.h"

#include <inttypes.h>
#include <string.h>

enum { MODEL, LOSS, OPTIMIZER, METRICS, BATCH, EPOCHS, SEED, SCHEDULE, EARLY_STOP, CHECKPOINT, KEYS };

static const struct key keys[KEYS] = {
    [MODEL] = {.name = "model", .fallback = "the only net", .doc = "which net is trained"},
    [LOSS] = {.name = "loss", .required = true, .doc = "what is made small: a sum of terms ([losses](#losses))"},
    [OPTIMIZER] = {.name = "optimizer", .required = true, .doc = "the rule by which weights change ([optimizers](#optimizers))"},
    [METRICS] = {.name = "metrics", .doc = "a list of what is measured besides ([metrics](#metrics))"},
    [BATCH] = {.name = "batch", .fallback = "32", .doc = "samples of a step; `netc --batch=N` overrides it"},
    [EPOCHS] = {.name = "epochs",
                .fallback = "10",
                .doc = "how often all of `train` is seen; `--epochs N` overrides it at run time"},
    [SEED] = {.name = "seed",
              .fallback = "1",
              .doc = "of weights, shuffling, dropout and noise; `--seed N` overrides it at run time"},
    [SCHEDULE] = {.name = "schedule", .not_built = true},
    [EARLY_STOP] = {.name = "early_stop", .not_built = true},
    [CHECKPOINT] = {.name = "checkpoint", .not_built = true},
};

const struct section_table train_keys = {.section = "train", .what = "training", .keys = keys, .count = KEYS};

const struct ast_name *train_model(const struct ast_decl *section, struct ast_name *name)
{
    for (const struct ast_stmt *s = section->as.section.body; s != NULL; s = s->next) {
        if (s->kind != AST_BIND || strcmp(s->as.bind.targets->name.text, "model") != 0)
            continue;
        const struct ast_pipe *p = s->as.bind.pipe;
        *name = (struct ast_name){p->from->kind == AST_NAME && p->chain == NULL ? p->from->as.name : NULL, p->at};
        return name;
    }
    return NULL;
}

/* ---- Loss ------------------------------------------------------------------------------------------------------------ */

/* The objective whose loss this is, or NULL after an error. */
static struct objective *read_loss(struct frame *f, const struct setting *s)
{
    struct graph *g = f->x->graph;
    struct namer namer, *outer = f->namer;
    struct sema_value o;
    char text[SHAPE_TEXT];

    namer_init(&namer, "loss.", f->x->arena, f->x->names, f->x->diags);
    f->namer = &namer;
    const bool ok = expand_single(f, s->pipe, &o);
    f->namer = outer;
    if (!ok)
        return NULL;
    if (o.kind != VALUE_TENSOR) {
        diag_error(f->x->diags, s->pipe->at, DIAG_SECTION_VALUE, "the loss is computed from the net's outputs, this is %s",
                   value_kind_text(&o));
        return NULL;
    }
    if (graph_node(g, o.tensor)->shape.rank != 0) {
        diag_error(f->x->diags, s->pipe->at, DIAG_SECTION_VALUE, "the loss is one number for each sample, this is a tensor of %s",
                   shape_text(&graph_node(g, o.tensor)->shape, text));
        diag_hint(f->x->diags, "loss = cross_entropy(logits, label);");
        return NULL;
    }
    if (graph_node(g, o.tensor)->uniform) {
        diag_error(f->x->diags, s->pipe->at, DIAG_SECTION_VALUE,
                   "this loss is made from parameters alone: it is the same for every sample");
        return NULL;
    }
    struct objective *objective = graph_add_objective(g, NULL);
    objective->loss = o.tensor;
    objective->terms = f->train->terms;
    graph_sample_weight(g);
    train_add_loss_parts(g, objective);
    return objective;
}

/* Data is held to the number of classes or the vocabulary of an input, so something must have said it. */
bool train_check_integers(const struct graph *g, struct diags *ds)
{
    bool ok = true;

    for (size_t i = 0; i < g->input.count; i++) {
        const struct graph_input *input = &g->input.at[i];
        if (!input->is_class || input->classes > 0)
            continue;
        ok = diag_error(ds, graph_node(g, input->v)->at, DIAG_BINDING, "nothing says how many integers there are for the input %s",
                        input->name);
        diag_hint(ds, "an embedding of it does, or a loss that takes it for a class");
    }
    return ok;
}

/* ---- The section ----------------------------------------------------------------------------------------------------- */

static bool read_counts(struct frame *f, const struct setting settings[], struct train_section *t, int64_t *batch)
{
    bool ok = true;

    t->epochs = 10;
    t->seed = 1;
    if (settings[BATCH].pipe != NULL)
        ok = setting_int(f, &settings[BATCH], "batch", 1, SEMA_MAX_BATCH, batch);
    if (settings[EPOCHS].pipe != NULL)
        ok = setting_int(f, &settings[EPOCHS], "epochs", 1, INT32_MAX, &t->epochs) && ok;
    if (settings[SEED].pipe != NULL)
        ok = setting_int(f, &settings[SEED], "seed", 0, INT64_MAX, &t->seed) && ok;
    return ok;
}

/* What is learnt, and how: the loss, metrics and the optimizer. A metric may stand where a loss was not understood. */
static bool read_objective(struct frame *f, const struct setting settings[], const struct clip *clip)
{
    struct objective *o = settings[LOSS].pipe != NULL ? read_loss(f, &settings[LOSS]) : NULL, none = {.loss = NO_NODE};
    bool ok = o != NULL || settings[LOSS].pipe == NULL;

    ok = (o == NULL || f->x->faulty || train_check_integers(f->x->graph, f->x->diags)) && ok;
    if (o == NULL)
        o = &none;
    o->clip = *clip;
    if (settings[METRICS].pipe != NULL) {
        const struct ast_expr *e = setting_expression(f, &settings[METRICS], "metrics");
        ok = e != NULL && metrics_read(f, e, &o->metrics) && ok;
    }
    o->terms = f->train->terms;
    f->train = NULL;
    if (settings[OPTIMIZER].pipe != NULL)
        ok = optimizer_read(f, &settings[OPTIMIZER], &o->optimizer) && ok;
    return ok;
}

bool train_read(struct frame *f, const struct ast_decl *section, const struct clip *clip, struct program *p)
{
    struct setting settings[KEYS] = {0};
    struct train_section *t = arena_new(f->x->arena, struct train_section);
    struct train_reader reader = {.data = p->data, .net_inputs = train_net_inputs(f->x->graph)};

    t->at = section->at;
    bool ok = sections_read(f, section, keys, KEYS, settings);
    f->train = &reader;
    ok = read_objective(f, settings, clip) && ok;
    ok = read_counts(f, settings, t, &p->batch) && ok;
    p->train = t;
    return ok;
}

/* ---- Files without one ----------------------------------------------------------------------------------------------- */

/* Whether a layer of this operator made the output. */
static bool is_made_by(const struct graph *g, node_id v, const char *op_name)
{
    const int layer = graph_node(g, v)->layer;

    return layer >= 0 && strcmp(g->layer.at[layer].op_name, op_name) == 0;
}

/* Scores are taken for those of classes; an image or a single number is compared. */
static const char *suggested_loss(const struct program *p, node_id v, const char *name, struct arena *arena)
{
    const struct graph *g = p->graph;
    const struct shape *s = &graph_node(g, v)->shape;

    if (s->rank == 1 && s->dim[0] > 1)
        return arena_printf(arena, "%s(%s, label)", is_made_by(g, v, "softmax") ? "categorical_cross_entropy" : "cross_entropy",
                            name);
    return arena_printf(arena, "%s(%s, %s)", is_made_by(g, v, "sigmoid") ? "binary_cross_entropy" : "mse", name,
                        p->data != NULL && g->input.count > 0 ? g->input.at[0].name : "target");
}

const char *train_suggestion(const struct program *p, struct arena *arena)
{
    const struct graph_output *first = &p->graph->output.at[0];
    const bool is_named = strcmp(first->name, "output") != 0;    /* a keyword: nothing is called so */
    const char *name = is_named ? first->name : "logits";

    return arena_printf(arena, "%sadd: train { loss = %s; optimizer = sgd(lr = 0.01); }",
                        is_named ? "" : "name the output, output logits = ...; and ", suggested_loss(p, first->v, name, arena));
}

/* hash: what makes two programs one and the same run, as sixty-four digits: what the net computes and on which data it learns.
 *
 * Left out is what a run may change and still go on: metrics and what only they need, names of files, numbers that are settings
 * (they have names, and are compared one by one), batch, epochs and seed.
 *
 * A checkpoint outlives the compiler that began it. So everything goes in by its name and in a canonical order (digest.h), never by an
 * enumerator's or a node's number; of a step of the data only what that step has. FORM says which form this is: whoever changes it
 * makes every run that is under way another net's. tests/training/checkpoints keeps a run of each form.
 */
#include "compiler/sema/hash.h"

#include "compiler/sema/digest.h"
#include "compiler/sema/sema.h"

static const char form[] = "netc 3";

/* ---- Data ---------------------------------------------------------------------------------------------------------- */

static void add_numbers(struct sha256 *h, const double *numbers, size_t count)
{
    digest_add_int(h, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        digest_add_real(h, numbers[i]);
}

static void add_classes(struct sha256 *h, const struct data_step *s)
{
    digest_add_text(h, "filter");
    digest_add_int(h, (int64_t)s->list_count);
    for (size_t i = 0; i < s->list_count; i++)
        digest_add_int(h, s->classes[i]);
}

static void add_digits(struct sha256 *h, const struct data_step *s)
{
    digest_add_text(h, "digits");
    digest_add_int(h, s->count);
    digest_add_int(h, s->seed);
    digest_add_real(h, s->noise);
}

static void add_padding(struct sha256 *h, const struct data_step *s)
{
    digest_add_text(h, "pad");
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++)
            digest_add_int(h, s->amount[i][k]);
    digest_add_real(h, s->value);
}

static void add_counted(struct sha256 *h, const char *name, int64_t number)
{
    digest_add_text(h, name);
    digest_add_int(h, number);
}

static void add_data_step(struct sha256 *h, const struct data_step *s)
{
    switch (s->kind) {
    case DATA_IDX: digest_add_text(h, "idx"); break;
    case DATA_DIGITS: add_digits(h, s); break;
    case DATA_TAKE: add_counted(h, "take", s->count); break;
    case DATA_DROP: add_counted(h, "drop", s->count); break;
    case DATA_SPLIT:
        digest_add_text(h, s->first ? "split, first" : "split, rest");
        digest_add_real(h, s->fraction);
        break;
    case DATA_SHUFFLE: add_counted(h, "shuffle", s->seed); break;
    case DATA_FILTER: add_classes(h, s); break;
    case DATA_PAD: add_padding(h, s); break;
    case DATA_SCALE:
        digest_add_text(h, "scale");
        digest_add_real(h, s->factor);
        break;
    case DATA_NORMALIZE:
        digest_add_text(h, "normalize");
        add_numbers(h, s->mean, s->list_count);
        add_numbers(h, s->std, s->list_count);
        break;
    }
}

static void add_data(struct sha256 *h, const char *name, const struct data_step *list)
{
    digest_add_text(h, name);
    for (const struct data_step *s = list; s != NULL; s = s->next)
        add_data_step(h, s);
    digest_add_text(h, "end");
}

/* ---- Training ------------------------------------------------------------------------------------------------------ */

static const char *rule_name(enum optimizer_rule rule)
{
    switch (rule) {
    case RULE_SGD: return "sgd";
    case RULE_ADAM: return "adam";
    case RULE_ADAMW: return "adamw";
    case RULE_RMSPROP: return "rmsprop";
    case RULE_ADAGRAD: return "adagrad";
    }
    return "";
}

static const char *clip_name(enum clip_kind kind)
{
    switch (kind) {
    case CLIP_NONE: return "none";
    case CLIP_NORM: return "norm";
    case CLIP_VALUE: return "value";
    }
    return "";
}

/* A setting goes in by its name, which says whose it is. */
static void add_setting(struct sha256 *h, const struct graph *g, node_id v)
{
    if (v != NO_NODE)
        digest_add_text(h, graph_node(g, v)->name);
}

static void add_optimizer(struct sha256 *h, const struct graph *g, const struct optimizer *o)
{
    const node_id settings[] = {o->lr,    o->weight_decay, o->momentum,    o->beta1, o->beta2,
                                o->alpha, o->lr_decay,     o->initial_sum, o->eps};

    digest_add_text(h, rule_name(o->rule));
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        add_setting(h, g, settings[i]);
    digest_add_text(h, o->nesterov ? "nesterov" : NULL);
    digest_add_text(h, o->amsgrad ? "amsgrad" : NULL);
    digest_add_text(h, o->centered ? "centered" : NULL);
}

static void add_objective(struct sha256 *h, const struct graph *g, const struct objective *o)
{
    digest_add_text(h, "train");
    if (o->name != NULL)
        digest_add_text(h, o->name);
    add_optimizer(h, g, &o->optimizer);
    digest_add_text(h, "clip");
    digest_add_text(h, clip_name(o->clip.kind));
    add_setting(h, g, o->clip.kind == CLIP_NONE ? NO_NODE : o->clip.limit);
}

void program_hash(struct arena *scratch, const struct program *p, uint64_t hash[4])
{
    const struct digest graph = digest_of_graph(scratch, p->graph);
    struct sha256 h;

    sha256_init(&h);
    digest_add_text(&h, form);
    digest_add(&h, &graph);
    if (p->data != NULL) {
        add_data(&h, "train data", p->data->train);
        add_data(&h, "prepare", p->data->prepare);
    }
    for (size_t i = 0; i < p->graph->objective.count; i++)
        add_objective(&h, p->graph, p->graph->objective.at[i]);
    sha256_finish(&h, hash);
}

/* sema: the order in which a program is analysed: globals, the net, then sections, then what can only be checked when all of it
 * is known. */
#include "compiler/sema/sema.h"

#include "compiler/graph/build.h"
#include "compiler/sema/blocks.h"
#include "compiler/sema/data.h"
#include "compiler/sema/dead_layers.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/hash.h"
#include "compiler/sema/sections.h"
#include "compiler/sema/tables.h"
#include "compiler/sema/train.h"
#include "compiler/sema/weights.h"
#include "compiler/support/intern.h"
#include "compiler/support/map.h"
#include "compiler/support/text.h"

#include <inttypes.h>
#include <string.h>

/* Bytes of everything that a step holds; the language's limit. */
#define MAX_BYTES 0x1p46

enum { DEFAULT_BATCH = 32 };

/* One run of sema_analyse. */
struct analysis {
    const struct sema_options *options;
    struct expansion x;
    struct sections sections;
    struct frame values;    /* where the sections that know no tensors are read */
    struct frame net;
    struct namer namer;
    struct program *p;
};

/* ---- Which net ------------------------------------------------------------------------------------------------------- */

static const struct ast_decl *find_net(struct analysis *a, const char *name, struct span at)
{
    struct expansion *x = &a->x;
    const struct ast_decl *net = map_get(x->globals.nets, intern(x->names, name, strlen(name)));

    if (net != NULL)
        return net;
    diag_error(x->diags, at, DIAG_WHICH_NET, "there is no net %s; there are: %s", name,
               text_list(x->arena, x->globals.net_names.at, x->globals.net_names.count));
    diag_hint_nearest(x->diags, name, x->globals.net_names.at, x->globals.net_names.count);
    return NULL;
}

static const struct ast_decl *several_nets(struct analysis *a)
{
    struct expansion *x = &a->x;
    const char *list = text_list(x->arena, x->globals.net_names.at, x->globals.net_names.count);
    const struct ast_decl *second = map_get(x->globals.nets, x->globals.net_names.at[1]);
    diag_error(x->diags, second->name.at, DIAG_WHICH_NET, "the file declares several nets: %s", list);
    diag_hint(x->diags, "choose one with --net=NAME, or with train { model = NAME; }");
    return NULL;
}

/* --net, else the train section's model, else the only one. A train section of another net is left out. */
static const struct ast_decl *choose_net(struct analysis *a)
{
    struct expansion *x = &a->x;
    const struct ast_name *model = NULL;
    struct ast_name name;

    if (x->globals.net_names.count == 0) {
        diag_error(x->diags, SPAN_NONE, DIAG_WHICH_NET, "the file declares no net");
        diag_hint(x->diags, "net name { input image: 1x28x28; output logits = image -> ...; }");
        return NULL;
    }
    if (a->sections.train != NULL)
        model = train_model(a->sections.train, &name);
    if (model != NULL && model->text == NULL) {
        diag_error(x->diags, model->at, DIAG_SECTION_VALUE, "model must be the name of a net");
        return NULL;
    }
    const struct ast_decl *trained = model != NULL ? find_net(a, model->text, model->at) : NULL;
    if (model != NULL && trained == NULL)
        return NULL;
    if (a->options->net != NULL) {
        const struct ast_decl *net = find_net(a, a->options->net, SPAN_NONE);
        if (trained != NULL && net != trained)
            a->sections.train = NULL;
        return net;
    }
    if (trained != NULL)
        return trained;
    return x->globals.net_names.count == 1 ? map_get(x->globals.nets, x->globals.net_names.at[0]) : several_nets(a);
}

/* ---- Expansion ------------------------------------------------------------------------------------------------------- */

static bool expand_net(struct analysis *a, const struct ast_decl *net)
{
    struct expansion *x = &a->x;

    namer_init(&a->namer, "", x->arena, x->names, x->diags);
    frame_init(&a->net, x, &a->namer);
    a->net.decl = net;
    a->p->net = net->name.text;
    a->p->graph = x->graph = graph_create(x->arena, net->name.text);
    x->graph->sources = a->p->sources;
    bool ok = block_check_missing(&a->net, net, net->name.at);
    ok = block_bind_defaults(&a->net, net) && ok;
    ok = expand_body(&a->net, net->as.block.body) && ok;
    a->p->net_layers = x->graph->layer.count;
    if (ok && x->graph->output.count == 0) {
        ok = diag_error(x->diags, net->name.at, DIAG_RESULT_COUNT, "the net %s has no output", net->name.text);
        diag_hint(x->diags, "output logits = ...;");
    }
    return ok;
}

/* The memory of a batch, roughly and from below: every tensor once. */
static bool check_bytes(struct analysis *a, const struct ast_decl *net)
{
    const struct graph *g = a->x.graph;
    const double batch = a->p->train != NULL ? (double)a->p->batch : 1;
    double bytes = 0;

    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = graph_node(g, (node_id)v);
        if (n->kind != NODE_VIEW)
            bytes += (double)a->p->compile.precision * (double)shape_elements(&n->shape) * (n->uniform ? 1 : batch);
    }
    if (bytes <= MAX_BYTES)
        return true;
    return diag_error(a->x.diags, net->name.at, DIAG_TENSOR_SIZE, "the tensors of %s take %.3g bytes, more than 2^46",
                      net->name.text, bytes);
}

/* ---- Sections -------------------------------------------------------------------------------------------------------- */

enum { PRECISION, BACKEND, WINOGRAD, SHARDS, KEYS };

static const struct key keys[KEYS] = {
    [PRECISION] = {.name = "precision", .fallback = "f32", .doc = "`f32` or `f64`; `netc --precision` overrides it"},
    [BACKEND] = {.name = "backend",
                 .fallback = "llvm, where it is built in",
                 .doc = "`llvm` or `c`; `netc --backend` overrides it"},
    [WINOGRAD] = {.name = "winograd", .not_built = true},
    [SHARDS] = {.name = "shards", .not_built = true},
};
const struct section_table compile_keys = {.section = "compile", .what = "compilation", .keys = keys, .count = KEYS};

static bool read_compile(struct analysis *a)
{
    static const char *const precisions[] = {"f32", "f64", NULL}, *const backends[] = {"llvm", "c", NULL};
    struct setting settings[KEYS] = {0};
    int precision = 0, backend = -1;

    bool ok = sections_read(&a->values, a->sections.compile, keys, KEYS, settings);
    if (settings[PRECISION].pipe != NULL)
        ok = setting_choice(&a->values, &settings[PRECISION], "precision", precisions, &precision) && ok;
    if (settings[BACKEND].pipe != NULL)
        ok = setting_choice(&a->values, &settings[BACKEND], "backend", backends, &backend) && ok;
    a->p->compile.precision = precision == 0 ? 4 : 8;
    a->p->compile.backend = backend < 0 ? NULL : backends[backend];
    return ok;
}

/* What is learnt from must be said where something learns. */
static bool read_data(struct analysis *a)
{
    if (!data_read(&a->values, a->sections.data, &a->p->data))
        return false;
    return a->sections.train == NULL || a->p->data->train != NULL ||
           diag_error(a->x.diags, a->sections.data->at, DIAG_MISSING_KEY, "the section data does not set train");
}

/* The sections that stand for themselves; they are read even where the net is faulty. */
static bool read_values(struct analysis *a)
{
    struct graph *graph = a->x.graph;
    bool ok = true;

    frame_init(&a->values, &a->x, NULL);
    a->x.graph = NULL;
    a->p->compile.precision = 4;
    if (a->sections.compile != NULL)
        ok = read_compile(a);
    if (a->options->precision != 0)
        a->p->compile.precision = a->options->precision;
    a->x.f32 = a->p->compile.precision == 4;
    if (a->sections.data != NULL)
        ok = read_data(a) && ok;
    a->x.graph = graph;
    return ok;
}

static bool refuse_batch(const struct analysis *a, const struct layer *layer, int64_t least)
{
    char text[SHAPE_TEXT];

    diag_error(a->x.diags, layer->at, DIAG_STATISTICS,
               "%s: a batch of %" PRId64 " is too small for the statistics of %s: a single value is its own mean", layer->op_name,
               a->p->batch, shape_text(&graph_node(a->x.graph, layer->result)->shape, text));
    diag_hint(a->x.diags, "train with batch = %" PRId64 " or more, or use layernorm, which needs no batch", least);
    return false;
}

/* Whether every layer can learn from batches of the size that the section or the command line says. */
static bool check_batch(const struct analysis *a)
{
    const struct graph *g = a->x.graph;
    struct train_section *t = a->p->train;
    bool ok = true;

    t->least_batch = 1;
    for (size_t i = 0; i < a->p->net_layers; i++) {
        const struct layer *layer = &g->layer.at[i];
        const struct op *op = op_find(layer->op_name);
        if (op == NULL || op->least_batch == NULL)
            continue;
        const int64_t least = op->least_batch(&graph_node(g, layer->result)->shape);
        if (least > t->least_batch)
            t->least_batch = least;
        if (a->p->batch < least)
            ok = refuse_batch(a, layer, least);
    }
    return ok;
}

/* --batch counts more than the section. */
static bool read_train(struct analysis *a, const struct clip *clip)
{
    const bool ok = train_read(&a->net, a->sections.train, clip, a->p);

    if (a->options->batch > 0)
        a->p->batch = a->options->batch;
    return ok && (a->x.faulty || check_batch(a));
}

/* The sections that speak of the net's tensors and parameters. Of a faulty net they see what is sound. */
static bool read_sections(struct analysis *a)
{
    const bool faulty = a->x.faulty;
    struct clip clip = {.kind = CLIP_NONE};
    bool ok = true;

    if (a->p->data != NULL && !faulty)
        ok = train_bind_inputs(&a->net, a->p->data);
    if (a->sections.init != NULL)
        ok = init_read(&a->net, a->sections.init) && ok;
    if (a->sections.regularize != NULL)
        ok = regularize_read(&a->net, a->sections.regularize, &clip) && ok;
    if (a->sections.train != NULL)
        ok = read_train(a, &clip) && ok;
    return ok;
}

/* ---- All together ---------------------------------------------------------------------------------------------------- */

static const char *base_name(const struct sources *sources)
{
    if (sources->file.count == 0)
        return "";
    const char *name = sources->file.at[0].name, *slash = strrchr(name, '/');

    return slash == NULL ? name : slash + 1;
}

static bool analyse(struct analysis *a, const struct ast *ast)
{
    struct expansion *x = &a->x;
    bool ok = globals_collect(x, ast);

    ok = globals_override(x, a->options->consts, a->options->const_count) && ok;
    ok = globals_evaluate(x) && ok;
    ok = sections_collect(x->diags, ast, &a->sections) && ok;
    ok = read_values(a) && ok;
    const struct ast_decl *net = choose_net(a);
    if (net == NULL)
        return false;
    x->faulty = !expand_net(a, net);
    ok = (x->stopped || blocks_check_unreached(x, ast)) && ok;
    ok = read_sections(a) && !x->faulty && ok;
    if (!ok || !check_bytes(a, net))
        return false;
    init_defaults(x->graph);
    declarations_report(&x->declarations, x->diags);
    report_dead_layers(a->p, x->diags);
    return true;
}

bool sema_analyse(const struct ast *ast, const struct sema_options *options, struct arena *arena, struct interner *names,
                  struct sources *sources, struct diags *ds, struct program *p)
{
    struct analysis *a = arena_new(arena, struct analysis);

    *p = (struct program){
        .source = base_name(sources), .sources = sources, .batch = options->batch > 0 ? options->batch : DEFAULT_BATCH};
    a->options = options;
    a->p = p;
    a->x = (struct expansion){.arena = arena, .names = names, .diags = ds};
    declarations_init(&a->x.declarations, arena);
    if (!analyse(a, ast) || ds->errors > 0)
        return false;
    program_hash(arena, p, p->hash);
    return true;
}

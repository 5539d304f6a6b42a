/* initialise: how parameters start. A layer's own init= counts most, then the section `init`, then the default. */
#include "compiler/sema/weights.h"

#include "compiler/sema/expand.h"
#include "compiler/sema/sections.h"
#include "compiler/sema/tables.h"
#include "compiler/support/synonyms.h"
#include "compiler/support/text.h"

#include <math.h>
#include <string.h>

static const struct param none_params[] = {{.name = "on", .type = PARAM_STRING}};
static const struct param std_params[] = {
    {.name = "std", .type = PARAM_REAL, .required = true, .min = 0, .max = INFINITY},
    {.name = "on", .type = PARAM_STRING},
};
static const struct param bound_params[] = {
    {.name = "bound", .type = PARAM_REAL, .required = true, .min = 0, .max = INFINITY},
    {.name = "on", .type = PARAM_STRING},
};
static const struct param value_params[] = {
    {.name = "value", .type = PARAM_REAL, .required = true},
    {.name = "on", .type = PARAM_STRING},
};

/* Initialisers that see a weight as a matrix: from inputs to outputs. A bias has neither. */
static bool wants_matrix(int init)
{
    enum { ELEMENTS, MATRIX, FANS };
    static const int sees[] = {
#define INITIALIZER(id, word, what, argument, called, doc) [INIT_##id] = (what),
#include "runtime/include/netrt/words.def"
    };

    return sees[init] != ELEMENTS;
}

static const struct form forms[] = {
#define INITIALIZER(id, word, sees, argument, called, text)                               \
    {.op = {.name = (word),                                                               \
            .params = argument##_params,                                                  \
            .param_count = (int)(sizeof argument##_params / sizeof argument##_params[0]), \
            .doc = (text)},                                                               \
     .kind = INIT_##id},
#include "runtime/include/netrt/words.def"
};
const struct section_table init_forms = {
    .section = "init", .what = "initialisers", .forms = forms, .count = sizeof forms / sizeof forms[0]};

/* ---- The section ----------------------------------------------------------------------------------------------------- */

static bool applies(const struct node *n, bool weights)
{
    if (n->kind != NODE_PARAMETER)
        return false;
    if (weights)
        return n->parameter->is_weight;
    return !n->parameter->is_weight && text_matches("*.bias*", n->name);
}

/* What this section may change, before it changes anything: parameters that the layer itself gave a start keep it, a weight with
 * init= or weight=, a bias with bias=. */
static bool *open_parameters(struct frame *f)
{
    const struct graph *g = f->x->graph;
    bool *open = arena_array(f->x->arena, bool, g->node.count + 1);

    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = graph_node(g, (node_id)v);
        if (n->kind == NODE_PARAMETER)
            open[v] = n->parameter->init == (n->parameter->is_weight ? INIT_DEFAULT : INIT_ZEROS);
    }
    return open;
}

static bool apply(struct frame *f, const struct form *form, const struct op_arg arg[], bool weights, const bool open[])
{
    const bool valued = form->op.param_count == 2;
    const struct op_arg *on = &arg[valued ? 1 : 0];
    bool found = false;

    for (size_t v = 0; v < f->x->graph->node.count; v++) {
        const struct node *n = graph_node(f->x->graph, (node_id)v);
        if (!applies(n, weights) || (on->literal != NULL && !text_matches(on->literal->as.string, n->name)))
            continue;
        found = true;
        if (!open[v])
            continue;
        n->parameter->init = (enum initializer)form->kind;
        n->parameter->init_value = valued ? arg[0].real : 0;
    }
    if (!found && on->literal != NULL && !f->x->faulty)
        return diag_error(f->x->diags, on->at, DIAG_PATTERN, "no %s matches \"%s\"", weights ? "weight" : "bias",
                          on->literal->as.string);
    return true;
}

/* Of two initialisers of one parameter the later counts, so one for all comes first: else those before it would count for nothing. */
static bool check_order(struct frame *f, const struct ast_name *name, const struct op_arg *on, const struct ast_name **earlier)
{
    if (*earlier != NULL && on->literal == NULL) {
        diag_error(f->x->diags, name->at, DIAG_DOUBLE_KEY, "%s of all layers are set again", name->text);
        diag_note(f->x->diags, (*earlier)->at, "this would have no effect");
        diag_hint(f->x->diags, "name those that start otherwise: on = \"c1.*\"");
        return false;
    }
    *earlier = name;
    return true;
}

enum { WEIGHTS, BIASES, KEYS };

static const struct key keys[KEYS] = {
    [WEIGHTS] = {.name = "weights",
                 .fallback = "he_uniform or xavier_uniform, see below",
                 .doc = "of what a layer multiplies with"},
    [BIASES] = {.name = "biases",
                .fallback = "zeros",
                .doc = "of what a layer adds; they take `zeros ones normal uniform constant`"},
};
const struct section_table init_keys = {.section = "init", .what = "starts", .keys = keys, .count = KEYS};

static bool read_statement(struct frame *f, const struct ast_stmt *stmt, const bool open[], const struct ast_name *earlier[2])
{
    struct op_arg *arg = arena_array(f->x->arena, struct op_arg, MAX_PARAMS);
    struct ast_call call;

    if (stmt->kind != AST_BIND || stmt->as.bind.targets->next != NULL)
        return diag_error(f->x->diags, stmt->at, DIAG_MISPLACED, "the section init holds settings: weights = he_normal;");
    const struct ast_name *name = &stmt->as.bind.targets->name;
    const bool weights = strcmp(name->text, keys[WEIGHTS].name) == 0;
    if (!weights && strcmp(name->text, keys[BIASES].name) != 0) {
        diag_error(f->x->diags, name->at, DIAG_UNKNOWN_KEY, "the section init has no setting %s", name->text);
        hint_word(f->x->diags, WORD_SETTING, name->text, keys, KEYS);
        return false;
    }
    const struct setting s = {.pipe = stmt->as.bind.pipe, .key_at = name->at};
    const struct ast_expr *e = setting_expression(f, &s, name->text);
    if (e == NULL || !sections_as_call(f, e, "an initialiser, such as he_normal", &call))
        return false;
    const struct form *form = sections_call(f, &call, e->at, forms, sizeof forms / sizeof forms[0], WORD_INITIALIZER, arg);
    if (form == NULL)
        return false;
    if (!weights && wants_matrix(form->kind)) {
        diag_error(f->x->diags, call.callee.at, DIAG_SECTION_VALUE, "%s is for weights: a bias is no matrix", form->op.name);
        diag_hint(f->x->diags, "biases = zeros, ones, normal(std), uniform(bound) or constant(value)");
        return false;
    }
    return check_order(f, name, &arg[form->op.param_count - 1], &earlier[weights]) && apply(f, form, arg, weights, open);
}

bool init_read(struct frame *f, const struct ast_decl *section)
{
    const bool *open = open_parameters(f);
    const struct ast_name *earlier[2] = {NULL, NULL};
    bool ok = true;

    for (const struct ast_stmt *stmt = section->as.section.body; stmt != NULL; stmt = stmt->next)
        ok = read_statement(f, stmt, open, earlier) && ok;
    return ok;
}

/* ---- Defaults -------------------------------------------------------------------------------------------------------- */

struct users {
    const struct graph *g;
    bool *relu_follows; /* by layer */
};

/* Node `v` of layer `user` reads `from`: what follows the user's layer may follow from's. */
static void note_use(struct users *u, node_id from, int user)
{
    const int layer = graph_node(u->g, from)->layer;

    if (layer < 0 || user < 0 || layer == user)
        return;
    const struct op *op = op_find(u->g->layer.at[user].op_name);
    if (op != NULL && (op->relu_like || (op->transparent && u->relu_follows[user])))
        u->relu_follows[layer] = true;
}

void init_defaults(struct graph *g)
{
    struct users u = {.g = g, .relu_follows = arena_array(g->arena, bool, g->layer.count + 1)};

    /* Users have greater numbers, so a sweep from the end knows of each layer what follows it before its inputs ask. */
    for (size_t v = g->node.count; v-- > 0;) {
        const struct node *n = graph_node(g, (node_id)v);
        if (n->kind == NODE_VIEW)
            note_use(&u, n->view_of, n->layer);
        if (n->recurrence >= 0 && n->nest->body->kind == EXPR_FUNCTION && n->nest->body->function == FUNCTION_RELU)
            u.relu_follows[n->layer] = true;
        for (struct access_iterator i = node_accesses(n); access_next(&i);)
            note_use(&u, i.access->of, n->layer);
    }
    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = graph_node(g, (node_id)v);
        if (n->kind == NODE_PARAMETER && n->parameter->init == INIT_DEFAULT)
            n->parameter->init = n->layer >= 0 && u.relu_follows[n->layer] ? INIT_HE_UNIFORM : INIT_XAVIER_UNIFORM;
    }
}

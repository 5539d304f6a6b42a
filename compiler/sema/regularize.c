/* regularize: penalties on parameters, chosen by pattern, and a bound on gradients. */
#include "compiler/sema/weights.h"

#include "compiler/graph/build.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/sections.h"
#include "compiler/sema/sema.h"
#include "compiler/sema/tables.h"
#include "compiler/support/text.h"

#include <math.h>
#include <string.h>

enum { L1, L2, ELASTIC, CLIP };

/* In a call of one λ it is argument 0 and the patterns follow; elastic has two. */
static const struct param one_params[] = {
    {.name = "lambda", .type = PARAM_REAL, .required = true, .min = 0, .max = INFINITY},
    {.name = "on", .type = PARAM_STRING},
    {.name = "except", .type = PARAM_STRING},
};
static const struct param two_params[] = {
    {.name = "l1", .type = PARAM_REAL, .required = true, .min = 0, .max = INFINITY},
    {.name = "l2", .type = PARAM_REAL, .required = true, .min = 0, .max = INFINITY},
    {.name = "on", .type = PARAM_STRING},
    {.name = "except", .type = PARAM_STRING},
};
static const struct param clip_params[] = {
    {.name = "norm", .type = PARAM_REAL, .min = 0, .max = INFINITY, .above_min = true},
    {.name = "value", .type = PARAM_REAL, .min = 0, .max = INFINITY, .above_min = true},
};

static const struct form forms[] = {
    {.op = {.name = "l1", .params = one_params, .param_count = 3, .doc = "adds λ·Σ\\|w\\| to the loss"}, .kind = L1},
    {.op = {.name = "l2", .params = one_params, .param_count = 3, .doc = "adds λ·Σw² to the loss"}, .kind = L2},
    {.op = {.name = "elastic", .params = two_params, .param_count = 4, .doc = "both"}, .kind = ELASTIC},
    {.op =
         {.name = "clip",
          .params = clip_params,
          .param_count = 2,
          .doc =
              "scales all gradients by min(1, norm/(their norm + 1e-6)), or keeps each element within -value and value; one of the two"},
     .kind = CLIP},
};
const struct section_table regularize_forms = {
    .section = "regularize", .what = "regularizers", .forms = forms, .count = sizeof forms / sizeof forms[0]};

/* A rule that asks for something. */
struct rule {
    node_id setting;
    struct span at;
};

/* Penalties of one kind, as this section sets them. */
struct penalty {
    const char *name;
    int count;
    bool *own;    /* by node: the layer's own l1= or l2=, which counts more than any rule */
    VEC(struct rule) rules;
};

static bool is_setting(const struct graph *g, const char *name)
{
    for (size_t i = 0; i < g->setting.count; i++)
        if (strcmp(g->setting.at[i].name, name) == 0)
            return true;
    return false;
}

/* "regularize.l2", then "regularize.l2.2". A layer that is called regularize and has an l2= took the first name. */
static node_id add_setting(struct frame *f, struct penalty *p, double lambda)
{
    const char *name;

    do
        name = ++p->count == 1 ? arena_printf(f->x->arena, "regularize.%s", p->name)
                               : arena_printf(f->x->arena, "regularize.%s.%d", p->name, p->count);
    while (is_setting(f->x->graph, name));
    return graph_add_setting(f->x->graph, name, lambda, 0, INFINITY);
}

/* What a rule is about: `pattern` takes all that it matches, `except` takes some of that back. */
struct choice {
    const struct op_arg *on, *except;
};

static bool is_trained(const struct node *n)
{
    return n->kind == NODE_PARAMETER && !n->parameter->is_statistic;
}

static bool matches(const struct node *n, const struct op_arg *pattern)
{
    return pattern->literal != NULL && text_matches(pattern->literal->as.string, n->name);
}

static bool is_chosen(const struct node *n, const struct choice *c)
{
    const bool taken = c->on->literal != NULL ? matches(n, c->on) : n->parameter->is_weight;

    return taken && !matches(n, c->except);
}

/* A pattern that matches nothing is a mistake, unless what it would match is in a part of the net that has failed. */
static bool want_match(struct frame *f, const struct op_arg *pattern)
{
    const struct graph *g = f->x->graph;

    if (pattern->literal == NULL || f->x->faulty)
        return true;
    for (size_t v = 0; v < g->node.count; v++)
        if (is_trained(graph_node(g, (node_id)v)) && matches(graph_node(g, (node_id)v), pattern))
            return true;
    return diag_error(f->x->diags, pattern->at, DIAG_PATTERN, "no parameter matches \"%s\"", pattern->literal->as.string);
}

static bool none_is_left(struct frame *f, const struct choice *c, struct span at)
{
    diag_error(f->x->diags, at, DIAG_PATTERN, "except = \"%s\" leaves no parameter to this rule", c->except->literal->as.string);
    if (c->on->literal == NULL)
        diag_hint(f->x->diags, "without on = a rule is about the weights of conv, dense and recurrent layers");
    return false;
}

/* The latest rule counts where two meet: a λ of 0 takes a penalty away. */
static bool apply(struct frame *f, struct penalty *p, bool is_l1, double lambda, const struct choice *c, struct span at)
{
    struct graph *g = f->x->graph;
    const size_t count = g->node.count;
    bool found = false;

    if (!want_match(f, c->on) || !want_match(f, c->except))
        return false;
    const struct rule rule = {.setting = lambda > 0 ? add_setting(f, p, lambda) : NO_NODE, .at = at};
    vec_push(f->x->arena, &p->rules, rule);
    for (size_t v = 0; v < count; v++) {
        struct node *n = graph_node(g, (node_id)v);
        if (!is_trained(n) || !is_chosen(n, c))
            continue;
        found = true;
        if (!p->own[v])
            (is_l1 ? &n->parameter->l1 : &n->parameter->l2)[0] = rule.setting;
    }
    return found || f->x->faulty || c->except->literal == NULL || none_is_left(f, c, at);
}

static bool read_clip(struct frame *f, const struct op_arg arg[], struct span at, struct clip *clip)
{
    const bool by_norm = arg[0].literal != NULL, by_value = arg[1].literal != NULL;

    if (by_norm == by_value)
        return diag_error(f->x->diags, at, DIAG_ARGUMENT_COUNT, "clip takes either norm= or value=");
    if (clip->kind != CLIP_NONE)
        return diag_error(f->x->diags, at, DIAG_DOUBLE_KEY, "the gradients are clipped already");
    clip->kind = by_norm ? CLIP_NORM : CLIP_VALUE;
    clip->limit = by_norm ? graph_add_setting(f->x->graph, "regularize.clip.norm", arg[0].real, 0, INFINITY)
                          : graph_add_setting(f->x->graph, "regularize.clip.value", arg[1].real, 0, INFINITY);
    return true;
}

/* What the section has set so far. */
struct reading {
    struct penalty l1, l2;
    struct clip *clip;
};

static bool read_call(struct frame *f, const struct ast_stmt *stmt, struct reading *r)
{
    struct op_arg *arg = arena_array(f->x->arena, struct op_arg, MAX_PARAMS);

    if (stmt->kind != AST_EVAL || stmt->as.eval->chain != NULL || stmt->as.eval->from->kind != AST_CALL)
        return diag_error(f->x->diags, stmt->at, DIAG_MISPLACED, "the section regularize holds calls, such as l2(1e-4);");
    const struct ast_expr *e = stmt->as.eval->from;
    if (!sections_no_label(f, e))
        return false;
    const struct form *form = sections_call(f, &e->as.call, e->at, forms, sizeof forms / sizeof forms[0], WORD_REGULARIZER, arg);
    if (form == NULL)
        return false;
    const int patterns = form->kind == ELASTIC ? 2 : 1;
    const struct choice choice = {.on = &arg[patterns], .except = &arg[patterns + 1]};
    switch (form->kind) {
    case L1: return apply(f, &r->l1, true, arg[0].real, &choice, e->at);
    case L2: return apply(f, &r->l2, false, arg[0].real, &choice, e->at);
    case CLIP: return read_clip(f, arg, e->at, r->clip);
    default: return apply(f, &r->l1, true, arg[0].real, &choice, e->at) && apply(f, &r->l2, false, arg[1].real, &choice, e->at);
    }
}

static bool is_in_force(const struct graph *g, node_id setting)
{
    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = graph_node(g, (node_id)v);
        if (n->kind == NODE_PARAMETER && (n->parameter->l1 == setting || n->parameter->l2 == setting))
            return true;
    }
    return false;
}

/* Its setting would be there at run time, and change nothing. */
static void warn_of_idle_rules(struct frame *f, const struct penalty *p)
{
    for (size_t i = 0; i < p->rules.count && !f->x->faulty; i++) {
        const struct rule *r = &p->rules.at[i];
        if (r->setting != NO_NODE && !is_in_force(f->x->graph, r->setting))
            diag_warning(f->x->diags, r->at, DIAG_IDLE_RULE,
                         "this penalty %s has no effect: for all its parameters a later rule counts, or the layer's own", p->name);
    }
}

/* The settings that the section adds follow the net's nodes, whose numbers stay. */
bool regularize_read(struct frame *f, const struct ast_decl *section, struct clip *clip)
{
    const struct graph *g = f->x->graph;
    struct reading r = {
        .l1 = {.name = "l1", .own = arena_array(f->x->arena, bool, g->node.count + 1)},
        .l2 = {.name = "l2", .own = arena_array(f->x->arena, bool, g->node.count + 1)},
        .clip = clip,
    };
    bool ok = true;

    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = graph_node(g, (node_id)v);
        r.l1.own[v] = n->kind == NODE_PARAMETER && n->parameter->l1 != NO_NODE;
        r.l2.own[v] = n->kind == NODE_PARAMETER && n->parameter->l2 != NO_NODE;
    }
    for (const struct ast_stmt *stmt = section->as.section.body; stmt != NULL; stmt = stmt->next)
        ok = read_call(f, stmt, &r) && ok;
    if (ok)
        warn_of_idle_rules(f, &r.l1);
    if (ok)
        warn_of_idle_rules(f, &r.l2);
    return ok;
}

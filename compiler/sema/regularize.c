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

/* In a call of one λ it is argument 0 and the pattern 1; elastic has two. */
static const struct param one_params[] = {
    {.name = "lambda", .type = PARAM_REAL, .required = true, .min = 0, .max = INFINITY},
    {.name = "on", .type = PARAM_STRING},
};
static const struct param two_params[] = {
    {.name = "l1", .type = PARAM_REAL, .required = true, .min = 0, .max = INFINITY},
    {.name = "l2", .type = PARAM_REAL, .required = true, .min = 0, .max = INFINITY},
    {.name = "on", .type = PARAM_STRING},
};
static const struct param clip_params[] = {
    {.name = "norm", .type = PARAM_REAL, .min = 0, .max = INFINITY, .above_min = true},
    {.name = "value", .type = PARAM_REAL, .min = 0, .max = INFINITY, .above_min = true},
};

static const struct form forms[] = {
    {.op = {.name = "l1", .params = one_params, .param_count = 2, .doc = "adds λ·Σ\\|w\\| to the loss"}, .kind = L1},
    {.op = {.name = "l2", .params = one_params, .param_count = 2, .doc = "adds λ·Σw² to the loss"}, .kind = L2},
    {.op = {.name = "elastic", .params = two_params, .param_count = 3, .doc = "both"}, .kind = ELASTIC},
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

/* Where penalties of one kind were set by this section. */
struct penalty {
    const char *name;
    int count;
    bool *here;    /* by node: set by this section */
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

static bool chosen(const struct node *n, const struct op_arg *on)
{
    if (n->kind != NODE_PARAMETER || n->parameter->is_statistic)
        return false;
    return on->literal != NULL ? text_matches(on->literal->as.string, n->name) : n->parameter->is_weight;
}

/* A λ of 0 asks for nothing, but its pattern is checked all the same. A layer's own l1= or l2= counts more. */
static bool apply(struct frame *f, struct penalty *p, bool is_l1, double lambda, const struct op_arg *on, struct span at)
{
    struct graph *g = f->x->graph;
    const size_t count = g->node.count;
    const node_id setting = lambda > 0 ? add_setting(f, p, lambda) : NO_NODE;
    bool found = false;

    for (size_t v = 0; v < count; v++) {
        const struct node *n = graph_node(g, (node_id)v);
        if (!chosen(n, on))
            continue;
        found = true;
        if (p->here[v])
            return diag_error(f->x->diags, at, DIAG_DOUBLE_KEY, "%s has a penalty %s already", n->name, p->name);
        node_id *slot = is_l1 ? &n->parameter->l1 : &n->parameter->l2;
        if (*slot != NO_NODE || setting == NO_NODE)
            continue;
        *slot = setting;
        p->here[v] = true;
    }
    if (!found && on->literal != NULL && !f->x->faulty)
        return diag_error(f->x->diags, on->at, DIAG_PATTERN, "no parameter matches \"%s\"", on->literal->as.string);
    return true;
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
    const struct form *form = sections_call(f, &e->as.call, e->at, forms, sizeof forms / sizeof forms[0], WORD_REGULARIZER, arg);
    if (form == NULL)
        return false;
    switch (form->kind) {
    case L1: return apply(f, &r->l1, true, arg[0].real, &arg[1], e->at);
    case L2: return apply(f, &r->l2, false, arg[0].real, &arg[1], e->at);
    case CLIP: return read_clip(f, arg, e->at, r->clip);
    default: return apply(f, &r->l1, true, arg[0].real, &arg[2], e->at) && apply(f, &r->l2, false, arg[1].real, &arg[2], e->at);
    }
}

bool regularize_read(struct frame *f, const struct ast_decl *section, struct clip *clip)
{
    const size_t nodes = f->x->graph->node.count;
    struct reading r = {
        .l1 = {.name = "l1", .here = arena_array(f->x->arena, bool, nodes + 1)},
        .l2 = {.name = "l2", .here = arena_array(f->x->arena, bool, nodes + 1)},
        .clip = clip,
    };
    bool ok = true;

    /* Settings are added at the end, so the parameters keep their places below `nodes`. */
    for (const struct ast_stmt *stmt = section->as.section.body; stmt != NULL; stmt = stmt->next)
        ok = read_call(f, stmt, &r) && ok;
    return ok;
}

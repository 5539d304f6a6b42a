/* member: what a dot gives: an attribute of a tensor, or a parameter of the layer or block that made it. */
#include "compiler/sema/evaluate.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/shared.h"
#include "compiler/support/intern.h"
#include "compiler/support/map.h"
#include "compiler/support/synonyms.h"
#include "compiler/support/text.h"

#include <string.h>

/* ---- Attributes ------------------------------------------------------------------------------------------------------ */

static const struct attribute {
    const char *name;
    int min_rank, from_end;    /* the axis, counted from the end: 1 is the last; 0: the first axis */
} attributes[] = {
    {"channels", 1, 0},
    {"height", 2, 2},
    {"width", 2, 1},
    {"length", 1, 1},
};

enum { ATTRIBUTES = sizeof attributes / sizeof attributes[0] };

static bool axis_attribute(struct frame *f, const struct attribute *row, const struct shape *s, const struct ast_name *name,
                           struct sema_value *result)
{
    char text[SHAPE_TEXT];

    if (s->rank < row->min_rank)
        return diag_error(f->x->diags, name->at, DIAG_UNKNOWN_MEMBER, "a tensor of shape %s has no %s", shape_text(s, text),
                          row->name);
    *result = value_int(f->x->arena, s->dim[row->from_end == 0 ? 0 : s->rank - row->from_end], name->at);
    return true;
}

static const char *const attribute_names[] = {"shape", "rank", "size", "channels", "height", "width", "length"};

enum { ATTRIBUTE_NAMES = sizeof attribute_names / sizeof attribute_names[0] };

/* *found: whether there is an attribute of this name. */
static bool attribute(struct frame *f, node_id v, const struct ast_name *name, bool *found, struct sema_value *result)
{
    const struct shape *s = &graph_node(f->x->graph, v)->shape;

    *found = true;
    for (size_t i = 0; i < ATTRIBUTES; i++)
        if (strcmp(name->text, attributes[i].name) == 0)
            return axis_attribute(f, &attributes[i], s, name, result);
    if (strcmp(name->text, "shape") == 0)
        *result = value_size(f->x->arena, s, name->at);
    else if (strcmp(name->text, "rank") == 0)
        *result = value_int(f->x->arena, s->rank, name->at);
    else if (strcmp(name->text, "size") == 0)
        *result = value_int(f->x->arena, shape_elements(s), name->at);
    else
        *found = false;
    return *found;
}

/* ---- Parameters ------------------------------------------------------------------------------------------------------ */

/* The parameter of this full name, or NO_NODE. The table grows with the graph: each node is looked at once. */
static node_id find_parameter(struct expansion *x, const char *name)
{
    if (x->parameters == NULL)
        x->parameters = map_create(x->arena);
    for (; x->indexed < x->graph->node.count; x->indexed++) {
        const struct node *n = &x->graph->node.at[x->indexed];
        if (n->kind != NODE_PARAMETER)
            continue;
        node_id *v = arena_new(x->arena, node_id);
        *v = (node_id)x->indexed;
        map_set(x->parameters, intern(x->names, n->name, strlen(n->name)), v);
    }
    const node_id *found = map_get(x->parameters, intern(x->names, name, strlen(name)));
    return found != NULL ? *found : NO_NODE;
}

/* What a name of parameters can begin with: the layer or block behind a value. NULL: there is none. */
static const char *owner_of(const struct sema_value *o)
{
    return o->kind == OPERAND_SHARED ? o->shared->parameters : o->kind == VALUE_TENSOR ? o->layer : NULL;
}

/* `enc.conv1.weight` as the operand of `enc` and "conv1.weight". NULL: it does not begin with a name that is bound. */
static const struct sema_value *split_path(struct frame *f, const struct ast_expr *e, const char **path)
{
    if (e->kind == AST_NAME) {
        const struct binding *b = scope_find(&f->scope, e->as.name);
        return b != NULL ? &b->operand : NULL;
    }
    if (e->kind != AST_MEMBER)
        return NULL;
    const struct sema_value *root = split_path(f, e->as.member.of, path);
    *path = *path == NULL ? e->as.member.name.text : arena_printf(f->x->arena, "%s.%s", *path, e->as.member.name.text);
    return root;
}

static const char *root_name(const struct ast_expr *e)
{
    while (e->kind == AST_MEMBER)
        e = e->as.member.of;
    return e->as.name;
}

/* Says what there is below `owner`, where a parameter `path` of it is not. */
static bool no_parameter(struct frame *f, const struct ast_expr *e, const char *owner, const char *path)
{
    const struct graph *g = f->x->graph;
    const size_t length = strlen(owner);
    VEC(const char *) names = {0};

    for (size_t v = 0; v < g->node.count; v++) {
        const struct node *n = graph_node(g, (node_id)v);
        if (n->kind == NODE_PARAMETER && strncmp(n->name, owner, length) == 0 && n->name[length] == '.')
            vec_push(f->x->arena, &names, n->name + length + 1);
    }
    if (names.count == 0) {
        diag_error(f->x->diags, e->at, DIAG_UNKNOWN_MEMBER, "%s has no parameters yet", root_name(e));
        diag_hint(f->x->diags, "they are made where it is first applied: x -> %s", root_name(e));
        return false;
    }
    diag_error(f->x->diags, e->as.member.name.at, DIAG_UNKNOWN_MEMBER, "%s has no parameter %s; there are: %s", root_name(e), path,
               text_list(f->x->arena, names.at, names.count));
    diag_hint_nearest(f->x->diags, path, names.at, names.count);
    return false;
}

static bool parameter(struct frame *f, const struct ast_expr *e, node_id v, struct sema_value *result)
{
    scope_use(&f->scope, root_name(e));
    *result = value_tensor(v, e->at);
    return true;
}

/* ---- Either ---------------------------------------------------------------------------------------------------------- */

static bool unknown_member(struct frame *f, const struct sema_value *of, const struct ast_name *name)
{
    if (of->layer != NULL)
        diag_error(f->x->diags, name->at, DIAG_UNKNOWN_MEMBER, "tensors have no attribute %s, and %s no such parameter", name->text,
                   of->layer);
    else
        diag_error(f->x->diags, name->at, DIAG_UNKNOWN_MEMBER, "tensors have no attribute %s", name->text);
    hint_word(f->x->diags, WORD_ATTRIBUTE, name->text, attribute_names, ATTRIBUTE_NAMES);
    return false;
}

static bool member_of_value(struct frame *f, const struct sema_value *of, const struct ast_expr *e, struct sema_value *result)
{
    const struct ast_name *name = &e->as.member.name;
    bool found;

    if (of->kind != VALUE_TENSOR)
        return diag_error(f->x->diags, name->at, DIAG_VALUE_TYPE, "only tensors have attributes, this is %s", value_kind_text(of));
    const bool ok = attribute(f, of->tensor, name, &found, result);
    if (found)
        return ok;
    const node_id v = of->layer != NULL ? find_parameter(f->x, arena_printf(f->x->arena, "%s.%s", of->layer, name->text)) : NO_NODE;
    if (v == NO_NODE)
        return unknown_member(f, of, name);
    *result = value_tensor(v, e->at);
    return true;
}

bool evaluate_member(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    const char *path = NULL;
    const struct sema_value *root = f->x->graph != NULL ? split_path(f, e, &path) : NULL;
    const char *owner = root != NULL ? owner_of(root) : NULL;
    struct sema_value of;

    if (owner != NULL) {
        const node_id v = find_parameter(f->x, arena_printf(f->x->arena, "%s.%s", owner, path));
        if (v != NO_NODE)
            return parameter(f, e, v, result);
        if (root->kind == OPERAND_SHARED)
            return no_parameter(f, e, owner, path);
    }
    return evaluate(f, e->as.member.of, &of) && member_of_value(f, &of, e, result);
}

/* parameters: the weights of layers as operators ask for them: their names, starts and penalties; those that applications share; and
 * tensors that stand for a weight or a bias (tied weights).
 */
#include "compiler/ops/build.h"
#include "compiler/support/intern.h"
#include "compiler/support/map.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* ---- Fixed values --------------------------------------------------------------------------------------------------- */

/* What a nested list is compared with while it is read. */
struct values {
    struct op_call *call;
    const char *suffix;
    const struct shape *shape;
    double *next;
};

static bool wrong_values(struct values *v, const struct literal *l, const char *path, const char *fault)
{
    char text[SHAPE_TEXT];

    return diag_error(v->call->diags, l->at, DIAG_FIXED_VALUES, "%s: %s%s %s: the shape is %s", v->call->op->name, v->suffix, path,
                      fault, shape_text(v->shape, text));
}

static const char *count_text(struct arena *a, int64_t count, const char *item)
{
    return arena_printf(a, "%" PRId64 " %s%s", count, item, count == 1 ? "" : "s");
}

/* "3 numbers instead of 4 lists", "3 lists instead of 4" */
static const char *other_count_text(struct arena *a, const struct literal *list, int64_t wanted, const char *item)
{
    const size_t count = list->as.list.count;
    const char *given = count == 0 ? item : list->as.list.at[0]->kind == LITERAL_LIST ? "list" : "number";

    return arena_printf(a, "%s instead of %s", count_text(a, (int64_t)count, given),
                        strcmp(given, item) == 0 ? arena_printf(a, "%" PRId64, wanted) : count_text(a, wanted, item));
}

static bool read_values(struct values *v, const struct literal *l, int level, const char *path)
{
    struct arena *arena = v->call->diags->arena;
    const char *const item = level + 1 < v->shape->rank ? "list" : "number";

    if (level == v->shape->rank) {
        if (l->kind != LITERAL_INT && l->kind != LITERAL_REAL)
            return wrong_values(v, l, path, arena_printf(arena, "is %s instead of a number", literal_kind_text(l->kind)));
        *v->next++ = literal_number(l);
        return true;
    }
    const int64_t wanted = v->shape->dim[level];
    if (l->kind != LITERAL_LIST)
        return wrong_values(
            v, l, path,
            arena_printf(arena, "is %s instead of a list of %s", literal_kind_text(l->kind), count_text(arena, wanted, item)));
    if ((uint64_t)l->as.list.count != (uint64_t)wanted)
        return wrong_values(v, l, path, arena_printf(arena, "has %s", other_count_text(arena, l, wanted, item)));
    for (size_t i = 0; i < l->as.list.count; i++)
        if (!read_values(v, l->as.list.at[i], level + 1, arena_printf(arena, "%s[%zu]", path, i)))
            return false;
    return true;
}

/* How many numbers a nested list holds, so that memory is taken only for what the source wrote. */
static size_t count_values(const struct literal *l)
{
    size_t count = 0;

    if (l->kind != LITERAL_LIST)
        return 1;
    for (size_t i = 0; i < l->as.list.count; i++)
        count += count_values(l->as.list.at[i]);
    return count;
}

static bool fix_values(struct op_call *c, const char *suffix, const struct literal *l, const struct shape *shape,
                       struct parameter *p)
{
    double *data = arena_array(c->graph->arena, double, count_values(l) + 1);
    struct values v = {.call = c, .suffix = suffix, .shape = shape, .next = data};

    if (!read_values(&v, l, 0, ""))
        return false;
    p->init = INIT_VALUES;
    p->init_data = data;
    return true;
}

static const struct op_arg *weight_arg(const struct op_call *c, int which)
{
    return &c->arg[c->op->param_count + which];
}

static bool is_given(const struct op_arg *arg)
{
    return arg->literal != NULL || arg->tensor != NO_NODE;
}

/* What the layer's parameters are called below. */
static const char *owner(const struct op_call *c)
{
    return c->shared != NULL ? c->shared->name : c->name;
}

/* λ of this layer as a setting that can be changed at run time: "c1.l2". */
static node_id add_penalty(struct op_call *c, int which)
{
    const struct op_arg *arg = weight_arg(c, which);

    if (arg->literal == NULL)
        return NO_NODE;
    const char *name = arena_printf(c->graph->arena, "%s.%s", owner(c), op_weight_params[which].name);
    return graph_add_setting(c->graph, name, arg->real, 0, INFINITY);
}

/* Facts that distinguish the parameters of a layer. */
enum role { ROLE_WEIGHT, ROLE_GAIN, ROLE_FREE, ROLE_BIAS };

/* The start of a free parameter. */
#define FREE_STD 0.02

static bool set_initial(struct op_call *c, const char *suffix, const struct shape *shape, enum role role, struct parameter *p)
{
    const struct op_arg *init = weight_arg(c, WEIGHT_INIT);
    const struct op_arg *fixed = weight_arg(c, role == ROLE_BIAS ? WEIGHT_BIAS : WEIGHT_WEIGHT);

    static const enum initializer starts[] = {
        [ROLE_WEIGHT] = INIT_DEFAULT, [ROLE_GAIN] = INIT_ONES, [ROLE_FREE] = INIT_NORMAL, [ROLE_BIAS] = INIT_ZEROS};
    p->init = starts[role];
    p->init_value = role == ROLE_FREE ? FREE_STD : 0;
    if (role != ROLE_BIAS && init->literal != NULL) {
        if (fixed->literal != NULL)
            return diag_error(c->diags, init->at, DIAG_FIXED_VALUES, "%s: init= has no effect beside weight=", c->op->name);
        p->init = init->init;
        p->init_value = init->real;
    }
    return fixed->literal == NULL || fix_values(c, *suffix == '\0' ? "weight" : suffix, fixed->literal, shape, p);
}

/* ---- Parameters that applications share ---------------------------------------------------------------------------- */

struct shared_parameters {
    struct arena *arena;
    struct interner *names;
    struct map *by_name;
};

/* A parameter, and the application that made it. */
struct shared_parameter {
    node_id v;
    struct span made_at;
};

struct shared_parameters *shared_parameters_create(struct arena *a, struct interner *names)
{
    struct shared_parameters *s = arena_new(a, struct shared_parameters);

    *s = (struct shared_parameters){.arena = a, .names = names, .by_name = map_create(a)};
    return s;
}

/* A free parameter, which has no suffix, is called as its layer. */
static const char *full_name(const struct op_call *c, const char *suffix)
{
    return *suffix == '\0' ? owner(c) : arena_printf(c->graph->arena, "%s.%s", owner(c), suffix);
}

/* A new parameter, which later applications of a shared layer find again. */
static node_id new_parameter(struct op_call *c, const char *suffix, const struct shape *shape)
{
    const char *name = full_name(c, suffix);
    const node_id v = graph_add_parameter(c->graph, name, shape, c->at);

    if (c->shared != NULL) {
        const struct shared_parameters *set = c->shared->set;
        struct shared_parameter *made = arena_new(set->arena, struct shared_parameter);
        *made = (struct shared_parameter){v, c->shared->at};
        map_set(set->by_name, intern(set->names, name, strlen(name)), made);
    }
    return v;
}

static bool wrong_shape(struct op_call *c, const char *suffix, const struct shape *shape, const struct shared_parameter *made)
{
    char here[SHAPE_TEXT], there[SHAPE_TEXT];

    diag_error(c->diags, c->at, DIAG_SHARED_SHAPE, "%s: with this input the shared %s would be %s, but it is %s", c->op->name,
               suffix, shape_text(shape, here), shape_text(&graph_node(c->graph, made->v)->shape, there));
    op_note_input(c, 0);
    diag_note(c->diags, made->made_at, "the first application is here");
    return false;
}

/* Whether another application has made the parameter already: *v is it, or NO_NODE after an error. */
static bool find_made(struct op_call *c, const char *suffix, const struct shape *shape, node_id *v)
{
    if (c->shared == NULL)
        return false;
    const char *name = full_name(c, suffix);
    const struct shared_parameter *made = map_get(c->shared->set->by_name, intern(c->shared->set->names, name, strlen(name)));
    if (made == NULL)
        return false;
    const bool fits = shape_equal(&graph_node(c->graph, made->v)->shape, shape) || wrong_shape(c, suffix, shape, made);
    *v = fits ? made->v : NO_NODE;
    return true;
}

/* ---- Tied parameters ----------------------------------------------------------------------------------------------- */

bool op_tie(struct op_call *c, const char *name, node_id tensor, struct span at)
{
    struct op_arg *arg = &c->arg[c->op->param_count + (strcmp(name, "bias") == 0 ? WEIGHT_BIAS : WEIGHT_WEIGHT)];
    const struct node *n = graph_node(c->graph, tensor);

    if (is_given(arg))
        return diag_error(c->diags, at, DIAG_DOUBLE_ARGUMENT, "%s: %s is given twice", c->op->name, name);
    if (!n->of_parameters) {
        diag_error(c->diags, at, DIAG_TIED, "%s: %s= takes values, or a tensor made from parameters alone", c->op->name, name);
        if (!span_is_none(n->at))
            diag_note(c->diags, n->at, "this one depends on the net's input");
        return false;
    }
    arg->tensor = tensor;
    arg->at = at;
    return true;
}

/* What is said of a weight that the layer does not have of its own. */
static bool want_no_facts(struct op_call *c, const char *suffix, enum role role)
{
    static const int facts[] = {WEIGHT_INIT, WEIGHT_L1, WEIGHT_L2};

    for (size_t i = 0; role != ROLE_BIAS && i < sizeof facts / sizeof facts[0]; i++)
        if (weight_arg(c, facts[i])->literal != NULL)
            return diag_error(c->diags, weight_arg(c, facts[i])->at, DIAG_FIXED_VALUES,
                              "%s: %s= has no effect beside weight=", c->op->name, op_weight_params[facts[i]].name);
    if (!weight_arg(c, WEIGHT_FROZEN)->boolean)
        return true;
    diag_error(c->diags, weight_arg(c, WEIGHT_FROZEN)->at, DIAG_TIED, "%s: the %s is another layer's, and not frozen here",
               c->op->name, suffix);
    diag_hint(c->diags, "freeze it where it is made");
    return false;
}

static bool is_transposed(const struct shape *a, const struct shape *b)
{
    return a->rank == 2 && b->rank == 2 && a->dim[0] == b->dim[1] && a->dim[1] == b->dim[0];
}

/* The tensor that stands for a parameter of this shape; NO_NODE after an error. */
static node_id tied_tensor(struct op_call *c, const char *suffix, const struct shape *shape, enum role role)
{
    const struct op_arg *arg = weight_arg(c, role == ROLE_BIAS ? WEIGHT_BIAS : WEIGHT_WEIGHT);
    const struct node *n = graph_node(c->graph, arg->tensor);
    char wanted[SHAPE_TEXT], given[SHAPE_TEXT];

    if (!want_no_facts(c, suffix, role))
        return NO_NODE;
    if (shape_equal(&n->shape, shape))
        return arg->tensor;
    diag_error(c->diags, arg->at, DIAG_TIED, "%s: %s is %s, but this tensor is %s", c->op->name, suffix, shape_text(shape, wanted),
               shape_text(&n->shape, given));
    if (is_transposed(&n->shape, shape))
        diag_hint(c->diags, "%s = transpose(..., [1, 0])", op_weight_params[role == ROLE_BIAS ? WEIGHT_BIAS : WEIGHT_WEIGHT].name);
    else if (!span_is_none(n->at))
        diag_note(c->diags, n->at, "the tensor comes from here");
    return NO_NODE;
}

/* ---- Parameters ---------------------------------------------------------------------------------------------------- */

static node_id add_parameter(struct op_call *c, const char *suffix, const struct shape *shape, enum role role, int64_t fan_in,
                             int64_t fan_out)
{
    struct parameter facts = {.l1 = NO_NODE, .l2 = NO_NODE};
    node_id v;

    if (!op_want_size(c, shape))
        return NO_NODE;
    if (weight_arg(c, role == ROLE_BIAS ? WEIGHT_BIAS : WEIGHT_WEIGHT)->tensor != NO_NODE)
        return tied_tensor(c, suffix, shape, role);
    if (find_made(c, suffix, shape, &v))
        return v;
    if (!set_initial(c, suffix, shape, role, &facts))
        return NO_NODE;
    facts.fan_in = fan_in;
    facts.fan_out = fan_out;
    facts.is_weight = role == ROLE_WEIGHT;
    if (role != ROLE_BIAS) {
        facts.l1 = add_penalty(c, WEIGHT_L1);
        facts.l2 = add_penalty(c, WEIGHT_L2);
    }
    v = new_parameter(c, suffix, shape);
    *graph_node(c->graph, v)->parameter = facts;
    graph_node(c->graph, v)->no_gradient = weight_arg(c, WEIGHT_FROZEN)->boolean;
    return v;
}

node_id op_add_parameter(struct op_call *c, const char *suffix, const struct shape *shape, bool is_weight, int64_t fan_in,
                         int64_t fan_out)
{
    return add_parameter(c, suffix, shape, is_weight ? ROLE_WEIGHT : ROLE_BIAS, fan_in, fan_out);
}

node_id op_add_gain(struct op_call *c, const char *suffix, const struct shape *shape)
{
    return add_parameter(c, suffix, shape, ROLE_GAIN, shape_elements(shape), shape_elements(shape));
}

node_id op_add_statistic(struct op_call *c, const char *suffix, const struct shape *shape, enum initializer init)
{
    node_id v;

    if (find_made(c, suffix, shape, &v))
        return v;
    v = new_parameter(c, suffix, shape);
    graph_node(c->graph, v)->parameter->init = init;
    graph_node(c->graph, v)->parameter->is_statistic = true;
    graph_node(c->graph, v)->no_gradient = true;
    return v;
}

node_id op_add_free(struct op_call *c, const struct shape *shape)
{
    const struct op_arg *tied = weight_arg(c, WEIGHT_WEIGHT);

    if (!op_want_size(c, shape))
        return NO_NODE;
    if (tied->tensor != NO_NODE) {
        diag_error(c->diags, tied->at, DIAG_TIED, "%s: weight= takes values here, not a tensor", c->op->name);
        return NO_NODE;
    }
    const int64_t first = shape->dim[0], rest = shape_elements(shape) / first;
    return add_parameter(c, "", shape, ROLE_FREE, shape->rank == 1 ? first : rest, first);
}

bool op_want_no_bias(struct op_call *c)
{
    const struct op_arg *bias = weight_arg(c, WEIGHT_BIAS);

    return !is_given(bias) ||
           diag_error(c->diags, bias->at, DIAG_FIXED_VALUES, "%s: values for a bias that it does not have", c->op->name);
}

bool op_want_no_parameters(struct op_call *c, const char *cause)
{
    for (int i = 0; i < WEIGHT_PARAM_COUNT; i++)
        if (is_given(weight_arg(c, i)))
            return diag_error(c->diags, weight_arg(c, i)->at, DIAG_FIXED_VALUES, "%s: %s= for parameters that %s leaves out",
                              c->op->name, op_weight_params[i].name, cause);
    return true;
}

bool op_add_bias(struct op_call *c, int bias_arg, int dim, node_id *x)
{
    const struct op_arg *fixed = weight_arg(c, WEIGHT_BIAS);
    const struct shape shape = {.rank = 1, .dim = {graph_node(c->graph, *x)->shape.dim[dim]}};

    if (!c->arg[bias_arg].boolean) {
        if (is_given(fixed))
            return diag_error(c->diags, fixed->at, DIAG_FIXED_VALUES, "%s: values for a bias that bias = false leaves out",
                              c->op->name);
        return true;
    }
    const node_id bias = op_add_parameter(c, "bias", &shape, false, 0, 0);
    if (bias == NO_NODE)
        return false;
    *x = op_add_along(c, "add", FUNCTION_ADD, *x, bias, &dim);
    return true;
}

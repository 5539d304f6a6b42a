/* call: finds out what a name called stands for, evaluates its arguments and hands them to an operator, a block or a value
 * function. Arguments in error are still evaluated, so that each fault is reported once. */
#include "compiler/sema/call.h"

#include "compiler/graph/build.h"
#include "compiler/ops/op.h"
#include "compiler/sema/blocks.h"
#include "compiler/sema/evaluate.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/extremes.h"
#include "compiler/sema/layer_text.h"
#include "compiler/sema/shared.h"
#include "compiler/sema/tables.h"
#include "compiler/sema/train.h"
#include "compiler/support/synonyms.h"

#include <assert.h>
#include <string.h>

enum { TIED_WEIGHT, TIED_BIAS, TIED };

static const char *const tied_names[TIED] = {"weight", "bias"};

/* What a call of an operator gives, sorted: tensors, values with their names, and tensors that stand for parameters. */
struct arguments {
    struct sema_values tensors;
    struct sema_value tied[TIED];         /* TENSOR, or the call has none */
    node_id named[MAX_NAMED_INPUTS];      /* tensors by op->named_inputs; NO_NODE: not given */
    struct span named_at[MAX_NAMED_INPUTS];
    size_t wanted;                        /* results */
    size_t count;
    const char **names;
    struct span *name_at;
    const struct literal **literals;
    struct layer_argument *written;    /* by literal */
};

static size_t count_args(const struct ast_arg *args)
{
    size_t n = 0;

    for (const struct ast_arg *a = args; a != NULL; a = a->next)
        n++;
    return n;
}

/* ---- Arguments ------------------------------------------------------------------------------------------------------- */

/* The parameter that the next value is for, or NULL: none of this name, or too many. */
static const struct param *expected(const struct op *op, const struct ast_arg *a, size_t position)
{
    if (a->name.text == NULL)
        return position < (size_t)op->param_count ? op_param(op, (int)position) : NULL;
    for (int i = 0; i < op_param_count(op); i++)
        if (strcmp(op_param(op, i)->name, a->name.text) == 0)
            return op_param(op, i);
    return NULL;
}

/* An argument with an unknown name is reported as such, whatever its value is; one too many may be a misspelt tensor. */
static bool takes_names(const struct param *p, const struct ast_arg *a)
{
    if (p == NULL)
        return a->name.text != NULL;
    return p->choices != NULL || p->type == PARAM_PADDING || p->type == PARAM_INITIALIZER;
}

/* normal(0.1): a call that is no call, but a name with an argument. */
static bool initializer_call(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    const struct ast_arg *args = e->as.call.args;
    struct sema_value argument;

    if (count_args(args) != 1 || args->name.text != NULL)
        return diag_error(f->x->diags, e->at, DIAG_ARGUMENT_COUNT, "%s takes one number", e->as.call.callee.text);
    if (!evaluate(f, args->value, &argument))
        return false;
    if (argument.kind != VALUE_LITERAL)
        return diag_error(f->x->diags, args->at, DIAG_VALUE_TYPE, "%s takes a number, not a tensor", e->as.call.callee.text);
    *result = value_name(f->x->arena, e->as.call.callee.text, argument.literal, e->at);
    return true;
}

/* A bare name that nothing binds is an enumerator where the parameter takes one: op_check_arguments knows which. */
static bool evaluate_argument(struct frame *f, const struct param *p, const struct ast_arg *a, struct sema_value *result)
{
    const struct ast_expr *e = a->value;

    if (e->kind == AST_NAME && takes_names(p, a) && !evaluate_knows(f, e->as.name)) {
        *result = value_name(f->x->arena, e->as.name, NULL, e->at);
        return true;
    }
    if (e->kind == AST_CALL && p != NULL && p->type == PARAM_INITIALIZER && value_function_find(e->as.call.callee.text) == NULL)
        return initializer_call(f, e, result);
    return evaluate(f, e, result);
}

/* The value of an argument stands where the call has it: it may come from a const, a parameter of a block, or another file. */
static const struct literal *value_here(struct frame *f, const struct sema_value *o)
{
    struct literal *l = arena_new(f->x->arena, struct literal);

    assert(o->kind == VALUE_LITERAL && o->literal != NULL);
    *l = *o->literal;
    l->at = o->at;
    return l;
}

/* A data field takes its shape from the prediction before it. Where that has failed there is nothing to say of the field. */
static bool add_target(struct frame *f, const struct op *op, const struct ast_expr *field, struct arguments *out)
{
    struct sema_value o;

    if (out->tensors.count == 0 || !train_target(f, op, out->tensors.at[0].tensor, field, &o))
        return false;
    values_push(f->x->arena, &out->tensors, o);
    return true;
}

static bool field_comes_first(struct frame *f, const struct op *op, const struct ast_expr *field)
{
    diag_error(f->x->diags, field->at, DIAG_BINDING, "%s: the prediction comes first, and %s is a field of the data", op->name,
               field->as.name);
    diag_hint(f->x->diags, "%s(prediction, %s)", op->name, field->as.name);
    return false;
}

/* Whether an argument was not written as the value that it is. */
static bool is_computed(const struct ast_expr *e)
{
    return e->kind == AST_NAME || e->kind == AST_UNARY || e->kind == AST_BINARY || e->kind == AST_TERNARY || e->kind == AST_CALL ||
           e->kind == AST_MEMBER || e->kind == AST_INDEX;
}

/* The tensor that an operator takes by this name; -1: none. */
static int find_named_input(const struct op *op, const char *name)
{
    for (int i = 0; op->named_inputs != NULL && op->named_inputs[i] != NULL; i++)
        if (name != NULL && strcmp(op->named_inputs[i], name) == 0)
            return i;
    return -1;
}

/* state = h: what is named so is a tensor. */
static bool add_named_tensor(struct frame *f, const struct op *op, const struct ast_arg *a, const struct sema_value *o,
                             struct arguments *out)
{
    const int i = find_named_input(op, a->name.text);

    if (o->kind != VALUE_TENSOR)
        return diag_error(f->x->diags, a->at, DIAG_ARGUMENT_TYPE, "%s: %s is a tensor, got %s", op->name, a->name.text,
                          value_kind_text(o));
    if (out->named[i] != NO_NODE)
        return diag_error(f->x->diags, a->at, DIAG_DOUBLE_ARGUMENT, "%s: %s is given twice", op->name, a->name.text);
    out->named[i] = o->tensor;
    out->named_at[i] = a->at;
    return true;
}

static bool add_tensor(struct frame *f, const struct op *op, const struct ast_arg *a, const struct sema_value *o,
                       struct arguments *out)
{
    if (a->name.text == NULL) {
        values_push(f->x->arena, &out->tensors, *o);
        return true;
    }
    for (int i = 0; op->has_weights && i < TIED; i++) {
        if (strcmp(tied_names[i], a->name.text) != 0)
            continue;
        if (out->tied[i].kind == VALUE_TENSOR)
            return diag_error(f->x->diags, a->at, DIAG_DOUBLE_ARGUMENT, "%s: %s is given twice", op->name, tied_names[i]);
        out->tied[i] = *o;
        out->tied[i].at = a->at;
        return true;
    }
    if (op->named_inputs != NULL)
        return diag_error(f->x->diags, a->at, DIAG_UNKNOWN_ARGUMENT, "%s takes no tensor called %s", op->name, a->name.text);
    return diag_error(f->x->diags, a->at, DIAG_ARGUMENT_TYPE, "%s: tensors are given by position, not by name", op->name);
}

static bool add_argument(struct frame *f, const struct op *op, const struct ast_arg *a, bool is_first, struct arguments *out)
{
    const struct param *p = expected(op, a, out->count);
    struct sema_value o = {0};

    if (op->kind == OP_LOSS && (out->tensors.count == 1 || !is_first) && a->name.text == NULL && train_is_field(f, a->value))
        return add_target(f, op, a->value, out);
    if (op->kind == OP_LOSS && is_first && a->name.text == NULL && train_is_data_field(f, a->value))
        return field_comes_first(f, op, a->value);
    if (!evaluate_argument(f, p, a, &o))
        return false;
    if (find_named_input(op, a->name.text) >= 0)
        return add_named_tensor(f, op, a, &o, out);
    if (o.kind == VALUE_TENSOR)
        return add_tensor(f, op, a, &o, out);
    out->written[out->count] = (struct layer_argument){a->value->at, is_computed(a->value) ? o.literal : NULL};
    out->names[out->count] = a->name.text;
    out->name_at[out->count] = a->name.at;
    out->literals[out->count++] = value_here(f, &o);
    return true;
}

static bool collect_arguments(struct frame *f, const struct op *op, const struct ast_arg *args, struct arguments *out)
{
    const size_t count = count_args(args);
    bool ok = true;

    out->wanted = f->wanted;
    f->wanted = 1;
    for (int i = 0; i < MAX_NAMED_INPUTS; i++)
        out->named[i] = NO_NODE;
    out->names = arena_array(f->x->arena, const char *, count + 1);
    out->name_at = arena_array(f->x->arena, struct span, count + 1);
    out->literals = arena_array(f->x->arena, const struct literal *, count + 1);
    out->written = arena_array(f->x->arena, struct layer_argument, count + 1);
    for (const struct ast_arg *a = args; a != NULL; a = a->next)
        ok = add_argument(f, op, a, a == args, out) && ok;
    return ok;
}

bool call_form(struct frame *f, const struct op *form, const struct ast_arg *args, struct span at, struct op_arg arg[])
{
    struct arguments given = {0};
    struct op_call *call = arena_new(f->x->arena, struct op_call);

    *call = (struct op_call){.op = form, .diags = f->x->diags, .at = at, .f32 = f->x->f32};
    if (!collect_arguments(f, form, args, &given))
        return false;
    if (given.tensors.count > 0)
        return diag_error(f->x->diags, given.tensors.at[0].at, DIAG_ARGUMENT_TYPE, "%s takes no tensors", form->name);
    if (!op_check_arguments(call, given.count, given.names, given.name_at, given.literals))
        return false;
    memcpy(arg, call->arg, (size_t)form->param_count * sizeof *arg);
    return true;
}

/* ---- Operators ------------------------------------------------------------------------------------------------------- */

static bool check_surplus(struct frame *f, const struct op *op, const struct sema_values *tensors)
{
    if (tensors->count <= (size_t)op->max_inputs)
        return true;
    return diag_error(f->x->diags, tensors->at[op->max_inputs].at, DIAG_INPUT_COUNT, "%s takes %d tensor%s, got %zu", op->name,
                      op->max_inputs, op->max_inputs == 1 ? "" : "s", tensors->count);
}

static bool check_inputs(struct frame *f, const struct op *op, const struct sema_values *tensors, struct span at)
{
    if (tensors->count >= (size_t)op->min_inputs)
        return true;
    diag_error(f->x->diags, at, DIAG_INPUT_COUNT, "%s wants %d tensor%s, got %zu", op->name, op->min_inputs,
               op->min_inputs == 1 ? "" : "s", tensors->count);
    if (tensors->count == 0 && op->min_inputs == 1)
        diag_hint(f->x->diags, "pipe a tensor into it: x -> %s", op->name);
    return false;
}

static bool takes_loss(const struct frame *f, const struct op_call *call)
{
    for (int i = 0; i < call->in_count; i++)
        if (train_is_loss(f, call->in[i]))
            return true;
    return false;
}

/* A result of the layer, where the call is made. */
static struct sema_value result_of(const struct op_call *call, const struct call_site *site, node_id v)
{
    struct sema_value o = value_tensor(v, site->at);

    o.layer = call->shared != NULL ? call->shared->name : call->name;
    return o;
}

static bool build(struct frame *f, struct op_call *call, const struct call_site *site, const struct arguments *given,
                  struct sema_values *results)
{
    const bool of_losses = takes_loss(f, call);
    node_id v = NO_NODE;

    if (of_losses && strcmp(call->op->name, "add") != 0)
        return train_no_sum(f, call->op->name, call->at);
    const char *text = layer_text(f->x->arena, f->x->diags->sources, call->at, given->written, given->count);
    graph_begin_layer(call->graph, call->name, call->op->name, text, call->at);
    graph_set_call(call->graph, f->call);
    if (!call->op->build(call, &v))
        return false;
    graph_end_layer(call->graph, v);
    if (of_losses || call->op->kind == OP_LOSS)
        train_note_loss(f, v);
    train_saw_loss(f, call, v);
    results->is_output_first = call->op->has_more_results;
    if (call->results.count == 0)
        values_push(f->x->arena, results, result_of(call, site, v));
    for (size_t i = 0; i < call->results.count; i++)
        values_push(f->x->arena, results, result_of(call, site, call->results.at[i]));
    return true;
}

static bool want_layer(struct frame *f, const struct op *op, struct span at)
{
    if (op->kind != OP_LOSS || f->train != NULL)
        return true;
    diag_error(f->x->diags, at, DIAG_MISPLACED, "%s is a loss, not a layer", op->name);
    diag_hint(f->x->diags, "train { loss = %s(...); }", op->name);
    return false;
}

/* A call with its arguments checked, tied tensors included. */
static bool check_arguments(struct op_call *call, const struct arguments *given)
{
    bool ok = op_check_arguments(call, given->count, given->names, given->name_at, given->literals);

    for (int i = 0; ok && i < TIED; i++)
        if (given->tied[i].kind == VALUE_TENSOR)
            ok = op_tie(call, tied_names[i], given->tied[i].tensor, given->tied[i].at);
    return ok;
}

/* The layer's name, and whose parameters it has. */
static bool name_call(struct frame *f, struct op_call *call, const struct call_site *site)
{
    struct namer *n = f->namer;
    struct op_shared *shared = arena_new(f->x->arena, struct op_shared);
    struct layer_name name;

    if (site->shared != NULL ? !shared_name(f, site->shared, site->label, site->at, &name)
                             : !namer_name(n, site->label, call->op->name, site->at, &name))
        return false;
    call->name = name.layer;
    if (site->shared != NULL)
        *shared = (struct op_shared){site->shared->set, name.parameters, site->at};
    else if (n->shared != NULL)
        *shared = (struct op_shared){n->shared, name.parameters, n->applied_at};
    call->shared = shared->set != NULL ? shared : NULL;
    return true;
}

static bool call_operator(struct frame *f, const struct op *op, const struct call_site *site, const struct arguments *given,
                          struct sema_values *results)
{
    const size_t count = given->tensors.count;
    node_id *in = arena_array(f->x->arena, node_id, count + 1);
    struct span *in_at = arena_array(f->x->arena, struct span, count + 1);
    const struct span at = site->shared != NULL ? site->shared->stage->at : site->at;

    if (!want_layer(f, op, at))
        return false;
    for (size_t i = 0; i < count; i++) {
        in[i] = given->tensors.at[i].tensor;
        in_at[i] = given->tensors.at[i].at;
    }
    struct op_call call = {.op = op,
                           .graph = f->x->graph,
                           .diags = f->x->diags,
                           .at = at,
                           .in_count = (int)count,
                           .in = in,
                           .in_at = in_at,
                           .wanted_results = given->wanted,
                           .f32 = f->x->f32,
                           .counted_sum = NO_NODE,
                           .count = NO_NODE};
    memcpy(call.named_in, given->named, sizeof call.named_in);
    memcpy(call.named_at, given->named_at, sizeof call.named_at);
    /* A tensor where a number is wanted is one mistake, and so is a number for a tensor: what is missing is said last. */
    if (!check_surplus(f, op, &given->tensors) || !check_arguments(&call, given) || !check_inputs(f, op, &given->tensors, at) ||
        !expand_count(f->x, 1, at))
        return false;
    return name_call(f, &call, site) && build(f, &call, site, given, results);
}

const struct arguments *call_prepare(struct frame *f, const struct op *op, const struct ast_stage *stage)
{
    struct arguments *given = arena_new(f->x->arena, struct arguments);
    struct op_call call = {.op = op, .graph = f->x->graph, .diags = f->x->diags, .at = stage->at, .f32 = f->x->f32};

    if (!want_layer(f, op, stage->at) || !collect_arguments(f, op, stage->call.args, given))
        return NULL;
    return check_arguments(&call, given) ? given : NULL;
}

bool call_prepared(struct frame *f, const struct op *op, const struct arguments *given, const struct call_site *site,
                   const struct sema_value *piped, struct sema_values *results)
{
    struct arguments all = *given;

    all.wanted = f->wanted;
    f->wanted = 1;
    all.tensors = (struct sema_values){0};
    values_push(f->x->arena, &all.tensors, *piped);
    for (size_t i = 0; i < given->tensors.count; i++)
        values_push(f->x->arena, &all.tensors, given->tensors.at[i]);
    return call_operator(f, op, site, &all, results);
}

/* ---- Names that call nothing ----------------------------------------------------------------------------------------- */

void call_suggest(struct frame *f, const char *name)
{
    VEC(const char *) names = {0};

    for (size_t i = 0; ops[i] != NULL; i++)
        vec_push(f->x->arena, &names, ops[i]->name);
    for (size_t i = 0; i < f->x->globals.block_names.count; i++)
        vec_push(f->x->arena, &names, f->x->globals.block_names.at[i]);
    for (size_t i = 0; value_function_names[i] != NULL; i++)
        vec_push(f->x->arena, &names, value_function_names[i]);
    hint_word(f->x->diags, WORD_OPERATOR, name, names.at, names.count);
}

/* Whether a name stands for what was reported as faulty: shared parameters may be. */
static bool is_poisoned(const struct frame *f, const char *name)
{
    const struct binding *b = scope_find(&f->scope, name);

    return b != NULL && b->operand.kind == VALUE_POISON;
}

static bool unknown_operator(struct frame *f, const struct ast_name *callee)
{
    if (is_poisoned(f, callee->text))
        return false;
    if (evaluate_knows(f, callee->text))
        return diag_error(f->x->diags, callee->at, DIAG_UNKNOWN_NAME, "%s is a value, not an operator or a block", callee->text);
    if (value_function_find(callee->text) != NULL)
        return diag_error(f->x->diags, callee->at, DIAG_UNKNOWN_NAME, "%s is a function of values, not an operator on tensors",
                          callee->text);
    diag_error(f->x->diags, callee->at, DIAG_UNKNOWN_NAME, "there is no operator or block %s", callee->text);
    call_suggest(f, callee->text);
    return false;
}

bool call_check_name(struct frame *f, const struct ast_name *callee)
{
    return op_find(callee->text) != NULL || unknown_operator(f, callee);
}

/* ---- Calls ----------------------------------------------------------------------------------------------------------- */

static bool call_named_operator(struct frame *f, const struct op *op, const struct ast_call *call, const struct ast_name *label,
                                struct span at, const struct sema_value *piped, struct sema_values *results)
{
    struct arguments given = {0};

    if (f->x->graph == NULL)
        return diag_error(f->x->diags, at, DIAG_MISPLACED, "%s is an operator on tensors, and there are none here", op->name);
    if (piped != NULL)
        values_push(f->x->arena, &given.tensors, *piped);
    const struct call_site site = {label, at, NULL};
    return collect_arguments(f, op, call->args, &given) && call_operator(f, op, &site, &given, results);
}

static bool call_any(struct frame *f, const struct ast_call *call, const struct ast_name *label, struct span at,
                     const struct sema_value *piped, struct sema_values *results)
{
    const struct ast_decl *block = globals_block(f->x, call->callee.text);
    const struct op *op = op_find(call->callee.text);
    const struct shared *shared = shared_find(f, call->callee.text);

    if (shared != NULL)
        return shared_apply(f, shared, call, &(struct block_site){label, at, piped, shared}, results);
    if (block != NULL) {
        f->wanted = 1;
        return block_call(f, block, call, &(struct block_site){label, at, piped, NULL}, results);
    }
    if (piped != NULL && extremes_compares(call)) {
        f->wanted = 1;
        return extremes_stage(f, call, label, at, piped, results);
    }
    if (op != NULL)
        return call_named_operator(f, op, call, label, at, piped, results);
    return unknown_operator(f, &call->callee);
}

void call_check(struct frame *f, const struct ast_stage *stage)
{
    const struct ast_name *callee = &stage->call.callee;
    const struct op *op = op_find(callee->text);
    struct op_call *call = arena_new(f->x->arena, struct op_call);
    struct arguments given = {0};

    if (f->x->stopped || f->x->graph == NULL || globals_block(f->x, callee->text) != NULL || shared_find(f, callee->text) != NULL ||
        extremes_compares(&stage->call))
        return;
    *call = (struct op_call){.op = op, .diags = f->x->diags, .at = stage->at, .f32 = f->x->f32};
    if (op == NULL)
        unknown_operator(f, callee);
    else if (op->kind != OP_LOSS && collect_arguments(f, op, stage->call.args, &given))
        op_check_arguments(call, given.count, given.names, given.name_at, given.literals);
}

bool call_stage(struct frame *f, const struct ast_stage *stage, const struct sema_value *piped, struct sema_values *results)
{
    return call_any(f, &stage->call, &stage->label, stage->at, piped, results);
}

bool call_join(struct frame *f, const struct ast_stage *stage, const struct sema_values *inputs, struct sema_value *result)
{
    const struct op *op = op_find(stage->call.callee.text);
    struct arguments given = {.tensors = *inputs};
    struct sema_values results = {0};

    if (op == NULL)
        return unknown_operator(f, &stage->call.callee);
    if (op->kind != OP_JOIN) {
        diag_error(f->x->diags, stage->call.callee.at, DIAG_MISPLACED, "%s does not join branches", op->name);
        diag_hint(f->x->diags, "concat, add and mul do");
        return false;
    }
    const struct call_site site = {&stage->label, stage->at, NULL};
    if (!collect_arguments(f, op, stage->call.args, &given) || !call_operator(f, op, &site, &given, &results))
        return false;
    *result = results.at[0];    /* a join has one */
    return true;
}

/* The operator of a value function's name on the tensor `first`, which is evaluated already; the other arguments follow. */
static bool call_namesake(struct frame *f, const struct ast_expr *e, const struct sema_value *first, struct sema_values *results)
{
    const struct op *op = op_find(e->as.call.callee.text);
    struct ast_call rest = e->as.call;

    if (op == NULL)
        return unknown_operator(f, &e->as.call.callee);
    rest.args = rest.args->next;
    return call_named_operator(f, op, &rest, &e->as.label, e->at, first, results);
}

/* A value function whose first argument is a tensor is the operator of the same name: sqrt, max along an axis. `max` and `min` of
 * several are those element by element. */
static bool call_function(struct frame *f, const struct value_function *function, const struct ast_expr *e,
                          struct sema_values *results)
{
    const char *name = e->as.call.callee.text;
    struct sema_values args = {0};
    struct sema_value result;
    const bool compares = extremes_takes(name);
    bool any_tensor = false;

    for (const struct ast_arg *a = e->as.call.args; a != NULL; a = a->next) {
        const bool elementwise = compares && (args.count > 0 || (a->next != NULL && a->next->name.text == NULL));
        struct sema_value o;
        if (a->name.text != NULL)
            return diag_error(f->x->diags, a->name.at, DIAG_UNKNOWN_ARGUMENT, "%s takes no named arguments%s", name,
                              any_tensor ? " beside several tensors or numbers" : "");
        if (!evaluate(f, a->value, &o))
            return false;
        if (o.kind == VALUE_TENSOR && !elementwise)
            return args.count == 0 ? call_namesake(f, e, &o, results)
                                   : diag_error(f->x->diags, o.at, DIAG_ARGUMENT_TYPE,
                                                "%s of numbers takes no tensor: as an operator it wants the tensor first", name);
        any_tensor = any_tensor || o.kind == VALUE_TENSOR;
        values_push(f->x->arena, &args, o);
    }
    if (any_tensor)
        return extremes_call(f, name, &args, &e->as.label, e->at, results);
    if (!value_function_call(f, function, &args, e->at, &result))
        return false;
    values_push(f->x->arena, results, result);
    return true;
}

bool call_results(struct frame *f, const struct ast_expr *e, struct sema_values *results)
{
    const struct value_function *function = value_function_find(e->as.call.callee.text);
    const bool is_function =
        function != NULL && globals_block(f->x, e->as.call.callee.text) == NULL && shared_find(f, e->as.call.callee.text) == NULL;
    if (is_function)
        f->wanted = 1;
    const bool ok =
        is_function ? call_function(f, function, e, results) : call_any(f, &e->as.call, &e->as.label, e->at, NULL, results);

    return ok && expand_bind_label(f, &e->as.label, results);
}

bool call_expression(struct frame *f, const struct ast_expr *e, struct sema_value *result)
{
    struct sema_values results = {0};

    if (!call_results(f, e, &results))
        return false;
    if (results.count != 1)
        return diag_error(f->x->diags, e->at, DIAG_RESULT_COUNT, "%s gives %zu results, one is wanted here", e->as.call.callee.text,
                          results.count);
    *result = results.at[0];
    return true;
}

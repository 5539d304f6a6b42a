/* statements: what nets and blocks are made of. */
#include "compiler/graph/build.h"
#include "compiler/sema/evaluate.h"
#include "compiler/sema/expand.h"
#include "compiler/sema/shared.h"

#include <inttypes.h>
#include <string.h>

static bool inside_net(const struct frame *f)
{
    return f->decl->kind == AST_NET;
}

/* ---- Inputs and outputs ---------------------------------------------------------------------------------------------- */

static bool input_shape(struct frame *f, const struct ast_expr *e, struct shape *shape)
{
    struct sema_value o;

    if (!evaluate(f, e, &o))
        return false;
    if (value_is(&o, LITERAL_SIZE))
        *shape = o.literal->as.size;
    else if (value_is(&o, LITERAL_INT))
        *shape = (struct shape){.rank = 1, .dim = {o.literal->as.integer}};
    else {
        diag_error(f->x->diags, e->at, DIAG_VALUE_TYPE, "the shape of an input is a size, such as 1x28x28, this is %s",
                   value_kind_text(&o));
        if (o.kind == VALUE_LITERAL && literal_size_text(o.literal, f->x->arena) != NULL)
            diag_hint(f->x->diags, "a size is written %s", literal_size_text(o.literal, f->x->arena));
        return false;
    }
    for (int i = 0; i < shape->rank; i++)
        if (shape->dim[i] < 1) {
            diag_error(f->x->diags, e->at, DIAG_VALUE_RANGE, "a size is at least 1, got %" PRId64, shape->dim[i]);
            if (i == 0 && shape->rank > 1 && shape->dim[0] < 0)
                diag_hint(f->x->diags, "the batch is implicit: leave the first number out");
            return false;
        }
    if (!shape_is_valid(shape))
        return diag_error(f->x->diags, e->at, DIAG_TENSOR_SIZE, "a tensor of more than 2^40 elements");
    return true;
}

static bool execute_input(struct frame *f, const struct ast_stmt *stmt)
{
    const struct ast_name *name = &stmt->as.input.name;
    struct sema_value o = {.kind = VALUE_POISON, .at = name->at, .tensor = NO_NODE};
    struct shape shape;
    bool ok = true;

    if (!inside_net(f))
        return diag_error(f->x->diags, stmt->at, DIAG_MISPLACED, "a block has no inputs of its own: its tensor is called in");
    for (size_t i = 0; i < f->x->graph->input.count; i++)
        if (strcmp(f->x->graph->input.at[i].name, name->text) == 0) {
            diag_error(f->x->diags, name->at, DIAG_DUPLICATE_NAME, "there is an input %s already", name->text);
            diag_note(f->x->diags, graph_node(f->x->graph, f->x->graph->input.at[i].v)->at, "it is declared here");
            return false;
        }
    ok = input_shape(f, stmt->as.input.shape, &shape) && expand_count(f->x, 1, stmt->at);
    if (ok)
        o = value_tensor(graph_add_input(f->x->graph, name->text, &shape, stmt->as.input.is_int, stmt->as.input.shape->at),
                         name->at);
    scope_bind(&f->scope, name->text, o, declare(&f->x->declarations, name, DECLARATION_BINDING));
    return ok;
}

/* What an anonymous output is called: by the label of its last stage, else "output". */
static const struct ast_name *output_name(const struct ast_stmt *stmt, struct ast_name *anonymous)
{
    const struct ast_stage *last = stmt->as.output.pipe->chain;

    if (stmt->as.output.name.text != NULL)
        return &stmt->as.output.name;
    while (last != NULL && last->next != NULL)
        last = last->next;
    const struct ast_expr *from = stmt->as.output.pipe->from;
    if (last == NULL && from->kind == AST_CALL && from->as.label.text != NULL)
        return &from->as.label;
    *anonymous = (struct ast_name){"output", stmt->as.output.pipe->at};
    return last != NULL && last->label.text != NULL ? &last->label : anonymous;
}

static bool add_output(struct frame *f, const struct ast_name *name, const struct sema_value *o)
{
    struct graph *g = f->x->graph;

    for (size_t i = 0; i < g->output.count; i++)
        if (strcmp(g->output.at[i].name, name->text) == 0) {
            diag_error(f->x->diags, name->at, DIAG_DUPLICATE_NAME, "there is an output %s already", name->text);
            diag_note(f->x->diags, g->output.at[i].at, "it is declared here");
            return false;
        }
    const node_id result = graph_add_result(g, o->tensor, name->text, name->at);
    const struct graph_output output = {.name = name->text, .v = result, .at = name->at};
    vec_push(g->arena, &g->output, output);
    return true;
}

static bool execute_output(struct frame *f, const struct ast_stmt *stmt)
{
    struct ast_name anonymous;
    struct sema_value o = {.kind = VALUE_POISON, .tensor = NO_NODE};

    if (!inside_net(f))
        return diag_error(f->x->diags, stmt->at, DIAG_MISPLACED, "a block has no outputs: it returns its results");
    const struct ast_name *name = output_name(stmt, &anonymous);
    bool ok = expand_single(f, stmt->as.output.pipe, &o);
    if (ok && o.kind != VALUE_TENSOR)
        ok = diag_error(f->x->diags, stmt->as.output.pipe->at, DIAG_VALUE_TYPE, "an output is a tensor, this is %s",
                        value_kind_text(&o));
    if (!ok)
        o = (struct sema_value){.kind = VALUE_POISON, .tensor = NO_NODE};
    if (name != &anonymous && stmt->as.output.name.text != NULL)
        scope_bind(&f->scope, name->text, o, declare(&f->x->declarations, name, DECLARATION_LABEL));
    return ok && add_output(f, name, &o);
}

/* ---- Results and bindings -------------------------------------------------------------------------------------------- */

static bool execute_return(struct frame *f, const struct ast_stmt *stmt)
{
    bool ok = true;

    if (inside_net(f)) {
        diag_error(f->x->diags, stmt->at, DIAG_MISPLACED, "a net does not return: it has outputs");
        diag_hint(f->x->diags, "output name = ...;");
        return false;
    }
    f->returned = true;
    for (const struct ast_pipe *p = stmt->as.results; p != NULL; p = p->next) {
        struct sema_values results = {0};
        if (!expand_pipe(f, p, 1, &results)) {
            ok = false;
            continue;
        }
        for (size_t i = 0; i < results.count; i++)
            values_push(f->x->arena, &f->results, results.at[i]);
    }
    if (ok && stmt->next != NULL)
        return diag_error(f->x->diags, stmt->next->at, DIAG_MISPLACED, "nothing is done after return");
    return ok;
}

static size_t count_targets(const struct ast_target *list)
{
    size_t n = 0;

    for (const struct ast_target *t = list; t != NULL; t = t->next)
        n++;
    return n;
}

static bool execute_bind(struct frame *f, const struct ast_stmt *stmt)
{
    const size_t wanted = count_targets(stmt->as.bind.targets);
    struct sema_values results = {0};
    bool ok = expand_pipe(f, stmt->as.bind.pipe, wanted, &results);

    if (ok && results.count != wanted)
        ok = diag_error(f->x->diags, stmt->as.bind.pipe->at, DIAG_RESULT_COUNT, "this gives %zu result%s, %zu %s wanted",
                        results.count, results.count == 1 ? "" : "s", wanted, wanted == 1 ? "is" : "are");
    size_t i = 0;
    for (const struct ast_target *t = stmt->as.bind.targets; t != NULL; t = t->next, i++) {
        struct sema_value o = ok ? results.at[i] : (struct sema_value){.kind = VALUE_POISON, .tensor = NO_NODE};
        scope_bind(&f->scope, t->name.text, o, declare(&f->x->declarations, &t->name, DECLARATION_BINDING));
    }
    return ok;
}

/* ---- Decisions ------------------------------------------------------------------------------------------------------- */

static bool execute_assert(struct frame *f, const struct ast_stmt *stmt)
{
    struct sema_value message;
    bool holds;

    if (!evaluate_bool(f, stmt->as.assertion.condition, "what is asserted", &holds))
        return false;
    if (holds)
        return true;
    if (stmt->as.assertion.message == NULL)
        return diag_error(f->x->diags, stmt->as.assertion.condition->at, DIAG_ASSERTION, "this does not hold");
    if (!evaluate(f, stmt->as.assertion.message, &message))
        return false;
    return diag_error(f->x->diags, stmt->as.assertion.condition->at, DIAG_ASSERTION, "%s",
                      value_is(&message, LITERAL_STRING) ? message.literal->as.string : "this does not hold");
}

static void poison_bindings(struct frame *f, const struct ast_stmt *list);

static void poison_names(struct frame *f, const struct ast_stmt *s)
{
    const struct sema_value poison = {.kind = VALUE_POISON, .tensor = NO_NODE};

    switch (s->kind) {
    case AST_INPUT: scope_bind(&f->scope, s->as.input.name.text, poison, NULL); break;
    case AST_OUTPUT:
        if (s->as.output.name.text != NULL)
            scope_bind(&f->scope, s->as.output.name.text, poison, NULL);
        expand_poison_pipe(f, s->as.output.pipe);
        break;
    case AST_BIND:
        expand_poison_pipe(f, s->as.bind.pipe);
        for (const struct ast_target *t = s->as.bind.targets; t != NULL; t = t->next)
            scope_bind(&f->scope, t->name.text, poison, NULL);
        break;
    case AST_EVAL: expand_poison_pipe(f, s->as.eval); break;
    case AST_IF:
        poison_bindings(f, s->as.branch.yes);
        poison_bindings(f, s->as.branch.no);
        break;
    case AST_SHARED: scope_bind(&f->scope, s->as.shared.name.text, poison, NULL); break;
    case AST_RETURN:
    case AST_ASSERT: break;
    }
}

/* The names of statements that are not run, because it is not known which arm is taken, or because an assertion before them
 * fails. */
static void poison_bindings(struct frame *f, const struct ast_stmt *list)
{
    for (const struct ast_stmt *s = list; s != NULL; s = s->next)
        poison_names(f, s);
}

static bool execute_if(struct frame *f, const struct ast_stmt *stmt)
{
    bool condition;

    if (!evaluate_bool(f, stmt->as.branch.condition, "the condition", &condition)) {
        poison_bindings(f, stmt->as.branch.yes);
        poison_bindings(f, stmt->as.branch.no);
        return false;
    }
    scope_use_statements(&f->scope, condition ? stmt->as.branch.no : stmt->as.branch.yes);
    if (!expand_enter(f->x, stmt->at))
        return false;
    const bool ok = expand_body(f, condition ? stmt->as.branch.yes : stmt->as.branch.no);
    expand_leave(f->x);
    return ok;
}

static bool execute_statement(struct frame *f, const struct ast_stmt *stmt)
{
    struct sema_values dropped = {0};

    switch (stmt->kind) {
    case AST_INPUT: return execute_input(f, stmt);
    case AST_OUTPUT: return execute_output(f, stmt);
    case AST_RETURN: return execute_return(f, stmt);
    case AST_BIND: return execute_bind(f, stmt);
    case AST_EVAL: return expand_pipe(f, stmt->as.eval, 1, &dropped);
    case AST_SHARED: return shared_declare(f, stmt);
    case AST_ASSERT: return execute_assert(f, stmt);
    case AST_IF: return execute_if(f, stmt);
    }
    return false;
}

bool expand_body(struct frame *f, const struct ast_stmt *list)
{
    bool ok = expand_has_room(f->x, list);

    for (const struct ast_stmt *stmt = list; stmt != NULL && !f->x->stopped; stmt = stmt->next) {
        const bool done = execute_statement(f, stmt);
        ok = done && ok;
        if (stmt->kind == AST_ASSERT && !done) {
            poison_bindings(f, stmt->next); /* what follows was written for what holds */
            break;
        }
        if (f->returned) {
            scope_use_statements(&f->scope, stmt->next);
            break;
        }
    }
    return ok && !f->x->stopped;
}

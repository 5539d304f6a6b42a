/* expand: statements and pipes, one frame for each body that is expanded. Counts what it expands, so that a text beyond the
 * limit is refused before it takes memory. */
#include "compiler/sema/expand.h"

#include "compiler/sema/call.h"
#include "compiler/sema/evaluate.h"
#include "compiler/support/intern.h"

#include <inttypes.h>
#include <string.h>

void frame_init(struct frame *f, struct expansion *x, struct namer *namer)
{
    *f = (struct frame){.x = x, .namer = namer};
    scope_init(&f->scope, x->arena);
}

void values_push(struct arena *a, struct sema_values *list, struct sema_value o)
{
    vec_push(a, list, o);
}

/* ---- Limits ---------------------------------------------------------------------------------------------------------- */

bool expand_count(struct expansion *x, int64_t count, struct span at)
{
    if (x->stopped)
        return false;
    if (count <= MAX_OPERATORS - x->operators) {
        x->operators += count;
        return true;
    }
    x->stopped = true;
    return diag_error(x->diags, at, DIAG_TOO_MANY_OPERATORS, "this expands to more than %d operators", MAX_OPERATORS);
}

/* Takes the stages of a chain that are an operator or a call whatever values are off `left`; those of a repeat depend on its
 * rounds. Returns the first that there is no room for, or NULL. */
static const struct ast_stage *first_beyond(const struct ast_stage *chain, int64_t *left)
{
    const struct ast_stage *beyond = NULL;

    for (const struct ast_stage *s = chain; s != NULL && beyond == NULL; s = s->next) {
        for (const struct ast_branch *b = s->branches; b != NULL && beyond == NULL; b = b->next)
            beyond = first_beyond(b->chain, left);
        if (beyond == NULL && s->kind != AST_STAGE_REPEAT && --*left < 0)
            beyond = s;
    }
    return beyond;
}

static const struct ast_pipe *pipe_of(const struct ast_stmt *stmt)
{
    switch (stmt->kind) {
    case AST_OUTPUT: return stmt->as.output.pipe;
    case AST_RETURN: return stmt->as.results;
    case AST_BIND: return stmt->as.bind.pipe;
    case AST_EVAL: return stmt->as.eval;
    case AST_SHARED:
    case AST_INPUT:
    case AST_ASSERT:
    case AST_IF: break;
    }
    return NULL;
}

bool expand_has_room(struct expansion *x, const struct ast_stmt *list)
{
    int64_t left = MAX_OPERATORS - x->operators;

    for (const struct ast_stmt *s = list; s != NULL; s = s->next) {
        left -= s->kind == AST_INPUT;
        for (const struct ast_pipe *p = pipe_of(s); p != NULL; p = p->next) {
            const struct ast_stage *beyond = first_beyond(p->chain, &left);
            if (beyond != NULL)
                return expand_count(x, MAX_OPERATORS + 1, beyond->at);
        }
    }
    return true;
}

bool expand_enter(struct expansion *x, struct span at)
{
    if (x->stopped)
        return false;
    if (x->depth < MAX_DEPTH) {
        x->depth++;
        return true;
    }
    x->stopped = true;
    return diag_error(x->diags, at, DIAG_TOO_DEEP, "expressions and calls are nested deeper than %d in all", MAX_DEPTH);
}

void expand_leave(struct expansion *x)
{
    x->depth--;
}

/* ---- Pipes ----------------------------------------------------------------------------------------------------------- */

static bool expand_chain(struct frame *f, const struct ast_stage *chain, const struct sema_value *in, size_t wanted,
                         struct sema_values *results);

/* The only result of what stands at `at`; `use` says why there must be one. */
static bool take_one(struct frame *f, const struct sema_values *results, struct span at, const char *use, struct sema_value *one)
{
    *one = (struct sema_value){.kind = VALUE_POISON, .at = at, .tensor = NO_NODE};
    if (results->count == 1) {
        *one = results->at[0];
        return true;
    }
    return diag_error(f->x->diags, at, DIAG_RESULT_COUNT, "this gives %zu results, %s", results->count, use);
}

static bool expand_branches(struct frame *f, const struct ast_stage *stage, const struct sema_value *in,
                            struct sema_values *results)
{
    struct sema_values inputs = {0};
    struct sema_value joined;
    bool ok = true;

    for (const struct ast_branch *b = stage->branches; b != NULL; b = b->next) {
        struct sema_values branch = {0};
        struct sema_value one;
        if (!expand_chain(f, b->chain, in, 1, &branch) || !take_one(f, &branch, b->at, "a branch gives one", &one)) {
            ok = false;
            continue;
        }
        one.at = b->at;
        values_push(f->x->arena, &inputs, one);
    }
    if (!ok || !call_join(f, stage, &inputs, &joined))
        return false;
    values_push(f->x->arena, results, joined);
    return true;
}

/* One round: a scope of its own, named by its index. */
static bool expand_round(struct frame *f, const struct ast_stage *stage, const struct layer_name *name, int64_t i,
                         struct sema_value *tensor)
{
    struct namer inner, *outer = f->namer;
    struct sema_values results = {0};

    namer_open(outer, name, i, &inner);
    if (stage->counter.text != NULL)
        scope_bind(&f->scope, stage->counter.text, value_int(f->x->arena, i, stage->counter.at),
                   declare(&f->x->declarations, &stage->counter, DECLARATION_BINDING));
    f->namer = &inner;
    const bool ok = expand_count(f->x, 1, stage->at) && expand_chain(f, stage->body, tensor, 1, &results) &&
                    take_one(f, &results, stage->at, "a round of repeat gives one", tensor);
    f->namer = outer;
    return ok;
}

/* How many operators a chain expands to at least. */
static int64_t count_stages(const struct ast_stage *chain)
{
    int64_t count = 0;

    for (const struct ast_stage *s = chain; s != NULL; s = s->next)
        count++;
    return count;
}

static bool expand_repeat(struct frame *f, const struct ast_stage *stage, const struct sema_value *in, struct sema_values *results)
{
    struct sema_value tensor = *in;
    int64_t times;

    if (!evaluate_int(f, stage->times, "the number of rounds", &times))
        return false;
    if (times < 0)
        return diag_error(f->x->diags, stage->times->at, DIAG_VALUE_RANGE, "repeat wants at least 0 rounds, got %" PRId64, times);
    if (times > (MAX_OPERATORS - f->x->operators) / (1 + count_stages(stage->body))) {
        f->x->stopped = true;
        return diag_error(f->x->diags, stage->times->at, DIAG_TOO_MANY_OPERATORS,
                          "with %" PRId64 " rounds the net has more than %d operators", times, MAX_OPERATORS);
    }
    struct layer_name name;
    if (!namer_name(f->namer, &stage->label, "repeat", stage->at, &name))
        return false;
    if (times == 0)
        scope_use_chain(&f->scope, stage->body);

    /* The counter hides a binding of its name, which comes back after the last round. */
    const struct binding *hidden = stage->counter.text != NULL ? scope_find(&f->scope, stage->counter.text) : NULL;
    const struct binding before = hidden != NULL ? *hidden : (struct binding){0};
    bool ok = true;
    for (int64_t i = 0; ok && i < times; i++)
        ok = expand_round(f, stage, &name, i, &tensor);
    if (hidden != NULL)
        scope_bind(&f->scope, stage->counter.text, before.operand, before.declaration);
    else if (stage->counter.text != NULL)
        scope_unbind(&f->scope, stage->counter.text);
    if (!ok)
        return false;
    tensor.at = stage->at;
    values_push(f->x->arena, results, tensor);
    return true;
}

static bool want_tensor(struct frame *f, const struct sema_value *in)
{
    if (in->kind == VALUE_TENSOR)
        return true;
    return diag_error(f->x->diags, in->at, DIAG_VALUE_TYPE, "only a tensor can be piped, this is %s", value_kind_text(in));
}

static bool expand_stage(struct frame *f, const struct ast_stage *stage, const struct sema_value *in, struct sema_values *results)
{
    if (!want_tensor(f, in))
        return false;
    switch (stage->kind) {
    case AST_STAGE_CALL: return call_stage(f, stage, in, results);
    case AST_STAGE_BRANCHES: return expand_branches(f, stage, in, results);
    case AST_STAGE_REPEAT: return expand_repeat(f, stage, in, results);
    }
    return false;
}

/* Inputs keep their names: the two would be one in messages and files. */
bool expand_bind_label(struct frame *f, const struct ast_name *label, const struct sema_values *results)
{
    struct sema_value named;

    if (label->text == NULL)
        return true;
    const struct binding *b = scope_find(&f->scope, label->text);
    if (b != NULL && b->operand.kind == VALUE_TENSOR && graph_node(f->x->graph, b->operand.tensor)->kind == NODE_INPUT &&
        strcmp(graph_node(f->x->graph, b->operand.tensor)->name, label->text) == 0)
        return diag_error(f->x->diags, label->at, DIAG_DUPLICATE_NAME, "%s is already the name of an input", label->text);
    if (results->is_output_first)
        named = results->at[0];
    else if (!take_one(f, results, label->at, "a label names one", &named))
        return false;
    if (named.kind != VALUE_TENSOR)
        return diag_error(f->x->diags, label->at, DIAG_MISPLACED, "a label names a layer, this is %s", value_kind_text(&named));
    scope_bind(&f->scope, label->text, named, declare(&f->x->declarations, label, DECLARATION_LABEL));
    return true;
}

void expand_poison_labels(struct frame *f, const struct ast_stage *chain)
{
    const struct sema_value poison = {.kind = VALUE_POISON, .tensor = NO_NODE};

    for (const struct ast_stage *s = chain; s != NULL; s = s->next) {
        if (s->label.text != NULL)
            scope_bind(&f->scope, s->label.text, poison, NULL);
        expand_poison_labels(f, s->body);
        for (const struct ast_branch *b = s->branches; b != NULL; b = b->next)
            expand_poison_labels(f, b->chain);
    }
}

void expand_poison_pipe(struct frame *f, const struct ast_pipe *pipe)
{
    const struct sema_value poison = {.kind = VALUE_POISON, .tensor = NO_NODE};

    if (pipe->from->kind == AST_CALL && pipe->from->as.label.text != NULL)
        scope_bind(&f->scope, pipe->from->as.label.text, poison, NULL);
    expand_poison_labels(f, pipe->chain);
}

/* Looks for errors in stages that no tensor reaches. What is in a repeat may depend on its counter. */
static void check_unreached(struct frame *f, const struct ast_stage *chain)
{
    for (const struct ast_stage *s = chain; s != NULL && !f->x->stopped; s = s->next) {
        if (s->kind == AST_STAGE_CALL)
            call_check(f, s);
        for (const struct ast_branch *b = s->branches; b != NULL; b = b->next)
            check_unreached(f, b->chain);
    }
}

static bool expand_chain(struct frame *f, const struct ast_stage *chain, const struct sema_value *in, size_t wanted,
                         struct sema_values *results)
{
    struct sema_value tensor = *in;

    if (!expand_enter(f->x, chain->at))
        return false;
    bool ok = true;
    for (const struct ast_stage *s = chain; ok && s != NULL; s = s->next) {
        results->count = 0;
        results->is_output_first = false;
        f->wanted = s->next == NULL ? wanted : 1;
        ok = expand_stage(f, s, &tensor, results) && expand_bind_label(f, &s->label, results) &&
             (s->next == NULL || take_one(f, results, s->at, "the next stage takes one", &tensor));
        if (!ok) {
            expand_poison_labels(f, s);
            check_unreached(f, s->next);
        }
    }
    expand_leave(f->x);
    return ok;
}

bool expand_pipe(struct frame *f, const struct ast_pipe *pipe, size_t wanted, struct sema_values *results)
{
    struct sema_value from;

    results->count = 0;
    const bool is_call = pipe->chain == NULL && pipe->from->kind == AST_CALL;
    f->wanted = is_call ? wanted : 1;
    if (is_call) {
        const bool ok = call_results(f, pipe->from, results);
        if (!ok)
            expand_poison_pipe(f, pipe);
        return ok;
    }
    if (!evaluate(f, pipe->from, &from)) {
        expand_poison_pipe(f, pipe);
        check_unreached(f, pipe->chain);
        return false;
    }
    if (pipe->chain != NULL)
        return expand_chain(f, pipe->chain, &from, wanted, results);
    values_push(f->x->arena, results, from);
    return true;
}

bool expand_single(struct frame *f, const struct ast_pipe *pipe, struct sema_value *result)
{
    struct sema_values results = {0};

    return expand_pipe(f, pipe, 1, &results) && take_one(f, &results, pipe->at, "one is wanted here", result);
}

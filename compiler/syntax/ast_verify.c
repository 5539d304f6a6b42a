/* ast_verify: the promises of ast.h, checked node by node. */
#include "compiler/syntax/ast.h"

#include <string.h>

static bool broken(struct span at, const char *promise, FILE *out)
{
    fprintf(out, "ast: %s (file %u, bytes %u to %u)\n", promise, at.file, at.begin, at.end);
    return false;
}

static bool verify_span(struct span at, FILE *out)
{
    return (!span_is_none(at) && at.begin <= at.end) || broken(at, "a node has no place", out);
}

static bool verify_name(struct ast_name name, FILE *out)
{
    return (name.text != NULL && *name.text != '\0') || broken(name.at, "a name is missing", out);
}

static bool verify_height(struct span at, uint32_t height, uint32_t expected, FILE *out)
{
    if (height != expected)
        return broken(at, "a height is wrong", out);
    return height <= AST_MAX_HEIGHT || broken(at, "the tree is too high", out);
}

static uint32_t higher(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

/* Each verifies a part and raises *height to the part's. */
static bool verify_expr(const struct ast_expr *e, uint32_t *height, FILE *out);
static bool verify_chain(const struct ast_stage *chain, uint32_t *height, FILE *out);

static bool verify_call(const struct ast_call *call, uint32_t *height, FILE *out)
{
    if (!verify_name(call->callee, out))
        return false;
    for (const struct ast_arg *arg = call->args; arg != NULL; arg = arg->next)
        if (!verify_span(arg->at, out) || !verify_expr(arg->value, height, out))
            return false;
    return true;
}

static bool verify_pipe(const struct ast_pipe *pipe, uint32_t *height, FILE *out)
{
    return verify_span(pipe->at, out) && verify_expr(pipe->from, height, out) && verify_chain(pipe->chain, height, out);
}

static bool verify_operation(const struct ast_expr *e, uint32_t *height, FILE *out)
{
    const enum ast_operator op = e->as.operation.op;
    const bool unary = op == AST_NOT || op == AST_NEGATE;

    if (unary != (e->kind == AST_UNARY))
        return broken(e->at, "an operator has the wrong number of operands", out);
    return verify_expr(e->as.operation.a, height, out) && (unary || verify_expr(e->as.operation.b, height, out));
}

static bool verify_size(const struct ast_expr *e, FILE *out)
{
    if (e->as.size.rank < 2 || e->as.size.rank > MAX_RANK)
        return broken(e->at, "a size has the wrong rank", out);
    for (int i = 0; i < e->as.size.rank; i++)
        if (e->as.size.dim[i] < 0)
            return broken(e->at, "a size is negative", out);
    return true;
}

static bool verify_items(const struct ast_expr *items, uint32_t *height, FILE *out)
{
    for (const struct ast_expr *item = items; item != NULL; item = item->next)
        if (!verify_expr(item, height, out))
            return false;
    return true;
}

static bool verify_string(const struct ast_expr *e, FILE *out)
{
    return strlen(e->as.string.text) == e->as.string.length || broken(e->at, "a string contains NUL", out);
}

/* What lies below a node. */
static bool verify_parts(const struct ast_expr *e, uint32_t *below, FILE *out)
{
    switch (e->kind) {
    case AST_INT: return e->as.integer >= 0 || broken(e->at, "a literal is negative", out);
    case AST_FLOAT: return e->as.real >= 0 || broken(e->at, "a literal is negative", out);
    case AST_SIZE: return verify_size(e, out);
    case AST_STRING: return verify_string(e, out);
    case AST_BOOL: return true;
    case AST_NAME: return verify_name((struct ast_name){e->as.name, e->at}, out);
    case AST_LIST: return verify_items(e->as.items, below, out);
    case AST_UNARY:
    case AST_BINARY: return verify_operation(e, below, out);
    case AST_TERNARY:
        return verify_expr(e->as.ternary.condition, below, out) && verify_expr(e->as.ternary.yes, below, out) &&
               verify_expr(e->as.ternary.no, below, out);
    case AST_CALL: return (e->as.label.text == NULL || verify_name(e->as.label, out)) && verify_call(&e->as.call, below, out);
    case AST_MEMBER: return verify_name(e->as.member.name, out) && verify_expr(e->as.member.of, below, out);
    case AST_INDEX: return verify_expr(e->as.index.of, below, out) && verify_expr(e->as.index.index, below, out);
    case AST_PIPE:
        if (e->as.pipe->chain == NULL)
            return broken(e->at, "a pipe in an expression has no stage", out);
        return verify_pipe(e->as.pipe, below, out);
    }
    return broken(e->at, "an expression has no kind", out);
}

static bool verify_expr(const struct ast_expr *e, uint32_t *height, FILE *out)
{
    uint32_t below = 0;

    if (!verify_span(e->at, out) || !verify_parts(e, &below, out))
        return false;
    *height = higher(*height, e->height);
    return verify_height(e->at, e->height, below + 1, out);
}

/* ---- Pipes --------------------------------------------------------------------------------------------------------- */

static bool verify_branches(const struct ast_stage *stage, uint32_t *height, FILE *out)
{
    if (stage->branches == NULL)
        return broken(stage->at, "a stage with branches has none", out);
    for (const struct ast_branch *b = stage->branches; b != NULL; b = b->next)
        if (b->chain == NULL || !verify_chain(b->chain, height, out))
            return b->chain != NULL || broken(b->at, "a branch is empty", out);
    return verify_call(&stage->call, height, out);
}

static bool verify_stage(const struct ast_stage *stage, uint32_t *height, FILE *out)
{
    switch (stage->kind) {
    case AST_STAGE_CALL: return verify_call(&stage->call, height, out);
    case AST_STAGE_BRANCHES: return verify_branches(stage, height, out);
    case AST_STAGE_REPEAT:
        if (stage->body == NULL)
            return broken(stage->at, "a repeat is empty", out);
        return verify_expr(stage->times, height, out) && verify_chain(stage->body, height, out);
    }
    return broken(stage->at, "a stage has no kind", out);
}

static bool verify_chain(const struct ast_stage *chain, uint32_t *height, FILE *out)
{
    for (const struct ast_stage *stage = chain; stage != NULL; stage = stage->next) {
        uint32_t below = 0;
        if (!verify_span(stage->at, out) || !verify_stage(stage, &below, out) ||
            !verify_height(stage->at, stage->height, below + 1, out))
            return false;
        *height = higher(*height, stage->height);
    }
    return true;
}

/* ---- Statements and declarations ----------------------------------------------------------------------------------- */

static bool verify_stmts(const struct ast_stmt *stmts, uint32_t *height, FILE *out);

static bool verify_bind(const struct ast_stmt *s, uint32_t *height, FILE *out)
{
    if (s->as.bind.targets == NULL)
        return broken(s->at, "a binding has no name", out);
    for (const struct ast_target *t = s->as.bind.targets; t != NULL; t = t->next)
        if (!verify_name(t->name, out))
            return false;
    return verify_pipe(s->as.bind.pipe, height, out);
}

static bool verify_results(const struct ast_stmt *s, uint32_t *height, FILE *out)
{
    if (s->as.results == NULL)
        return broken(s->at, "a return has no result", out);
    for (const struct ast_pipe *pipe = s->as.results; pipe != NULL; pipe = pipe->next)
        if (!verify_pipe(pipe, height, out))
            return false;
    return true;
}

static bool verify_stmt(const struct ast_stmt *s, uint32_t *below, FILE *out)
{
    uint32_t message = 0;

    switch (s->kind) {
    case AST_INPUT: return verify_name(s->as.input.name, out) && verify_expr(s->as.input.shape, below, out);
    case AST_OUTPUT: return verify_pipe(s->as.output.pipe, below, out);
    case AST_RETURN: return verify_results(s, below, out);
    case AST_BIND: return verify_bind(s, below, out);
    case AST_EVAL: return verify_pipe(s->as.eval, below, out);
    case AST_SHARED:
        if (s->as.shared.stage->kind != AST_STAGE_CALL || s->as.shared.stage->next != NULL)
            return broken(s->at, "what is shared is no call", out);
        return verify_name(s->as.shared.name, out) && verify_chain(s->as.shared.stage, below, out);
    case AST_ASSERT:
        if (s->as.assertion.message != NULL && s->as.assertion.message->kind != AST_STRING)
            return broken(s->at, "an assert's message is no string", out);
        return verify_expr(s->as.assertion.condition, below, out) &&
               (s->as.assertion.message == NULL || verify_expr(s->as.assertion.message, &message, out));
    case AST_IF:
        return verify_expr(s->as.branch.condition, below, out) && verify_stmts(s->as.branch.yes, below, out) &&
               verify_stmts(s->as.branch.no, below, out);
    }
    return broken(s->at, "a statement has no kind", out);
}

static bool verify_stmts(const struct ast_stmt *stmts, uint32_t *height, FILE *out)
{
    for (const struct ast_stmt *s = stmts; s != NULL; s = s->next) {
        uint32_t below = 0;
        if (!verify_span(s->at, out) || !verify_stmt(s, &below, out) ||
            !verify_height(s->at, s->height, s->kind == AST_IF ? below + 1 : below, out))
            return false;
        *height = higher(*height, s->height);
    }
    return true;
}

static bool verify_block(const struct ast_decl *d, FILE *out)
{
    uint32_t height = 0;

    for (const struct ast_param *p = d->as.block.params; p != NULL; p = p->next)
        if (!verify_name(p->name, out) || (p->fallback != NULL && !verify_expr(p->fallback, &height, out)))
            return false;
    return verify_name(d->name, out) && verify_stmts(d->as.block.body, &height, out);
}

static bool verify_decl(const struct ast_decl *d, FILE *out)
{
    uint32_t height = 0;

    switch (d->kind) {
    case AST_CONST: return verify_name(d->name, out) && verify_expr(d->as.constant, &height, out);
    case AST_INCLUDE: return d->as.include.path != NULL || broken(d->at, "an include has no path", out);
    case AST_NET:
    case AST_BLOCK: return verify_block(d, out);
    case AST_SECTION: return verify_name(d->as.section.kind, out) && verify_stmts(d->as.section.body, &height, out);
    }
    return broken(d->at, "a declaration has no kind", out);
}

bool ast_verify(const struct ast *ast, FILE *out)
{
    for (const struct ast_decl *d = ast->decls; d != NULL; d = d->next)
        if (!verify_span(d->at, out) || !verify_decl(d, out))
            return false;
    return true;
}

/* ast_walk: visits calls and names, without resolving any of them. */
#include "compiler/syntax/ast_walk.h"

static void walk_pipes(const struct ast_visitor *v, const struct ast_pipe *list)
{
    for (const struct ast_pipe *p = list; p != NULL; p = p->next) {
        ast_walk_expression(v, p->from);
        ast_walk_chain(v, p->chain);
    }
}

static void walk_call(const struct ast_visitor *v, const struct ast_call *call, bool is_stage)
{
    if (v->call != NULL)
        v->call(v->data, call, is_stage);
    for (const struct ast_arg *a = call->args; a != NULL; a = a->next)
        ast_walk_expression(v, a->value);
}

void ast_walk_expression(const struct ast_visitor *v, const struct ast_expr *e)
{
    while (e != NULL) {
        const struct ast_expr *rest = NULL;    /* the loop follows the operand that grows long in a chain like a + b + c */
        switch (e->kind) {
        case AST_INT:
        case AST_FLOAT:
        case AST_SIZE:
        case AST_STRING:
        case AST_BOOL: break;
        case AST_NAME:
            if (v->name != NULL)
                v->name(v->data, e->as.name);
            break;
        case AST_LIST:
            for (const struct ast_expr *i = e->as.items; i != NULL; i = i->next)
                ast_walk_expression(v, i);
            break;
        case AST_UNARY: rest = e->as.operation.a; break;
        case AST_BINARY:
            ast_walk_expression(v, e->as.operation.b);
            rest = e->as.operation.a;
            break;
        case AST_TERNARY:
            ast_walk_expression(v, e->as.ternary.condition);
            ast_walk_expression(v, e->as.ternary.yes);
            rest = e->as.ternary.no;
            break;
        case AST_CALL: walk_call(v, &e->as.call, false); break;
        case AST_MEMBER: rest = e->as.member.of; break;
        case AST_INDEX:
            ast_walk_expression(v, e->as.index.index);
            rest = e->as.index.of;
            break;
        case AST_PIPE: walk_pipes(v, e->as.pipe); break;
        }
        e = rest;
    }
}

void ast_walk_chain(const struct ast_visitor *v, const struct ast_stage *chain)
{
    for (const struct ast_stage *stage = chain; stage != NULL; stage = stage->next) {
        if (stage->kind != AST_STAGE_REPEAT)
            walk_call(v, &stage->call, true);
        for (const struct ast_branch *b = stage->branches; b != NULL; b = b->next)
            ast_walk_chain(v, b->chain);
        if (stage->times != NULL)
            ast_walk_expression(v, stage->times);
        ast_walk_chain(v, stage->body);
    }
}

static void walk_statement(const struct ast_visitor *v, const struct ast_stmt *stmt)
{
    switch (stmt->kind) {
    case AST_INPUT: ast_walk_expression(v, stmt->as.input.shape); break;
    case AST_OUTPUT: walk_pipes(v, stmt->as.output.pipe); break;
    case AST_RETURN: walk_pipes(v, stmt->as.results); break;
    case AST_BIND: walk_pipes(v, stmt->as.bind.pipe); break;
    case AST_EVAL: walk_pipes(v, stmt->as.eval); break;
    case AST_SHARED:
        ast_walk_chain(v, stmt->as.shared.stage);
        if (v->shared != NULL)
            v->shared(v->data, stmt->as.shared.name.text);
        break;
    case AST_ASSERT: ast_walk_expression(v, stmt->as.assertion.condition); break;
    case AST_IF:
        ast_walk_expression(v, stmt->as.branch.condition);
        ast_walk_statements(v, stmt->as.branch.yes);
        ast_walk_statements(v, stmt->as.branch.no);
        break;
    }
}

void ast_walk_statements(const struct ast_visitor *v, const struct ast_stmt *list)
{
    for (const struct ast_stmt *stmt = list; stmt != NULL; stmt = stmt->next)
        walk_statement(v, stmt);
}

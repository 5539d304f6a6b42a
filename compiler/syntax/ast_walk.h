/* ast_walk: all names and calls in a part of a tree, in no particular order, whatever they stand for. */
#ifndef NETC_SYNTAX_AST_WALK_H
#define NETC_SYNTAX_AST_WALK_H

#include "compiler/syntax/ast.h"

struct ast_visitor {
    void *data;
    /* An expression that is a name. NULL: not asked for. */
    void (*name)(void *data, const char *name);
    /* A call: that of a stage, or in an expression. Its arguments are walked by themselves. NULL: not asked for. */
    void (*call)(void *data, const struct ast_call *call, bool is_stage);
    /* The name of shared parameters, which stages behind it call like an operator. NULL: not asked for. */
    void (*shared)(void *data, const char *name);
};

/* Each walks the lists whose first item it gets; NULL is an empty one. An expression stands alone, or is NULL. */
void ast_walk_expression(const struct ast_visitor *v, const struct ast_expr *e);
void ast_walk_chain(const struct ast_visitor *v, const struct ast_stage *chain);
void ast_walk_statements(const struct ast_visitor *v, const struct ast_stmt *list);

#endif

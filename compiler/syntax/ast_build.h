/* ast_build: makes the nodes of the tree for the actions of grammar/net.y. Internal to this room.
 *
 * Everything is allocated in p->arena. A node that would be higher than AST_MAX_HEIGHT is reported, and a leaf takes its place.
 * Lists are moved into the node; `at` is the node's span.
 */
#ifndef NETC_SYNTAX_AST_BUILD_H
#define NETC_SYNTAX_AST_BUILD_H

#include "compiler/syntax/parser.h"

/* ---- Declarations -------------------------------------------------------------------------------------------------- */

struct ast_decl *build_const(struct parser *p, struct span at, struct ast_name name, struct ast_expr *value);
struct ast_decl *build_include(struct parser *p, struct span at, const struct ast_expr *path);

/* A net or a block. A section; one that is a misspelt `net` or `block` is reported. */
struct ast_decl *build_block(struct parser *p, struct span at, enum ast_decl_kind kind, struct ast_name name,
                             struct param_list params, struct stmt_list body);
struct ast_decl *build_section(struct parser *p, struct span at, struct ast_name kind, struct ast_name name, struct stmt_list body);
struct ast_param *build_param(struct parser *p, struct ast_name name, struct ast_expr *fallback);

/* Reports `shared` outside nets and blocks. */
void report_shared_outside(struct parser *p, struct span at, struct ast_name name);

/* ---- Statements ---------------------------------------------------------------------------------------------------- */

struct ast_stmt *build_input(struct parser *p, struct span at, struct ast_name name, bool is_int, struct ast_expr *shape);
struct ast_stmt *build_output(struct parser *p, struct span at, struct ast_name name, struct ast_pipe *pipe);
struct ast_stmt *build_return(struct parser *p, struct span at, struct pipe_list results);
struct ast_stmt *build_bind(struct parser *p, struct span at, struct target_list targets, struct ast_pipe *pipe);
struct ast_stmt *build_eval(struct parser *p, struct span at, struct ast_pipe *pipe);
struct ast_stmt *build_shared(struct parser *p, struct span at, struct ast_name name, struct ast_stage *stage);
struct ast_stmt *build_assert(struct parser *p, struct span at, struct ast_expr *condition, struct ast_expr *message);
struct ast_stmt *build_if(struct parser *p, struct span at, struct ast_expr *condition, struct stmt_list yes, struct stmt_list no);
struct target_list build_targets(struct parser *p, struct ast_name name);
struct target_list build_more_targets(struct parser *p, struct target_list targets, struct ast_name name);

/* ---- Pipes --------------------------------------------------------------------------------------------------------- */

struct ast_pipe *build_pipe(struct parser *p, struct span at, struct ast_expr *from, struct stage_list chain);
struct ast_stage *build_label(struct ast_name label, struct ast_stage *stage);
struct ast_stage *build_stage_call(struct parser *p, struct span at, struct ast_name callee, struct arg_list args);
struct ast_stage *build_branched(struct parser *p, struct span at, struct ast_name callee, struct arg_list args,
                                 struct branch_list branches);
struct ast_stage *build_repeat(struct parser *p, struct span at, struct ast_expr *times, struct ast_name counter,
                               struct stage_list body);
struct branch_list build_branches(struct parser *p, struct span at, struct stage_list chain);
struct branch_list build_more_branches(struct parser *p, struct branch_list branches, struct span at, struct stage_list chain);

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

struct ast_arg *build_arg(struct parser *p, struct span at, struct ast_name name, struct ast_expr *value);
struct ast_expr *build_leaf(struct parser *p, enum ast_expr_kind kind, struct span at);
struct ast_expr *build_name(struct parser *p, struct ast_name name);
struct ast_expr *build_bool(struct parser *p, struct span at, bool value);
struct ast_expr *build_unary(struct parser *p, struct span at, enum ast_operator op, struct ast_expr *a);
struct ast_expr *build_binary(struct parser *p, struct span at, enum ast_operator op, struct ast_expr *a, struct ast_expr *b);
struct ast_expr *build_ternary(struct parser *p, struct span at, struct ast_expr *condition, struct ast_expr *yes,
                               struct ast_expr *no);
struct ast_expr *build_call(struct parser *p, struct span at, struct ast_name callee, struct arg_list args);
struct ast_expr *build_labelled_call(struct parser *p, struct span at, struct ast_name label, struct ast_name callee,
                                     struct arg_list args);
struct ast_expr *build_member(struct parser *p, struct span at, struct ast_expr *of, struct ast_name name);
struct ast_expr *build_index(struct parser *p, struct span at, struct ast_expr *of, struct ast_expr *index);
struct ast_expr *build_list(struct parser *p, struct span at, struct expr_list items);

/* `(expr)` is the expression itself, `(expr -> chain)` a node of its own. */
struct ast_expr *build_parentheses(struct parser *p, struct span at, struct ast_pipe *pipe);

#endif

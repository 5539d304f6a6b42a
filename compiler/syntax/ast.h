/* ast: a `.net` file as the parser saw it (grammar/REFERENCE.md).
 *
 * Everything lives in the compilation's arena. Names are interned: they compare by pointer. Lists are linked in source order.
 */
#ifndef NETC_SYNTAX_AST_H
#define NETC_SYNTAX_AST_H

#include "compiler/support/shape.h"
#include "compiler/support/source.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* How deep the tree may be, so that walks over it may recurse: each expression, stage and statement that contains others is a
 * level. The parser refuses deeper texts (DIAG_TOO_DEEP). */
enum { AST_MAX_HEIGHT = 256 };

struct ast_name {
    const char *text;    /* interned; NULL where the grammar leaves a name out */
    struct span at;
};

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

enum ast_expr_kind {
    AST_INT,        /* 42, 1_000 */
    AST_FLOAT,      /* 1e-3, 20% (0.2) */
    AST_SIZE,       /* 3x32x32 */
    AST_STRING,
    AST_BOOL,
    AST_NAME,
    AST_LIST,       /* [a, b] */
    AST_UNARY,
    AST_BINARY,
    AST_TERNARY,    /* condition ? a : b */
    AST_CALL,       /* f(a, name = b) */
    AST_MEMBER,     /* x.channels */
    AST_INDEX,      /* x.shape[0] */
    AST_PIPE        /* (x -> f) */
};

enum ast_operator {
#define AST_OPERATOR(id, spelling) AST_##id,
#include "compiler/syntax/operators.def"
#undef AST_OPERATOR
};

struct ast_arg {
    struct ast_name name;    /* name.text NULL: positional */
    struct ast_expr *value;
    struct span at;          /* name and value */
    struct ast_arg *next;
};

struct ast_call {
    struct ast_name callee;
    struct ast_arg *args;
};

struct ast_expr {
    enum ast_expr_kind kind;
    uint32_t height;          /* 1 for a leaf */
    struct span at;
    struct ast_expr *next;    /* in a list */
    union {
        int64_t integer;
        double real;
        struct shape size;
        struct {
            const char *text;
            size_t length;
        } string;
        bool boolean;
        const char *name;
        struct ast_expr *items;
        struct {
            enum ast_operator op;
            struct ast_expr *a, *b;    /* b NULL for unary operators */
        } operation;
        struct {
            struct ast_expr *condition, *yes, *no;
        } ternary;
        struct {
            struct ast_call call;
            struct ast_name label;     /* of a layer, at the start of a pipe; text NULL: none */
        };
        struct {
            struct ast_expr *of;
            struct ast_name name;
        } member;
        struct {
            struct ast_expr *of, *index;
        } index;
        struct ast_pipe *pipe;
    } as;
};

/* ---- Pipes --------------------------------------------------------------------------------------------------------- */

enum ast_stage_kind {
    AST_STAGE_CALL,        /* f, f(…): a name alone is a call without arguments */
    AST_STAGE_BRANCHES,    /* f(…) { | chain | chain } */
    AST_STAGE_REPEAT       /* repeat n as i { chain } */
};

struct ast_branch {
    struct ast_stage *chain;
    struct span at;
    struct ast_branch *next;
};

struct ast_stage {
    enum ast_stage_kind kind;
    uint32_t height;
    struct span at;           /* without the label */
    struct ast_name label;    /* label.text NULL: none */
    struct ast_stage *next;
    struct ast_call call;           /* CALL, BRANCHES */
    struct ast_branch *branches;    /* BRANCHES */
    struct ast_expr *times;         /* REPEAT */
    struct ast_name counter;        /* REPEAT; text NULL: none */
    struct ast_stage *body;         /* REPEAT */
};

/* expr [-> chain] */
struct ast_pipe {
    struct ast_expr *from;
    struct ast_stage *chain;    /* NULL: the expression alone */
    struct span at;
    struct ast_pipe *next;      /* in `return a, b` */
};

/* ---- Statements ---------------------------------------------------------------------------------------------------- */

enum ast_stmt_kind {
    AST_INPUT,     /* input x: int 1x32x32; */
    AST_OUTPUT,    /* output y = pipe; output pipe; */
    AST_RETURN,
    AST_BIND,      /* a, b = pipe; also `key = value;` in a section */
    AST_EVAL,      /* pipe;  also a bare call in a section */
    AST_SHARED,    /* shared f = call; */
    AST_ASSERT,
    AST_IF
};

struct ast_target {
    struct ast_name name;
    struct ast_target *next;
};

struct ast_stmt {
    enum ast_stmt_kind kind;
    uint32_t height;
    struct span at;
    struct ast_stmt *next;
    union {
        struct {
            struct ast_name name;
            bool is_int;
            struct ast_expr *shape;
        } input;
        struct {
            struct ast_name name;    /* text NULL: anonymous output */
            struct ast_pipe *pipe;
        } output;
        struct ast_pipe *results;    /* RETURN */
        struct {
            struct ast_target *targets;
            struct ast_pipe *pipe;
        } bind;
        struct ast_pipe *eval;
        struct {
            struct ast_name name;
            struct ast_stage *stage;    /* CALL, without a label */
        } shared;
        struct {
            struct ast_expr *condition;
            struct ast_expr *message;    /* NULL: none */
        } assertion;
        struct {
            struct ast_expr *condition;
            struct ast_stmt *yes, *no;    /* `else if` is an AST_IF alone in `no` */
        } branch;
    } as;
};

/* ---- Declarations -------------------------------------------------------------------------------------------------- */

enum ast_decl_kind { AST_CONST, AST_INCLUDE, AST_NET, AST_BLOCK, AST_SECTION };

struct ast_param {
    struct ast_name name;
    struct ast_expr *fallback;    /* NULL: required */
    struct ast_param *next;
};

struct ast_decl {
    enum ast_decl_kind kind;
    struct span at;          /* the head: up to the opening brace */
    struct ast_name name;    /* of a section: its name, text NULL if none */
    struct ast_decl *next;
    union {
        struct ast_expr *constant;
        struct {
            const char *path;
            struct span path_at;
        } include;
        struct {
            struct ast_param *params;
            struct ast_stmt *body;
        } block;    /* NET, BLOCK */
        struct {
            struct ast_name kind;    /* data, train, … */
            struct ast_stmt *body;
        } section;
    } as;
};

/* A main file with everything that it includes, in order of declaration. */
struct ast {
    struct ast_decl *decls;
};

const char *ast_operator_text(enum ast_operator op);

/* Whether the tree keeps the promises of this header; says which is broken on `out`. For tests and --verify-each. */
bool ast_verify(const struct ast *ast, FILE *out);

/* Prints the tree in a canonical, line-oriented form (--emit=ast). */
void ast_print(const struct ast *ast, FILE *out);

#endif

/* parser: what the scanner, the grammar and the builders of the tree share. Internal to this room. */
#ifndef NETC_SYNTAX_PARSER_H
#define NETC_SYNTAX_PARSER_H

#include "compiler/support/arena.h"
#include "compiler/support/diag.h"
#include "compiler/support/intern.h"
#include "compiler/support/source.h"
#include "compiler/syntax/ast.h"

/* Limits of the language (grammar/REFERENCE.md). */
enum { MAX_FILE_BYTES = 16 * 1024 * 1024, MAX_NESTING = 256, MAX_INCLUDE_DEPTH = 200 };

#define LIST_OF(thing)                    \
    struct thing##_list {                 \
        struct ast_##thing *first, *last; \
    }

LIST_OF(arg);
LIST_OF(branch);
LIST_OF(decl);
LIST_OF(expr);
LIST_OF(param);
LIST_OF(pipe);
LIST_OF(stage);
LIST_OF(stmt);
LIST_OF(target);

/* Appends an item; `list` and `item` are evaluated more than once. */
#define list_append(list, item)          \
    do {                                 \
        if ((list)->last == NULL)        \
            (list)->first = (item);      \
        else                             \
            (list)->last->next = (item); \
        (list)->last = (item);           \
    } while (0)

/* What a symbol of the grammar carries. */
union parser_value {
    struct ast_name name;
    struct ast_expr *expr;
    struct ast_arg *arg;
    struct ast_stage *stage;
    struct ast_branch *branch;
    struct ast_pipe *pipe;
    struct ast_stmt *stmt;
    struct ast_decl *decl;
    struct ast_param *param;
    enum ast_operator op;
    enum ast_decl_kind kind;
    struct arg_list args;
    struct branch_list branches;
    struct expr_list exprs;
    struct param_list params;
    struct pipe_list pipes;
    struct stage_list stages;
    struct stmt_list stmts;
    struct target_list targets;
    bool flag;
};

/* A bracket that is open. */
struct bracket {
    char kind;        /* ( [ { */
    bool reported;    /* that its partner is missing was said already */
    struct span at;
};

struct token {
    int code;
    struct span at;
    union parser_value value;
};

/* The state of one file's parse. */
struct parser {
    struct arena *arena;                   /* of the tree */
    struct arena *scratch;                 /* of the scanner: dies with the parse */
    struct interner *names;
    const struct sources *sources;
    struct diags *ds;
    uint32_t file;
    uint32_t offset;                       /* of the scanner */
    void *scanner;
    struct token latest, previous, earlier; /* the three tokens that the grammar saw last */
    struct token held;                     /* is given out next, if `holding` */
    struct bracket open[MAX_NESTING];
    size_t depth;
    struct bracket unclosed;               /* what the latest token closed over: `(` in `f(a;`. kind 0: nothing */
    bool skipping, holding;
    bool closing;                          /* the `}` that a `;` showed to be missing is given out next, then the `;` again */
    bool gave_up;                          /* nothing more is read nor reported */
    struct span bad;                       /* what the scanner reported last, if it hides what was meant; none: SPAN_NONE */
    size_t level;                          /* while skipping: the depth to resume at */
    struct decl_list decls;
};

/* ---- grammar/net.l ------------------------------------------------------------------------------------------------- */

/* Opens the scanner at the beginning of p->file. Its memory is that of p->scratch. */
void scanner_open(struct parser *p);

/* The next token: its code, or 0 at the end. */
int scanner_next(union parser_value *value, struct span *at, void *scanner);

/* ---- grammar/net.y ------------------------------------------------------------------------------------------------- */

/* Parses p->file into p->decls. Errors are in p->ds. */
void grammar_parse(struct parser *p);

/* "name", "';'", "'net'": as messages call a token. */
const char *token_name(int code);

/* ---- lexer.c: tokens with brackets, nesting and recovery ----------------------------------------------------------- */

/* Begins to parse a file that passed check_text. What is not a part of the tree is in a scratch of `arena` until parser_close,
 * the parser included. */
struct parser *parser_open(struct arena *arena, struct interner *names, const struct sources *sources, struct diags *ds,
                           uint32_t file);
void parser_close(struct parser *p);
int parser_next_token(union parser_value *value, struct span *at, struct parser *p);

/* After a syntax error: has the scanner skip to the `;` or `}` at which the grammar resumes. */
void parser_start_skipping(struct parser *p);

/* The source text at a span. Returns its beginning; it has span.end - span.begin bytes. */
const char *parser_text(const struct parser *p, struct span at);

/* ---- literals.c ---------------------------------------------------------------------------------------------------- */

/* The literals of the tokens. A malformed one is reported, and a harmless value takes its place. */
struct ast_expr *literal_integer(struct parser *p, struct span at);
struct ast_expr *literal_float(struct parser *p, struct span at);
struct ast_expr *literal_percentage(struct parser *p, struct span at);
struct ast_expr *literal_size(struct parser *p, struct span at);
struct ast_expr *literal_string(struct parser *p, struct span at);
struct ast_expr *literal_malformed(struct parser *p, struct span at);
struct ast_expr *literal_unterminated(struct parser *p, struct span at);
struct ast_expr *literal_single_quoted(struct parser *p, struct span at);

/* Reports a character that begins no token. */
void report_bad_character(struct parser *p, struct span at);

/* Reports an operator of another language and says how it is written here. */
void report_foreign_operator(struct parser *p, struct span at, const char *here);

/* ---- syntax_error.c ------------------------------------------------------------------------------------------------ */

/* Reports that the latest token does not follow the grammar; `expected` are the codes of the tokens that would. */
void report_syntax_error(struct parser *p, const int expected[], size_t count);

/* Reports nesting beyond the limit, and gives up. */
void report_too_deep(struct parser *p, struct span at);

/* ---- size_hint.c --------------------------------------------------------------------------------------------------- */

/* Says, to the latest error, how the size is written that stands as (3, 3) at the parenthesis `open`; or as 1 x 28 x 28 from the
 * number `begin` on. Returns whether there is one. */
bool hint_size_in_parentheses(struct parser *p, struct span open);
bool hint_size_in_words(struct parser *p, struct span begin);

/* ---- read.c -------------------------------------------------------------------------------------------------------- */

enum read_status { READ_OK, READ_FAILED, READ_TOO_LARGE, READ_NOT_REGULAR };

/* Reads a regular file, or standard input ("-"), of at most MAX_FILE_BYTES into the arena. On READ_FAILED errno holds the reason. */
enum read_status read_whole_file(const char *path, struct arena *arena, const char **text, size_t *length);

/* Checks that a file is UTF-8 without NUL. */
bool check_text(const struct sources *sources, uint32_t file, struct diags *ds);

#endif

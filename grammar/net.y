/* The grammar of .net files (REFERENCE.md). LALR(1) without conflicts.
 *
 * Actions make nodes through compiler/syntax/ast_build.h, one call each. After an error the parse goes on at the next `;` or `}`;
 * lexer.c skips what lies between, with the brackets in it.
 */
%code requires {
#include "compiler/syntax/parser.h"
}

%code top {
#include "compiler/syntax/parser.h"
}

%code {
#include "compiler/syntax/ast_build.h"

/* An empty rule stands at the end of what precedes it. */
#define YYLLOC_DEFAULT(current, rhs, n)                                                                                        \
    ((current) = (n) > 0 ? span_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n))                                                       \
                         : (struct span){YYRHSLOC(rhs, 0).file, YYRHSLOC(rhs, 0).end, YYRHSLOC(rhs, 0).end})

/* Deep enough for every text within MAX_NESTING; what runs out of it is nested too deeply. */
#define YYMAXDEPTH 20000

#undef yylex
#define yylex parser_next_token

static void net_error(const struct span *at, struct parser *p, const char *message);
}

%define api.prefix {net_}
%define api.pure full
%define api.value.type {union parser_value}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {struct parser *p}
%initial-action { @$ = (struct span){p->file, 0, 0}; }

%token CONST "'const'" INCLUDE "'include'" NET "'net'" BLOCK "'block'" INPUT "'input'" OUTPUT "'output'" RETURN "'return'" SHARED "'shared'"
%token REPEAT "'repeat'" AS "'as'" IF "'if'" ELSE "'else'" ASSERT "'assert'" AND "'and'" OR "'or'" NOT "'not'" INT "'int'"
%token TRUE "'true'" FALSE "'false'"
%token ARROW "'->'" EQ "'=='" NE "'!='" LE "'<='" GE "'>='" FLOOR_DIVIDE "'//'"
%token <name> NAME "name"
%token <expr> INTEGER "integer" FLOAT "number" SIZE "size" STRING "string"

%type <decl> decl
%type <kind> block_kind
%type <params> params param_list
%type <param> param
%type <stmts> body stmts
%type <stmt> stmt if
%type <targets> targets
%type <pipes> pipes
%type <pipe> pipe
%type <stages> chain
%type <stage> stage bare_stage
%type <name> counter
%type <branches> branches branch_list
%type <args> args arg_list
%type <arg> arg
%type <exprs> items item_list
%type <expr> head expr disjunction conjunction negation comparison sum product unary power postfix primary
%type <op> comparison_operator sum_operator product_operator
%type <flag> int

%%

file: %empty
    | file decl                                 { if ($2 != NULL) list_append(&p->decls, $2); }
    ;

decl: CONST NAME '=' expr ';'                   { $$ = build_const(p, @$, $2, $4); }
    | INCLUDE STRING ';'                        { $$ = build_include(p, @$, $2); }
    | block_kind NAME params body               { $$ = build_block(p, span_join(@1, @3), $1, $2, $3, $4); }
    | NAME body                                 { $$ = build_section(p, @1, $1, (struct ast_name){NULL, @1}, $2); }
    | NAME NAME body                            { $$ = build_section(p, span_join(@1, @2), $1, $2, $3); }
    | SHARED NAME '=' bare_stage ';'            { $$ = NULL; report_shared_outside(p, @$, $2); }
    | error ';'                                 { $$ = NULL; yyerrok; }
    | error '}'                                 { $$ = NULL; yyerrok; }
    ;

block_kind: NET                                 { $$ = AST_NET; }
          | BLOCK                               { $$ = AST_BLOCK; }
          ;

params: %empty                                  { $$ = (struct param_list){0}; }
      | '(' ')'                                 { $$ = (struct param_list){0}; }
      | '(' param_list ')'                      { $$ = $2; }
      ;

param_list: param                               { $$ = (struct param_list){$1, $1}; }
          | param_list ',' param                { $$ = $1; list_append(&$$, $3); }
          ;

param: NAME                                     { $$ = build_param(p, $1, NULL); }
     | NAME '=' expr                            { $$ = build_param(p, $1, $3); }
     ;

body: '{' stmts '}'                             { $$ = $2; }
    | '{' stmts error '}'                       { $$ = $2; yyerrok; }
    ;

stmts: %empty                                   { $$ = (struct stmt_list){0}; }
     | stmts stmt                               { $$ = $1; if ($2 != NULL) list_append(&$$, $2); }
     ;

stmt: INPUT NAME ':' int expr ';'               { $$ = build_input(p, @$, $2, $4, $5); }
    | OUTPUT pipe ';'                           { $$ = build_output(p, @$, (struct ast_name){NULL, @1}, $2); }
    | OUTPUT NAME '=' pipe ';'                  { $$ = build_output(p, @$, $2, $4); }
    | RETURN pipes ';'                          { $$ = build_return(p, @$, $2); }
    | targets '=' pipe ';'                      { $$ = build_bind(p, @$, $1, $3); }
    | pipe ';'                                  { $$ = build_eval(p, @$, $1); }
    | SHARED NAME '=' bare_stage ';'            { $$ = build_shared(p, @$, $2, $4); }
    | ASSERT expr ';'                           { $$ = build_assert(p, @$, $2, NULL); }
    | ASSERT expr ',' STRING ';'                { $$ = build_assert(p, @$, $2, $4); }
    | if
    | error ';'                                 { $$ = NULL; yyerrok; }
    ;

int: %empty                                     { $$ = false; }
   | INT                                        { $$ = true; }
   ;

targets: NAME                                   { $$ = build_targets(p, $1); }
       | targets ',' NAME                       { $$ = build_more_targets(p, $1, $3); }
       ;

if: IF expr body                                { $$ = build_if(p, @$, $2, $3, (struct stmt_list){0}); }
  | IF expr body ELSE body                      { $$ = build_if(p, @$, $2, $3, $5); }
  | IF expr body ELSE if                        { $$ = build_if(p, @$, $2, $3, (struct stmt_list){$5, $5}); }
  ;

pipes: pipe                                     { $$ = (struct pipe_list){$1, $1}; }
     | pipes ',' pipe                           { $$ = $1; list_append(&$$, $3); }
     ;

pipe: head                                      { $$ = build_pipe(p, @$, $1, (struct stage_list){0}); }
    | head ARROW chain                          { $$ = build_pipe(p, @$, $1, $3); }
    ;

head: expr
    | NAME ':' NAME '(' args ')'                { $$ = build_labelled_call(p, span_join(@3, @6), $1, $3, $5); }
    ;

chain: stage                                    { $$ = (struct stage_list){$1, $1}; }
     | chain ARROW stage                        { $$ = $1; list_append(&$$, $3); }
     ;

stage: bare_stage
     | NAME ':' bare_stage                      { $$ = build_label($1, $3); }
     ;

bare_stage: NAME                                { $$ = build_stage_call(p, @$, $1, (struct arg_list){0}); }
          | NAME '(' args ')'                   { $$ = build_stage_call(p, @$, $1, $3); }
          | NAME branches                       { $$ = build_branched(p, @$, $1, (struct arg_list){0}, $2); }
          | NAME '(' args ')' branches          { $$ = build_branched(p, @$, $1, $3, $5); }
          | REPEAT expr counter '{' chain '}'   { $$ = build_repeat(p, @$, $2, $3, $5); }
          | REPEAT expr counter '{' error '}'   { $$ = build_repeat(p, @$, $2, $3, (struct stage_list){0}); yyerrok; }
          ;

counter: %empty                                 { $$ = (struct ast_name){NULL, @$}; }
       | AS NAME                                { $$ = $2; }
       ;

branches: '{' branch_list '}'                   { $$ = $2; }
        | '{' error '}'                         { $$ = (struct branch_list){0}; yyerrok; }
        ;

branch_list: '|' chain                          { $$ = build_branches(p, @2, $2); }
           | branch_list '|' chain              { $$ = build_more_branches(p, $1, @3, $3); }
           ;

args: %empty                                    { $$ = (struct arg_list){0}; }
    | arg_list
    ;

arg_list: arg                                   { $$ = (struct arg_list){$1, $1}; }
        | arg_list ',' arg                      { $$ = $1; list_append(&$$, $3); }
        ;

arg: expr                                       { $$ = build_arg(p, @$, (struct ast_name){NULL, @1}, $1); }
   | NAME '=' expr                              { $$ = build_arg(p, @$, $1, $3); }
   ;

expr: disjunction
    | disjunction '?' expr ':' expr             { $$ = build_ternary(p, @$, $1, $3, $5); }
    ;

disjunction: conjunction
           | disjunction OR conjunction         { $$ = build_binary(p, @$, AST_OR, $1, $3); }
           ;

conjunction: negation
           | conjunction AND negation           { $$ = build_binary(p, @$, AST_AND, $1, $3); }
           ;

negation: comparison
        | NOT negation                          { $$ = build_unary(p, @$, AST_NOT, $2); }
        ;

comparison: sum
          | sum comparison_operator sum         { $$ = build_binary(p, @$, $2, $1, $3); }
          ;

comparison_operator: EQ                         { $$ = AST_EQ; }
                   | NE                         { $$ = AST_NE; }
                   | '<'                        { $$ = AST_LT; }
                   | LE                         { $$ = AST_LE; }
                   | '>'                        { $$ = AST_GT; }
                   | GE                         { $$ = AST_GE; }
                   ;

sum: product
   | sum sum_operator product                   { $$ = build_binary(p, @$, $2, $1, $3); }
   ;

sum_operator: '+'                               { $$ = AST_ADD; }
            | '-'                               { $$ = AST_SUBTRACT; }
            ;

product: unary
       | product product_operator unary         { $$ = build_binary(p, @$, $2, $1, $3); }
       ;

product_operator: '*'                           { $$ = AST_MULTIPLY; }
                | '/'                           { $$ = AST_DIVIDE; }
                | FLOOR_DIVIDE                  { $$ = AST_FLOOR_DIVIDE; }
                ;

unary: power
     | '-' unary                                { $$ = build_unary(p, @$, AST_NEGATE, $2); }
     ;

power: postfix
     | postfix '^' unary                        { $$ = build_binary(p, @$, AST_POWER, $1, $3); }
     ;

postfix: primary
       | postfix '.' NAME                       { $$ = build_member(p, @$, $1, $3); }
       | postfix '[' expr ']'                   { $$ = build_index(p, @$, $1, $3); }
       ;

primary: NAME                                   { $$ = build_name(p, $1); }
       | NAME '(' args ')'                      { $$ = build_call(p, @$, $1, $3); }
       | INTEGER
       | FLOAT
       | SIZE
       | STRING
       | TRUE                                   { $$ = build_bool(p, @$, true); }
       | FALSE                                  { $$ = build_bool(p, @$, false); }
       | '[' items ']'                          { $$ = build_list(p, @$, $2); }
       | '(' pipe ')'                           { $$ = build_parentheses(p, @$, $2); }
       ;

items: %empty                                   { $$ = (struct expr_list){0}; }
     | item_list
     ;

item_list: expr                                 { $$ = (struct expr_list){$1, $1}; }
         | item_list ',' expr                   { $$ = $1; list_append(&$$, $3); }
         ;

%%

const char *token_name(int code)
{
    return yysymbol_name(YYTRANSLATE(code));
}

/* The code of a terminal symbol. */
static int token_code(yysymbol_kind_t symbol)
{
    int code = 0;

    while (YYTRANSLATE(code) != symbol)
        code++;
    return code;
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parser *p)
{
    yysymbol_kind_t symbols[YYNTOKENS];
    int expected[YYNTOKENS];
    const int count = yypcontext_expected_tokens(context, symbols, YYNTOKENS);

    for (int i = 0; i < count; i++)
        expected[i] = token_code(symbols[i]);
    report_syntax_error(p, expected, count > 0 ? (size_t)count : 0);
    return 0;
}

/* Bison's own complaint: its stack is full. */
static void net_error(const struct span *at, struct parser *p, const char *message)
{
    (void)message;
    report_too_deep(p, *at);
}

void grammar_parse(struct parser *p)
{
    net_parse(p);
}

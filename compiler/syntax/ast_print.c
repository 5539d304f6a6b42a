/* ast_print: the tree as text, a line for each declaration, statement and stage. Expressions are fully parenthesised. */
#include "compiler/support/text.h"
#include "compiler/syntax/ast.h"

#include <inttypes.h>
#include <string.h>

static const char *const operator_texts[] = {
#define AST_OPERATOR(id, spelling) spelling,
#include "compiler/syntax/operators.def"
#undef AST_OPERATOR
};

const char *ast_operator_text(enum ast_operator op)
{
    return operator_texts[op];
}

/* ---- On one line --------------------------------------------------------------------------------------------------- */

static void print_expr(const struct ast_expr *e, FILE *out);

/* A float keeps a mark that it is none of the integers. */
static void print_float(double value, FILE *out)
{
    char text[40];

    snprintf(text, sizeof text, "%.9g", value);
    fprintf(out, "%s%s", text, strpbrk(text, ".e") == NULL ? ".0" : "");
}

static void print_size(const struct shape *size, FILE *out)
{
    char text[SHAPE_TEXT];

    fputs(shape_text(size, text), out);
}

static void print_args(const struct ast_arg *args, FILE *out)
{
    putc('(', out);
    for (const struct ast_arg *arg = args; arg != NULL; arg = arg->next) {
        if (arg->name.text != NULL)
            fprintf(out, "%s = ", arg->name.text);
        print_expr(arg->value, out);
        if (arg->next != NULL)
            fputs(", ", out);
    }
    putc(')', out);
}

static void print_call(const struct ast_call *call, FILE *out)
{
    fputs(call->callee.text, out);
    print_args(call->args, out);
}

static void print_list(const struct ast_expr *items, FILE *out)
{
    putc('[', out);
    for (const struct ast_expr *item = items; item != NULL; item = item->next) {
        print_expr(item, out);
        if (item->next != NULL)
            fputs(", ", out);
    }
    putc(']', out);
}

/* The head of a stage: without branches and body. */
static void print_stage_head(const struct ast_stage *stage, FILE *out)
{
    if (stage->label.text != NULL)
        fprintf(out, "%s: ", stage->label.text);
    if (stage->kind != AST_STAGE_REPEAT) {
        print_call(&stage->call, out);
        return;
    }
    fputs("repeat ", out);
    print_expr(stage->times, out);
    if (stage->counter.text != NULL)
        fprintf(out, " as %s", stage->counter.text);
}

static void print_chain_inline(const struct ast_stage *chain, FILE *out)
{
    for (const struct ast_stage *stage = chain; stage != NULL; stage = stage->next) {
        print_stage_head(stage, out);
        if (stage->kind != AST_STAGE_CALL)
            fputs(" {", out);
        for (const struct ast_branch *b = stage->branches; b != NULL; b = b->next) {
            fputs(" | ", out);
            print_chain_inline(b->chain, out);
        }
        if (stage->kind == AST_STAGE_REPEAT) {
            putc(' ', out);
            print_chain_inline(stage->body, out);
        }
        if (stage->kind != AST_STAGE_CALL)
            fputs(" }", out);
        if (stage->next != NULL)
            fputs(" -> ", out);
    }
}

static void print_operation(const struct ast_expr *e, FILE *out)
{
    const char *text = ast_operator_text(e->as.operation.op);

    putc('(', out);
    if (e->kind == AST_UNARY) {
        fprintf(out, "%s%s", text, e->as.operation.op == AST_NOT ? " " : "");
        print_expr(e->as.operation.a, out);
    } else {
        print_expr(e->as.operation.a, out);
        fprintf(out, " %s ", text);
        print_expr(e->as.operation.b, out);
    }
    putc(')', out);
}

static void print_ternary(const struct ast_expr *e, FILE *out)
{
    putc('(', out);
    print_expr(e->as.ternary.condition, out);
    fputs(" ? ", out);
    print_expr(e->as.ternary.yes, out);
    fputs(" : ", out);
    print_expr(e->as.ternary.no, out);
    putc(')', out);
}

static void print_expr(const struct ast_expr *e, FILE *out)
{
    switch (e->kind) {
    case AST_INT: fprintf(out, "%" PRId64, e->as.integer); break;
    case AST_FLOAT: print_float(e->as.real, out); break;
    case AST_SIZE: print_size(&e->as.size, out); break;
    case AST_STRING: text_print_quoted(e->as.string.text, out); break;
    case AST_BOOL: fputs(e->as.boolean ? "true" : "false", out); break;
    case AST_NAME: fputs(e->as.name, out); break;
    case AST_LIST: print_list(e->as.items, out); break;
    case AST_UNARY:
    case AST_BINARY: print_operation(e, out); break;
    case AST_TERNARY: print_ternary(e, out); break;
    case AST_CALL:
        if (e->as.label.text != NULL)
            fprintf(out, "%s: ", e->as.label.text);
        print_call(&e->as.call, out);
        break;
    case AST_MEMBER:
        print_expr(e->as.member.of, out);
        fprintf(out, ".%s", e->as.member.name.text);
        break;
    case AST_INDEX:
        print_expr(e->as.index.of, out);
        putc('[', out);
        print_expr(e->as.index.index, out);
        putc(']', out);
        break;
    case AST_PIPE:
        putc('(', out);
        print_expr(e->as.pipe->from, out);
        fputs(" -> ", out);
        print_chain_inline(e->as.pipe->chain, out);
        putc(')', out);
        break;
    }
}

/* ---- On lines of their own ----------------------------------------------------------------------------------------- */

static void indent(int depth, FILE *out)
{
    fprintf(out, "%*s", 2 * depth, "");
}

static void print_chain(const struct ast_stage *chain, int depth, FILE *out)
{
    for (const struct ast_stage *stage = chain; stage != NULL; stage = stage->next) {
        indent(depth, out);
        fputs("-> ", out);
        print_stage_head(stage, out);
        putc('\n', out);
        for (const struct ast_branch *b = stage->branches; b != NULL; b = b->next) {
            indent(depth + 1, out);
            fputs("|\n", out);
            print_chain(b->chain, depth + 2, out);
        }
        print_chain(stage->body, depth + 1, out);
    }
}

/* The rest of a line, and the chain on lines below it. */
static void print_pipe(const struct ast_pipe *pipe, int depth, FILE *out)
{
    print_expr(pipe->from, out);
    putc('\n', out);
    print_chain(pipe->chain, depth + 1, out);
}

static void print_stmts(const struct ast_stmt *stmts, int depth, FILE *out);

static void print_if(const struct ast_stmt *s, int depth, FILE *out)
{
    fputs("if ", out);
    print_expr(s->as.branch.condition, out);
    putc('\n', out);
    print_stmts(s->as.branch.yes, depth + 1, out);
    if (s->as.branch.no != NULL) {
        indent(depth, out);
        fputs("else\n", out);
        print_stmts(s->as.branch.no, depth + 1, out);
    }
}

static void print_bind(const struct ast_stmt *s, int depth, FILE *out)
{
    fputs("bind ", out);
    for (const struct ast_target *t = s->as.bind.targets; t != NULL; t = t->next)
        fprintf(out, "%s%s", t->name.text, t->next != NULL ? ", " : " = ");
    print_pipe(s->as.bind.pipe, depth, out);
}

static void print_return(const struct ast_stmt *s, int depth, FILE *out)
{
    fputs("return\n", out);
    for (const struct ast_pipe *pipe = s->as.results; pipe != NULL; pipe = pipe->next) {
        indent(depth + 1, out);
        print_pipe(pipe, depth + 1, out);
    }
}

static void print_assert(const struct ast_stmt *s, FILE *out)
{
    fputs("assert ", out);
    print_expr(s->as.assertion.condition, out);
    if (s->as.assertion.message != NULL) {
        fputs(", ", out);
        print_expr(s->as.assertion.message, out);
    }
    putc('\n', out);
}

static void print_stmt(const struct ast_stmt *s, int depth, FILE *out)
{
    indent(depth, out);
    switch (s->kind) {
    case AST_INPUT:
        fprintf(out, "input %s: %s", s->as.input.name.text, s->as.input.is_int ? "int " : "");
        print_expr(s->as.input.shape, out);
        putc('\n', out);
        break;
    case AST_OUTPUT:
        fputs("output ", out);
        if (s->as.output.name.text != NULL)
            fprintf(out, "%s = ", s->as.output.name.text);
        print_pipe(s->as.output.pipe, depth, out);
        break;
    case AST_RETURN: print_return(s, depth, out); break;
    case AST_BIND: print_bind(s, depth, out); break;
    case AST_EVAL:
        fputs("eval ", out);
        print_pipe(s->as.eval, depth, out);
        break;
    case AST_SHARED:
        fprintf(out, "shared %s = ", s->as.shared.name.text);
        print_call(&s->as.shared.stage->call, out);
        putc('\n', out);
        break;
    case AST_ASSERT: print_assert(s, out); break;
    case AST_IF: print_if(s, depth, out); break;
    }
}

static void print_stmts(const struct ast_stmt *stmts, int depth, FILE *out)
{
    for (const struct ast_stmt *s = stmts; s != NULL; s = s->next)
        print_stmt(s, depth, out);
}

static void print_block(const struct ast_decl *d, FILE *out)
{
    fprintf(out, "%s %s", d->kind == AST_NET ? "net" : "block", d->name.text);
    for (const struct ast_param *p = d->as.block.params; p != NULL; p = p->next) {
        fprintf(out, "%s%s", p == d->as.block.params ? "(" : ", ", p->name.text);
        if (p->fallback != NULL) {
            fputs(" = ", out);
            print_expr(p->fallback, out);
        }
    }
    fputs(d->as.block.params != NULL ? ")\n" : "\n", out);
    print_stmts(d->as.block.body, 1, out);
}

static void print_decl(const struct ast_decl *d, FILE *out)
{
    switch (d->kind) {
    case AST_CONST:
        fprintf(out, "const %s = ", d->name.text);
        print_expr(d->as.constant, out);
        putc('\n', out);
        break;
    case AST_INCLUDE:
        fputs("include ", out);
        text_print_quoted(d->as.include.path, out);
        putc('\n', out);
        break;
    case AST_NET:
    case AST_BLOCK: print_block(d, out); break;
    case AST_SECTION:
        fprintf(out, "section %s%s%s\n", d->as.section.kind.text, d->name.text != NULL ? " " : "",
                d->name.text != NULL ? d->name.text : "");
        print_stmts(d->as.section.body, 1, out);
        break;
    }
}

void ast_print(const struct ast *ast, FILE *out)
{
    for (const struct ast_decl *d = ast->decls; d != NULL; d = d->next)
        print_decl(d, out);
}

/* ast_build: one function for each form of the grammar. A node's height is one more than its children's, so that depth is
 * bounded while the tree is built. */
#include "compiler/syntax/ast_build.h"

#include "compiler/support/text.h"

static uint32_t higher(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* The height above children of height `below`, or 0, reported, where that is too high. */
static uint32_t height_above(struct parser *p, struct span at, uint32_t below)
{
    if (below < AST_MAX_HEIGHT)
        return below + 1;
    report_too_deep(p, at);
    return 0;
}

static uint32_t height_of_args(const struct ast_arg *args)
{
    uint32_t height = 0;

    for (const struct ast_arg *arg = args; arg != NULL; arg = arg->next)
        height = higher(height, arg->value->height);
    return height;
}

static uint32_t height_of_stages(const struct ast_stage *stages)
{
    uint32_t height = 0;

    for (const struct ast_stage *stage = stages; stage != NULL; stage = stage->next)
        height = higher(height, stage->height);
    return height;
}

static uint32_t height_of_pipe(const struct ast_pipe *pipe)
{
    return higher(pipe->from->height, height_of_stages(pipe->chain));
}

static uint32_t height_of_stmts(const struct ast_stmt *stmts)
{
    uint32_t height = 0;

    for (const struct ast_stmt *stmt = stmts; stmt != NULL; stmt = stmt->next)
        height = higher(height, stmt->height);
    return height;
}

/* ---- Declarations -------------------------------------------------------------------------------------------------- */

static struct ast_decl *new_decl(struct parser *p, enum ast_decl_kind kind, struct span at, struct ast_name name)
{
    struct ast_decl *d = arena_new(p->arena, struct ast_decl);

    d->kind = kind;
    d->at = at;
    d->name = name;
    return d;
}

struct ast_decl *build_const(struct parser *p, struct span at, struct ast_name name, struct ast_expr *value)
{
    struct ast_decl *d = new_decl(p, AST_CONST, at, name);

    d->as.constant = value;
    return d;
}

struct ast_decl *build_include(struct parser *p, struct span at, const struct ast_expr *path)
{
    struct ast_decl *d = new_decl(p, AST_INCLUDE, at, (struct ast_name){NULL, at});

    d->as.include.path = path->as.string.text;
    d->as.include.path_at = path->at;
    return d;
}

struct ast_decl *build_block(struct parser *p, struct span at, enum ast_decl_kind kind, struct ast_name name,
                             struct param_list params, struct stmt_list body)
{
    struct ast_decl *d = new_decl(p, kind, at, name);

    d->as.block.params = params.first;
    d->as.block.body = body.first;
    return d;
}

struct ast_decl *build_section(struct parser *p, struct span at, struct ast_name kind, struct ast_name name, struct stmt_list body)
{
    static const char *const keywords[] = {"net", "block"};
    const char *meant = text_nearest(kind.text, keywords, 2);
    struct ast_decl *d = new_decl(p, AST_SECTION, at, name);

    if (meant != NULL) {
        diag_error(p->ds, kind.at, DIAG_SYNTAX, "'%s' declares nothing", kind.text);
        diag_hint(p->ds, "did you mean '%s'?", meant);
    }
    d->as.section.kind = kind;
    d->as.section.body = body.first;
    return d;
}

struct ast_param *build_param(struct parser *p, struct ast_name name, struct ast_expr *fallback)
{
    struct ast_param *param = arena_new(p->arena, struct ast_param);

    param->name = name;
    param->fallback = fallback;
    return param;
}

/* ---- Statements ---------------------------------------------------------------------------------------------------- */

static struct ast_stmt *new_stmt(struct parser *p, enum ast_stmt_kind kind, struct span at, uint32_t height)
{
    struct ast_stmt *s = arena_new(p->arena, struct ast_stmt);

    s->kind = kind;
    s->at = at;
    s->height = height;
    return s;
}

struct ast_stmt *build_input(struct parser *p, struct span at, struct ast_name name, bool is_int, struct ast_expr *shape)
{
    struct ast_stmt *s = new_stmt(p, AST_INPUT, at, shape->height);

    s->as.input.name = name;
    s->as.input.is_int = is_int;
    s->as.input.shape = shape;
    return s;
}

struct ast_stmt *build_output(struct parser *p, struct span at, struct ast_name name, struct ast_pipe *pipe)
{
    struct ast_stmt *s = new_stmt(p, AST_OUTPUT, at, height_of_pipe(pipe));

    s->as.output.name = name;
    s->as.output.pipe = pipe;
    return s;
}

struct ast_stmt *build_return(struct parser *p, struct span at, struct pipe_list results)
{
    uint32_t height = 0;

    for (const struct ast_pipe *pipe = results.first; pipe != NULL; pipe = pipe->next)
        height = higher(height, height_of_pipe(pipe));

    struct ast_stmt *s = new_stmt(p, AST_RETURN, at, height);
    s->as.results = results.first;
    return s;
}

struct ast_stmt *build_bind(struct parser *p, struct span at, struct target_list targets, struct ast_pipe *pipe)
{
    struct ast_stmt *s = new_stmt(p, AST_BIND, at, height_of_pipe(pipe));

    s->as.bind.targets = targets.first;
    s->as.bind.pipe = pipe;
    return s;
}

struct ast_stmt *build_eval(struct parser *p, struct span at, struct ast_pipe *pipe)
{
    struct ast_stmt *s = new_stmt(p, AST_EVAL, at, height_of_pipe(pipe));

    s->as.eval = pipe;
    return s;
}

struct ast_stmt *build_shared(struct parser *p, struct span at, struct ast_name name, struct ast_stage *stage)
{
    if (stage->kind != AST_STAGE_CALL) {
        diag_error(p->ds, stage->at, DIAG_SYNTAX, "what is shared is one call of an operator or a block");
        diag_hint(p->ds, "put it into a block: block part { return in -> ...; }, and shared %s = part;", name.text);
        return NULL;
    }
    struct ast_stmt *s = new_stmt(p, AST_SHARED, at, stage->height);

    s->as.shared.name = name;
    s->as.shared.stage = stage;
    return s;
}

void report_shared_outside(struct parser *p, struct span at, struct ast_name name)
{
    diag_error(p->ds, at, DIAG_MISPLACED, "shared parameters are declared in a net or a block");
    diag_hint(p->ds, "net name { shared %s = ...; }", name.text);
}

struct ast_stmt *build_assert(struct parser *p, struct span at, struct ast_expr *condition, struct ast_expr *message)
{
    struct ast_stmt *s = new_stmt(p, AST_ASSERT, at, condition->height);

    s->as.assertion.condition = condition;
    s->as.assertion.message = message;
    return s;
}

struct ast_stmt *build_if(struct parser *p, struct span at, struct ast_expr *condition, struct stmt_list yes, struct stmt_list no)
{
    const uint32_t arms = higher(height_of_stmts(yes.first), height_of_stmts(no.first));
    const uint32_t height = height_above(p, at, higher(condition->height, arms));
    struct ast_stmt *s = new_stmt(p, AST_IF, at, height > 0 ? height : condition->height);

    s->as.branch.condition = condition;
    s->as.branch.yes = height > 0 ? yes.first : NULL;
    s->as.branch.no = height > 0 ? no.first : NULL;
    return s;
}

struct target_list build_more_targets(struct parser *p, struct target_list targets, struct ast_name name)
{
    struct ast_target *target = arena_new(p->arena, struct ast_target);

    target->name = name;
    list_append(&targets, target);
    return targets;
}

struct target_list build_targets(struct parser *p, struct ast_name name)
{
    return build_more_targets(p, (struct target_list){0}, name);
}

/* ---- Pipes --------------------------------------------------------------------------------------------------------- */

struct ast_pipe *build_pipe(struct parser *p, struct span at, struct ast_expr *from, struct stage_list chain)
{
    struct ast_pipe *pipe = arena_new(p->arena, struct ast_pipe);

    pipe->from = from;
    pipe->chain = chain.first;
    pipe->at = at;
    return pipe;
}

static struct ast_stage *new_stage(struct parser *p, enum ast_stage_kind kind, struct span at, uint32_t below)
{
    struct ast_stage *stage = arena_new(p->arena, struct ast_stage);

    stage->kind = kind;
    stage->at = at;
    stage->label.at = (struct span){at.file, at.begin, at.begin};
    stage->counter.at = stage->label.at;
    stage->height = height_above(p, at, below);
    return stage;
}

struct ast_stage *build_label(struct ast_name label, struct ast_stage *stage)
{
    stage->label = label;
    return stage;
}

struct ast_stage *build_stage_call(struct parser *p, struct span at, struct ast_name callee, struct arg_list args)
{
    struct ast_stage *stage = new_stage(p, AST_STAGE_CALL, at, height_of_args(args.first));

    stage->call.callee = callee;
    if (stage->height > 0)
        stage->call.args = args.first;
    stage->height = higher(stage->height, 1);
    return stage;
}

struct ast_stage *build_branched(struct parser *p, struct span at, struct ast_name callee, struct arg_list args,
                                 struct branch_list branches)
{
    uint32_t below = height_of_args(args.first);

    for (const struct ast_branch *b = branches.first; b != NULL; b = b->next)
        below = higher(below, height_of_stages(b->chain));

    struct ast_stage *stage = new_stage(p, AST_STAGE_BRANCHES, at, below);
    stage->call.callee = callee;
    if (stage->height > 0) {
        stage->call.args = args.first;
        stage->branches = branches.first;
    }
    stage->height = higher(stage->height, 1);
    return stage;
}

struct ast_stage *build_repeat(struct parser *p, struct span at, struct ast_expr *times, struct ast_name counter,
                               struct stage_list body)
{
    const uint32_t below = higher(times->height, height_of_stages(body.first));
    struct ast_stage *stage = new_stage(p, AST_STAGE_REPEAT, at, below);

    stage->times = stage->height > 0 ? times : build_leaf(p, AST_BOOL, times->at);
    stage->counter = counter;
    if (stage->height > 0)
        stage->body = body.first;
    stage->height = higher(stage->height, 1);
    return stage;
}

struct branch_list build_more_branches(struct parser *p, struct branch_list branches, struct span at, struct stage_list chain)
{
    struct ast_branch *branch = arena_new(p->arena, struct ast_branch);

    branch->chain = chain.first;
    branch->at = at;
    list_append(&branches, branch);
    return branches;
}

struct branch_list build_branches(struct parser *p, struct span at, struct stage_list chain)
{
    return build_more_branches(p, (struct branch_list){0}, at, chain);
}

/* ---- Expressions --------------------------------------------------------------------------------------------------- */

struct ast_arg *build_arg(struct parser *p, struct span at, struct ast_name name, struct ast_expr *value)
{
    struct ast_arg *arg = arena_new(p->arena, struct ast_arg);

    arg->name = name;
    arg->value = value;
    arg->at = at;
    return arg;
}

struct ast_expr *build_leaf(struct parser *p, enum ast_expr_kind kind, struct span at)
{
    struct ast_expr *e = arena_new(p->arena, struct ast_expr);

    e->kind = kind;
    e->at = at;
    e->height = 1;
    return e;
}

/* A node above children of height `below`; where that is too high, a leaf of kind AST_BOOL, which drops them. */
static struct ast_expr *new_expr(struct parser *p, enum ast_expr_kind kind, struct span at, uint32_t below)
{
    const uint32_t height = height_above(p, at, below);
    struct ast_expr *e = build_leaf(p, height > 0 ? kind : AST_BOOL, at);

    e->height = higher(height, 1);
    return e;
}

struct ast_expr *build_name(struct parser *p, struct ast_name name)
{
    struct ast_expr *e = build_leaf(p, AST_NAME, name.at);

    e->as.name = name.text;
    return e;
}

struct ast_expr *build_bool(struct parser *p, struct span at, bool value)
{
    struct ast_expr *e = build_leaf(p, AST_BOOL, at);

    e->as.boolean = value;
    return e;
}

struct ast_expr *build_binary(struct parser *p, struct span at, enum ast_operator op, struct ast_expr *a, struct ast_expr *b)
{
    struct ast_expr *e = new_expr(p, AST_BINARY, at, higher(a->height, b->height));

    if (e->kind == AST_BINARY) {
        e->as.operation.op = op;
        e->as.operation.a = a;
        e->as.operation.b = b;
    }
    return e;
}

struct ast_expr *build_unary(struct parser *p, struct span at, enum ast_operator op, struct ast_expr *a)
{
    struct ast_expr *e = new_expr(p, AST_UNARY, at, a->height);

    if (e->kind == AST_UNARY) {
        e->as.operation.op = op;
        e->as.operation.a = a;
    }
    return e;
}

struct ast_expr *build_ternary(struct parser *p, struct span at, struct ast_expr *condition, struct ast_expr *yes,
                               struct ast_expr *no)
{
    struct ast_expr *e = new_expr(p, AST_TERNARY, at, higher(condition->height, higher(yes->height, no->height)));

    if (e->kind == AST_TERNARY) {
        e->as.ternary.condition = condition;
        e->as.ternary.yes = yes;
        e->as.ternary.no = no;
    }
    return e;
}

struct ast_expr *build_call(struct parser *p, struct span at, struct ast_name callee, struct arg_list args)
{
    struct ast_expr *e = new_expr(p, AST_CALL, at, height_of_args(args.first));

    if (e->kind == AST_CALL) {
        e->as.call.callee = callee;
        e->as.call.args = args.first;
    }
    return e;
}

struct ast_expr *build_labelled_call(struct parser *p, struct span at, struct ast_name label, struct ast_name callee,
                                     struct arg_list args)
{
    struct ast_expr *e = build_call(p, at, callee, args);

    if (e->kind == AST_CALL)
        e->as.label = label;
    return e;
}

struct ast_expr *build_member(struct parser *p, struct span at, struct ast_expr *of, struct ast_name name)
{
    struct ast_expr *e = new_expr(p, AST_MEMBER, at, of->height);

    if (e->kind == AST_MEMBER) {
        e->as.member.of = of;
        e->as.member.name = name;
    }
    return e;
}

struct ast_expr *build_index(struct parser *p, struct span at, struct ast_expr *of, struct ast_expr *index)
{
    struct ast_expr *e = new_expr(p, AST_INDEX, at, higher(of->height, index->height));

    if (e->kind == AST_INDEX) {
        e->as.index.of = of;
        e->as.index.index = index;
    }
    return e;
}

struct ast_expr *build_list(struct parser *p, struct span at, struct expr_list items)
{
    uint32_t below = 0;

    for (const struct ast_expr *item = items.first; item != NULL; item = item->next)
        below = higher(below, item->height);

    struct ast_expr *e = new_expr(p, AST_LIST, at, below);
    if (e->kind == AST_LIST)
        e->as.items = items.first;
    return e;
}

struct ast_expr *build_parentheses(struct parser *p, struct span at, struct ast_pipe *pipe)
{
    if (pipe->chain == NULL) {
        if (pipe->from->kind != AST_CALL || pipe->from->as.label.text == NULL)
            pipe->from->at = at;
        return pipe->from;
    }
    struct ast_expr *e = new_expr(p, AST_PIPE, at, height_of_pipe(pipe));
    if (e->kind == AST_PIPE)
        e->as.pipe = pipe;
    return e;
}

#include "tests/support/op_fixture.h"

#include "compiler/graph/build.h"
#include "compiler/graph/inspect.h"
#include "compiler/support/intern.h"
#include "compiler/syntax/ast.h"
#include "compiler/syntax/parse.h"
#include "tests/support/graph_eval.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void exhausted(size_t bytes)
{
    fprintf(stderr, "no memory for %zu bytes\n", bytes);
    abort();
}

int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    if (f == NULL)
        return -1;
    f->arena = arena_create(exhausted);
    f->names = interner_create(f->arena);
    f->sources.arena = f->arena;
    diags_init(&f->diags, f->arena, &f->sources);
    f->graph = graph_create(f->arena, "test");
    f->result = NO_NODE;
    *state = f;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;

    arena_destroy(f->arena);
    free(f);
    return 0;
}

node_id fixture_input(struct fixture *f, const char *name, const struct shape *shape)
{
    f->in[f->in_count] = graph_add_input(f->graph, name, shape, false, SPAN_NONE);
    return f->in[f->in_count++];
}

node_id fixture_class(struct fixture *f, const char *name)
{
    return fixture_integers(f, name, SCALAR);
}

node_id fixture_integers(struct fixture *f, const char *name, const struct shape *shape)
{
    f->in[f->in_count] = graph_add_input(f->graph, name, shape, true, SPAN_NONE);
    return f->in[f->in_count++];
}

/* ---- From trees to literals ---------------------------------------------------------------------------------------- */

static const struct literal *literal_of(struct fixture *f, const struct ast_expr *e);

static void fill_list(struct fixture *f, struct literal *l, const struct ast_expr *items)
{
    const struct literal **at = arena_array(f->arena, const struct literal *, 64);

    for (const struct ast_expr *i = items; i != NULL; i = i->next)
        at[l->as.list.count++] = literal_of(f, i);
    l->kind = LITERAL_LIST;
    l->as.list.at = at;
}

/* size(a, b) and initialisers with an argument. */
static void fill_call(struct fixture *f, struct literal *l, const struct ast_call *call)
{
    if (strcmp(call->callee.text, "size") == 0) {
        l->kind = LITERAL_SIZE;
        for (const struct ast_arg *a = call->args; a != NULL; a = a->next)
            l->as.size.dim[l->as.size.rank++] = literal_of(f, a->value)->as.integer;
        return;
    }
    l->kind = LITERAL_NAME;
    l->as.string = call->callee.text;
    l->argument = literal_of(f, call->args->value);
}

static void fill_negated(struct fixture *f, struct literal *l, const struct ast_expr *e)
{
    const struct literal *positive = literal_of(f, e);

    l->kind = positive->kind;
    if (positive->kind == LITERAL_INT)
        l->as.integer = -positive->as.integer;
    else
        l->as.real = -positive->as.real;
}

static const struct literal *literal_of(struct fixture *f, const struct ast_expr *e)
{
    struct literal *l = arena_new(f->arena, struct literal);

    l->at = e->at;
    if (e->kind == AST_INT) {
        l->kind = LITERAL_INT;
        l->as.integer = e->as.integer;
    } else if (e->kind == AST_FLOAT) {
        l->kind = LITERAL_REAL;
        l->as.real = e->as.real;
    } else if (e->kind == AST_SIZE) {
        l->kind = LITERAL_SIZE;
        l->as.size = e->as.size;
    } else if (e->kind == AST_BOOL) {
        l->kind = LITERAL_BOOL;
        l->as.boolean = e->as.boolean;
    } else if (e->kind == AST_STRING) {
        l->kind = LITERAL_STRING;
        l->as.string = e->as.string.text;
    } else if (e->kind == AST_NAME) {
        l->kind = LITERAL_NAME;
        l->as.string = e->as.name;
    } else if (e->kind == AST_LIST) {
        fill_list(f, l, e->as.items);
    } else if (e->kind == AST_CALL) {
        fill_call(f, l, &e->as.call);
    } else if (e->kind == AST_UNARY) {
        fill_negated(f, l, e->as.operation.a);
    } else {
        fail_msg("the fixture reads no such expression");
    }
    return l;
}

/* ---- From texts to nodes ------------------------------------------------------------------------------------------- */

/* A call with its tensors told from its other arguments. */
struct reading {
    struct op_call call;
    node_id in[MAX_ARGS];
    struct span in_at[MAX_ARGS];
    size_t count;
    const char *names[MAX_ARGS];
    struct span name_at[MAX_ARGS];
    const struct literal *literals[MAX_ARGS];
};

static node_id find_input(const struct fixture *f, const struct ast_expr *e)
{
    for (int i = 0; e->kind == AST_NAME && i < f->in_count; i++)
        if (strcmp(graph_node(f->graph, f->in[i])->name, e->as.name) == 0)
            return f->in[i];
    return NO_NODE;
}

static void read_tensor(struct fixture *f, struct reading *r, const struct ast_expr *e)
{
    r->in[r->call.in_count] = find_input(f, e);
    r->in_at[r->call.in_count++] = e->at;
}

static bool read_named_tensor(struct fixture *f, struct reading *r, const struct ast_arg *a)
{
    const char *const *names = r->call.op->named_inputs;

    for (int i = 0; a->name.text != NULL && names != NULL && names[i] != NULL; i++) {
        if (strcmp(names[i], a->name.text) != 0)
            continue;
        r->call.named_in[i] = find_input(f, a->value);
        r->call.named_at[i] = a->at;
        return true;
    }
    return false;
}

static void read_args(struct fixture *f, struct reading *r, const struct ast_arg *args)
{
    for (const struct ast_arg *a = args; a != NULL; a = a->next) {
        if (a->name.text == NULL && find_input(f, a->value) != NO_NODE) {
            read_tensor(f, r, a->value);
            continue;
        }
        if (read_named_tensor(f, r, a))
            continue;
        r->names[r->count] = a->name.text;
        r->name_at[r->count] = a->name.at;
        r->literals[r->count++] = literal_of(f, a->value);
    }
}

static const struct ast_pipe *parse_pipe(struct fixture *f, const char *text)
{
    const char *net = arena_printf(f->arena, "net test { y = %s; }", text);
    struct ast ast = {0};

    if (!parse_text("test.net", net, strlen(net), f->arena, f->names, &f->sources, &f->diags, &ast))
        fail_msg("%s does not parse: %s", text, f->diags.first->text);
    return ast.decls->as.block.body->as.bind.pipe;
}

static void verify(struct fixture *f)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    const bool ok = graph_verify(f->graph, out);

    fclose(out);
    if (!ok)
        print_error("%s", text);
    free(text);
    assert_true(ok);
}

const struct shape *infer_text(struct fixture *f, const char *text)
{
    const struct ast_pipe *pipe = parse_pipe(f, text);
    const bool piped = pipe->chain != NULL;
    const struct ast_call *call = piped ? &pipe->chain->call : &pipe->from->as.call;
    struct reading *r = arena_new(f->arena, struct reading);
    const size_t layers = f->graph->layer.count;
    const char *name = layers == 0 ? "it" : arena_printf(f->arena, "it%zu", layers + 1);

    r->call = (struct op_call){.op = op_find(call->callee.text),
                               .graph = f->graph,
                               .diags = &f->diags,
                               .at = piped ? pipe->chain->at : pipe->from->at,
                               .name = name,
                               .in = r->in,
                               .in_at = r->in_at,
                               .wanted_results = f->wanted > 0 ? f->wanted : 1,
                               .named_in = {NO_NODE, NO_NODE}};
    assert_non_null(r->call.op);
    if (piped)
        read_tensor(f, r, pipe->from);
    read_args(f, r, call->args);
    if (!op_check_arguments(&r->call, r->count, r->names, r->name_at, r->literals))
        return NULL;
    graph_begin_layer(f->graph, name, r->call.op->name, text, r->call.at);
    if (!r->call.op->build(&r->call, &f->result)) {
        assert_non_null(f->diags.first);
        return NULL;
    }
    graph_end_layer(f->graph, f->result);
    f->result_count = (int)r->call.results.count;
    for (int i = 0; i < f->result_count && i < MAX_ARGS; i++)
        f->results[i] = r->call.results.at[i];
    verify(f);
    return &graph_node(f->graph, f->result)->shape;
}

const struct shape *infer(struct fixture *f, const char *call, const struct shape *shape)
{
    fixture_input(f, "x", shape);
    return infer_text(f, arena_printf(f->arena, "x -> %s", call));
}

const struct node *fixture_parameter(struct fixture *f, const char *suffix)
{
    const char *name = arena_printf(f->arena, "it.%s", suffix);

    for (size_t v = 0; v < f->graph->node.count; v++)
        if (f->graph->node.at[v].kind == NODE_PARAMETER && strcmp(f->graph->node.at[v].name, name) == 0)
            return &f->graph->node.at[v];
    fail_msg("there is no parameter %s", name);
    return NULL;
}

/* ---- Assertions ---------------------------------------------------------------------------------------------------- */

void assert_shape(const struct shape *got, const struct shape *wanted)
{
    char got_text[SHAPE_TEXT], wanted_text[SHAPE_TEXT];

    assert_non_null(got);
    assert_string_equal(shape_text(got, got_text), shape_text(wanted, wanted_text));
    assert_int_equal(got->rank, wanted->rank);
}

void assert_diagnostic(struct fixture *f, enum diag_code code, const char *text, const char *underlined)
{
    const struct diag *d = f->diags.first;

    assert_non_null(d);
    assert_string_equal(d->text, text);
    assert_int_equal(d->code, code);
    assert_false(span_is_none(d->at));
    assert_string_equal(arena_copy(f->arena, f->sources.file.at[d->at.file].text + d->at.begin, d->at.end - d->at.begin),
                        underlined);
}

void assert_hint(struct fixture *f, const char *hint)
{
    assert_non_null(f->diags.first);
    assert_non_null(f->diags.first->hint);
    assert_string_equal(f->diags.first->hint, hint);
}

void assert_computes(struct fixture *f, const double *const given[], const double *wanted)
{
    double **known = graph_eval(f->graph, given, f->arena);
    const int64_t count = shape_elements(&graph_node(f->graph, f->result)->shape);

    for (int64_t i = 0; i < count; i++)
        if (!(fabs(known[f->result][i] - wanted[i]) <= 1e-12 * (1 + fabs(wanted[i]))))
            fail_msg("element %lld is %.17g, not %.17g", (long long)i, known[f->result][i], wanted[i]);
}

void assert_is_input_outside(struct fixture *f)
{
    const struct node *n = graph_node(f->graph, graph_node(f->graph, f->result)->inference);

    assert_int_equal(n->nest[0].body->kind, EXPR_ACCESS);
    assert_int_equal(n->nest[0].in[0].of, f->in[0]);
}

void assert_prints(struct fixture *f, const char *wanted)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    graph_print(f->graph, out);
    fclose(out);
    const char *copy = arena_strdup(f->arena, text);
    free(text);
    assert_string_equal(strchr(copy, '\n') + 1, wanted);
}

#include "tests/support/sema_fixture.h"

#include "compiler/graph/inspect.h"
#include "compiler/syntax/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct program *analyse_with(struct parse_fixture *f, const char *text, const struct sema_options *options)
{
    struct program *p = arena_new(f->arena, struct program);

    diags_init(&f->ds, f->arena, &f->sources);
    if (!parse_text("test.net", text, strlen(text), f->arena, f->names, &f->sources, &f->ds, &f->ast))
        return NULL;
    const bool ok = sema_analyse(&f->ast, options, f->arena, f->names, &f->sources, &f->ds, p);
    assert_int_equal(ok, f->ds.errors == 0);
    if (ok)
        assert_true(graph_verify(p->graph, stderr));
    return ok ? p : NULL;
}

struct program *analyse(struct parse_fixture *f, const char *text)
{
    return analyse_with(f, text, &(struct sema_options){0});
}

struct program *analyse_net(struct parse_fixture *f, const char *body, const char *rest)
{
    return analyse(f, arena_printf(f->arena, "net tiny {\n%s\n}\n%s", body, rest));
}

static struct program *analyse_expression(struct parse_fixture *f, const char *expression)
{
    return analyse(f, arena_printf(f->arena,
                                   "net tiny { input image: 3x8x4; input vector: 10; assert %s; output y = vector -> relu; "
                                   "output z = image -> relu; }",
                                   expression));
}

bool holds(struct parse_fixture *f, const char *expression)
{
    const struct program *p = analyse_expression(f, expression);

    if (p == NULL && f->ds.first->code != DIAG_ASSERTION)
        fail_msg("%s: %s", expression, f->ds.first->text);
    return p != NULL;
}

void assert_faulty(struct parse_fixture *f, const char *expression, enum diag_code code, const char *message)
{
    assert_null(analyse_expression(f, expression));
    assert_string_equal(first_message(f), message);
    assert_int_equal(f->ds.first->code, code);
    assert_int_equal(f->ds.errors, 1);
}

void assert_error(struct parse_fixture *f, const char *text, enum diag_code code, const char *message, const char *place)
{
    assert_null(analyse(f, text));
    assert_string_equal(first_message(f), message);
    assert_int_equal(f->ds.first->code, code);
    assert_string_equal(first_place(f), place);
}

static const char *join(struct parse_fixture *f, const char *list, const char *name)
{
    return *list == '\0' ? name : arena_printf(f->arena, "%s %s", list, name);
}

const char *parameter_names(struct parse_fixture *f, const struct program *p)
{
    const char *list = "";

    for (size_t v = 0; v < p->graph->node.count; v++)
        if (p->graph->node.at[v].kind == NODE_PARAMETER)
            list = join(f, list, p->graph->node.at[v].name);
    return list;
}

const char *layer_names(struct parse_fixture *f, const struct program *p)
{
    const char *list = "";

    for (size_t i = 0; i < p->net_layers; i++)
        list = join(f, list, p->graph->layer.at[i].name);
    return list;
}

const struct node *find_node(const struct program *p, const char *name)
{
    for (size_t v = 0; v < p->graph->node.count; v++) {
        const struct node *n = &p->graph->node.at[v];
        if (n->kind != NODE_COMPUTE && n->kind != NODE_VIEW && strcmp(n->name, name) == 0)
            return n;
    }
    return NULL;
}

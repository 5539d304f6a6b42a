#include "tests/support/graph_fixture.h"

#include "compiler/graph/build.h"
#include "compiler/graph/inspect.h"
#include "tests/support/graph_eval.h"

#include <math.h>
#include <stdlib.h>

static void exhausted(size_t bytes)
{
    print_error("no memory for %zu bytes\n", bytes);
    abort();
}

int graph_fixture_setup(void **state)
{
    struct graph_fixture *f = calloc(1, sizeof *f);

    if (f == NULL)
        return -1;
    f->arena = arena_create(exhausted);
    f->graph = graph_create(f->arena, "test");
    *state = f;
    return 0;
}

int graph_fixture_teardown(void **state)
{
    struct graph_fixture *f = *state;

    arena_destroy(f->arena);
    free(f);
    return 0;
}

/* What graph_verify or graph_print says, in the arena. */
static const char *text_of(const struct graph_fixture *f, bool print, bool *ok)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    if (print)
        graph_print(f->graph, out);
    else
        *ok = graph_verify(f->graph, out);
    fclose(out);
    const char *copy = arena_strdup(f->arena, text);
    free(text);
    return copy;
}

void assert_verifies(const struct graph_fixture *f)
{
    bool ok = false;

    assert_string_equal(text_of(f, false, &ok), "");
    assert_true(ok);
}

void assert_broken(const struct graph_fixture *f, const char *wanted)
{
    bool ok = true;

    assert_string_equal(text_of(f, false, &ok), wanted);
    assert_false(ok);
}

void assert_prints_graph(const struct graph_fixture *f, const char *wanted)
{
    assert_string_equal(text_of(f, true, NULL), wanted);
}

void assert_elements(const struct graph_fixture *f, node_id v, const double *const given[], const double *wanted)
{
    double **known = graph_eval(f->graph, given, f->arena);

    for (int64_t i = 0; i < shape_elements(&graph_node(f->graph, v)->shape); i++)
        if (!(known[v][i] == wanted[i] || fabs(known[v][i] - wanted[i]) <= 1e-12 * fabs(wanted[i])))
            fail_msg("element %lld is %.17g, not %.17g", (long long)i, known[v][i], wanted[i]);
}

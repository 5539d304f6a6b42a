/* graph_fixture: an empty graph for a test. */
#ifndef NETC_TESTS_SUPPORT_GRAPH_FIXTURE_H
#define NETC_TESTS_SUPPORT_GRAPH_FIXTURE_H

#include "compiler/graph/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SHAPE(...) (&(struct shape){(int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), {__VA_ARGS__}})
#define SCALAR (&(struct shape){0, {0}})
#define NUMBERS(...) ((double[]){__VA_ARGS__})

struct graph_fixture {
    struct arena *arena;
    struct graph *graph;
};

void assert_verifies(const struct graph_fixture *f);

/* That graph_verify refuses the graph and says exactly this. */
void assert_broken(const struct graph_fixture *f, const char *wanted);

void assert_prints_graph(const struct graph_fixture *f, const char *wanted);

/* The elements of `v`, inputs, parameters and states given in their order. */
void assert_elements(const struct graph_fixture *f, node_id v, const double *const given[], const double *wanted);

int graph_fixture_setup(void **state);
int graph_fixture_teardown(void **state);

#define graph_test(function) cmocka_unit_test_setup_teardown(function, graph_fixture_setup, graph_fixture_teardown)

#endif

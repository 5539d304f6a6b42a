/* op_fixture: one call of an operator, from its text to its nodes, for the operators' tests.
 *
 *   assert_shape(infer(f, "conv(16, 3x3, stride = 2)", SHAPE(3, 32, 32)), SHAPE(16, 15, 15));
 *
 * The call is parsed, its arguments are checked and the operator builds, just as in a net; the graph is verified.
 */
#ifndef NETC_TESTS_SUPPORT_OP_FIXTURE_H
#define NETC_TESTS_SUPPORT_OP_FIXTURE_H

#include "compiler/ops/op.h"
#include "tests/support/graph_fixture.h"

#include <stdbool.h>
#include <stdint.h>

struct interner;

enum { MAX_ARGS = 16 };

struct fixture {
    struct arena *arena;
    struct interner *names;
    struct sources sources;
    struct diags diags;
    struct graph *graph;
    node_id in[8];
    int in_count;
    size_t wanted;     /* results of the next calls; 0: one */
    node_id result;    /* of the latest call */
    int result_count; /* if it may have several: how many, and all of them */
    node_id results[MAX_ARGS];
};

/* An input of the graph, for texts that name it. */
node_id fixture_input(struct fixture *f, const char *name, const struct shape *shape);
node_id fixture_class(struct fixture *f, const char *name);
node_id fixture_integers(struct fixture *f, const char *name, const struct shape *shape);

/* The shape of "NAME(…)", "x -> NAME(…)" or "NAME(a, b, …)" over the inputs added so far; NULL after an error. The first layer
 * is called "it", the next "it2". */
const struct shape *infer_text(struct fixture *f, const char *text);

/* The shape of `x -> call` where x is a new input. */
const struct shape *infer(struct fixture *f, const char *call, const struct shape *shape);

/* The parameter "it.SUFFIX". */
const struct node *fixture_parameter(struct fixture *f, const char *suffix);

void assert_shape(const struct shape *got, const struct shape *wanted);

/* The first diagnostic: its code, its text, and what it underlines. */
void assert_diagnostic(struct fixture *f, enum diag_code code, const char *text, const char *underlined);

/* That the first diagnostic carries this hint. */
void assert_hint(struct fixture *f, const char *hint);

/* The elements of the latest result, inputs and parameters given in the order in which they were added, against `wanted`. */
void assert_computes(struct fixture *f, const double *const given[], const double *wanted);

/* That outside training the latest result is its first input. */
void assert_is_input_outside(struct fixture *f);

/* The graph as printed, without its first line. */
void assert_prints(struct fixture *f, const char *wanted);

int fixture_setup(void **state);
int fixture_teardown(void **state);

#define op_test(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

#endif

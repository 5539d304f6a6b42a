/* sema_fixture: from a text to a program, for the tests of sema. Builds on parse_fixture: `parse_test` declares the tests. */
#ifndef NETC_TESTS_SUPPORT_SEMA_FIXTURE_H
#define NETC_TESTS_SUPPORT_SEMA_FIXTURE_H

#include "compiler/sema/sema.h"
#include "tests/support/parse_fixture.h"

#include <stdbool.h>

/* Parses and analyses a text; the graph is verified. NULL after errors, which are in f->ds. */
struct program *analyse(struct parse_fixture *f, const char *text);
struct program *analyse_with(struct parse_fixture *f, const char *text, const struct sema_options *options);

/* The same for `net tiny { BODY }` followed by `rest`. */
struct program *analyse_net(struct parse_fixture *f, const char *body, const char *rest);

/* Whether an expression is true, in a net with an input `image` of 3x8x4 and an input `vector` of 10. Fails the test on an
 * error. */
bool holds(struct parse_fixture *f, const char *expression);

/* That an expression is an error of this code, and says so. */
void assert_faulty(struct parse_fixture *f, const char *expression, enum diag_code code, const char *message);

/* That a text is an error; the first one has this code and message, and underlines `place`. */
void assert_error(struct parse_fixture *f, const char *text, enum diag_code code, const char *message, const char *place);

/* The names of all parameters, or of all layers, separated by spaces. */
const char *parameter_names(struct parse_fixture *f, const struct program *p);
const char *layer_names(struct parse_fixture *f, const struct program *p);

/* A parameter, input or setting by name, or NULL. */
const struct node *find_node(const struct program *p, const char *name);

#endif

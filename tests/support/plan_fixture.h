/* plan_fixture: nets for the tests of the passes, closed after each test. */
#ifndef NETC_TESTS_SUPPORT_PLAN_FIXTURE_H
#define NETC_TESTS_SUPPORT_PLAN_FIXTURE_H

#include "tests/support/net_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A whole net, differentiated and planned in f32; a test has one at a time. */
struct net_fixture *open_text(void **state, const char *text);

/* `net it { BODY }` with a batch of 20 and momentum, trained on a loss. */
struct net_fixture *open_net(void **state, const char *body, const char *loss);

/* The same with loops, memory for `samples`, and numbers. */
struct net_fixture *open_lowered(void **state, const char *body, const char *loss, int64_t samples);

/* The kernel whose anchor or member has this name, or NULL. */
const struct plan_kernel *kernel_with(const struct net_fixture *f, const char *name);

/* Whether two values of these names are members of one kernel. */
bool share_kernel(const struct net_fixture *f, const char *a, const char *b);

int net_test_setup(void **state);
int net_test_teardown(void **state);

#define net_test(function) cmocka_unit_test_setup_teardown(function, net_test_setup, net_test_teardown)

#endif

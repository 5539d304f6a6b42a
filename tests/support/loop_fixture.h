/* loop_fixture: an empty loop module for a test, and a small one with a bit of everything. */
#ifndef NETC_TESTS_SUPPORT_LOOP_FIXTURE_H
#define NETC_TESTS_SUPPORT_LOOP_FIXTURE_H

#include "compiler/loop/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct loop_fixture {
    struct arena *arena;
    struct loop_module *module;    /* f32, vectors of 8 lanes, batch 64 */
};

int loop_fixture_setup(void **state);
int loop_fixture_teardown(void **state);

/* constant + factor * axis + ...: pairs of axis and factor, `count` of them. */
struct loop_index index_of(struct loop_module *m, int64_t constant, int count, ...);

/* A new module with two kernels:
 *
 *   conv     out[o,h,w] = scale * tanh(bias[o] + sum over c,p,q of image[c, h+p-1, w+q-1] * weight[o,c,p,q]), 3x3, 2 -> 3 channels,
 *            5x4 images, over lane blocks; conditions cut off the padding
 *   total    total[o] = sum over samples (whole blocks), h, w of out[o,h,w], one item an o
 *
 * input 0: image; setting 0: scale; uniform: weight (54 reals), bias (3), total (3); block: out (60 elements). */
enum { SMALL_O = 3, SMALL_C = 2, SMALL_H = 5, SMALL_W = 4, SMALL_UNIFORM = 54 + 3 + 3, SMALL_IMAGE = 40 * 16, SMALL_OUT = 60 * 16 };
struct loop_module *small_module(struct arena *a, int precision, int vector_lanes);

/* Values for it: sines of the index, different for each `seed`. */
double small_value(int seed, int64_t i);

/* That the module verifies; that loop_verify refuses it and says exactly this. */
void assert_loops_verify(const struct loop_module *m);
void assert_loops_broken(const struct loop_module *m, const char *wanted);

/* What `print` writes, in the arena. */
const char *printed(struct arena *a, void (*print)(const void *what, FILE *out), const void *what);

#define loop_test(function) cmocka_unit_test_setup_teardown(function, loop_fixture_setup, loop_fixture_teardown)

#endif

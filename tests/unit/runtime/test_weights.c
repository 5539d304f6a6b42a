#include "netrt/weights.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "netrt/safetensors.h"
#include "tests/support/temporary.h"

enum { WEIGHTS = 6 };

static float arena[3 * WEIGHTS];

static struct netrt_parameter parameters[] = {
    {.name = "w", .init = {.kind = NETRT_INIT_UNIFORM, .bound = 1}, .l1 = 0, .l2 = 1, .trainable = true},
    {.name = "b", .offset = WEIGHTS * sizeof(float), .init = {.kind = NETRT_INIT_ONES}, .l1 = -1, .l2 = -1, .trainable = true},
};
static struct netrt_state states[] = {{.name = "w.momentum", .offset = 2 * WEIGHTS * sizeof(float)}};
static const struct netrt_description description = {
    .net = "tiny", .hash = "abc", .parameter = parameters, .parameter_count = 2, .state = states, .state_count = 1};

static unsigned char *uniform(void)
{
    return (unsigned char *)arena;
}

static int setup(void **state)
{
    netrt_shape_make(&parameters[0].shape, 2, (int64_t[]){2, 3});
    netrt_shape_make(&parameters[1].shape, 1, (int64_t[]){2});
    states[0].shape = parameters[0].shape;
    return temporary_setup(state);
}

static void init_fills_parameters_and_clears_states(void **state)
{
    struct netrt_error error;

    (void)state;
    memset(arena, 0x55, sizeof arena);
    assert_int_equal(netrt_weights_init(&description, sizeof(float), 1, uniform(), &error), NETRT_OK);
    for (int i = 0; i < WEIGHTS; i++) {
        assert_true(fabsf(arena[i]) < 1);
        assert_true(arena[2 * WEIGHTS + i] >= 0 && arena[2 * WEIGHTS + i] <= 0);
    }
    assert_true(arena[WEIGHTS] > 0.5f && arena[WEIGHTS + 1] > 0.5f);
}

static void fill(void)
{
    for (int i = 0; i < 3 * WEIGHTS; i++)
        arena[i] = (float)(i - 2);
}

static void a_checkpoint_brings_everything_back(void **state)
{
    double sums[3] = {7, 8, 9}, found[3] = {0};
    struct netrt_position position = {.epoch = 3, .samples = 64, .seed = 5, .best = 0.25, .sums = sums, .sum_count = 3};
    struct netrt_position again = {.seed = 5, .sums = found, .sum_count = 3};
    const char *path = temporary_path(*state, "last");
    float expected[3 * WEIGHTS];
    struct netrt_error error;

    fill();
    memcpy(expected, arena, sizeof expected);
    assert_int_equal(netrt_weights_save(&description, sizeof(float), path, uniform(), &position, true, &error), NETRT_OK);
    memset(arena, 0, sizeof arena);
    assert_int_equal(netrt_weights_resume(&description, sizeof(float), path, uniform(), &again, &error), NETRT_OK);
    assert_memory_equal(arena, expected, WEIGHTS * sizeof(float));
    assert_memory_equal(arena + 2 * WEIGHTS, expected + 2 * WEIGHTS, WEIGHTS * sizeof(float));
    assert_int_equal(again.epoch, 3);
    assert_int_equal(again.samples, 64);
    assert_true(again.best > 0.2 && again.best < 0.3);
    assert_memory_equal(found, sums, sizeof sums);
}

static void a_checkpoint_of_another_run_is_refused(void **state)
{
    double sums[3] = {0};
    struct netrt_position position = {.seed = 5, .sums = sums, .sum_count = 3};
    struct netrt_description other = description;
    const char *path = temporary_path(*state, "last"), *best = temporary_path(*state, "best");
    struct netrt_error error;

    fill();
    assert_int_equal(netrt_weights_save(&description, sizeof(float), path, uniform(), &position, true, &error), NETRT_OK);
    assert_int_equal(netrt_weights_save(&description, sizeof(float), best, uniform(), &position, false, &error), NETRT_OK);
    assert_int_equal(netrt_weights_resume(&description, sizeof(float), best, uniform(), &position, &error), NETRT_E_CONTENT);
    assert_non_null(strstr(error.text, "found none: it is no checkpoint of a run"));
    position.seed = 6;
    assert_int_equal(netrt_weights_resume(&description, sizeof(float), path, uniform(), &position, &error), NETRT_E_CONTENT);
    assert_non_null(strstr(error.text, "expected seed 6, found 5"));
    other.hash = "abd";
    assert_int_equal(netrt_weights_resume(&other, sizeof(float), path, uniform(), &position, &error), NETRT_E_CONTENT);
    assert_non_null(strstr(error.text, "expected hash abd, found abc"));
    position.seed = 5;
    position.sum_count = 2;
    assert_int_equal(netrt_weights_resume(&description, sizeof(float), path, uniform(), &position, &error), NETRT_E_CONTENT);
    assert_non_null(strstr(error.text, "expected netc.sums of shape 2, found another shape or type"));
}

/* Loads a file of the given tensors; returns the message, or "" if it was taken. */
static const char *load(void *state, const struct netrt_tensor *tensors, int count)
{
    static struct netrt_error error;
    const char *path = temporary_path(state, "given");

    assert_int_equal(netrt_safetensors_write(path, tensors, count, NULL, 0, &error), NETRT_OK);
    error.text[0] = '\0';
    enum netrt_status status = netrt_weights_load(&description, sizeof(float), path, uniform(), &error);
    assert_int_equal(status, error.text[0] == '\0' ? NETRT_OK : NETRT_E_CONTENT);
    return error.text;
}

static void names_shapes_and_types_must_agree(void **state)
{
    static const float values[WEIGHTS] = {1, 2, 3, 4, 5, 6};
    static const double wide[WEIGHTS] = {0};
    struct netrt_tensor t[] = {{"w", parameters[0].shape, 4, values},
                               {"b", parameters[1].shape, 4, values},
                               {"netc.extra", parameters[1].shape, 4, values},
                               {"bn.num_batches_tracked", parameters[1].shape, 8, wide}};

    assert_string_equal(load(*state, t, 4), "");
    assert_memory_equal(arena, values, sizeof values);
    assert_non_null(strstr(load(*state, t, 1), "expected a tensor b of shape 2, found none (1 tensors, the first w)"));
    t[2].name = "c";
    assert_non_null(strstr(load(*state, t, 3), "tiny holds no parameter called c (it has 2 parameters, the first w)"));
    netrt_shape_make(&t[0].shape, 2, (int64_t[]){3, 2});
    assert_non_null(strstr(load(*state, t, 2), "w: expected shape 2x3, found 3x2"));
    t[0] = (struct netrt_tensor){"w", parameters[0].shape, 8, wide};
    assert_non_null(strstr(load(*state, t, 2), "w: expected type F32, found F64"));
}

static void the_penalty_follows_its_formula(void **state)
{
    static const double settings[] = {0.5, 0.25};

    (void)state;
    fill();    /* w = -2, -1, 0, 1, 2, 3: the sum of absolutes is 9, of squares 19 */
    double penalty = netrt_weights_penalty(&description, sizeof(float), uniform(), settings);
    assert_true(fabs(penalty - (0.5 * 9 + 0.25 * 19)) < 1e-12);
}

static void the_first_wrong_parameter_is_found(void **state)
{
    (void)state;
    fill();
    assert_null(netrt_weights_first_wrong(&description, sizeof(float), uniform()));
    arena[2 * WEIGHTS] = NAN;    /* a state is no parameter */
    assert_null(netrt_weights_first_wrong(&description, sizeof(float), uniform()));
    arena[WEIGHTS + 1] = INFINITY;
    assert_string_equal(netrt_weights_first_wrong(&description, sizeof(float), uniform()), "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_fills_parameters_and_clears_states), cmocka_unit_test(a_checkpoint_brings_everything_back),
        cmocka_unit_test(a_checkpoint_of_another_run_is_refused),  cmocka_unit_test(names_shapes_and_types_must_agree),
        cmocka_unit_test(the_penalty_follows_its_formula),         cmocka_unit_test(the_first_wrong_parameter_is_found),
    };
    return cmocka_run_group_tests_name("weights", tests, setup, temporary_teardown);
}

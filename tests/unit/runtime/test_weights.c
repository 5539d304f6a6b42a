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
    .net = "tiny", .hash = "abc", .batch = 32, .parameter = parameters, .parameter_count = 2, .state = states, .state_count = 1};

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
    struct netrt_position again = {.seed = 5, .sums = found, .sum_count = 3, .part = {{.samples = 100}}};
    int changed;
    const char *path = temporary_path(*state, "last");
    float expected[3 * WEIGHTS];
    struct netrt_error error;

    fill();
    memcpy(expected, arena, sizeof expected);
    assert_int_equal(netrt_weights_save(&description, sizeof(float), path, uniform(), &position, true, &error), NETRT_OK);
    memset(arena, 0, sizeof arena);
    assert_int_equal(netrt_weights_resume(&description, sizeof(float), path, uniform(), &again, &changed, &error), NETRT_OK);
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
    int changed;
    const char *path = temporary_path(*state, "last"), *best = temporary_path(*state, "best");
    struct netrt_error error;

    fill();
    assert_int_equal(netrt_weights_save(&description, sizeof(float), path, uniform(), &position, true, &error), NETRT_OK);
    assert_int_equal(netrt_weights_save(&description, sizeof(float), best, uniform(), &position, false, &error), NETRT_OK);
    assert_int_equal(netrt_weights_resume(&description, sizeof(float), best, uniform(), &position, &changed, &error),
                     NETRT_E_CONTENT);
    assert_non_null(strstr(error.text, "found none: it is no checkpoint of a run"));
    position.seed = 6;
    assert_int_equal(netrt_weights_resume(&description, sizeof(float), path, uniform(), &position, &changed, &error),
                     NETRT_E_CONTENT);
    assert_non_null(strstr(error.text, "the run was begun with seed 5, now it is 6: --seed 5 goes on with it"));
    other.hash = "abd";
    assert_int_equal(netrt_weights_resume(&other, sizeof(float), path, uniform(), &position, &changed, &error), NETRT_E_CONTENT);
    assert_non_null(strstr(error.text, "hash abc, now abd"));
    position.seed = 5;
    position.sum_count = 2;
    assert_int_equal(netrt_weights_resume(&description, sizeof(float), path, uniform(), &position, &changed, &error),
                     NETRT_E_CONTENT);
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
    assert_string_equal(load(*state, t, 2), "");    /* zeros lose nothing */
    assert_true(arena[0] >= 0 && arena[0] <= 0);
}

static void what_f32_would_lose_is_told(void **state)
{
    static const float values[2] = {1, 2};
    static const double exact[WEIGHTS] = {1, 0.5, -3, 0, 1024, 0.25}, fine[WEIGHTS] = {1, 0.1, -3, 0.7, 1024, 1e300};
    struct netrt_tensor t[] = {{"w", parameters[0].shape, 8, exact}, {"b", parameters[1].shape, 4, values}};

    assert_string_equal(load(*state, t, 2), "");
    assert_true(arena[4] > 1023 && arena[4] < 1025);
    t[0].data = fine;
    assert_non_null(strstr(load(*state, t, 2), "w is F64, and F32 would lose digits of 3 of its 6 numbers"));
}

static void f32_is_widened_without_a_loss(void **state)
{
    static const float values[WEIGHTS] = {1, 0.1f, -3, 0.7f, 5, 6};
    const struct netrt_tensor t[] = {{"w", parameters[0].shape, 4, values}, {"b", parameters[1].shape, 4, values}};
    static struct netrt_parameter wide[2];
    struct netrt_description d = description;
    const char *path = temporary_path(*state, "narrow");
    double to[2 * WEIGHTS];
    struct netrt_error error;

    memcpy(wide, parameters, sizeof wide);
    wide[1].offset = WEIGHTS * sizeof(double);
    d.parameter = wide;
    assert_int_equal(netrt_safetensors_write(path, t, 2, NULL, 0, &error), NETRT_OK);
    assert_int_equal(netrt_weights_load(&d, sizeof(double), path, (unsigned char *)to, &error), NETRT_OK);
    for (int i = 0; i < WEIGHTS; i++)
        assert_true(to[i] >= (double)values[i] && to[i] <= (double)values[i]);
}

static void weights_that_are_no_numbers_are_refused(void **state)
{
    static const float values[WEIGHTS] = {1, 2, NAN, 4, 5, 6}, others[2] = {1, INFINITY};
    struct netrt_tensor t[] = {{"w", parameters[0].shape, 4, values}, {"b", parameters[1].shape, 4, values}};

    assert_non_null(strstr(load(*state, t, 2), "w: element 2 is NaN"));
    t[0].data = arena + 2 * WEIGHTS;
    t[1].data = others;
    fill();
    assert_non_null(strstr(load(*state, t, 2), "b: element 1 is infinite"));
}

/* Saves a checkpoint that stopped after `samples` of 100; what resuming says when the data are `now`. */
static const char *resume(void *state, int64_t samples, const struct netrt_part_print *now, int *changed)
{
    static struct netrt_error error;
    double sums[3] = {0};
    struct netrt_position position = {
        .samples = samples, .seed = 5, .sums = sums, .sum_count = 3, .part = {{100, 1}, {20, 2}, {30, 3}}};
    const char *path = temporary_path(state, "last");

    fill();
    assert_int_equal(netrt_weights_save(&description, sizeof(float), path, uniform(), &position, true, &error), NETRT_OK);
    memcpy(position.part, now, sizeof position.part);
    error.text[0] = '\0';
    enum netrt_status status = netrt_weights_resume(&description, sizeof(float), path, uniform(), &position, changed, &error);
    assert_int_equal(status, error.text[0] == '\0' ? NETRT_OK : NETRT_E_CONTENT);
    return error.text;
}

static void a_position_is_a_whole_step(void **state)
{
    const struct netrt_part_print data[NETRT_PARTS] = {{100, 1}, {20, 2}, {30, 3}};
    int changed;

    assert_string_equal(resume(*state, 0, data, &changed), "");
    assert_string_equal(resume(*state, 96, data, &changed), "");
    assert_string_equal(resume(*state, 100, data, &changed), "");
    assert_non_null(strstr(resume(*state, 33, data, &changed), "neither a number of whole batches of 32 nor all 100 samples"));
    assert_non_null(strstr(resume(*state, 128, data, &changed), "stopped after 128 samples of an epoch, but there are 100"));
}

static void other_data_are_told_with_both_values(void **state)
{
    const struct netrt_part_print grown[NETRT_PARTS] = {{101, 1}, {20, 2}, {30, 3}};
    const struct netrt_part_print edited[NETRT_PARTS] = {{100, 1}, {20, 9}, {30, 3}};
    const struct netrt_part_print tested[NETRT_PARTS] = {{100, 1}, {20, 2}, {31, 3}};
    int changed;

    assert_non_null(strstr(resume(*state, 64, grown, &changed),
                           "train had 100 samples, check sum 00000001, now it has 101 samples, check sum 00000001"));
    assert_non_null(strstr(resume(*state, 64, edited, &changed), "val had 20 samples, check sum 00000002, now"));
    assert_string_equal(resume(*state, 64, tested, &changed), "");
    assert_int_equal(changed, NETRT_RESUMED_TEST);
}

static void other_metrics_begin_at_zero(void **state)
{
    double sums[3] = {7, 8, 9}, found[4] = {1, 1, 1, 1};
    struct netrt_metric before[] = {{.name = "accuracy"}}, after[] = {{.name = "accuracy"}, {.name = "top5"}};
    struct netrt_description d = description;
    struct netrt_position position = {.samples = 32, .seed = 5, .sums = sums, .sum_count = 3, .part = {{.samples = 100}}};
    const char *path = temporary_path(*state, "last");
    struct netrt_error error;
    int changed;

    fill();
    d.metric = before;
    d.metric_count = 1;
    assert_int_equal(netrt_weights_save(&d, sizeof(float), path, uniform(), &position, true, &error), NETRT_OK);
    d.metric = after;
    d.metric_count = 2;
    position.sums = found;
    position.sum_count = 4;
    assert_int_equal(netrt_weights_resume(&d, sizeof(float), path, uniform(), &position, &changed, &error), NETRT_OK);
    assert_int_equal(changed, NETRT_RESUMED_METRICS);
    for (int i = 0; i < 4; i++)
        assert_true(found[i] >= 0 && found[i] <= 0);
}

/* A state of another net, in a checkpoint that has all that this one wants. */
static void a_state_that_the_net_does_not_have_is_refused(void **state)
{
    struct netrt_state more[] = {states[0], states[0]};
    struct netrt_description other = description;
    double sums[3] = {0};
    struct netrt_position position = {.seed = 5, .sums = sums, .sum_count = 3, .part = {{.samples = 100}}};
    const char *path = temporary_path(*state, "last");
    struct netrt_error error;
    int changed;

    more[1].name = "b.momentum";
    other.state = more;
    other.state_count = 2;
    fill();
    assert_int_equal(netrt_weights_save(&other, sizeof(float), path, uniform(), &position, true, &error), NETRT_OK);
    assert_int_equal(netrt_weights_resume(&description, sizeof(float), path, uniform(), &position, &changed, &error),
                     NETRT_E_CONTENT);
    assert_non_null(strstr(error.text, "the run of tiny has no state called netc.b.momentum"));
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
        cmocka_unit_test(init_fills_parameters_and_clears_states),
        cmocka_unit_test(a_checkpoint_brings_everything_back),
        cmocka_unit_test(a_checkpoint_of_another_run_is_refused),
        cmocka_unit_test(a_state_that_the_net_does_not_have_is_refused),
        cmocka_unit_test(a_position_is_a_whole_step),
        cmocka_unit_test(other_data_are_told_with_both_values),
        cmocka_unit_test(other_metrics_begin_at_zero),
        cmocka_unit_test(names_shapes_and_types_must_agree),
        cmocka_unit_test(what_f32_would_lose_is_told),
        cmocka_unit_test(f32_is_widened_without_a_loss),
        cmocka_unit_test(weights_that_are_no_numbers_are_refused),
        cmocka_unit_test(the_penalty_follows_its_formula),
        cmocka_unit_test(the_first_wrong_parameter_is_found),
    };
    return cmocka_run_group_tests_name("weights", tests, setup, temporary_teardown);
}

#include "netrt/step.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "netrt/pool.h"

enum { BLOCKS = 5, ITEMS_A = 3, ITEMS_B = 4 };

/* What each kernel has seen: kernels write plain memory, so that a missing barrier shows under ThreadSanitizer. */
static int forward[BLOCKS], backward[BLOCKS], sums[ITEMS_A], updates[ITEMS_B];

static void run_forward(const struct netrt_step *step, int64_t item)
{
    (void)step;
    forward[item]++;
}

/* Runs after run_forward on the same block. */
static void run_backward(const struct netrt_step *step, int64_t item)
{
    (void)step;
    backward[item] = 10 * forward[item];
}

/* Reads every block: only right behind the barrier. */
static void run_sum(const struct netrt_step *step, int64_t item)
{
    sums[item] = (int)item;
    for (int64_t b = 0; b < step->block_count; b++)
        sums[item] += backward[b];
}

static void run_update(const struct netrt_step *step, int64_t item)
{
    (void)step;
    updates[item] += (int)item + 1;
}

static const struct netrt_kernel kernels[] = {
    {"forward", run_forward, 0, 100, 10, 1, 0},
    {"backward", run_backward, 0, 200, 20, 1, 0},
    {"sum", run_sum, ITEMS_A, 50, 30, 1, 0},
    {"update", run_update, ITEMS_B, 7, 40, 0, 0},
};
static const struct netrt_phase phases[] = {{"blocks", 0, 2}, {"items", 2, 2}};
static const struct netrt_program program = {"train", phases, 2, 1};
static const struct netrt_model model = {.kernel = kernels, .kernel_count = 4};

static void clear(void)
{
    memset(forward, 0, sizeof forward);
    memset(backward, 0, sizeof backward);
    memset(sums, 0, sizeof sums);
    memset(updates, 0, sizeof updates);
}

static void assert_ran(int blocks)
{
    for (int b = 0; b < BLOCKS; b++)
        assert_int_equal(backward[b], b < blocks ? 10 : 0);
    for (int i = 0; i < ITEMS_A; i++)
        assert_int_equal(sums[i], i + 10 * blocks);
    for (int i = 0; i < ITEMS_B; i++)
        assert_int_equal(updates[i], i + 1);
}

static void phases_run_one_after_the_other_for_any_threads(void **state)
{
    struct netrt_error error;

    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        struct netrt_pool *pool;
        assert_int_equal(netrt_pool_open(&pool, threads, &error), NETRT_OK);
        for (int64_t blocks = 1; blocks <= BLOCKS; blocks++) {
            struct netrt_step step = {.samples = blocks * NETRT_LANES, .block_count = blocks};
            clear();
            netrt_step_run(pool, &model, &program, 0, 2, &step);
            assert_ran((int)blocks);
        }
        netrt_pool_close(pool);
    }
}

static void a_range_of_phases_runs_alone(void **state)
{
    struct netrt_step step = {.samples = 16, .block_count = 1};
    struct netrt_pool *pool;
    struct netrt_error error;

    (void)state;
    assert_int_equal(netrt_pool_open(&pool, 2, &error), NETRT_OK);
    clear();
    netrt_step_run(pool, &model, &program, 0, program.checked, &step);
    assert_int_equal(backward[0], 10);
    assert_int_equal(updates[0], 0);
    netrt_step_run(pool, &model, &program, program.checked, 2, &step);
    assert_ran(1);
    netrt_pool_close(pool);
}

struct trace {
    char text[256];
    int left;    /* calls until the observer ends the run */
};

static int observe(void *context, int32_t kernel, int64_t item, double seconds)
{
    struct trace *trace = context;
    char call[16];

    assert_true(seconds >= 0);
    snprintf(call, sizeof call, " %d.%d", (int)kernel, (int)item);
    strcat(trace->text, call);
    return --trace->left == 0 ? 7 : 0;
}

static void an_observed_run_does_the_same_in_order(void **state)
{
    struct netrt_step step = {.samples = 32, .block_count = 2};
    struct trace trace = {"", -1};

    (void)state;
    clear();
    assert_int_equal(netrt_step_run_observed(&model, &program, 0, 2, &step, observe, &trace), 0);
    assert_string_equal(trace.text, " 0.0 1.0 0.1 1.1 2.0 2.1 2.2 3.0 3.1 3.2 3.3");
    assert_ran(2);
}

static void an_observer_can_end_a_run(void **state)
{
    struct netrt_step step = {.samples = 32, .block_count = 2};
    struct trace trace = {"", 6};

    (void)state;
    assert_int_equal(netrt_step_run_observed(&model, &program, 0, 2, &step, observe, &trace), 7);
    assert_string_equal(trace.text, " 0.0 1.0 0.1 1.1 2.0 2.1");
}

static void work_is_counted_by_sample_block_or_once(void **state)
{
    (void)state;
    assert_int_equal((int64_t)netrt_kernel_multiply_adds(&kernels[0], 17), 1700);
    assert_int_equal((int64_t)netrt_kernel_multiply_adds(&kernels[2], 17), 850);
    assert_int_equal((int64_t)netrt_kernel_multiply_adds(&kernels[3], 17), 7);
    assert_int_equal((int64_t)netrt_kernel_bytes(&kernels[0], 17), 20);
    assert_int_equal((int64_t)netrt_kernel_bytes(&kernels[3], 17), 40);
    assert_int_equal((int64_t)netrt_program_multiply_adds(&model, &program, 2), 2 * (100 + 200 + 50) + 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_run_one_after_the_other_for_any_threads), cmocka_unit_test(a_range_of_phases_runs_alone),
        cmocka_unit_test(an_observed_run_does_the_same_in_order),         cmocka_unit_test(an_observer_can_end_a_run),
        cmocka_unit_test(work_is_counted_by_sample_block_or_once),
    };
    return cmocka_run_group_tests_name("step", tests, NULL, NULL);
}

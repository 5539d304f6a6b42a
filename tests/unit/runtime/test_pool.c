#include "netrt/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_ITEMS = 5000 };

static atomic_int visits[MOST_ITEMS];

static void visit(void *context, int64_t item)
{
    (void)context;
    atomic_fetch_add(&visits[item], 1);
}

static void every_item_runs_once_for_any_threads(void **state)
{
    static const int64_t counts[] = {0, 1, 2, 3, 15, 16, 17, MOST_ITEMS};
    struct netrt_error error;

    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        struct netrt_pool *pool;
        assert_int_equal(netrt_pool_open(&pool, threads, &error), NETRT_OK);
        assert_int_equal(netrt_pool_threads(pool), threads);
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
            memset(visits, 0, sizeof visits);
            netrt_pool_run(pool, counts[c], visit, NULL);
            for (int64_t i = 0; i < MOST_ITEMS; i++)
                assert_int_equal(visits[i], i < counts[c]);
        }
        netrt_pool_close(pool);
    }
}

static int plain[64];

static void add_one(void *context, int64_t item)
{
    plain[item] += *(const int *)context;
}

/* Runs follow each other closely, on plain memory: what one run wrote is what the next and the caller read. */
static void runs_are_ordered(void **state)
{
    struct netrt_pool *pool;
    struct netrt_error error;

    (void)state;
    memset(plain, 0, sizeof plain);
    assert_int_equal(netrt_pool_open(&pool, 3, &error), NETRT_OK);
    for (int run = 1; run <= 2000; run++) {
        netrt_pool_run(pool, 64, add_one, &(int){1});
        assert_int_equal(plain[run % 64], run);
    }
    netrt_pool_close(pool);
}

/* More threads than CPUs and fewer items than threads: most workers come late, when the next run has begun. */
static void late_workers_do_no_harm(void **state)
{
    struct netrt_pool *pool;
    struct netrt_error error;

    (void)state;
    memset(plain, 0, sizeof plain);
    assert_int_equal(netrt_pool_open(&pool, 8, &error), NETRT_OK);
    for (int run = 0; run < 3000; run++) {
        int before = plain[0], unused = plain[2 + run % 3];
        netrt_pool_run(pool, 2 + run % 3, add_one, &run);
        assert_int_equal(plain[0], before + run);
        assert_int_equal(plain[2 + run % 3], unused);
    }
    netrt_pool_close(pool);
}

static void square(void *context, int64_t item)
{
    volatile float *value = context;

    value[item] = value[item] * 1e-30f;
}

static void denormals_are_flushed_in_every_thread(void **state)
{
    struct netrt_pool *pool;
    struct netrt_error error;
    volatile float value[256];

    (void)state;
    for (int i = 0; i < 256; i++)
        value[i] = 1e-12f;
    assert_int_equal(netrt_pool_open(&pool, 4, &error), NETRT_OK);
    netrt_pool_run(pool, 256, square, (void *)value);
    netrt_pool_close(pool);
    for (int i = 0; i < 256; i++) {
        uint32_t bits;
        memcpy(&bits, (const void *)&value[i], sizeof bits);
        assert_int_equal(bits, 0);
    }
}

static void absurd_numbers_of_threads_are_refused(void **state)
{
    struct netrt_pool *pool = NULL;
    struct netrt_error error;

    (void)state;
    assert_int_equal(netrt_pool_open(&pool, 0, &error), NETRT_E_USAGE);
    assert_string_equal(error.text, "0 threads: expected 1 to 1024");
    assert_int_equal(netrt_pool_open(&pool, -1, &error), NETRT_E_USAGE);
    assert_int_equal(netrt_pool_open(&pool, NETRT_POOL_MOST_THREADS + 1, &error), NETRT_E_USAGE);
    assert_null(pool);
}

static void there_is_a_cpu_and_time_passes(void **state)
{
    double before = netrt_seconds();

    (void)state;
    assert_true(netrt_cpu_count() >= 1);
    assert_true(netrt_seconds() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_runs_once_for_any_threads),
        cmocka_unit_test(runs_are_ordered),
        cmocka_unit_test(late_workers_do_no_harm),
        cmocka_unit_test(denormals_are_flushed_in_every_thread),
        cmocka_unit_test(absurd_numbers_of_threads_are_refused),
        cmocka_unit_test(there_is_a_cpu_and_time_passes),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}

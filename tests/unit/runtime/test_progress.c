#include "netrt/progress.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct netrt_progress half(void)
{
    return (struct netrt_progress){2, 3, 500, 1000, 50, "loss 0.7500 accuracy 50.00%"};
}

static void assert_line(int columns, const struct netrt_progress *p, const char *expected)
{
    char line[512];

    assert_int_equal(netrt_progress_print(line, sizeof line, columns, p), strlen(expected));
    assert_string_equal(line, expected);
}

static void a_line_has_bar_speed_results_and_time_left(void **state)
{
    struct netrt_progress p = half();

    (void)state;
    assert_line(100, &p, "epoch 2/3 [##########..........] 50/s  loss 0.7500 accuracy 50.00%  0:10 left");
    p.done = 1000;
    assert_line(100, &p, "epoch 2/3 [####################] 50/s  loss 0.7500 accuracy 50.00%  0:00 left");
}

static void narrow_terminals_lose_the_bar_first_and_then_the_end(void **state)
{
    struct netrt_progress p = half();

    (void)state;
    assert_line(80, &p, "epoch 2/3 [##########..........] 50/s  loss 0.7500 accuracy 50.00%  0:10 left");
    assert_line(70, &p, "epoch 2/3 [######......] 50/s  loss 0.7500 accuracy 50.00%  0:10 left");
    assert_line(63, &p, "epoch 2/3 [##...] 50/s  loss 0.7500 accuracy 50.00%  0:10 left");
    assert_line(62, &p, "epoch 2/3 50/s  loss 0.7500 accuracy 50.00%  0:10 left");
    assert_line(55, &p, "epoch 2/3 50/s  loss 0.7500 accuracy 50.00%  0:10 left");
    assert_line(54, &p, "epoch 2/3 50/s  loss 0.7500 accuracy 50.00%  0:10 ...");
    assert_line(5, &p, "e...");
    assert_line(2, &p, ".");
    assert_line(1, &p, "");
}

static void no_line_reaches_the_last_column(void **state)
{
    char line[1024];
    struct netrt_progress p = {1000000,   1000000000, INT64_MAX / 2,
                               INT64_MAX, 1e12,       "loss 1.0000e+30 a 0.5 b 0.5 c 0.5 d 0.5 e 0.5"};

    (void)state;
    for (int columns = 1; columns < 400; columns++) {
        size_t length = netrt_progress_print(line, sizeof line, columns, &p);
        assert_true(length < (size_t)columns);
        assert_int_equal(length, strlen(line));
    }
}

static void what_is_not_known_is_not_told(void **state)
{
    struct netrt_progress p = half();

    (void)state;
    p.rate = 0;
    assert_line(59, &p, "epoch 2/3 0.0/s  loss 0.7500 accuracy 50.00%  -:-- left");
    p.rate = 0.25;
    assert_line(59, &p, "epoch 2/3 0.2/s  loss 0.7500 accuracy 50.00%  33:20 left");
    p.rate = 0.1;
    assert_line(59, &p, "epoch 2/3 0.1/s  loss 0.7500 accuracy 50.00%  1:23:20 left");
}

static void samples_of_an_earlier_run_do_not_count(void **state)
{
    struct netrt_window w;

    (void)state;
    netrt_window_begin(&w, 100, 9000);
    assert_true(netrt_window_rate(&w) == 0);
    netrt_window_add(&w, 102, 9100);
    assert_true(fabs(netrt_window_rate(&w) - 50) < 1e-9);
}

/* Fast for a minute, ten times slower from then on: soon the slow speed alone is told. */
static void speed_follows_a_change(void **state)
{
    struct netrt_window w;
    double seconds = 0;
    int64_t samples = 0;

    (void)state;
    netrt_window_begin(&w, 0, 0);
    for (int i = 0; i < 600; i++)
        netrt_window_add(&w, seconds += 0.1, samples += 100);
    assert_true(fabs(netrt_window_rate(&w) - 1000) < 1e-6);
    for (int i = 0; i < 100; i++)
        netrt_window_add(&w, seconds += 0.1, samples += 10);
    assert_true(fabs(netrt_window_rate(&w) - 100) < 1e-6);
}

/* Drawn ten times a second, it still looks back for seconds; steps that are slow all count. */
static void the_window_is_neither_too_short_nor_too_long(void **state)
{
    struct netrt_window w;
    double seconds = 0;

    (void)state;
    netrt_window_begin(&w, 0, 0);
    for (int i = 0; i < 1000; i++) {
        netrt_window_add(&w, seconds += 0.1, i);
        double looks_back = seconds - w.seconds[0];
        assert_true(looks_back > 7 || w.seconds[0] == 0);
        assert_true(looks_back < 10);
    }
    netrt_window_begin(&w, seconds, 0);
    for (int i = 1; i <= 10; i++)
        netrt_window_add(&w, seconds + 60 * i, 64 * i);
    assert_true(fabs(netrt_window_rate(&w) - 64.0 / 60) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_bar_speed_results_and_time_left),
        cmocka_unit_test(narrow_terminals_lose_the_bar_first_and_then_the_end),
        cmocka_unit_test(no_line_reaches_the_last_column),
        cmocka_unit_test(what_is_not_known_is_not_told),
        cmocka_unit_test(samples_of_an_earlier_run_do_not_count),
        cmocka_unit_test(speed_follows_a_change),
        cmocka_unit_test(the_window_is_neither_too_short_nor_too_long),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}

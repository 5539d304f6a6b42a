#include "netrt/log.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct netrt_metric metrics[] = {{.name = "accuracy", .kind = NETRT_METRIC_ACCURACY},
                                        {.name = "confusion", .kind = NETRT_METRIC_CONFUSION},
                                        {.name = "mse", .kind = NETRT_METRIC_MSE}};
static const struct netrt_description description = {.metric = metrics, .metric_count = 3};
static double train_values[] = {0.5, 0, 0.125}, val_values[] = {0.25, 0, 0.0625};

static struct netrt_epoch epoch(void)
{
    return (struct netrt_epoch){.epoch = 2,
                                .epochs = 3,
                                .steps = 7,
                                .train = {true, 100, 0.75, train_values},
                                .val = {true, 10, 0.5, val_values},
                                .seconds = 2,
                                .samples_per_second = 50};
}

/* What is printed to the log and to the record. */
struct printed {
    char *out, *record;
};

enum what { EPOCH, TEST_WITH_WEIGHTS, TEST_ALONE, CONFUSION };

static struct printed print(enum netrt_log_mode mode, enum what what, const struct netrt_epoch *e)
{
    static const int64_t matrix[] = {3, 1, 0, 6};
    struct printed printed;
    size_t out_bytes, record_bytes;
    FILE *out = open_memstream(&printed.out, &out_bytes), *record = open_memstream(&printed.record, &record_bytes);
    struct netrt_log log;

    netrt_log_open(&log, &description, out, mode);
    assert_false(log.live);
    netrt_log_begin(&log, 0);
    netrt_log_progress(&log, 1, 2, 3, 4, NULL);    /* no terminal: nothing to draw */
    netrt_log_clear(&log);
    switch (what) {
    case EPOCH: netrt_log_epoch(&log, e, record); break;
    case TEST_WITH_WEIGHTS: netrt_log_test(&log, &e->val, "runs/a/best.safetensors", record); break;
    case TEST_ALONE: netrt_log_test(&log, &e->val, NULL, record); break;
    case CONFUSION: netrt_log_confusion(&log, &e->val, matrix, 2); break;
    }
    fclose(out);
    fclose(record);
    return printed;
}

static void assert_printed(enum netrt_log_mode mode, enum what what, const struct netrt_epoch *e, const char *out,
                           const char *record)
{
    struct printed printed = print(mode, what, e);

    assert_string_equal(printed.out, out);
    assert_string_equal(printed.record, record);
    free(printed.out);
    free(printed.record);
}

#define EPOCH_JSON                                                                       \
    "{\"epoch\":2,\"steps\":7,\"train\":{\"loss\":0.75,\"accuracy\":0.5,\"mse\":0.125}," \
    "\"val\":{\"loss\":0.5,\"accuracy\":0.25,\"mse\":0.0625},\"seconds\":2.0,\"samples_per_second\":50.0,\"waiting_share\":0.0}\n"
#define TEST_JSON "{\"test\":{\"loss\":0.5,\"accuracy\":0.25,\"mse\":0.0625}"

static void an_epoch_is_a_line_in_every_mode(void **state)
{
    struct netrt_epoch e = epoch();

    (void)state;
    assert_printed(
        NETRT_LOG_TEXT, EPOCH, &e,
        "epoch 2/3  train loss 0.7500 accuracy 50.00% mse 0.1250  val loss 0.5000 accuracy 25.00% mse 0.0625  2.0 s  50/s\n",
        EPOCH_JSON);
    assert_printed(NETRT_LOG_JSON, EPOCH, &e, EPOCH_JSON, EPOCH_JSON);
    assert_printed(NETRT_LOG_QUIET, EPOCH, &e, "", EPOCH_JSON);
}

static void a_test_names_its_weights_or_its_samples(void **state)
{
    struct netrt_epoch e = epoch();

    (void)state;
    assert_printed(NETRT_LOG_TEXT, TEST_WITH_WEIGHTS, &e,
                   "test loss 0.5000 accuracy 25.00% mse 0.0625  weights runs/a/best.safetensors\n",
                   TEST_JSON ",\"weights\":\"runs/a/best.safetensors\"}\n");
    assert_printed(NETRT_LOG_JSON, TEST_ALONE, &e, TEST_JSON ",\"samples\":10}\n", TEST_JSON ",\"samples\":10}\n");
}

static void penalty_waiting_and_val_appear_where_they_exist(void **state)
{
    struct netrt_epoch e = epoch();

    (void)state;
    e.val.present = false;
    e.penalty = 0.25;
    e.waiting_share = 0.5;
    struct printed printed = print(NETRT_LOG_TEXT, EPOCH, &e);
    assert_non_null(strstr(printed.out, " penalty 0.2500  2.0 s"));
    assert_non_null(strstr(printed.out, "  waiting 50%"));
    assert_null(strstr(printed.out, "val"));
    assert_non_null(strstr(printed.record, "\"penalty\":0.25"));
    assert_null(strstr(printed.record, "\"val\""));
    free(printed.out);
    free(printed.record);
}

static void slow_steps_have_a_speed_too(void **state)
{
    struct netrt_epoch e = epoch();

    (void)state;
    e.samples_per_second = 0.25;
    struct printed printed = print(NETRT_LOG_TEXT, EPOCH, &e);
    assert_non_null(strstr(printed.out, "  2.0 s  0.2/s\n"));
    free(printed.out);
    free(printed.record);
}

static void a_loss_that_json_cannot_hold_is_null(void **state)
{
    struct netrt_epoch e = epoch();

    (void)state;
    e.train.loss = NAN;
    struct printed printed = print(NETRT_LOG_JSON, EPOCH, &e);
    assert_non_null(strstr(printed.out, "\"train\":{\"loss\":null,"));
    free(printed.out);
    free(printed.record);
}

static void confusion_is_a_matrix(void **state)
{
    struct netrt_epoch e = epoch();

    (void)state;
    assert_printed(NETRT_LOG_JSON, CONFUSION, &e,
                   "{\"test\":{\"loss\":0.5,\"accuracy\":0.25,\"mse\":0.0625,\"confusion\":[[3,1],[0,6]]},\"samples\":10}\n", "");
    assert_printed(NETRT_LOG_TEXT, CONFUSION, &e,
                   "test loss 0.5000 accuracy 25.00% mse 0.0625  samples 10\nrows: target, columns: highest score\n"
                   "     0 |      3      1\n     1 |      0      6\n",
                   "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_epoch_is_a_line_in_every_mode),
        cmocka_unit_test(a_test_names_its_weights_or_its_samples),
        cmocka_unit_test(penalty_waiting_and_val_appear_where_they_exist),
        cmocka_unit_test(slow_steps_have_a_speed_too),
        cmocka_unit_test(a_loss_that_json_cannot_hold_is_null),
        cmocka_unit_test(confusion_is_a_matrix),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}

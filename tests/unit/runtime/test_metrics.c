#include "netrt/metrics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "netrt/pool.h"

enum { CLASSES = 4, BATCH = 32, BLOCKS = BATCH / NETRT_LANES };

/* A lane block: scores, two reals to compare with the input `y`, and the loss. */
struct block {
    float scores[CLASSES][NETRT_LANES], values[2][NETRT_LANES], loss[NETRT_LANES];
};

static struct block blocks[BLOCKS];
static int32_t label[BATCH];
static float y[BLOCKS][2][NETRT_LANES];
static const void *const input_data[] = {label, y};

static struct netrt_input inputs[] = {
    {.name = "label", .kind = NETRT_INPUT_CLASS, .shape = {.elements = 1}, .classes = CLASSES},
    {.name = "y", .kind = NETRT_INPUT_REAL, .shape = {.rank = 1, .dim = {2}, .elements = 2}},
};
static struct netrt_metric metrics[] = {
    {.name = "accuracy", .kind = NETRT_METRIC_ACCURACY, .prediction = {.rank = 1, .dim = {CLASSES}, .elements = CLASSES}, .k = 1},
    {.name = "top2", .kind = NETRT_METRIC_TOP, .prediction = {.rank = 1, .dim = {CLASSES}, .elements = CLASSES}, .k = 2},
    {.name = "confusion", .kind = NETRT_METRIC_CONFUSION, .prediction = {.rank = 1, .dim = {CLASSES}, .elements = CLASSES}, .k = 1},
    {.name = "mae", .kind = NETRT_METRIC_MAE, .prediction = {.rank = 1, .dim = {2}, .elements = 2}, .target = 1},
    {.name = "mse", .kind = NETRT_METRIC_MSE, .prediction = {.rank = 1, .dim = {2}, .elements = 2}, .target = 1},
};
enum { ACCURACY, TOP2, CONFUSION, MAE, MSE, METRICS };

static const struct netrt_description description = {
    .input = inputs, .input_count = 2, .metric = metrics, .metric_count = METRICS, .loss_offset = offsetof(struct block, loss)};
static const struct netrt_model model = {.precision = sizeof(float), .batch = BATCH, .block_bytes = sizeof(struct block)};

struct fixture {
    struct netrt_metrics *metrics;
    struct netrt_pool *pool;
    struct netrt_step step;
};

static int setup(void **state)
{
    static struct fixture f;
    struct netrt_error error;

    memset(blocks, 0, sizeof blocks);
    memset(label, 0, sizeof label);
    memset(y, 0, sizeof y);
    metrics[MAE].offset = metrics[MSE].offset = offsetof(struct block, values);
    f.step = (struct netrt_step){.blocks = (unsigned char *)blocks, .input = input_data};
    *state = &f;
    return netrt_pool_open(&f.pool, 2, &error) != NETRT_OK ||
           netrt_metrics_open(&f.metrics, &description, &model, &error) != NETRT_OK;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    netrt_metrics_close(f->metrics);
    netrt_pool_close(f->pool);
    return 0;
}

static void set_scores(int sample, float a, float b, float c, float d, int target)
{
    struct block *block = &blocks[sample / NETRT_LANES];
    const float scores[CLASSES] = {a, b, c, d};

    for (int i = 0; i < CLASSES; i++)
        block->scores[i][sample % NETRT_LANES] = scores[i];
    label[sample] = target;
}

static void add(struct fixture *f, int64_t samples)
{
    f->step.samples = samples;
    f->step.block_count = (samples + NETRT_LANES - 1) / NETRT_LANES;
    netrt_metrics_add(f->metrics, f->pool, &f->step);
}

static void assert_near(double found, double expected)
{
    if (fabs(found - expected) > 1e-12)
        fail_msg("expected %.17g, found %.17g", expected, found);
}

static void the_highest_score_counts_and_the_first_of_equals_wins(void **state)
{
    struct fixture *f = *state;

    set_scores(0, 1, 5, 2, 3, 1);    /* right */
    set_scores(1, 1, 5, 2, 3, 3);    /* second */
    set_scores(2, 4, 4, 1, 0, 0);    /* a tie: the first is right */
    set_scores(3, 4, 4, 1, 0, 1);    /* a tie: the second is second */
    set_scores(4, 4, 4, 4, 0, 2);    /* a tie of three: neither first nor second */
    add(f, 5);
    assert_near(netrt_metrics_value(f->metrics, ACCURACY), 2.0 / 5);
    assert_near(netrt_metrics_value(f->metrics, TOP2), 4.0 / 5);
    assert_int_equal(netrt_metrics_samples(f->metrics), 5);
}

static void confusion_counts_targets_by_rows(void **state)
{
    struct fixture *f = *state;
    int64_t classes;

    set_scores(0, 1, 5, 2, 3, 1);
    set_scores(1, 1, 5, 2, 3, 3);
    set_scores(17, 0, 0, 9, 3, 3);
    add(f, 18);
    const int64_t *matrix = netrt_metrics_confusion(f->metrics, CONFUSION, &classes);
    assert_int_equal(classes, CLASSES);
    assert_int_equal(matrix[1 * CLASSES + 1], 1);
    assert_int_equal(matrix[3 * CLASSES + 1], 1);
    assert_int_equal(matrix[3 * CLASSES + 2], 1);
    assert_int_equal(matrix[0], 15);    /* the samples between, all zero */
    assert_null(netrt_metrics_confusion(f->metrics, MAE, &classes));
}

static void distances_are_means_over_samples_and_elements(void **state)
{
    struct fixture *f = *state;

    blocks[0].values[0][0] = 3;
    blocks[1].values[1][0] = -1;
    y[1][1][0] = 1;
    add(f, 17);
    assert_near(netrt_metrics_value(f->metrics, MAE), (3.0 + 2.0) / 34);
    assert_near(netrt_metrics_value(f->metrics, MSE), (9.0 + 4.0) / 34);
}

static void dead_lanes_and_other_batches_do_not_count(void **state)
{
    static const int64_t counts[] = {1, 15, 16, 17, 32};
    struct fixture *f = *state;
    int64_t samples = 0;
    double loss = 0;

    for (int s = 0; s < BATCH; s++)
        blocks[s / NETRT_LANES].loss[s % NETRT_LANES] = (float)(s + 1);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        add(f, counts[i]);
        samples += counts[i];
        loss += (double)(counts[i] * (counts[i] + 1)) / 2;
        assert_near(netrt_metrics_step_loss(f->metrics, &f->step), (double)(counts[i] * (counts[i] + 1)) / 2);
        assert_near(netrt_metrics_loss(f->metrics), loss / (double)samples);
    }
    netrt_metrics_reset(f->metrics);
    assert_int_equal(netrt_metrics_samples(f->metrics), 0);
    assert_near(netrt_metrics_loss(f->metrics), 0);
    assert_near(netrt_metrics_value(f->metrics, ACCURACY), 0);
}

static void one_nan_shows_in_the_loss(void **state)
{
    struct fixture *f = *state;

    blocks[0].loss[3] = NAN;
    f->step.samples = 3;
    assert_true(isfinite(netrt_metrics_step_loss(f->metrics, &f->step)));
    f->step.samples = 4;
    assert_true(isnan(netrt_metrics_step_loss(f->metrics, &f->step)));
}

static void sums_can_be_taken_out_and_put_back(void **state)
{
    struct fixture *f = *state;
    double sums[2 + METRICS], again[2 + METRICS];

    set_scores(0, 1, 5, 2, 3, 1);
    blocks[0].loss[0] = 0.25f;
    add(f, 3);
    netrt_metrics_sums(f->metrics, sums);
    netrt_metrics_reset(f->metrics);
    netrt_metrics_restore(f->metrics, sums);
    netrt_metrics_sums(f->metrics, again);
    assert_memory_equal(sums, again, sizeof sums);
    assert_int_equal(netrt_metrics_samples(f->metrics), 3);
    assert_near(netrt_metrics_loss(f->metrics), 0.25 / 3);
}

/* A part of the loss that is summed apart: its sum stands in values[0], its count in values[1]. */
static void begin_parts(struct fixture *f)
{
    static struct netrt_loss_part parts[] = {
        {.factor = 0.5, .has_sum = true, .has_count = true},
        {.factor = 2, .has_sum = true},
        {.factor = 0.25},
    };

    parts[0].sum = offsetof(struct block, values);
    parts[0].count = offsetof(struct block, values) + NETRT_LANES * sizeof(float);
    parts[1].sum = offsetof(struct block, loss);
    netrt_metrics_close(f->metrics);
    inputs[0].ignores = true;
    inputs[0].ignored = 7;
    static struct netrt_description counted;
    counted = description;
    counted.loss_part = parts;
    counted.loss_part_count = 3;
    struct netrt_error error;
    assert_int_equal(netrt_metrics_open(&f->metrics, &counted, &model, &error), NETRT_OK);
    assert_int_equal(netrt_metrics_sum_count(&counted), 2 + METRICS + 6 + 2);
}

static void set_part(int sample, float sum, float count)
{
    blocks[sample / NETRT_LANES].values[0][sample % NETRT_LANES] = sum;
    blocks[sample / NETRT_LANES].values[1][sample % NETRT_LANES] = count;
}

static void what_counts_more_weighs_more_whatever_its_batch(void **state)
{
    struct fixture *f = *state;

    begin_parts(f);
    assert_false(netrt_metrics_has_count(f->metrics));
    set_part(0, 6, 1);
    set_part(1, 4, 3);
    blocks[0].loss[0] = 3;
    add(f, 2);
    set_part(0, 2, 2);
    blocks[0].loss[0] = 0;
    add(f, 1);
    assert_near(netrt_metrics_loss(f->metrics), 0.5 * (12.0 / 6) + 2 * (3.0 / 3) + 0.25);
    assert_true(netrt_metrics_has_count(f->metrics));
    netrt_metrics_reset(f->metrics);
    set_part(0, 0, 0);
    add(f, 1);
    assert_true(isnan(netrt_metrics_loss(f->metrics)));
    assert_false(netrt_metrics_has_count(f->metrics));
    inputs[0].ignores = false;
}

static void ignored_targets_are_left_out(void **state)
{
    struct fixture *f = *state;
    double sums[2 + METRICS + 8];
    int64_t classes;

    begin_parts(f);
    set_scores(0, 1, 5, 2, 3, 1);
    set_scores(1, 1, 5, 2, 3, 7);
    set_scores(2, 1, 5, 2, 3, 0);
    add(f, 3);
    netrt_metrics_sums(f->metrics, sums);
    netrt_metrics_restore(f->metrics, sums);
    assert_near(netrt_metrics_value(f->metrics, ACCURACY), 1.0 / 2);
    assert_near(netrt_metrics_value(f->metrics, TOP2), 1.0 / 2);
    assert_int_equal(netrt_metrics_samples(f->metrics), 3);
    netrt_metrics_reset(f->metrics);
    add(f, 3);
    const int64_t *matrix = netrt_metrics_confusion(f->metrics, CONFUSION, &classes);
    assert_int_equal(matrix[1 * CLASSES + 1], 1);
    assert_int_equal(matrix[0 * CLASSES + 1], 1);
    set_scores(0, 1, 5, 2, 3, 7);
    netrt_metrics_reset(f->metrics);
    add(f, 1);
    assert_true(isnan(netrt_metrics_value(f->metrics, ACCURACY)));
    inputs[0].ignores = false;
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* One after the other in f32 they would be off by percents. */
static void a_long_epochs_mean_is_exact(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < BATCH; i++)
        blocks[i / NETRT_LANES].loss[i % NETRT_LANES] = 0.1F;
    for (int step = 0; step < 1000000 / BATCH; step++)
        add(f, BATCH);
    assert_int_equal(netrt_metrics_samples(f->metrics), 1000000);
    if (fabs(netrt_metrics_loss(f->metrics) - (double)0.1F) > 1e-10)
        fail_msg("found %.17g", netrt_metrics_loss(f->metrics));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(the_highest_score_counts_and_the_first_of_equals_wins),
        WITH_FIXTURE(confusion_counts_targets_by_rows),
        WITH_FIXTURE(distances_are_means_over_samples_and_elements),
        WITH_FIXTURE(dead_lanes_and_other_batches_do_not_count),
        WITH_FIXTURE(one_nan_shows_in_the_loss),
        WITH_FIXTURE(what_counts_more_weighs_more_whatever_its_batch),
        WITH_FIXTURE(ignored_targets_are_left_out),
        WITH_FIXTURE(sums_can_be_taken_out_and_put_back),
        WITH_FIXTURE(a_long_epochs_mean_is_exact),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}

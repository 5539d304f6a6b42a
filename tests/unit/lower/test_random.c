/* What kernels draw, run by the interpreter: Philox's words, and what follows from them. */
#include "compiler/graph/objective.h"
#include "tests/support/generator.h"
#include "tests/support/plan_fixture.h"

#include "netrt/random.h"

#include <math.h>
#include <stdlib.h>

enum { SAMPLES = 20 };

/* ---- What numbers are drawn from --------------------------------------------------------------------------------------- */

static void put_index(struct net_fixture *f, int64_t sample, uint32_t index)
{
    const int number = graph_node(f->graph, f->graph->random->index)->number;
    double *block = f->input[number] + sample / LANES * 2 * LANES;

    for (int half = 0; half < 2; half++)
        block[half * LANES + sample % LANES] = generator_half(index, half);
}

static void put_settings(struct net_fixture *f, const node_id v[], int halves, uint64_t number)
{
    for (int half = 0; half < halves; half++)
        f->setting[graph_node(f->graph, v[half])->number] = generator_half(number, half);
}

static void put_seed(struct net_fixture *f, uint64_t seed)
{
    put_settings(f, f->graph->random->seed, SEED_HALVES, seed);
}

static void put_epoch(struct net_fixture *f, uint32_t epoch)
{
    put_settings(f, f->graph->random->epoch, EPOCH_HALVES, epoch);
}

/* A net whose only layer is drawn, for `samples` samples of index 0, 1 …; seed 1, epoch 0; inputs are 1. */
static struct net_fixture *open_drawn(void **state, const char *body, int64_t samples)
{
    struct net_fixture *f = open_lowered(state, body, "mse(y, t)", samples);
    const int64_t elements = shape_elements(&graph_node(f->graph, f->graph->input.at[0].v)->shape);

    put_seed(f, 1);
    put_epoch(f, 0);
    for (int64_t s = 0; s < f->memory.block_count * LANES; s++)
        put_index(f, s, (uint32_t)s);
    for (int64_t i = 0; i < f->memory.block_count * LANES * elements; i++)
        f->input[0][i] = 1;
    return f;
}

static int64_t size_of_y(const struct net_fixture *f)
{
    return shape_elements(&graph_node(f->graph, net_find(f, "y"))->shape);
}

/* y of a sample after the forward pass of training. */
static const double *drawn(struct net_fixture *f, int64_t sample)
{
    double *y = arena_array(f->arena, double, (size_t)size_of_y(f));

    net_training_loss(f);
    net_sample(f, net_find(f, "y"), sample, y);
    return y;
}

/* ---- Words ------------------------------------------------------------------------------------------------------------- */

/* Makes y the random numbers themselves, from another element on and of another stream. */
static void show_numbers(struct net_fixture *f, uint32_t stream, int64_t first)
{
    struct nest *n = (struct nest *)graph_node(f->graph, net_find(f, "y"))->nest;
    struct expr *random = (struct expr *)n->body->arg[0]->arg[0];

    assert_int_equal(random->kind, EXPR_RANDOM);
    random->stream = stream;
    random->index.offset = first;
    n->body = random;
}

/* Known answers from Random123's own test, tests/kat_vectors, "philox4x32 10". */
static void kernels_give_the_known_answers(void **state)
{
    static const struct {
        uint32_t counter[4];
        uint64_t key;
        uint32_t expected[4];
    } answers[] = {
        {{0, 0, 0, 0}, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, UINT64_MAX, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         UINT64_C(0x299f31d0a4093822),
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct net_fixture *f = open_drawn(state, "input x: 4; output y = x -> dropout(0.5);", 1);
        show_numbers(f, answers[i].counter[3], 4 * (int64_t)answers[i].counter[0]);
        put_index(f, 0, answers[i].counter[1]);
        put_epoch(f, answers[i].counter[2]);
        put_seed(f, answers[i].key);
        for (int t = 0; t < INVENTED_TARGETS; t++) {
            assert_true(net_lower(f, &invented_targets[t], stderr));
            const double *y = drawn(f, 0);
            for (int w = 0; w < 4; w++)
                assert_true(y[w] == (answers[i].expected[w] >> 9) * 0x1p-23);
        }
        net_test_teardown(state);
        net_test_setup(state);
    }
}

/* Elements by fours, and elements whose place among four is known only at run time, from every place on. */
static void every_element_has_its_word(void **state)
{
    static const char *const nets[] = {"input x: 12; output y = x -> dropout(0.5);", "input x: 10; output y = x -> dropout(0.5);",
                                       "input x: 1; output y = x -> dropout(0.5);"};

    for (int net = 0; net < 3; net++)
        for (uint32_t first = 0; first < 4; first++) {
            struct net_fixture *f = open_drawn(state, nets[net], SAMPLES);
            const struct netrt_stream stream = {.seed = 1, .purpose = 77, .index = 17};
            show_numbers(f, 77, first);
            assert_true(net_lower(f, &invented_targets[net], stderr));
            const double *y = drawn(f, 17);
            for (uint32_t i = 0; i < size_of_y(f); i++)
                assert_true(y[i] == (netrt_random_u32(&stream, first + i) >> 9) * 0x1p-23);
            net_test_teardown(state);
            net_test_setup(state);
        }
}

/* ---- Masks ------------------------------------------------------------------------------------------------------------- */

enum { WIDE = 2048 };

#define WIDE_DROPOUT "input x: 2048; output y = x -> dropout(0.3);"

/* Within four and a half deviations of what independent draws give: once in 150,000 such tests it would not be. */
static void assert_binomial(int64_t count, int64_t of, double share)
{
    const double deviation = sqrt((double)of * share * (1 - share));

    if (!(fabs((double)count - (double)of * share) <= 4.5 * deviation))
        fail_msg("%lld of %lld where %g is expected", (long long)count, (long long)of, share);
}

static void the_rate_is_the_share_that_is_dropped(void **state)
{
    struct net_fixture *f = open_drawn(state, WIDE_DROPOUT, SAMPLES);
    int64_t dropped = 0;

    for (int64_t s = 0; s < SAMPLES; s++) {
        const double *y = drawn(f, s);
        for (int i = 0; i < WIDE; i++) {
            assert_true(y[i] == 0 || y[i] == 1 / 0.7);
            dropped += y[i] == 0;
        }
    }
    assert_binomial(dropped, WIDE * SAMPLES, 0.3);
}

static void assert_independent(const double a[], const double b[])
{
    int64_t same = 0;

    for (int i = 0; i < WIDE; i++)
        same += (a[i] == 0) == (b[i] == 0);
    assert_binomial(same, WIDE, 0.3 * 0.3 + 0.7 * 0.7);
}

static void masks_of_other_samples_epochs_and_seeds_are_independent(void **state)
{
    struct net_fixture *f = open_drawn(state, WIDE_DROPOUT, SAMPLES);
    const double *first = drawn(f, 0);

    assert_memory_equal(first, drawn(f, 0), WIDE * sizeof *first);
    assert_independent(first, drawn(f, 1));
    assert_independent(first, drawn(f, 19));
    put_epoch(f, 1);
    assert_independent(first, drawn(f, 0));
    put_epoch(f, 1 << 16);
    assert_independent(first, drawn(f, 0));
    put_epoch(f, 0);
    put_seed(f, 2);
    assert_independent(first, drawn(f, 0));
    put_seed(f, UINT64_C(1) << 48 | 1);
    assert_independent(first, drawn(f, 0));
}

static void masks_of_two_layers_are_independent(void **state)
{
    struct net_fixture *f =
        open_drawn(state, "input x: 2048; output y = x -> dropout(0.3); output z = x -> b: dropout(0.3);", SAMPLES);
    double *z = arena_array(f->arena, double, WIDE);
    const double *y = drawn(f, 3);

    net_sample(f, net_find(f, "z"), 3, z);
    assert_independent(y, z);
}

static void a_mask_belongs_to_the_record_wherever_it_stands(void **state)
{
    struct net_fixture *f = open_drawn(state, WIDE_DROPOUT, SAMPLES);
    const double *before = drawn(f, 2);

    put_index(f, 18, 2);
    put_index(f, 2, 70000);
    assert_memory_equal(before, drawn(f, 18), WIDE * sizeof *before);
    assert_independent(before, drawn(f, 2));
}

static void the_gradient_draws_the_same_mask(void **state)
{
    struct net_fixture *f = open_drawn(state, "input x: 12; output y = x -> d: dense(12) -> dropout(0.5);", 1);
    const double *y = drawn(f, 0);
    const node_id bias = net_find(f, "d.bias");
    int dropped = 0;

    net_train(f);
    const double *gradient = net_elements(f, objective_gradient(f->plan->objective, bias));
    for (int i = 0; i < 12; i++) {
        assert_true((gradient[i] == 0) == (y[i] == 0));
        dropped += y[i] == 0;
    }
    assert_in_range(dropped, 1, 11);
}

static void outside_training_nothing_changes(void **state)
{
    static const char *const layers[] = {"dropout(0.5)", "spatial_dropout(0.5)", "gaussian_noise(2)"};
    char body[128];

    for (int i = 0; i < 3; i++) {
        snprintf(body, sizeof body, "input x: 3x5; output y = x -> %s; output z = y;", layers[i]);
        struct net_fixture *f = open_lowered(state, body, "mse(y, t)", SAMPLES);
        double y[15];
        net_loss(f);
        net_sample(f, net_find(f, "y"), 18, y);
        for (int e = 0; e < 15; e++)
            assert_true(y[e] == f->input[0][(15 + e) * LANES + 18 - LANES]);
        net_test_teardown(state);
        net_test_setup(state);
    }
}

/* ---- Noise ------------------------------------------------------------------------------------------------------------- */

/* Moments of n independent numbers: mean 0 ± 1/sqrt(n), variance 1 ± sqrt(2/n), kurtosis 3 ± sqrt(24/n). */
static void noise_has_the_moments_of_the_normal_distribution(void **state)
{
    struct net_fixture *f = open_drawn(state, "input x: 2048; output y = x -> gaussian_noise(0.5);", SAMPLES);
    const double n = WIDE * SAMPLES;
    double sum[5] = {0};

    for (int64_t s = 0; s < SAMPLES; s++) {
        const double *y = drawn(f, s);
        for (int i = 0; i < WIDE; i++)
            for (int power = 1; power <= 4; power++)
                sum[power] += pow((y[i] - 1) / 0.5, power) / n;
    }
    assert_true(fabs(sum[1]) <= 4.5 / sqrt(n));
    assert_true(fabs(sum[2] - 1) <= 4.5 * sqrt(2 / n));
    assert_true(fabs(sum[3]) <= 4.5 * sqrt(15 / n));
    assert_true(fabs(sum[4] / (sum[2] * sum[2]) - 3) <= 4.5 * sqrt(24 / n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(kernels_give_the_known_answers),
        net_test(every_element_has_its_word),
        net_test(the_rate_is_the_share_that_is_dropped),
        net_test(masks_of_other_samples_epochs_and_seeds_are_independent),
        net_test(masks_of_two_layers_are_independent),
        net_test(a_mask_belongs_to_the_record_wherever_it_stands),
        net_test(the_gradient_draws_the_same_mask),
        net_test(outside_training_nothing_changes),
        net_test(noise_has_the_moments_of_the_normal_distribution),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}

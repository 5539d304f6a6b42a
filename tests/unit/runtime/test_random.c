#include "netrt/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Known answers from Random123's own test, tests/kat_vectors, "philox4x32 10". */
static void philox_gives_the_known_answers(void **state)
{
    static const struct {
        uint32_t counter[4], key[2], expected[4];
    } answers[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct netrt_stream stream = {.seed = (uint64_t)answers[i].key[1] << 32 | answers[i].key[0],
                                      .purpose = answers[i].counter[3],
                                      .epoch = answers[i].counter[2],
                                      .index = answers[i].counter[1]};
        uint32_t word[4];
        netrt_random_group(&stream, answers[i].counter[0], word);
        assert_memory_equal(word, answers[i].expected, sizeof word);
    }
}

static void every_part_of_the_key_changes_the_numbers(void **state)
{
    struct netrt_stream one = netrt_stream(1, NETRT_FOR_INIT, 2, 3, 4);
    struct netrt_stream others[] = {
        netrt_stream(2, NETRT_FOR_INIT, 2, 3, 4),    netrt_stream(UINT64_C(1) << 32 | 1, NETRT_FOR_INIT, 2, 3, 4),
        netrt_stream(1, NETRT_FOR_SHUFFLE, 2, 3, 4), netrt_stream(1, NETRT_FOR_INIT, 5, 3, 4),
        netrt_stream(1, NETRT_FOR_INIT, 2, 4, 4),    netrt_stream(1, NETRT_FOR_INIT, 2, 3, 5)};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_not_equal(netrt_random_u64(&one, 0), netrt_random_u64(&others[i], 0));
    assert_int_not_equal(netrt_random_u64(&one, 0), netrt_random_u64(&one, 1));
}

static void wide_numbers_are_pairs_of_narrow_ones(void **state)
{
    struct netrt_stream stream = netrt_stream(7, NETRT_FOR_BENCH, 0, 0, 0);

    (void)state;
    for (uint32_t e = 0; e < 9; e++) {
        uint64_t expected = (uint64_t)netrt_random_u32(&stream, 2 * e + 1) << 32 | netrt_random_u32(&stream, 2 * e);
        assert_true(netrt_random_u64(&stream, e) == expected);
    }
}

static void units_stay_within_their_interval(void **state)
{
    struct netrt_stream stream = netrt_stream(7, NETRT_FOR_BENCH, 0, 0, 0);
    double sum = 0;

    (void)state;
    for (uint32_t e = 0; e < 10000; e++) {
        double half_open = netrt_random_unit(&stream, e), open = netrt_random_open(&stream, e);
        assert_true(half_open >= 0 && half_open < 1);
        assert_true(open > 0 && open < 1);
        sum += half_open;
    }
    assert_true(fabs(sum / 10000 - 0.5) < 0.01);
}

static void a_permutation_has_every_number_once(void **state)
{
    enum { MOST = 1000 };
    static const int64_t counts[] = {0, 1, 2, 3, 16, MOST};
    struct netrt_stream stream = netrt_stream(3, NETRT_FOR_SHUFFLE, 0, 0, 0);

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        int64_t order[MOST];
        bool seen[MOST] = {false};
        netrt_permutation(&stream, counts[i], order);
        for (int64_t j = 0; j < counts[i]; j++) {
            assert_in_range(order[j], 0, counts[i] - 1);
            assert_false(seen[order[j]]);
            seen[order[j]] = true;
        }
    }
}

static void permutations_differ_by_epoch_and_repeat_by_key(void **state)
{
    struct netrt_stream first = netrt_stream(3, NETRT_FOR_SHUFFLE, 0, 0, 0), second = netrt_stream(3, NETRT_FOR_SHUFFLE, 0, 1, 0);
    int64_t a[100], b[100], c[100];

    (void)state;
    netrt_permutation(&first, 100, a);
    netrt_permutation(&second, 100, b);
    netrt_permutation(&first, 100, c);
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_equal(a, c, sizeof a);
}

/* All six orders of three come about equally often: chi-square with 5 degrees of freedom stays below 20.5 (p = 0.001). */
static void small_permutations_are_uniform(void **state)
{
    int count[27] = {0};
    double chi = 0;

    (void)state;
    for (uint32_t epoch = 0; epoch < 6000; epoch++) {
        struct netrt_stream stream = netrt_stream(5, NETRT_FOR_SHUFFLE, 0, epoch, 0);
        int64_t order[3];
        netrt_permutation(&stream, 3, order);
        count[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    for (int i = 0; i < 27; i++)
        chi += count[i] > 0 ? (count[i] - 1000.0) * (count[i] - 1000.0) / 1000.0 : 0;
    assert_true(chi < 20.5);
}

static void log_agrees_with_the_library(void **state)
{
    (void)state;
    for (double x = 1e-300; x < 1e300; x *= 1.37) {
        double expected = log(x);
        assert_true(fabs(netrt_log(x) - expected) <= 4e-16 * fabs(expected) + 4e-16);
    }
    for (double x = 0.5; x < 2; x += 1.0 / 1024)
        assert_true(fabs(netrt_log(x) - log(x)) <= 4e-16);
    assert_true(netrt_log(1) >= 0 && netrt_log(1) <= 0);
}

/* Quantiles to 16 digits, from the test data of Wichura's paper and from tables of the normal distribution. */
static void quantiles_are_the_known_ones(void **state)
{
    static const struct {
        double p, z;
    } known[] = {{0.25, -0.6744897501960817},
                 {0.001, -3.090232306167813},
                 {1e-20, -9.262340089798408},
                 {0.975, 1.959963984540054},
                 {0.5, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_true(fabs(netrt_normal_quantile(known[i].p) - known[i].z) <= 2e-15 * fabs(known[i].z));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_known_answers),        cmocka_unit_test(every_part_of_the_key_changes_the_numbers),
        cmocka_unit_test(wide_numbers_are_pairs_of_narrow_ones), cmocka_unit_test(units_stay_within_their_interval),
        cmocka_unit_test(a_permutation_has_every_number_once),   cmocka_unit_test(permutations_differ_by_epoch_and_repeat_by_key),
        cmocka_unit_test(small_permutations_are_uniform),        cmocka_unit_test(log_agrees_with_the_library),
        cmocka_unit_test(quantiles_are_the_known_ones),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}

#include "netrt/init.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 100, COLUMNS = 200, COUNT = ROWS * COLUMNS };

static struct netrt_parameter parameter(struct netrt_init init)
{
    static const int64_t dim[] = {ROWS, COLUMNS};
    struct netrt_parameter made = {.name = "w", .init = init, .l1 = -1, .l2 = -1};

    assert_true(netrt_shape_make(&made.shape, 2, dim));
    return made;
}

static void fill(struct netrt_init init, double values[COUNT])
{
    struct netrt_parameter p = parameter(init);
    struct netrt_error error;

    assert_int_equal(netrt_init_parameter(&p, 3, 1, sizeof(double), values, &error), NETRT_OK);
}

static double mean_of(const double values[COUNT])
{
    double sum = 0;

    for (int i = 0; i < COUNT; i++)
        sum += values[i];
    return sum / (double)COUNT;
}

static double deviation_of(const double values[COUNT])
{
    double mean = mean_of(values), sum = 0;

    for (int i = 0; i < COUNT; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sqrt(sum / (double)COUNT);
}

/* 20,000 draws: the mean is within 5 standard errors of zero, the deviation within 3 %. */
static void assert_moments(struct netrt_init init, double deviation)
{
    static double values[COUNT];

    fill(init, values);
    assert_true(fabs(mean_of(values)) < 5 * deviation / sqrt((double)COUNT));
    assert_true(fabs(deviation_of(values) / deviation - 1) < 0.03);
}

static void normals_have_their_moments(void **state)
{
    (void)state;
    assert_moments((struct netrt_init){.kind = NETRT_INIT_HE_NORMAL, .fan_in = 50}, 0.2);
    assert_moments((struct netrt_init){.kind = NETRT_INIT_XAVIER_NORMAL, .fan_in = 50, .fan_out = 150}, 0.1);
    assert_moments((struct netrt_init){.kind = NETRT_INIT_LECUN_NORMAL, .fan_in = 25}, 0.2);
    assert_moments((struct netrt_init){.kind = NETRT_INIT_NORMAL, .std = 0.5}, 0.5);
}

static void assert_bound(struct netrt_init init, double bound)
{
    static double values[COUNT];
    double most = 0;

    fill(init, values);
    for (int i = 0; i < COUNT; i++)
        most = fmax(most, fabs(values[i]));
    assert_true(most <= bound && most > 0.99 * bound);
    assert_true(fabs(deviation_of(values) / (bound / sqrt(3)) - 1) < 0.03);
}

static void uniforms_fill_their_interval(void **state)
{
    (void)state;
    assert_bound((struct netrt_init){.kind = NETRT_INIT_HE_UNIFORM, .fan_in = 6}, 1);
    assert_bound((struct netrt_init){.kind = NETRT_INIT_XAVIER_UNIFORM, .fan_in = 10, .fan_out = 14}, 0.5);
    assert_bound((struct netrt_init){.kind = NETRT_INIT_UNIFORM, .bound = 0.25}, 0.25);
}

static void constants_are_exact(void **state)
{
    static double values[COUNT], given[COUNT];
    static const struct {
        enum netrt_init_kind kind;
        double expected;
    } cases[] = {{NETRT_INIT_ZEROS, 0}, {NETRT_INIT_ONES, 1}, {NETRT_INIT_CONSTANT, 0.1}};

    (void)state;
    for (size_t c = 0; c < 3; c++) {
        fill((struct netrt_init){.kind = cases[c].kind, .value = 0.1}, values);
        for (int i = 0; i < COUNT; i++)
            assert_memory_equal(&values[i], &cases[c].expected, sizeof values[i]);
    }
    for (int i = 0; i < COUNT; i++)
        given[i] = i;
    fill((struct netrt_init){.kind = NETRT_INIT_VALUES, .values = given}, values);
    assert_memory_equal(values, given, sizeof values);
}

static void what_is_not_connected_starts_at_zero(void **state)
{
    static double values[COUNT], given[COUNT];
    static bool connected[COUNT];

    (void)state;
    for (int i = 0; i < COUNT; i++)
        given[i] = i + 1;
    for (int i = 0; i < COUNT; i++)
        connected[i] = i % 3 == 0;
    fill((struct netrt_init){.kind = NETRT_INIT_VALUES, .values = given, .connected = connected}, values);
    for (int i = 0; i < COUNT; i++)
        assert_true(values[i] == (i % 3 == 0 ? i + 1 : 0));
}

static void assert_orthonormal_rows(const double *m, int rows, int columns, int row_stride, int column_stride)
{
    for (int a = 0; a < rows; a++) {
        for (int b = 0; b <= a; b++) {
            double dot = 0;
            for (int c = 0; c < columns; c++)
                dot += m[a * row_stride + c * column_stride] * m[b * row_stride + c * column_stride];
            assert_true(fabs(dot - (a == b)) < 1e-13);
        }
    }
}

static void orthogonal_matrices_are_orthonormal_both_ways(void **state)
{
    static double values[COUNT];
    static const int64_t tall[] = {COLUMNS, ROWS};
    struct netrt_error error;

    (void)state;
    fill((struct netrt_init){.kind = NETRT_INIT_ORTHOGONAL, .matrices = 1}, values);
    assert_orthonormal_rows(values, ROWS, COLUMNS, COLUMNS, 1);

    struct netrt_parameter p = parameter((struct netrt_init){.kind = NETRT_INIT_ORTHOGONAL, .matrices = 1});
    netrt_shape_make(&p.shape, 2, tall);
    assert_int_equal(netrt_init_parameter(&p, 3, 1, sizeof(double), values, &error), NETRT_OK);
    assert_orthonormal_rows(values, ROWS, COLUMNS, 1, ROWS);
}

/* The gates of a recurrent layer, four squares of eight: each is orthogonal, and no two are the same. */
static void each_gate_is_orthogonal_by_itself(void **state)
{
    enum { GATES = 4, UNITS = 8, SIZE = UNITS * UNITS };
    static double values[GATES * SIZE];
    static const int64_t gates[] = {GATES * UNITS, UNITS};
    struct netrt_parameter p = parameter((struct netrt_init){.kind = NETRT_INIT_ORTHOGONAL, .matrices = GATES});
    struct netrt_error error;

    (void)state;
    netrt_shape_make(&p.shape, 2, gates);
    assert_int_equal(netrt_init_parameter(&p, 3, 1, sizeof(double), values, &error), NETRT_OK);
    for (int g = 0; g < GATES; g++) {
        assert_orthonormal_rows(values + g * SIZE, UNITS, UNITS, UNITS, 1);
        assert_orthonormal_rows(values + g * SIZE, UNITS, UNITS, 1, UNITS);
        assert_true(g == 0 || memcmp(values, values + g * SIZE, SIZE * sizeof values[0]) != 0);
    }
}

/* Single precision is double precision, rounded once: an f32 and an f64 build start from the same weights. */
static void single_precision_is_rounded_once(void **state)
{
    static double wide[COUNT];
    static float narrow[COUNT];
    struct netrt_parameter p = parameter((struct netrt_init){.kind = NETRT_INIT_HE_NORMAL, .fan_in = 9});
    struct netrt_error error;

    (void)state;
    fill(p.init, wide);
    assert_int_equal(netrt_init_parameter(&p, 3, 1, sizeof(float), narrow, &error), NETRT_OK);
    for (int i = 0; i < COUNT; i++) {
        float rounded = (float)wide[i];
        assert_memory_equal(&narrow[i], &rounded, sizeof rounded);
    }
}

static void seeds_and_parameters_have_numbers_of_their_own(void **state)
{
    static double a[COUNT], b[COUNT], c[COUNT];
    struct netrt_parameter p = parameter((struct netrt_init){.kind = NETRT_INIT_UNIFORM, .bound = 1});
    struct netrt_error error;

    (void)state;
    netrt_init_parameter(&p, 0, 1, sizeof(double), a, &error);
    netrt_init_parameter(&p, 1, 1, sizeof(double), b, &error);
    netrt_init_parameter(&p, 0, 2, sizeof(double), c, &error);
    for (int i = 0; i < COUNT; i++)
        assert_false(a[i] == b[i] || a[i] == c[i]);
}

/* The bits of the first normals of seed 1: they may change only together with every trained net. */
static void bits_are_pinned(void **state)
{
    struct netrt_parameter p = parameter((struct netrt_init){.kind = NETRT_INIT_NORMAL, .std = 1});
    static float values[COUNT];
    struct netrt_error error;
    uint32_t hash = 2166136261u, bits;

    (void)state;
    assert_int_equal(netrt_init_parameter(&p, 0, 1, sizeof(float), values, &error), NETRT_OK);
    for (int i = 0; i < COUNT; i++) {
        memcpy(&bits, &values[i], sizeof bits);
        hash = (hash ^ bits) * 16777619u;
    }
    assert_int_equal(hash, 0xd981f749u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normals_have_their_moments),
        cmocka_unit_test(uniforms_fill_their_interval),
        cmocka_unit_test(constants_are_exact),
        cmocka_unit_test(what_is_not_connected_starts_at_zero),
        cmocka_unit_test(orthogonal_matrices_are_orthonormal_both_ways),
        cmocka_unit_test(each_gate_is_orthogonal_by_itself),
        cmocka_unit_test(single_precision_is_rounded_once),
        cmocka_unit_test(seeds_and_parameters_have_numbers_of_their_own),
        cmocka_unit_test(bits_are_pinned),
    };
    return cmocka_run_group_tests_name("init", tests, NULL, NULL);
}

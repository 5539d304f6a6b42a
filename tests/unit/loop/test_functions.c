#include "tests/support/loop_fixture.h"

#include "netrt/random.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The functions run here as the loop IR defines them: every operation in float or double, rounded once. */
union number {
    float real32;
    double real64;
    uint32_t bits32;
    uint64_t bits64;
    bool mask;
};

enum { MAX_VARIABLES = 48 };

struct machine {
    int precision;
    const struct loop_variable *variable[MAX_VARIABLES];
    union number number[MAX_VARIABLES];
    int count;
};

static union number call(const struct loop_function *f, int precision, union number x);

static int precision_of(const struct loop_module *m)
{
    return loop_type_bytes(m->real);
}

static union number variable_value(const struct machine *vm, const struct loop_variable *v)
{
    int i = 0;

    while (i < vm->count && vm->variable[i] != v)
        i++;
    assert_true(i < vm->count);
    return vm->number[i];
}

static double real_of(union number x, int precision)
{
    return precision == 4 ? (double)x.real32 : x.real64;
}

static union number real_operation(enum loop_op op, int precision, union number a, union number b, union number c)
{
    union number y = {0};

#define IN(real, fma_, sqrt_, abs_)                              \
    switch ((int)op) {                                           \
    case LOOP_NEGATE: y.real = -a.real; break;                   \
    case LOOP_ABSOLUTE: y.real = abs_(a.real); break;            \
    case LOOP_SQRT: y.real = sqrt_(a.real); break;               \
    case LOOP_ADD: y.real = a.real + b.real; break;              \
    case LOOP_SUBTRACT: y.real = a.real - b.real; break;         \
    case LOOP_MULTIPLY: y.real = a.real * b.real; break;         \
    case LOOP_DIVIDE: y.real = a.real / b.real; break;           \
    case LOOP_FMA: y.real = fma_(a.real, b.real, c.real); break; \
    case LOOP_LESS: y.mask = a.real < b.real; break;             \
    case LOOP_LESS_EQUAL: y.mask = a.real <= b.real; break;      \
    case LOOP_EQUAL: y.mask = a.real == b.real; break;           \
    default: fail_msg("operation %d", (int)op);                  \
    }
    if (precision == 4) {
        IN(real32, fmaf, sqrtf, fabsf)
    } else {
        IN(real64, fma, sqrt, fabs)
    }
#undef IN
    return y;
}

static union number bits_operation(const struct loop_expr *e, int precision, union number a, union number b)
{
    union number y = {0};
    uint64_t p = precision == 4 ? a.bits32 : a.bits64, q = precision == 4 ? b.bits32 : b.bits64, result = 0;
    int64_t with_sign = precision == 4 ? (int32_t)a.bits32 : (int64_t)a.bits64;

    switch ((int)e->op) {
    case LOOP_BITS_ADD: result = p + q; break;
    case LOOP_BITS_SUBTRACT: result = p - q; break;
    case LOOP_BITS_AND: result = p & q; break;
    case LOOP_BITS_OR: result = p | q; break;
    case LOOP_SHIFT_LEFT: result = p << e->as.bits; break;
    case LOOP_SHIFT_RIGHT: result = (uint64_t)(with_sign >> e->as.bits); break;
    default: fail_msg("operation %d", (int)e->op);
    }
    if (precision == 4)
        y.bits32 = (uint32_t)result;
    else
        y.bits64 = result;
    return y;
}

static union number evaluate(const struct machine *vm, const struct loop_expr *e)
{
    union number arg[3] = {{0}}, y = {0};

    for (int i = 0; i < 3 && e->arg[i]; i++)
        arg[i] = evaluate(vm, e->arg[i]);
    switch ((int)e->op) {
    case LOOP_CONSTANT:
        if (vm->precision == 4)
            y.real32 = (float)e->as.real;
        else
            y.real64 = e->as.real;
        return y;
    case LOOP_BITS_CONSTANT:
        if (vm->precision == 4)
            y.bits32 = (uint32_t)e->as.bits;
        else
            y.bits64 = (uint64_t)e->as.bits;
        return y;
    case LOOP_VARIABLE: return variable_value(vm, e->as.variable);
    case LOOP_TO_BITS:
    case LOOP_FROM_BITS: return arg[0];
    case LOOP_SELECT: return arg[0].mask ? arg[1] : arg[2];
    case LOOP_CALL: return call(e->as.function, vm->precision, arg[0]);
    default: break;
    }
    if (loop_is_integer(e->type))
        return bits_operation(e, vm->precision, arg[0], arg[1]);
    return real_operation(e->op, vm->precision, arg[0], arg[1], arg[2]);
}

static union number call(const struct loop_function *f, int precision, union number x)
{
    struct machine vm = {.precision = precision, .variable = {f->parameter}, .number = {x}, .count = 1};

    for (const struct loop *s = f->body->as.block; s; s = s->next) {
        assert_true(vm.count < MAX_VARIABLES);
        vm.number[vm.count] = evaluate(&vm, s->as.set.value);
        vm.variable[vm.count++] = s->as.set.variable;
    }
    return evaluate(&vm, f->result);
}

/* ---- Errors -------------------------------------------------------------------------------------------------------- */

static long double sigmoidl(long double x)
{
    return 1 / (1 + expl(-x));
}

static long double softplusl(long double x)
{
    return (x > 0 ? x : 0) + log1pl(expl(-fabsl(x)));
}

/* What functions.c promises. */
static const struct {
    const char *name;
    long double (*exact)(long double);
    double bound32, bound64;
} promised[] = {
    [MATH_EXP] = {"exp", expl, 1.1, 1.1},
    [MATH_LOG] = {"log", logl, 0.9, 0.9},
    [MATH_TANH] = {"tanh", tanhl, 2.5, 1.5},
    [MATH_SIGMOID] = {"sigmoid", sigmoidl, 2.3, 2.3},
    [MATH_ERF] = {"erf", erfl, 1.5, 1.7},
    [MATH_EXPM1] = {"expm1", expm1l, 1.8, 2.2},
    [MATH_SOFTPLUS] = {"softplus", softplusl, 2.0, 2.0},
};

static double least_normal(int precision)
{
    return precision == 4 ? (double)FLT_MIN : DBL_MIN;
}

/* The error in ulp of the exact result; 0 where both overflow, or where the exact result is denormal and ours vanishes. */
static double error_in_ulp(long double exact, double got, int precision)
{
    int exponent;
    double greatest = precision == 4 ? (double)FLT_MAX : DBL_MAX;

    if (isnan(exact) || isnan(got))
        return isnan(exact) && isnan(got) ? 0 : INFINITY;
    if (fabsl(exact) < (long double)least_normal(precision))
        return fabs(got) <= least_normal(precision) ? 0 : INFINITY;
    if (fabsl(exact) > (long double)greatest)
        return isinf(got) && (got > 0) == (exact > 0) ? 0 : INFINITY;
    frexpl(exact, &exponent);
    return (double)fabsl(((long double)got - exact) / ldexpl(1, exponent - (precision == 4 ? 24 : 53)));
}

/* The nth argument: all exponents in turn, other bits at random. */
static union number argument(uint64_t n, int precision)
{
    uint64_t random = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
    union number x = {0};

    random = (random ^ random >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    random ^= random >> 32;
    if (precision == 4)
        x.bits32 = (uint32_t)(random & 0x807fffff) | (uint32_t)(n % 255) << 23;
    else
        x.bits64 = (random & UINT64_C(0x800fffffffffffff)) | (n % 2 == 0 ? n / 2 % 2047 : 1023 - 40 + n / 2 % 50) << 52;
    return x;
}

static void hold_to_bound(struct loop_module *m, enum loop_math which, uint64_t count)
{
    const struct loop_function *f = loop_math_function(m, which, m->real);
    double worst = 0, at = 0, bound = precision_of(m) == 4 ? promised[which].bound32 : promised[which].bound64;

    for (uint64_t n = 0; n < count; n++) {
        union number x = argument(n, precision_of(m));
        double given = real_of(x, precision_of(m));
        if (given != 0 && fabs(given) < least_normal(precision_of(m)))
            continue;
        double error = error_in_ulp(promised[which].exact((long double)given),
                                    real_of(call(f, precision_of(m), x), precision_of(m)), precision_of(m));
        if (error > worst) {
            worst = error;
            at = given;
        }
    }
    print_message("%s f%d: %.3f ulp at %.17g\n", promised[which].name, 8 * precision_of(m), worst, at);
    assert_true(worst <= bound);
}

static void errors_stay_within_the_bounds_f32(void **state)
{
    struct loop_fixture *f = *state;

    for (int which = MATH_EXP; which <= MATH_SOFTPLUS; which++)
        hold_to_bound(f->module, (enum loop_math)which, 600000);
}

static void errors_stay_within_the_bounds_f64(void **state)
{
    struct loop_fixture *f = *state;

    f->module->real = TYPE_F64;
    for (int which = MATH_EXP; which <= MATH_SOFTPLUS; which++)
        hold_to_bound(f->module, (enum loop_math)which, 600000);
}

static double value_at(struct loop_module *m, enum loop_math which, double x)
{
    union number given = {0};

    if (precision_of(m) == 4)
        given.real32 = (float)x;
    else
        given.real64 = x;
    return real_of(call(loop_math_function(m, which, m->real), precision_of(m), given), precision_of(m));
}

/* The runtime's quantile after two steps of Newton's method on erf, around 1/2, or on erfc. */
static long double normal_quantilel(long double p)
{
    const long double half = 0.5L, root2 = sqrtl(2), density = sqrtl(8 * atanl(1));
    long double z = (long double)netrt_normal_quantile((double)p);

    if (p > half)
        return -normal_quantilel(1 - p);
    for (int i = 0; i < 2; i++) {
        const long double excess = p > 0.1L ? half * erfl(z / root2) - (p - half) : half * erfcl(-z / root2) - p;
        z -= excess * density * expl(half * z * z);
    }
    return z;
}

/* The quantile is promised for the middles of 2^23 equal steps, which are what kernels ask for: f32 sees all of them, f64 a part
 * and the ends. */
static double worst_quantile(struct loop_module *m, uint32_t stride)
{
    double worst = 0;

    for (uint32_t k = 0; k < UINT32_C(1) << 23; k += k < 1000 || k > (UINT32_C(1) << 23) - 1000 ? 1 : stride) {
        const double p = k * 0x1p-23 + 0x1p-24;
        const double error = error_in_ulp(normal_quantilel((long double)p), value_at(m, MATH_NORMAL_QUANTILE, p), precision_of(m));
        worst = error > worst ? error : worst;
    }
    print_message("normal_quantile f%d: %.3f ulp\n", 8 * precision_of(m), worst);
    return worst;
}

static void quantiles_stay_within_the_bounds(void **state)
{
    struct loop_fixture *f = *state;

    assert_true(worst_quantile(f->module, 5) <= 4.9);
    f->module->function.count = 0;
    f->module->real = TYPE_F64;
    assert_true(worst_quantile(f->module, 37) <= 4.7);
}

/* ---- Special values ------------------------------------------------------------------------------------------------ */

static void assert_special_values(struct loop_module *m)
{
    double tiny = least_normal(precision_of(m));

    for (int which = MATH_EXP; which <= MATH_SOFTPLUS; which++) {
        assert_true(isnan(value_at(m, (enum loop_math)which, NAN)));
        assert_true(isnan(value_at(m, (enum loop_math)which, -NAN)));
    }
    assert_true(value_at(m, MATH_EXP, INFINITY) == INFINITY);
    assert_true(value_at(m, MATH_EXP, -INFINITY) == 0);
    assert_true(value_at(m, MATH_EXP, -0.0) == 1);
    assert_true(value_at(m, MATH_EXP, 1e30) == INFINITY);
    assert_true(value_at(m, MATH_EXP, -1e30) == 0);
    assert_true(value_at(m, MATH_LOG, 0) == -INFINITY);
    assert_true(value_at(m, MATH_LOG, -0.0) == -INFINITY);
    assert_true(value_at(m, MATH_LOG, tiny / 2) == -INFINITY);
    assert_true(isnan(value_at(m, MATH_LOG, -tiny)));
    assert_true(isnan(value_at(m, MATH_LOG, -INFINITY)));
    assert_true(value_at(m, MATH_LOG, INFINITY) == INFINITY);
    assert_true(value_at(m, MATH_LOG, 1) == 0);
    assert_true(value_at(m, MATH_TANH, INFINITY) == 1);
    assert_true(value_at(m, MATH_TANH, -INFINITY) == -1);
    assert_true(signbit(value_at(m, MATH_TANH, -0.0)));
    assert_true(value_at(m, MATH_SIGMOID, INFINITY) == 1);
    assert_true(value_at(m, MATH_SIGMOID, -INFINITY) == 0);
    assert_true(value_at(m, MATH_SIGMOID, 0) == 0.5);
    assert_true(value_at(m, MATH_ERF, INFINITY) == 1);
    assert_true(value_at(m, MATH_ERF, -INFINITY) == -1);
    assert_true(signbit(value_at(m, MATH_ERF, -0.0)));
    assert_true(value_at(m, MATH_EXPM1, INFINITY) == INFINITY);
    assert_true(value_at(m, MATH_EXPM1, 1e30) == INFINITY);
    assert_true(value_at(m, MATH_EXPM1, -INFINITY) == -1);
    assert_true(value_at(m, MATH_EXPM1, -1e30) == -1);
    assert_true(value_at(m, MATH_EXPM1, tiny) == tiny);
    assert_true(value_at(m, MATH_SOFTPLUS, INFINITY) == INFINITY);
    assert_true(value_at(m, MATH_SOFTPLUS, -INFINITY) == 0);
    assert_true(value_at(m, MATH_SOFTPLUS, -1e30) == 0);
    assert_true(value_at(m, MATH_SOFTPLUS, 0x1p90) == 0x1p90);
}

static void special_values_are_right(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *other = small_module(f->arena, 8, 8);

    assert_special_values(f->module);
    assert_special_values(other);
}

/* All floats between two of one sign. */
static void hold_exp_between(struct loop_module *m, float from, float to)
{
    union number x = {.real32 = from}, end = {.real32 = to};

    for (; x.bits32 <= end.bits32; x.bits32++) {
        double given = (double)x.real32;
        assert_true(error_in_ulp(expl((long double)given), value_at(m, MATH_EXP, given), 4) <= promised[MATH_EXP].bound32);
    }
}

static void every_float_near_a_threshold_of_exp_is_right(void **state)
{
    struct loop_fixture *f = *state;

    hold_exp_between(f->module, 88.7f, 88.75f);
    hold_exp_between(f->module, -87.30f, -87.37f);
}

static void tanh_never_leaves_its_range(void **state)
{
    struct loop_fixture *f = *state;
    double greatest = 0;

    for (int i = 0; i < 310000; i++) {
        double x = 6 + 1e-5 * i, y = value_at(f->module, MATH_TANH, x);
        assert_true(y <= 1);
        assert_true(value_at(f->module, MATH_TANH, -x) == -y);
        greatest = fmax(greatest, y);
    }
    assert_true(greatest == 1);
}

static void erf_never_leaves_its_range(void **state)
{
    struct loop_fixture *f = *state;
    struct loop_module *modules[] = {f->module, small_module(f->arena, 8, 8)};

    for (int i = 0; i < 80000; i++) {
        const double x = 3 + 1e-4 * i;
        for (int k = 0; k < 2; k++) {
            const double y = value_at(modules[k], MATH_ERF, x);
            assert_true(y <= 1);
            assert_true(value_at(modules[k], MATH_ERF, -x) == -y);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        loop_test(errors_stay_within_the_bounds_f32),
        loop_test(errors_stay_within_the_bounds_f64),
        loop_test(quantiles_stay_within_the_bounds),
        loop_test(special_values_are_right),
        loop_test(every_float_near_a_threshold_of_exp_is_right),
        loop_test(tanh_never_leaves_its_range),
        loop_test(erf_never_leaves_its_range),
    };
    return cmocka_run_group_tests_name("functions", tests, NULL, NULL);
}

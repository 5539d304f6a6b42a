/* functions: exp, log, tanh, sigmoid, erf, expm1, softplus and the normal quantile as loops, so that every back end computes the
 * same bits.
 *
 * Additions, multiplications, fused multiply-adds, IEEE division and integer operations on the bits; no estimate instructions, no
 * tables. Denormal arguments count as zero and denormal results are zero. NaN gives NaN.
 *
 *   worst error in ulp        f32    f64
 *   exp                       1.1    1.1
 *   log                       0.9    0.9
 *   tanh                      2.5    1.5
 *   sigmoid                   2.3    2.3
 *   erf                       1.5    1.7
 *   expm1                     1.8    2.2
 *   softplus                  2.0    2.0
 *   normal quantile           4.9    4.7
 *
 * tests/unit/loop/test_functions.c holds them to these bounds, over all exponents.
 */
#include "compiler/loop/loop.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

/* A function being written: each `let` is a line of its body. */
struct writer {
    struct loop_module *m;
    enum loop_type real, bits;
    struct loop_list list;
};

typedef const struct loop_expr *expr;

static bool is_single(const struct writer *w)
{
    return w->m->real == TYPE_F32;
}

static expr let(struct writer *w, const char *name, expr value)
{
    const struct loop_variable *v = loop_add_variable(w->m, name, value->type);

    loop_append(&w->list, loop_define(w->m, v, value));
    return loop_read(w->m, v);
}

static expr number(struct writer *w, double value)
{
    return loop_real(w->m, w->real, value);
}

static expr integer(struct writer *w, int64_t value)
{
    return loop_bits(w->m, w->bits, value);
}

static expr add(struct writer *w, expr a, expr b)
{
    return loop_binary(w->m, LOOP_ADD, a, b);
}

static expr subtract(struct writer *w, expr a, expr b)
{
    return loop_binary(w->m, LOOP_SUBTRACT, a, b);
}

static expr multiply(struct writer *w, expr a, expr b)
{
    return loop_binary(w->m, LOOP_MULTIPLY, a, b);
}

static expr divide(struct writer *w, expr a, expr b)
{
    return loop_binary(w->m, LOOP_DIVIDE, a, b);
}

static expr less(struct writer *w, expr a, expr b)
{
    return loop_binary(w->m, LOOP_LESS, a, b);
}

static expr to_bits(struct writer *w, expr a)
{
    return loop_unary(w->m, LOOP_TO_BITS, a);
}

static expr from_bits(struct writer *w, expr a)
{
    return loop_unary(w->m, LOOP_FROM_BITS, a);
}

/* coefficient[0] + x * (coefficient[1] + x * ...), each step rounded once and on a line of its own: q3, q2, ... */
static expr horner(struct writer *w, const char *name, expr x, const double coefficient[], int count)
{
    expr sum = number(w, coefficient[count - 1]);

    for (int i = count - 2; i >= 0; i--)
        sum = let(w, arena_printf(w->m->arena, "%s%d", name, i), loop_fma(w->m, sum, x, number(w, coefficient[i])));
    return sum;
}

/* ---- exp ----------------------------------------------------------------------------------------------------------- */

/* exp(x) = 2^n * exp(r), n = round(x / ln 2), |r| <= ln(2)/2, exp(r) = 1 + r + r^2 q(r). n is found by adding 1.5 * 2^(digits - 1),
 * which leaves it in the low bits of the sum; n * ln 2 is subtracted in two words (Cody and Waite, Software Manual for the
 * Elementary Functions, 1980). q interpolates (exp(r) - 1 - r) / r^2 at Chebyshev points: relative error 1.1e-8 and 1.7e-17. */
struct exp_constants {
    double magic, log2_e, ln2_high, ln2_low, lowest, highest;
    int digits; /* of the fraction, where the exponent begins */
    int count;
    double q[10];
};

static const struct exp_constants exp32 = {
    .magic = 0x1.8p23,
    .log2_e = 1.44269504088896340736,
    .ln2_high = 0x1.62e43p-1,
    .ln2_low = -1.904654299957768e-09,
    .lowest = -87.3365402, /* the least float whose result is not denormal */
    .highest = 88.7228317, /* the greatest whose result is finite */
    .digits = 23,
    .count = 5,
    .q = {0.5, 0.16666576845993976311, 0.041666554437685938899, 0.0083632029715758549465, 0.0013926213466332443037},
};

static const struct exp_constants exp64 = {
    .magic = 0x1.8p52,
    .log2_e = 1.44269504088896340736,
    .ln2_high = 0x1.62e42fefa39efp-1,
    .ln2_low = 2.319046813846299558e-17,
    .lowest = -708.39641853226408,
    .highest = 709.78271289338397,
    .digits = 52,
    .count = 10,
    .q = {0.50000000000000010262, 0.16666666666666667456, 0.041666666666623991516, 0.0083333333333300513464,
          0.0013888888917281793308, 0.00019841269863105968748, 0.000024801521190217727651, 2.7557268378684192873e-6,
          2.7620138719733995569e-7, 2.5100424157005066788e-8},
};

static expr write_exp(struct writer *w, expr x)
{
    const struct exp_constants *c = is_single(w) ? &exp32 : &exp64;
    struct loop_module *m = w->m;

    expr shifted = let(w, "shifted", loop_fma(m, x, number(w, c->log2_e), number(w, c->magic)));
    expr n = let(w, "n", subtract(w, shifted, number(w, c->magic)));
    expr high = let(w, "high", loop_fma(m, n, number(w, -c->ln2_high), x));
    expr r = let(w, "r", loop_fma(m, n, number(w, -c->ln2_low), high));
    expr q = horner(w, "q", r, c->q, c->count);
    expr p = let(w, "p", add(w, number(w, 1), loop_fma(m, multiply(w, r, r), q, r)));
    expr exponent = loop_shift(m, LOOP_SHIFT_LEFT, to_bits(w, shifted), c->digits);
    expr y = let(w, "y", from_bits(w, loop_binary(m, LOOP_BITS_ADD, to_bits(w, p), exponent)));
    /* Above, and for NaN, x + Inf is what is wanted. */
    expr fits = loop_binary(m, LOOP_LESS_EQUAL, x, number(w, c->highest));
    expr finite = let(w, "finite", loop_select(m, fits, y, add(w, x, number(w, INFINITY))));
    return loop_select(m, less(w, x, number(w, c->lowest)), number(w, 0), finite);
}

/* ---- log ----------------------------------------------------------------------------------------------------------- */

/* x = 2^e * (1 + f), 1 + f between sqrt(1/2) and sqrt(2); with s = f / (2 + f), log(1 + f) = f - (f^2/2 - s (f^2/2 + R(s^2))).
 * Method and coefficients: fdlibm, e_log.c (Sun Microsystems, 1993), and FreeBSD's e_logf.c. e becomes a real by adding its bits
 * to those of a number whose last place is 1. */
struct log_constants {
    int64_t sqrt_half, fraction, magic_bits; /* bits */
    double magic, ln2_high, ln2_low, least;
    int digits, count;
    double r[7];
};

static const struct log_constants log32 = {
    .sqrt_half = 0x3f3504f3,
    .fraction = 0x007fffff,
    .magic_bits = 0x4b400000,
    .magic = 0x1.8p23,
    .ln2_high = 6.9313812256e-01,
    .ln2_low = 9.0580006145e-06,
    .least = FLT_MIN,
    .digits = 23,
    .count = 4,
    .r = {0xaaaaaa.0p-24, 0xccce13.0p-25, 0x91e9ee.0p-25, 0xf89e26.0p-26},
};

static const struct log_constants log64 = {
    .sqrt_half = 0x3fe6a09e667f3bcd,
    .fraction = 0x000fffffffffffff,
    .magic_bits = 0x4338000000000000,
    .magic = 0x1.8p52,
    .ln2_high = 6.93147180369123816490e-01,
    .ln2_low = 1.90821492927058770002e-10,
    .least = DBL_MIN,
    .digits = 52,
    .count = 7,
    .r = {6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
          1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01},
};

static expr write_log(struct writer *w, expr x)
{
    const struct log_constants *c = is_single(w) ? &log32 : &log64;
    struct loop_module *m = w->m;

    expr from_half = let(w, "from_half", loop_binary(m, LOOP_BITS_SUBTRACT, to_bits(w, x), integer(w, c->sqrt_half)));
    expr exponent = loop_shift(m, LOOP_SHIFT_RIGHT, from_half, c->digits);
    expr e = loop_binary(m, LOOP_BITS_ADD, exponent, integer(w, c->magic_bits));
    e = let(w, "e", subtract(w, from_bits(w, e), number(w, c->magic)));
    expr fraction = loop_binary(m, LOOP_BITS_AND, from_half, integer(w, c->fraction));
    fraction = loop_binary(m, LOOP_BITS_ADD, fraction, integer(w, c->sqrt_half));
    expr f = let(w, "f", subtract(w, from_bits(w, fraction), number(w, 1)));
    expr s = let(w, "s", divide(w, f, add(w, f, number(w, 2))));
    expr z = let(w, "z", multiply(w, s, s));
    expr r = let(w, "r", multiply(w, z, horner(w, "r", z, c->r, c->count)));
    expr half = let(w, "half", multiply(w, multiply(w, f, f), number(w, 0.5)));
    expr low = loop_fma(m, s, add(w, half, r), multiply(w, e, number(w, c->ln2_low)));
    expr tail = let(w, "tail", subtract(w, half, low));
    expr y = let(w, "y", loop_fma(m, e, number(w, c->ln2_high), subtract(w, f, tail)));
    /* Inf and NaN are their own logarithms. */
    expr ordinary = let(w, "ordinary", loop_select(m, less(w, x, number(w, INFINITY)), y, x));
    expr is_zero = less(w, number(w, -c->least), x);
    expr below = let(w, "below", loop_select(m, is_zero, number(w, -INFINITY), number(w, NAN)));
    return loop_select(m, less(w, x, number(w, c->least)), below, ordinary);
}

/* `size`, which is not negative, with the sign of x. */
static expr with_sign_of(struct writer *w, expr x, expr size)
{
    expr sign = loop_binary(w->m, LOOP_BITS_AND, to_bits(w, x), integer(w, is_single(w) ? INT32_MIN : INT64_MIN));

    return from_bits(w, loop_binary(w->m, LOOP_BITS_OR, to_bits(w, size), sign));
}

/* ---- tanh ---------------------------------------------------------------------------------------------------------- */

/* f32: (exp(2 |x|) - 1) / (exp(2 |x|) + 1) with the sign of x. With exp(2 |x|) = 2^n (1 + s), the difference is
 * 2^n s + (2^n - 1) in one rounding, so nothing cancels near zero. One word of ln 2 is enough: where n is great, the quotient
 * hardly depends on r. Beyond `limit` the quotient is 1; no result exceeds it. */
static expr write_tanh32(struct writer *w, expr x)
{
    struct loop_module *m = w->m;
    expr limit = number(w, 9.02), one = number(w, 1), size = let(w, "size", loop_unary(m, LOOP_ABSOLUTE, x));

    expr t = let(w, "t", loop_select(m, less(w, limit, size), limit, size));
    expr shifted = let(w, "shifted", loop_fma(m, t, number(w, 2 * exp32.log2_e), number(w, exp32.magic)));
    expr n = let(w, "n", subtract(w, shifted, number(w, exp32.magic)));
    expr r = let(w, "r", loop_fma(m, n, number(w, -exp32.ln2_high), add(w, t, t)));
    expr q = horner(w, "q", r, exp32.q, exp32.count);
    expr s = let(w, "s", loop_fma(m, multiply(w, r, r), q, r));
    expr exponent = loop_shift(m, LOOP_SHIFT_LEFT, to_bits(w, shifted), exp32.digits);
    expr power = let(w, "power", from_bits(w, loop_binary(m, LOOP_BITS_ADD, exponent, to_bits(w, one))));
    expr grown = let(w, "grown", loop_fma(m, power, s, subtract(w, power, one)));
    return with_sign_of(w, x, let(w, "y", divide(w, grown, add(w, grown, number(w, 2)))));
}

/* f64: with t = |x|, t + t^3 P(t^2) / Q(t^2) below 0.625, else 1 - 2 / (exp(2 t) + 1); then the sign of x.
 * Source: Cephes Math Library 2.8, tanh.c (Moshier, 2000). */
static const double tanh64_p[] = {-1.61468768441708447952e3, -9.92877231001918586564e1, -9.64399179425052238628e-1};
static const double tanh64_q[] = {4.84406305325125486048e3, 2.23548839060100448583e3, 1.12811678491632931402e2, 1.0};

static expr write_tanh64(struct writer *w, expr x)
{
    struct loop_module *m = w->m;
    const struct loop_function *exponential = loop_math_function(m, MATH_EXP, w->real);

    expr t = let(w, "t", loop_unary(m, LOOP_ABSOLUTE, x));
    expr u = let(w, "u", multiply(w, t, t));
    expr p = horner(w, "p", u, tanh64_p, 3);
    expr q = horner(w, "q", u, tanh64_q, 4);
    expr near = let(w, "near", loop_fma(m, multiply(w, t, u), divide(w, p, q), t));
    expr grown = let(w, "grown", loop_call(m, exponential, add(w, t, t)));
    expr far = let(w, "far", subtract(w, number(w, 1), divide(w, number(w, 2), add(w, grown, number(w, 1)))));
    return with_sign_of(w, x, loop_select(m, less(w, t, number(w, 0.625)), near, far));
}

static expr write_tanh(struct writer *w, expr x)
{
    return is_single(w) ? write_tanh32(w, x) : write_tanh64(w, x);
}

/* ---- sigmoid ------------------------------------------------------------------------------------------------------- */

/* 1 / (1 + exp(-x)): at the lower end exp overflows and the quotient is 0, at the upper end it vanishes and the quotient is 1. */
static expr write_sigmoid(struct writer *w, expr x)
{
    const struct loop_function *exponential = loop_math_function(w->m, MATH_EXP, w->real);

    expr grown = let(w, "grown", loop_call(w->m, exponential, loop_unary(w->m, LOOP_NEGATE, x)));
    return divide(w, number(w, 1), add(w, number(w, 1), grown));
}

static double reference_sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* ---- erf ----------------------------------------------------------------------------------------------------------- */

/* With t = |x|: t + t P(t^2) below `split`, else 1 + exp(-t^2) R(1 / (1 + scale t)), where R(u) = -exp(t^2) erfc(t); then the sign
 * of x. P and R interpolate at Chebyshev points, R up to the t beyond which the sum is 1: errors 1.3e-8 and 6.4e-19, 1.6e-8 and
 * 1.2e-16. The rounding of t^2 moves exp(-t^2) most where erfc(t) no longer counts, so one word is enough. */
struct erf_constants {
    double split, scale, centre; /* R is a polynomial in u - centre */
    int near_count, far_count;
    double p[12], r[15];
};

static const struct erf_constants erf32 = {
    .split = 0.9,
    .scale = 0.35,
    .centre = 0.5885614702154626109,
    .near_count = 6,
    .far_count = 7,
    .p = {0.12837915472723106807, -0.3761252880475368489, 0.11282194093299177354, -0.026780719128523382216,
          0.0050144841511504461356, -0.00061026870367640493066},
    .r = {-0.25568345315631054425, -0.88271487311152416031, -1.3525406795708122829, -1.5638534927444682494, -1.2806528929764427033,
          -0.59313902545507911619, 0.024647942539114080332},
};

static const struct erf_constants erf64 = {
    .split = 0.9,
    .scale = 0.35,
    .centre = 0.54151845946277443886,
    .near_count = 12,
    .far_count = 15,
    .p = {0.12837916709551257326, -0.37612638903183729854, 0.11283791670953793881, -0.026866170644823730741,
          0.0052239776217703723655, -0.00085483267644665422521, 0.00012055321382481121603, -0.000014925307535508590417,
          1.6455328747938095626e-6, -1.6276526722586206498e-7, 1.4051482766989912583e-8, -8.4939987970809435829e-10},
    .r = {-0.21699443250548503592, -0.76532336017176450282, -1.1482334268005514104, -1.3360961212796095246, -1.1385319974237749367,
          -0.6006328566352062909, -0.045768539663075576637, 0.18969797045357586707, 0.089657316770428591097,
          -0.061299364664210795325, -0.053539798753582967789, 0.028432295083383496367, 0.029422976009849051167,
          -0.017094430587679231684, -0.014079522235643166566},
};

static expr write_erf(struct writer *w, expr x)
{
    const struct erf_constants *c = is_single(w) ? &erf32 : &erf64;
    const struct loop_function *exponential = loop_math_function(w->m, MATH_EXP, w->real);
    struct loop_module *m = w->m;

    expr one = number(w, 1), t = let(w, "t", loop_unary(m, LOOP_ABSOLUTE, x));
    expr square = let(w, "square", multiply(w, t, t));
    expr near = let(w, "near", loop_fma(m, t, horner(w, "p", square, c->p, c->near_count), t));
    expr u = let(w, "u", subtract(w, divide(w, one, loop_fma(m, t, number(w, c->scale), one)), number(w, c->centre)));
    expr r = horner(w, "r", u, c->r, c->far_count);
    /* Unlike a negation, 0 - x keeps the sign of a NaN: which of two NaNs comes out of fma is the machine's choice. */
    expr shrunk = let(w, "shrunk", loop_call(m, exponential, subtract(w, number(w, 0), square)));
    expr far = let(w, "far", loop_fma(m, shrunk, r, one));
    return with_sign_of(w, x, loop_select(m, less(w, t, number(w, c->split)), near, far));
}

/* ---- expm1 --------------------------------------------------------------------------------------------------------- */

/* exp(x) - 1. With exp(x) = 2^n (1 + s) as in exp, half of it is 2^(n-1) s + (2^(n-1) - 1/2) in one rounding, so nothing cancels
 * near zero and nothing overflows too early. Where n is 0 the result is s itself. Below `lowest` the result is -1. */
static expr write_expm1(struct writer *w, expr x)
{
    const struct exp_constants *c = is_single(w) ? &exp32 : &exp64;
    struct loop_module *m = w->m;
    expr lowest = number(w, is_single(w) ? -20 : -40), half = number(w, 0.5);

    expr t = let(w, "t", loop_select(m, less(w, x, lowest), lowest, x));
    expr shifted = let(w, "shifted", loop_fma(m, t, number(w, c->log2_e), number(w, c->magic)));
    expr n = let(w, "n", subtract(w, shifted, number(w, c->magic)));
    expr high = let(w, "high", loop_fma(m, n, number(w, -c->ln2_high), t));
    expr r = let(w, "r", loop_fma(m, n, number(w, -c->ln2_low), high));
    expr q = horner(w, "q", r, c->q, c->count);
    expr s = let(w, "s", loop_fma(m, multiply(w, r, r), q, r));
    expr exponent = loop_shift(m, LOOP_SHIFT_LEFT, to_bits(w, shifted), c->digits);
    expr power = let(w, "power", from_bits(w, loop_binary(m, LOOP_BITS_ADD, exponent, to_bits(w, half))));
    expr grown = let(w, "grown", loop_fma(m, power, s, subtract(w, power, half)));
    expr y = let(w, "y", loop_select(m, loop_binary(m, LOOP_EQUAL, n, number(w, 0)), s, add(w, grown, grown)));
    /* Above, and for NaN, x + Inf is what is wanted. */
    return loop_select(m, loop_binary(m, LOOP_LESS_EQUAL, x, number(w, c->highest)), y, add(w, x, number(w, INFINITY)));
}

/* ---- softplus ------------------------------------------------------------------------------------------------------ */

/* log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(-|x|) <= 1. The sum 1 + e is never rounded: it is 1 + f, or from sqrt(2) on
 * 2 (1 + f) with f = (e - 1) / 2; then as in log. */
static expr write_softplus(struct writer *w, expr x)
{
    const struct log_constants *c = is_single(w) ? &log32 : &log64;
    const struct loop_function *exponential = loop_math_function(w->m, MATH_EXP, w->real);
    struct loop_module *m = w->m;
    expr zero = number(w, 0), one_half = number(w, 0.5);

    expr size = loop_unary(m, LOOP_ABSOLUTE, x);
    expr e = let(w, "e", loop_call(m, exponential, loop_unary(m, LOOP_NEGATE, size)));
    expr is_small = less(w, e, number(w, 0.41421356237309505));
    expr f = let(w, "f", loop_select(m, is_small, e, loop_fma(m, e, one_half, number(w, -0.5))));
    expr s = let(w, "s", divide(w, f, add(w, f, number(w, 2))));
    expr z = let(w, "z", multiply(w, s, s));
    expr r = let(w, "r", multiply(w, z, horner(w, "r", z, c->r, c->count)));
    expr half = let(w, "half", multiply(w, multiply(w, f, f), one_half));
    expr tail = let(w, "tail", subtract(w, half, multiply(w, s, add(w, half, r))));
    expr doubled = let(w, "doubled", loop_select(m, is_small, zero, number(w, 0.69314718055994530942)));
    expr logarithm = let(w, "logarithm", add(w, doubled, subtract(w, f, tail)));
    return add(w, loop_select(m, less(w, zero, x), x, zero), logarithm);
}

static double reference_softplus(double x)
{
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

/* ---- The normal quantile --------------------------------------------------------------------------------------------- */

/* With q = p - 1/2: q A(r) / B(r), r = 0.425^2 - q^2, where |q| <= 0.425; else, with the sign of q, C(r) / D(r),
 * r = sqrt(-log(min(p, 1 - p))) - 1.6. Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution",
 * Applied Statistics 37 (1988), PPND7 and PPND16. The arguments are multiples of 2^-24 within (0, 1), for which p - 1/2 and 1 - p
 * are exact and the algorithm's third range, p < 1.4e-11, is not reached. */
struct quantile_constants {
    int a_count, b_count, c_count, d_count;
    double a[8], b[8], c[8], d[8];
};

static const struct quantile_constants quantile32 = {
    .a_count = 4,
    .b_count = 4,
    .c_count = 4,
    .d_count = 3,
    .a = {3.3871327179, 5.0434271938e1, 1.5929113202e2, 5.9109374720e1},
    .b = {1.0, 1.7895169469e1, 7.8757757664e1, 6.7187563600e1},
    .c = {1.4234372777, 2.7568153900, 1.3067284816, 1.7023821103e-1},
    .d = {1.0, 7.3700164250e-1, 1.2021132975e-1},
};

static const struct quantile_constants quantile64 = {
    .a_count = 8,
    .b_count = 8,
    .c_count = 8,
    .d_count = 8,
    .a = {3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4, 4.5921953931549871457e4,
          6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3},
    .b = {1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
          3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3},
    .c = {1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504, 1.27045825245236838258,
          2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4},
    .d = {1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
          1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9},
};

static expr write_normal_quantile(struct writer *w, expr x)
{
    const struct quantile_constants *c = is_single(w) ? &quantile32 : &quantile64;
    const struct loop_function *logarithm = loop_math_function(w->m, MATH_LOG, w->real);
    struct loop_module *m = w->m;

    expr q = let(w, "q", subtract(w, x, number(w, 0.5)));
    expr central = let(w, "central", loop_fma(m, loop_unary(m, LOOP_NEGATE, q), q, number(w, 0.180625)));
    expr a = horner(w, "a", central, c->a, c->a_count), b = horner(w, "b", central, c->b, c->b_count);
    expr near = let(w, "near", divide(w, multiply(w, q, a), b));
    expr tail = let(w, "tail", loop_select(m, less(w, q, number(w, 0)), x, subtract(w, number(w, 1), x)));
    expr depth = loop_unary(m, LOOP_NEGATE, loop_call(m, logarithm, tail));
    expr r = let(w, "r", subtract(w, loop_unary(m, LOOP_SQRT, depth), number(w, 1.6)));
    expr d = horner(w, "d", r, c->d, c->d_count), numerator = horner(w, "c", r, c->c, c->c_count);
    expr far = let(w, "far", divide(w, numerator, d));
    expr outside = less(w, number(w, 0.425), loop_unary(m, LOOP_ABSOLUTE, q));
    return loop_select(m, outside, with_sign_of(w, q, far), near);
}

static double ratio(const double above[8], const double below[8], double x)
{
    double a = above[7], b = below[7];

    for (int i = 6; i >= 0; i--) {
        a = a * x + above[i];
        b = b * x + below[i];
    }
    return a / b;
}

static double reference_normal_quantile(double p)
{
    const struct quantile_constants *c = &quantile64;
    const double q = p - 0.5;

    if (fabs(q) <= 0.425)
        return q * ratio(c->a, c->b, 0.180625 - q * q);
    return copysign(ratio(c->c, c->d, sqrt(-log(q < 0 ? p : 1 - p)) - 1.6), q);
}

/* ---- The table ----------------------------------------------------------------------------------------------------- */

static const struct {
    const char *scalar, *vector;
    expr (*write)(struct writer *w, expr x);
    double (*reference)(double);
    const char *comment;
} functions[] = {
#define MATH(id, name, reference, comment) {"real_" #name, "vec_" #name, write_##name, reference, comment},
#include "compiler/loop/math.def"
#undef MATH
};

const struct loop_function *loop_math_function(struct loop_module *m, enum loop_math which, enum loop_type type)
{
    assert(loop_scalar_of(type) == m->real);
    const char *name = loop_is_vector(type) ? functions[which].vector : functions[which].scalar;

    for (size_t i = 0; i < m->function.count; i++) {
        if (strcmp(m->function.at[i]->name, name) == 0)
            return m->function.at[i];
    }
    struct writer w = {.m = m, .real = type, .bits = loop_as_wide(loop_word(m), type)};
    struct loop_function *f = arena_new(m->arena, struct loop_function);
    f->name = name;
    f->comment = functions[which].comment;
    f->reference = functions[which].reference;
    f->parameter = loop_add_variable(m, "x", type);
    f->result = functions[which].write(&w, loop_read(m, f->parameter));
    f->body = loop_list_block(m, w.list);
    vec_push(m->arena, &m->function, f);
    return f;
}

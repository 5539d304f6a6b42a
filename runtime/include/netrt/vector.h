/* vector: the vocabulary of generated kernels. A kernel file defines, before it includes this header,
 *
 *   NETRT_PRECISION       4 or 8: bytes of a `real`
 *   NETRT_VECTOR_LANES    2, 4, 8 or 16: reals in a `vec`, one register of the machine it is compiled for
 *
 *   real  vec             floats or doubles; + - * / and unary - work on both
 *   bits  vec_bits        unsigned integers as wide as a real: + - & | << wrap around
 *   int   vec_mask        truth values; a lane of a vec_mask is all ones or all zeros
 *
 * Each function rounds once or not at all, so the results are the same bits at any width and with any compiler, provided that it
 * neither contracts nor reassociates (-ffp-contract=off, no -ffast-math). Uses the vector extensions that gcc and clang share, and
 * intrinsics where a compiler does not find the instruction: gcc 12 makes no vector code of a loop of __builtin_fmaf on AVX2.
 */
#ifndef NETRT_VECTOR_H
#define NETRT_VECTOR_H

#include "netrt/cpu.h"

#include <stdint.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#if !defined(NETRT_PRECISION) || !defined(NETRT_VECTOR_LANES)
#error "define NETRT_PRECISION and NETRT_VECTOR_LANES before including netrt/vector.h"
#endif

#define NETRT_INLINE static inline __attribute__((always_inline, unused))
#define NETRT_VECTOR_BYTES (NETRT_PRECISION * NETRT_VECTOR_LANES)
#define NETRT_ALIGNED __attribute__((aligned(64)))

#if NETRT_VECTOR_BYTES > 64 || (defined(__x86_64__) && NETRT_VECTOR_BYTES > 32 && !defined(__AVX512F__)) || \
    (defined(__x86_64__) && NETRT_VECTOR_BYTES > 16 && !defined(__AVX__))
#error "NETRT_VECTOR_LANES is more than a register of this target holds"
#endif

/* Before a loop that is to stay one: with its taps side by side LLVM merges neighbouring loads and runs out of registers. */
#if defined(__clang__)
#define NETRT_KEEP_LOOP _Pragma("clang loop unroll(disable)")
#else
#define NETRT_KEEP_LOOP _Pragma("GCC unroll 1")
#endif

/* ---- Types --------------------------------------------------------------------------------------------------------- */

#if NETRT_PRECISION == 4
typedef float real;
typedef uint32_t bits;
typedef int32_t netrt_signed;
#define NETRT_SIGN_BIT UINT32_C(0x80000000)
#define NETRT_BUILTIN(name) __builtin_##name##f
#else
typedef double real;
typedef uint64_t bits;
typedef int64_t netrt_signed;
#define NETRT_SIGN_BIT UINT64_C(0x8000000000000000)
#define NETRT_BUILTIN(name) __builtin_##name
#endif

typedef real vec __attribute__((vector_size(NETRT_VECTOR_BYTES)));
typedef bits vec_bits __attribute__((vector_size(NETRT_VECTOR_BYTES)));
typedef netrt_signed vec_mask __attribute__((vector_size(NETRT_VECTOR_BYTES)));

/* The same in memory: aligned as a real is. */
typedef real netrt_vec_in_memory __attribute__((vector_size(NETRT_VECTOR_BYTES), aligned(NETRT_PRECISION), may_alias));

#if NETRT_VECTOR_LANES == 2
#define NETRT_FILL(x) {x, x}
#elif NETRT_VECTOR_LANES == 4
#define NETRT_FILL(x) {x, x, x, x}
#elif NETRT_VECTOR_LANES == 8
#define NETRT_FILL(x) {x, x, x, x, x, x, x, x}
#elif NETRT_VECTOR_LANES == 16
#define NETRT_FILL(x) {x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}
#else
#error "NETRT_VECTOR_LANES is 2, 4, 8 or 16"
#endif

/* ---- Memory -------------------------------------------------------------------------------------------------------- */

NETRT_INLINE vec vec_load(const real *from)
{
    return *(const netrt_vec_in_memory *)from;
}

NETRT_INLINE void vec_store(real *to, vec x)
{
    *(netrt_vec_in_memory *)to = x;
}

NETRT_INLINE vec vec_splat(real x)
{
    return (vec)NETRT_FILL(x);
}

NETRT_INLINE vec_bits vec_bits_splat(bits x)
{
    return (vec_bits)NETRT_FILL(x);
}

NETRT_INLINE vec_mask vec_mask_splat(int x)
{
    netrt_signed lane = x ? -1 : 0;
    return (vec_mask)NETRT_FILL(lane);
}

/* ---- Arithmetic ---------------------------------------------------------------------------------------------------- */

/* a * b + c, rounded once. */
NETRT_INLINE real real_fma(real a, real b, real c)
{
    return NETRT_BUILTIN(fma)(a, b, c);
}

NETRT_INLINE real real_sqrt(real x)
{
    return NETRT_BUILTIN(sqrt)(x);
}

NETRT_INLINE real real_abs(real x)
{
    return NETRT_BUILTIN(fabs)(x);
}

/* x without its fraction; `begin` if x is NaN or not within begin … end - 1. Both are at most 2^24, so that they are reals. */
NETRT_INLINE int64_t real_to_index(real x, int64_t begin, int64_t end)
{
    return x >= (real)begin && x < (real)end ? (int64_t)x : begin;
}

/* NETRT_INTRINSIC(name): the intrinsic for `vec`, where there is one. */
#if NETRT_VECTOR_BYTES == 64 && defined(__AVX512F__)
#define NETRT_PREFIX _mm512_
#elif NETRT_VECTOR_BYTES == 32 && defined(__FMA__)
#define NETRT_PREFIX _mm256_
#elif NETRT_VECTOR_BYTES == 16 && defined(__FMA__)
#define NETRT_PREFIX _mm_
#endif

#if NETRT_PRECISION == 4
#define NETRT_SUFFIX _ps
#else
#define NETRT_SUFFIX _pd
#endif

#define NETRT_JOIN_(a, b, c) a##b##c
#define NETRT_JOIN(a, b, c) NETRT_JOIN_(a, b, c)
#define NETRT_INTRINSIC(name) NETRT_JOIN(NETRT_PREFIX, name, NETRT_SUFFIX)

NETRT_INLINE vec vec_fma(vec a, vec b, vec c)
{
#ifdef NETRT_PREFIX
    return (vec)NETRT_INTRINSIC(fmadd)(a, b, c);
#else
    vec y;
    for (int i = 0; i < NETRT_VECTOR_LANES; i++)
        y[i] = NETRT_BUILTIN(fma)(a[i], b[i], c[i]);
    return y;
#endif
}

NETRT_INLINE vec vec_sqrt(vec x)
{
#ifdef NETRT_PREFIX
    return (vec)NETRT_INTRINSIC(sqrt)(x);
#else
    vec y;
    for (int i = 0; i < NETRT_VECTOR_LANES; i++)
        y[i] = NETRT_BUILTIN(sqrt)(x[i]);
    return y;
#endif
}

NETRT_INLINE vec vec_abs(vec x)
{
    return (vec)((vec_bits)x & vec_bits_splat(~NETRT_SIGN_BIT));
}

/* ---- Bits ---------------------------------------------------------------------------------------------------------- */

NETRT_INLINE bits real_to_bits(real x)
{
    bits y;
    __builtin_memcpy(&y, &x, sizeof y);
    return y;
}

NETRT_INLINE real real_from_bits(bits x)
{
    real y;
    __builtin_memcpy(&y, &x, sizeof y);
    return y;
}

NETRT_INLINE vec_bits vec_to_bits(vec x)
{
    return (vec_bits)x;
}

NETRT_INLINE vec vec_from_bits(vec_bits x)
{
    return (vec)x;
}

/* Copies of the sign bit come in from the left. */
NETRT_INLINE bits bits_shift_right(bits x, int distance)
{
    return (bits)((netrt_signed)x >> distance);
}

NETRT_INLINE vec_bits vec_bits_shift_right(vec_bits x, int distance)
{
    return (vec_bits)((vec_mask)x >> distance);
}

/* ---- Words: whole numbers from 0 to 2^32 - 1 in bits ---------------------------------------------------------------- */

#if NETRT_PRECISION == 4
#define NETRT_INTEGER_POWER 0x1p23f    /* added to a small whole number, it leaves the number in the low bits */
#define NETRT_UNIT_BITS(word) ((word) >> 9 | UINT32_C(0x3f800000))
#else
#define NETRT_INTEGER_POWER 0x1p52
#define NETRT_UNIT_BITS(word) ((word) >> 9 << 29 | UINT64_C(0x3ff0000000000000))
#endif

/* Of a whole number from 0 to 65535. */
NETRT_INLINE bits real_to_word(real x)
{
    return real_to_bits(x + NETRT_INTEGER_POWER) & 0xffff;
}

NETRT_INLINE vec_bits vec_to_words(vec x)
{
    return (vec_bits)(x + NETRT_INTEGER_POWER) & 0xffff;
}

/* The upper 23 bits as a real in [0, 1): as the fraction of a real in [1, 2), less 1. */
NETRT_INLINE real real_unit(bits word)
{
    return real_from_bits(NETRT_UNIT_BITS(word)) - (real)1;
}

NETRT_INLINE vec vec_unit(vec_bits word)
{
    return (vec)NETRT_UNIT_BITS(word) - (real)1;
}

/* Lower and upper 32 bits of a product. */
NETRT_INLINE bits word_low(bits a, bits b)
{
    return (uint32_t)(a * b);
}

NETRT_INLINE bits word_high(bits a, bits b)
{
    return (bits)((uint64_t)a * b >> 32);
}

typedef uint64_t netrt_products __attribute__((vector_size(NETRT_VECTOR_BYTES)));

/* The products of the lower halves of 64-bit lanes: pmuludq, which gcc does not find. */
NETRT_INLINE netrt_products netrt_multiply_halves(netrt_products a, netrt_products b)
{
#if NETRT_VECTOR_BYTES == 64 && defined(__AVX512F__)
    return (netrt_products)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif NETRT_VECTOR_BYTES == 32 && defined(__AVX2__)
    return (netrt_products)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif NETRT_VECTOR_BYTES == 16 && defined(__SSE2__)
    return (netrt_products)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
    return (a & UINT32_MAX) * (b & UINT32_MAX);
#endif
}

NETRT_INLINE vec_bits vec_words_low(vec_bits a, vec_bits b)
{
#if NETRT_PRECISION == 4
    return a * b;
#else
    return netrt_multiply_halves(a, b) & UINT32_MAX;
#endif
}

NETRT_INLINE vec_bits vec_words_high(vec_bits a, vec_bits b)
{
    netrt_products even = netrt_multiply_halves((netrt_products)a, (netrt_products)b) >> 32;
#if NETRT_PRECISION == 4
    netrt_products odd = netrt_multiply_halves((netrt_products)a >> 32, (netrt_products)b >> 32);
    return (vec_bits)(even | (odd >> 32 << 32));
#else
    return even;
#endif
}

/* ---- Elements of other types ------------------------------------------------------------------------------------------- */

/* Each lane as another element, rounded once. */
#define NETRT_CONVERT(x, type) __builtin_convertvector(x, type)

/* Vectors with as many lanes as a `vec` of elements that are at most as wide as a real. */
#define NETRT_ELEMENTS(name, element, truth, bytes)                                       \
    typedef element name __attribute__((vector_size((bytes) * NETRT_VECTOR_LANES)));      \
    typedef truth name##_mask __attribute__((vector_size((bytes) * NETRT_VECTOR_LANES))); \
    NETRT_INLINE name name##_load(const element *from)                                    \
    {                                                                                     \
        name x;                                                                           \
        __builtin_memcpy(&x, from, sizeof x);                                             \
        return x;                                                                         \
    }                                                                                     \
    NETRT_INLINE void name##_store(element *to, name x)                                   \
    {                                                                                     \
        __builtin_memcpy(to, &x, sizeof x);                                               \
    }                                                                                     \
    NETRT_INLINE name name##_splat(element x)                                             \
    {                                                                                     \
        return (name)NETRT_FILL(x);                                                       \
    }                                                                                     \
    NETRT_INLINE vec_mask name##_less(name a, name b)                                     \
    {                                                                                     \
        return NETRT_CONVERT(a < b, vec_mask);                                            \
    }                                                                                     \
    NETRT_INLINE vec_mask name##_less_equal(name a, name b)                               \
    {                                                                                     \
        return NETRT_CONVERT(a <= b, vec_mask);                                           \
    }                                                                                     \
    NETRT_INLINE vec_mask name##_equal(name a, name b)                                    \
    {                                                                                     \
        return NETRT_CONVERT(a == b, vec_mask);                                           \
    }                                                                                     \
    NETRT_INLINE vec_mask name##_not_equal(name a, name b)                                \
    {                                                                                     \
        return NETRT_CONVERT(a != b, vec_mask);                                           \
    }                                                                                     \
    NETRT_INLINE name name##_select(vec_mask mask, name yes, name no)                     \
    {                                                                                     \
        name##_mask own = NETRT_CONVERT(mask, name##_mask);                               \
        return (name)((own & (name##_mask)yes) | (~own & (name##_mask)no));               \
    }

NETRT_ELEMENTS(vec_u8, uint8_t, int8_t, 1)
NETRT_ELEMENTS(vec_u16, uint16_t, int16_t, 2)
NETRT_ELEMENTS(vec_i32, int32_t, int32_t, 4)

/* Single reals of the other precision. */
#if NETRT_PRECISION == 4
#define NETRT_OTHER(name) __builtin_##name
#define NETRT_OTHER_NAME(name) double_##name
typedef double netrt_other;
#else
NETRT_ELEMENTS(vec_u32, uint32_t, int32_t, 4)
NETRT_ELEMENTS(vec_f32, float, int32_t, 4)
#define NETRT_OTHER(name) __builtin_##name##f
#define NETRT_OTHER_NAME(name) float_##name
typedef float netrt_other;
#endif

NETRT_INLINE netrt_other NETRT_OTHER_NAME(fma)(netrt_other a, netrt_other b, netrt_other c)
{
    return NETRT_OTHER(fma)(a, b, c);
}

NETRT_INLINE netrt_other NETRT_OTHER_NAME(sqrt)(netrt_other x)
{
    return NETRT_OTHER(sqrt)(x);
}

NETRT_INLINE netrt_other NETRT_OTHER_NAME(abs)(netrt_other x)
{
    return NETRT_OTHER(fabs)(x);
}

/* x; `begin` if it is not within begin … end - 1. */
NETRT_INLINE int64_t netrt_i32_to_index(int32_t x, int64_t begin, int64_t end)
{
    return x >= begin && x < end ? x : begin;
}

/* ---- Comparison and choice ----------------------------------------------------------------------------------------- */

/* Comparisons with NaN are false, except not_equal. */
NETRT_INLINE vec_mask vec_less(vec a, vec b)
{
    return (vec_mask)(a < b);
}

NETRT_INLINE vec_mask vec_less_equal(vec a, vec b)
{
    return (vec_mask)(a <= b);
}

NETRT_INLINE vec_mask vec_equal(vec a, vec b)
{
    return (vec_mask)(a == b);
}

NETRT_INLINE vec_mask vec_not_equal(vec a, vec b)
{
    return (vec_mask)(a != b);
}

NETRT_INLINE vec_bits vec_bits_select(vec_mask mask, vec_bits yes, vec_bits no)
{
    return ((vec_bits)mask & yes) | (~(vec_bits)mask & no);
}

/* Lane by lane: `yes` where the mask is set, else `no`. */
NETRT_INLINE vec vec_select(vec_mask mask, vec yes, vec no)
{
    return (vec)vec_bits_select(mask, (vec_bits)yes, (vec_bits)no);
}

/* ---- Lanes that move ------------------------------------------------------------------------------------------------- */

/* The lanes of a and b whose numbers follow: those of b count on from a's. */
#if defined(__clang__)
#define NETRT_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define NETRT_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (vec_mask){__VA_ARGS__})
#endif

#if NETRT_VECTOR_LANES == 2
#define NETRT_INTERLEAVE_LOW 0, 2
#define NETRT_INTERLEAVE_HIGH 1, 3
#elif NETRT_VECTOR_LANES == 4
#define NETRT_INTERLEAVE_LOW 0, 4, 1, 5
#define NETRT_INTERLEAVE_HIGH 2, 6, 3, 7
#elif NETRT_VECTOR_LANES == 8
#define NETRT_INTERLEAVE_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define NETRT_INTERLEAVE_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#else
#define NETRT_INTERLEAVE_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define NETRT_INTERLEAVE_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#endif

/* The lower halves in turns, a0 b0 a1 b1 ...; the upper halves. */
NETRT_INLINE vec vec_interleave_low(vec a, vec b)
{
    return NETRT_SHUFFLE(a, b, NETRT_INTERLEAVE_LOW);
}

NETRT_INLINE vec vec_interleave_high(vec a, vec b)
{
    return NETRT_SHUFFLE(a, b, NETRT_INTERLEAVE_HIGH);
}

/* ---- Across lanes -------------------------------------------------------------------------------------------------- */

typedef real netrt_four __attribute__((vector_size(4 * NETRT_PRECISION)));
typedef real netrt_four_in_memory __attribute__((vector_size(4 * NETRT_PRECISION), aligned(NETRT_PRECISION), may_alias));

/* The sum of sixteen reals: lane l + lane l+8, then +4, +2, +1. */
NETRT_INLINE real netrt_sum_lanes(const real *x)
{
    const netrt_four_in_memory *four = (const netrt_four_in_memory *)x;
    netrt_four low = four[0] + four[2], high = four[1] + four[3], sum = low + high;
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

/* ---- The machine --------------------------------------------------------------------------------------------------- */

/* Independent chains enough to hide the latency of two multiply-add pipes: 24 where there are 32 registers, else 12. */
#if defined(__AVX512VL__) || defined(__aarch64__)
#define NETRT_CHAINS(each) NETRT_TWELVE(each, ) NETRT_TWELVE(each, 1)
enum { NETRT_CHAIN_COUNT = 24 };
#else
#define NETRT_CHAINS(each) NETRT_TWELVE(each, )
enum { NETRT_CHAIN_COUNT = 12 };
#endif
#define NETRT_TWELVE(each, row)                                                                                          \
    each(a##row) each(b##row) each(c##row) each(d##row) each(e##row) each(f##row) each(g##row) each(h##row) each(i##row) \
        each(j##row) each(k##row) each(l##row)

/* Runs `count` rounds of one multiply-add in each chain; returns the flops done (two a multiply-add). */
static inline double netrt_peak(int64_t count)
{
    /* Each chain begins with a read of its own through volatile: no compiler may compute one in advance or take two for one. */
    volatile real seed = (real)0.999;
    const vec factor = vec_splat(seed), term = vec_splat((real)1 - seed);
#define NETRT_BEGIN(chain) vec chain = vec_splat(seed);
#define NETRT_STEP(chain) chain = vec_fma(chain, factor, term);
#define NETRT_END(chain) sum = sum + chain;
    NETRT_CHAINS(NETRT_BEGIN)
    for (int64_t n = 0; n < count; n++) {
        NETRT_CHAINS(NETRT_STEP)
    }
    vec sum = term;
    NETRT_CHAINS(NETRT_END)
#undef NETRT_BEGIN
#undef NETRT_STEP
#undef NETRT_END
    seed = sum[0];
    return 2.0 * NETRT_CHAIN_COUNT * NETRT_VECTOR_LANES * (double)count;
}

/* Names a feature that this file was compiled for and this CPU lacks, or returns NULL. Runs on any x86-64: the attribute keeps the
 * compiler from using vector registers here, and the runtime is built for the oldest. */
#if defined(__x86_64__)
__attribute__((target("general-regs-only"), noinline, unused)) static const char *netrt_unsupported(void)
{
    static const char features[] = ""
#ifdef __AVX__
                                   " avx"
#endif
#ifdef __AVX2__
                                   " avx2"
#endif
#ifdef __FMA__
                                   " fma"
#endif
#ifdef __F16C__
                                   " f16c"
#endif
#ifdef __LZCNT__
                                   " lzcnt"
#endif
#ifdef __MOVBE__
                                   " movbe"
#endif
#ifdef __BMI__
                                   " bmi"
#endif
#ifdef __BMI2__
                                   " bmi2"
#endif
#ifdef __AVX512F__
                                   " avx512f"
#endif
#ifdef __AVX512BW__
                                   " avx512bw"
#endif
#ifdef __AVX512CD__
                                   " avx512cd"
#endif
#ifdef __AVX512DQ__
                                   " avx512dq"
#endif
#ifdef __AVX512VL__
                                   " avx512vl"
#endif
#ifdef __AVX512VBMI__
                                   " avx512vbmi"
#endif
#ifdef __AVX512IFMA__
                                   " avx512ifma"
#endif
#ifdef __AVX512VNNI__
                                   " avx512vnni"
#endif
        ;
    return features[0] == '\0' ? 0 : netrt_cpu_lacks(features + 1);
}
#else
static inline const char *netrt_unsupported(void)
{
    return 0;
}
#endif

#undef NETRT_INTRINSIC
#undef NETRT_JOIN
#undef NETRT_JOIN_
#undef NETRT_SUFFIX
#undef NETRT_PREFIX

#endif

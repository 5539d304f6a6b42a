/* generator: numbers for tests that a few lines of any language can make again (tests/oracle/generator.py does).
 *
 *   hash(name)       64-bit FNV-1a of the bytes of the name
 *   bits(key, i)     the finalizer of SplitMix64 over key + (i + 1) * 0x9e3779b97f4a7c15, modulo 2^64
 *   number(key, i)   bits / 2^11 as an integer, times 2^-52, minus 1: uniform in [-1, 1), exact in double
 *
 * Sources: Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash Algorithm", RFC 9923; Steele, Lea, Flood, "Fast splittable
 * pseudorandom number generators", 2014 (constants of Vigna's splitmix64.c).
 */
#ifndef NETC_TESTS_SUPPORT_GENERATOR_H
#define NETC_TESTS_SUPPORT_GENERATOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t generator_hash(const char *name)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return h;
}

static inline uint64_t generator_bits(uint64_t key, uint64_t i)
{
    uint64_t z = key + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline double generator_number(uint64_t key, uint64_t i)
{
    return (double)(generator_bits(key, i) >> 11) * 0x1p-52 - 1;
}

/* The scale of a parameter's numbers: 1/sqrt(elements / dim 0) where it has two axes or more, else 1/4. */
static inline double generator_scale(int rank, int64_t first, int64_t elements)
{
    const int64_t others = elements / first;

    return rank >= 2 ? 1 / sqrt((double)others) : 0.25;
}

/* What is added to a parameter's numbers: 1 to a running variance, which is no variance below 0. */
static inline double generator_shift(const char *name)
{
    const char *suffix = strrchr(name, '.');

    return suffix && strcmp(suffix, ".running_var") == 0 ? 1 : 0;
}

/* Sixteen bits of a whole number, the lowest first: so inputs and settings hold what random numbers are drawn from. */
static inline double generator_half(uint64_t number, int64_t half)
{
    return (double)(number >> 16 * half & 0xffff);
}

#endif

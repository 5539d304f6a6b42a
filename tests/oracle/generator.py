"""tests/support/generator.h and the numbers of tests/numbers/numbers.h in Python."""
import math

import numpy as np


def fnv(name):
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return h


def bits(key, count, first=0):
    i = np.arange(first, first + count, dtype=np.uint64)
    z = np.uint64(key % 2**64) + (i + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def numbers(key, count, first=0):
    return (bits(key, count, first) >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1


def rounded(x):
    return x.astype(np.float32).astype(np.float64)


def parameter(name, shape, seed=1):
    count = math.prod(shape)
    scale = 1 / math.sqrt(count / shape[0]) if len(shape) >= 2 else 0.25
    shift = 1 if name.endswith(".running_var") else 0
    return rounded(shift + scale * numbers(fnv(name) + seed, count)).reshape(shape)


def batch(name, shape, samples, step=0, seed=1):
    count = samples * math.prod(shape)
    return rounded(numbers(fnv(name) + seed, count, step * count)).reshape(samples, *shape)


def classes(name, count, samples, step=0, seed=1, shape=()):
    places = samples * math.prod(shape)
    found = bits(fnv(name) + seed, places, step * places) % np.uint64(count)
    return found.astype(np.int64).reshape(samples, *shape)

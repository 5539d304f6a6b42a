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


# ---- What layers draw: netrt/random.h and compiler/graph/random.c --------------------------------------------


def philox(counter, key):
    """Philox4x32-10 over arrays of counters: four arrays of words."""
    word, mask = [np.asarray(c, dtype=np.uint64) for c in counter], np.uint64(0xFFFFFFFF)
    for r in range(10):
        keys = [np.uint64((k + r * step) % 2**32) for k, step in zip(key, (0x9E3779B9, 0xBB67AE85))]
        first, second = word[0] * np.uint64(0xD2511F53), word[2] * np.uint64(0xCD9E8D57)
        word = [second >> np.uint64(32) ^ word[1] ^ keys[0], second & mask, first >> np.uint64(32) ^ word[3] ^ keys[1], first & mask]
    return word


def permutation(seed, epoch, count):
    """The order of an epoch: netrt_permutation of the stream NETRT_FOR_SHUFFLE."""
    element, zero, purpose = np.arange(count), np.zeros(count, int), 2 << 24
    words = np.stack(philox([element // 2, zero, zero + epoch, zero + purpose], (seed % 2**32, seed >> 32)))
    order = list(range(count))
    for i in range(count - 1, 0, -1):
        low, high = (int(words[2 * (i % 2) + half][i]) for half in (0, 1))
        j = (high << 32 | low) % (i + 1)
        order[i], order[j] = order[j], order[i]
    return order


def stream(layer):
    h = 2166136261
    for byte in layer.encode():
        h = (h ^ byte) * 16777619 % 2**32
    return 6 << 24 | (h >> 24 ^ h) & 0xFFFFFF


def fact(name, halves):
    """The seed or the epoch as numbers.c sets it."""
    return sum((fnv(f"netrt.{name}.{i}") & 0xFFFF) << 16 * i for i in range(halves))


def drawn(layer, samples, elements):
    """Numbers in [0, 1) of the first samples: [samples, elements]."""
    sample, element = np.meshgrid(np.arange(samples), np.arange(elements), indexing="ij")
    seed = fact("seed", 4)
    words = philox([element // 4, sample, np.full_like(sample, fact("epoch", 2)), np.full_like(sample, stream(layer))],
                   (seed % 2**32, seed >> 32))
    return np.choose(element % 4, [w.astype(np.int64) >> 9 for w in words]) * 2.0**-23

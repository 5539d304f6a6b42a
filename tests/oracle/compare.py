"""Compares two safetensors files: compare.py GOT WANTED TOLERANCE. Every tensor of WANTED must be in GOT, each element within
TOLERANCE times the tensor's largest entry; of the losses as many as GOT has. Needs no packages."""
import sys

from tensor_file import read

# Below this share of the file's largest gradient an entry is rounding of what cancelled: a softmax over one class has no gradient.
NOTHING = 1e-3

# Below this share of its layer's largest gradient a reference, which is in double, is nothing: a bias before a norm of the batch.
ROUNDING = 1e-12


def layer_of(name):
    return name.rsplit(".", 1)[0]


def main():
    got, wanted, tolerance = read(sys.argv[1]), read(sys.argv[2]), float(sys.argv[3])
    greatest = max((abs(x) for name, t in wanted.items() if name.startswith("gradient.") for x in t), default=0)
    layers = {}
    for name, numbers in wanted.items():
        layers[layer_of(name)] = max(layers.get(layer_of(name), 0), *map(abs, numbers))
    wrong, worst = 0, 0
    for name, numbers in wanted.items():
        if name not in got:
            print(f"{name} is missing")
            wrong += 1
            continue
        mine = got[name]
        if len(mine) != len(numbers) and not (name == "loss" and 0 < len(mine) < len(numbers)):
            print(f"{name}: {len(mine)} elements, not {len(numbers)}")
            wrong += 1
            continue
        largest = max(map(abs, numbers))
        if name.startswith("gradient."):
            nothing = largest < ROUNDING * layers[layer_of(name)]
            largest = layers[layer_of(name)] if nothing else max(largest, NOTHING * greatest)
        errors = [abs(a - b) for a, b in zip(mine, numbers)]
        error = max(errors)
        if not all(e <= tolerance * largest for e in errors):
            at = max(range(len(errors)), key=lambda i: errors[i])
            print(f"{name}[{at}]: {mine[at]!r}, not {numbers[at]!r}; largest {largest!r}, share {error / (largest or 1):.3g}")
            wrong += 1
        elif largest > 0:
            worst = max(worst, error / largest)
    print(f"{len(wanted)} tensors, {wrong} wrong, worst share {worst:.2g} of {tolerance:g}")
    return 1 if wrong else 0


sys.exit(main())

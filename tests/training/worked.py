"""Inputs and results of examples/worked.

    worked.py input NAME.input IMAGES LABELS      writes the numbers as an IDX file of one record, and a label
    worked.py compare NAME.expect PREDICTION      holds the line that `predict` wrote against the wanted outputs, number by number
    worked.py step NAME.expect BEFORE AFTER LOG   the same for the loss and the gradients of a step by `sgd(lr = 1)`: the weights
                                                  BEFORE less those AFTER. LOG is the run's metrics.jsonl

A file of numbers has a line for each row and an empty line between channels; a line with a name starts an output, `loss`, or
the gradient of a parameter, whose name ends in '. Whole numbers must be found exactly, fractions to what f32 can hold of them."""
import json
import struct
import sys
from fractions import Fraction

import tensor_file


def blocks(path):
    """Name to channels of rows. What stands before any name is called ''."""
    found, name, fresh = {}, "", True
    with open(path, encoding="ascii") as file:
        for line in map(str.split, file):
            if line and line[0][0].isalpha():
                name, fresh = line[0], True
            elif line:
                channels = found.setdefault(name, [])
                if fresh:
                    channels.append([])
                channels[-1].append([Fraction(word) for word in line])
                fresh = False
            else:
                fresh = True
    return found


def flat(channels):
    return [x for rows in channels for row in rows for x in row]


def is_of_step(name):
    return name == "loss" or name.endswith("'")


def write_input(path, images, labels):
    channels = blocks(path)[""]
    sizes = [1, len(channels), len(channels[0]), len(channels[0][0])]
    for target, dimensions, data in ((images, sizes, map(int, flat(channels))), (labels, [1], [0])):
        with open(target, "wb") as file:
            file.write(struct.pack(">BBBB", 0, 0, 8, len(dimensions)))
            file.write(struct.pack(f">{len(dimensions)}I", *dimensions) + bytes(data))


def agree(found, wanted):
    """Sums of a few terms in f32, some of them through exp and log."""
    return len(found) == len(wanted) and all(
        f == w if w.denominator == 1 else abs(f - w) <= 1e-6 * max(1, abs(w)) for f, w in zip(found, wanted))


def hold(path, found, chosen):
    """`found` must be the blocks of `path` that `chosen` picks, and no others."""
    wanted = {name: flat(channels) for name, channels in blocks(path).items() if chosen(name)}
    if found.keys() != wanted.keys() or not all(agree(found[name], wanted[name]) for name in wanted):
        sys.exit(f"{path}: wanted { {k: [str(x) for x in w] for k, w in wanted.items()} }, found {found}")


def compare(path, prediction):
    with open(prediction, encoding="utf-8") as file:
        line = json.loads(file.read())
    hold(path, line["outputs"], lambda name: not is_of_step(name))


def compare_step(path, before, after, log):
    before, after = tensor_file.read(before), tensor_file.read(after)
    found = {f"{name}'": [b - a for b, a in zip(numbers, after[name])] for name, numbers in before.items()
             if not name.startswith("netc.")}
    with open(log, encoding="utf-8") as file:
        found["loss"] = [json.loads(file.readline())["train"]["loss"]]
    hold(path, found, is_of_step)


{"input": write_input, "compare": compare, "step": compare_step}[sys.argv[1]](*sys.argv[2:])

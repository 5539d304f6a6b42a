"""Budgets of a compilation: instructions and bytes for each node, and no growth beyond the size of the net.

usage: budget.py COMPILE [CASE...]    COMPILE: tests/budget/compile.c, optimised; without cases: all of them

Each case is compiled at two sizes, the second GROWTH times the first, under valgrind, which counts instructions: the same whoever
else uses the CPU. What a quadratic step costs may be small at any one size, but not how it grows.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

GROWTH = 4
# How many times more a net GROWTH times as large may cost: linear is 4. At 4.3 less than three percent of what the smaller one
# costs are quadratic.
LIMIT = 4.3
TRAIN = "train { loss = mse(y, t); optimizer = sgd(lr = 0.1); batch = 16; epochs = 1; }\n"


def net(shape, lines, before=""):
    return before + "net it {\n    input x: %s;\n    output y = x\n%s;\n}\n" % (shape, "\n".join(lines)) + TRAIN


def dense(n):
    return {"main.net": net("4", ["        -> dense(4) -> tanh"] * n)}


def conv(n):
    return {"main.net": net("2x6x6", ["        -> conv(2, 3x3, padding = 1) -> batchnorm -> relu"] * n)}


def branches(n):
    lines = ["        -> concat {"] + ["            | conv(1, 1x1) -> relu"] * n + ["        }"]
    return {"main.net": net("2x4x4", lines)}


def fused(n):
    return {"main.net": net("4", ["        -> tanh"] * n)}


def blocks(n):
    before = ["const c%d = %s + 1;\nblock b%d(f = c%d) { return in -> dense(f); }\n"
              % (i, "c%d" % (i - 1) if i % 50 else "0", i, i) for i in range(n)]
    return {"main.net": net("4", ["        -> b%d(4)" % (n - 1)], "".join(before))}


def transposed(n):
    return {"main.net": net("1x64", ["        -> conv_transpose(1, %d)" % n, "        -> conv_transpose(1, %d, stride = 3)" % n])}


def includes(n):
    files = {"part%d.net" % i: "include \"shared.net\";\nconst c%d = shared;\n" % i for i in range(n)}
    files["shared.net"] = "const shared = 1;\n"
    files["main.net"] = net("4", ["        -> dense(c%d)" % (n - 1)], "".join("include \"part%d.net\";\n" % i for i in range(n)))
    return files


def line(n):
    return {"main.net": net("4", ["        -> dense(4) " + "-> flatten " * n])}


# Name, files, size, and for each further node at most so many instructions and bytes: half as much again as was measured.
CASES = [
    ("dense", "layer", dense, 40, 6_500_000, 425_000),
    ("conv", "layer", conv, 12, 30_000_000, 2_130_000),
    ("branches", "branch", branches, 40, 5_000_000, 394_000),
    ("fused", "layer", fused, 100, 186_000, 16_500),
    ("blocks", "block and constant", blocks, 1000, 48_000, 2_800),
    ("transposed", "tap", transposed, 4096, 3_100, 90),
    ("includes", "file", includes, 250, 135_000, 2_100),
    ("line", "stage", line, 1000, 78_000, 1_500),
]


def measure(compiler, files):
    """Instructions and bytes of one compilation."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                out.write(text)
        command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
                   compiler, os.path.join(folder, "main.net")]
        done = subprocess.run(command, capture_output=True, text=True)
    instructions = re.search(r"I\s+refs:\s+([0-9,]+)", done.stderr)
    asked = re.search(r"^arena_bytes (\d+)$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not instructions or not asked:
        sys.exit("FAIL: %s: status %d\n%s%s" % (" ".join(command), done.returncode, done.stdout, done.stderr))
    return int(instructions.group(1).replace(",", "")), int(asked.group(1))


def hold(name, node, what, sizes, costs, budget):
    """Says what a case costs, and whether that is within its budget and grows as its size does."""
    each = (costs[1] - costs[0]) / (sizes[1] - sizes[0])
    growth = costs[1] / costs[0]
    print("%-10s %14d %14d %s, x%.2f; %.0f each %s of at most %d" % (name, *costs, what, growth, each, node, budget))
    if growth > LIMIT:
        print("FAIL: %s: %s grow %.2f times with a net %d times as large, at most %.1f" % (name, what, growth, GROWTH, LIMIT))
    if each > budget:
        print("FAIL: %s: %.0f %s each %s, at most %d" % (name, each, what, node, budget))
    return growth <= LIMIT and each <= budget


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("compiler")
    parser.add_argument("case", nargs="*")
    options = parser.parse_args()
    good = True
    for name, node, files, small, *budgets in CASES:
        if options.case and name not in options.case:
            continue
        sizes = small, GROWTH * small
        costs = [measure(options.compiler, files(n)) for n in sizes]
        for what, i in (("instructions", 0), ("bytes", 1)):
            good = hold(name, node, what, sizes, [cost[i] for cost in costs], budgets[i]) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

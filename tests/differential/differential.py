"""Holds compiled nets against the interpreter, and that against the graph, on random nets (random_net.py).

For each net: the interpreter of the lowered loops in double; machine code by LLVM and by gcc or clang for x86-64-v3 or v4, at -O1
or -O3, with 1 to 16 threads, in f32 and f64. All f32 results must be the same bits, all f64 results too, and both must agree with
the interpreter. It must agree with what the graph states of a single sample: a fault of the lowering is in its loops, too. A net
that fails is reduced: statements, branches and arguments are taken away and sizes made smaller as long as it fails in the same way.
"""
import argparse
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import random_net
from tensor_file import read

# Largest error as a share of a tensor's largest entry. Rounding alone: sums here have at most some thousand terms.
TOLERANCE = {"f32": 2e-4, "f64": 1e-9}
STEPS = 3
NETS = 150


def layer_of(name):
    """Tensors of one layer and kind: gradient.c1.weight and gradient.c1.bias, state.c1.weight.momentum and state.c1.bias.momentum."""
    return name.rsplit(".", 2 if name.startswith("state.") else 1)[0]


def layer_scales(tensors):
    """The largest entry of each layer."""
    scales = {}
    for name, numbers in tensors.items():
        scales[layer_of(name)] = max(scales.get(layer_of(name), 0), *map(abs, numbers))
    return scales


class Failure(Exception):
    """What went wrong: a short kind, which a reduced net must share, the details, and the variants that show it (none: all)."""

    def __init__(self, kind, details, variants=()):
        super().__init__(details)
        self.kind, self.variants = kind, variants


def run(command, kind, **more):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False, **more)
    if result.returncode != 0:
        raise Failure(kind, f"{' '.join(command)}: status {result.returncode}\n{result.stdout.decode(errors='replace')}")


class Variant:
    """Who makes the machine code (a C compiler, or "llvm"), for what, at which level, with how many threads it runs, and whether nodes
    share kernels."""

    def __init__(self, maker, march, level, precision, threads, fused=True):
        self.maker, self.march, self.level, self.precision, self.threads = maker, march, level, precision, threads
        self.fused = fused
        self.name = f"{maker}-{march}-O{level}-{precision}{'' if fused else '-unfused'}"

    def flags(self):
        backend = "llvm" if self.maker == "llvm" else "c"
        machine = [f"-O{self.level}", f"-march={self.march}", f"--precision={self.precision}", f"--backend={backend}"]
        return machine + ([] if self.fused else ["--no-fuse"])

    def compiler(self):
        return "gcc" if self.maker == "llvm" else self.maker


def makers(netc):
    """What is here. Sanitized libraries link with the compiler that made them alone."""
    found = [c for c in ("gcc", "clang-19") if shutil.which(c) and (c == "gcc" or not os.environ.get("NETC_SANITIZE"))]
    with tempfile.TemporaryDirectory() as folder:
        subject = os.path.join(folder, "it.net")
        with open(subject, "w", encoding="ascii") as file:
            file.write(random_net.generate(1).text())
        command = [netc, "--backend=llvm", "-c", "-o", os.path.join(folder, "it.o"), subject]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            found.append("llvm")
    return found


def has_avx512():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        return "avx512vl" in file.read()


def variants(number, options):
    """All of them, or for a net's number: one in f32 and one in f64 by LLVM, one in f32 by a C compiler, and for every third net one
    in f64 by a C compiler. Makers, machines and levels take turns; without LLVM more are by C compilers. One of the first two fuses
    no nodes."""
    fused = number % 2 == 0
    narrow, wide = "x86-64-v3", "x86-64-v4" if options.wide else "x86-64-v3"
    here = lambda *some: [v for v in some if v.maker in options.makers]
    turn = lambda some, n: some[n % len(some):][:1] if some else []
    llvm = here(Variant("llvm", wide, 1, "f32", (2,), fused), Variant("llvm", narrow, 3, "f32", (1, 16), fused))
    c = here(Variant("gcc", narrow, 3, "f32", (1, 3), not fused), Variant("clang-19", wide, 3, "f32", (1, 7), not fused),
             Variant("gcc", wide, 1, "f32", (5,), not fused), Variant("clang-19", narrow, 1, "f32", (12,), not fused))
    if not llvm:
        c[1::2] = [Variant(v.maker, v.march, v.level, v.precision, v.threads, fused) for v in c[1::2]]
    double_llvm = here(Variant("llvm", wide, 3, "f64", (4,)))
    double_c = here(Variant("gcc", narrow, 1, "f64", (1,)), Variant("clang-19", wide, 3, "f64", (9,)))
    if options.all:
        return llvm + c + double_llvm + double_c
    wanted = turn(llvm, number // 4) + turn(c, number) + (turn(c, number + 1) if not llvm else []) + turn(double_llvm, 0)
    if not llvm or number % 3 == 0:
        wanted += turn(double_c, number // 3)
    return list(dict.fromkeys(wanted))


class Case:
    """What a net is tried with: variants, the seed of its weights, and how many samples its batches lack."""

    def __init__(self, wanted, weights, missing):
        self.variants, self.weights, self.missing = wanted, weights, missing

    def samples(self, source):
        return max(1, int(re.search(r"batch = (\d+)", source.sections[0]).group(1)) - self.missing)


class Subject:
    """A net in a folder of its own."""

    def __init__(self, source, case, options, folder):
        self.source, self.case, self.options, self.folder = source, case, options, folder
        self.path = os.path.join(folder, "random.net")
        with open(self.path, "w", encoding="ascii") as file:
            file.write(source.text())

    def numbers(self, command, out, extra, samples=None):
        samples, weights = str(samples or self.case.samples(self.source)), str(self.case.weights)
        run([*command, "--steps", str(STEPS), "--samples", samples, "--seed", weights, *extra, "-o", out], "numbers")

    def build(self, v):
        object_file = os.path.join(self.folder, v.name + ".o")
        command = [self.options.netc, *v.flags(), "-Wno-unused-border", "-c", "-o", object_file, self.path]
        run(command, "netc", env={**os.environ, "CC": v.compiler()})
        program = object_file[:-2]
        run([v.compiler(), "-o", program, object_file, self.options.library, self.options.runtime, *self.options.link], "link")
        return program

    def compute(self, v):
        """Builds one variant and runs it with each of its numbers of threads. Returns the files."""
        program = self.build(v)
        files = []
        for threads in v.threads:
            files.append(f"{program}-{threads}.safetensors")
            self.numbers([program], files[-1], ["--threads", str(threads)])
        return files

    def interpret(self, *mode, samples=None):
        """The numbers of the interpreter, or with mode --graph of the graph."""
        out = os.path.join(self.folder, "interpreted.safetensors")
        self.numbers([self.options.interpreted, *mode], out, [self.path], samples)
        return read(out)

    def check(self):
        self.check_numbers("lowered", self.interpret(samples=1), self.interpret("--graph", samples=1), TOLERANCE["f64"])
        wanted = self.interpret()
        made = [(v, file) for v in self.case.variants for file in self.compute(v)]
        for precision in ("f32", "f64"):
            same = [(v, file) for v, file in made if v.precision == precision]
            if same:
                self.check_bits(same)
                variant, file = same[0]
                self.check_numbers("numbers " + precision, read(file), wanted, TOLERANCE[precision], [variant])

    def check_bits(self, made):
        (first, first_file), *others = made
        for variant, file in others:
            if filecmp.cmp(first_file, file, shallow=False):
                continue
            a, b = read(first_file), read(file)
            differing = [name for name in a if a[name].tobytes() != b[name].tobytes()]
            raise Failure("bits", f"{os.path.basename(first_file)} and {os.path.basename(file)} differ in {', '.join(differing)}",
                          list(dict.fromkeys([first, variant])))

    def check_numbers(self, kind, got, wanted, tolerance, variants=()):
        if got.keys() != wanted.keys():
            raise Failure("names", f"{sorted(got)} instead of {sorted(wanted)}")
        wrong, scales = [], layer_scales(wanted)
        for name, numbers in wanted.items():
            largest = max(map(abs, numbers))
            error = max(abs(a - b) for a, b in zip(got[name], numbers))
            # Gradients that cancel to nothing keep the rounding of what cancelled, which is of their layer's size.
            if not error <= tolerance * (largest + 1e-2 * max(1, scales[layer_of(name)])):
                wrong.append(f"{name}: error {error:.3g}, largest {largest:.3g}")
        if wrong:
            raise Failure(kind, "\n".join(wrong), variants)


def failure_of(source, case, options):
    with tempfile.TemporaryDirectory() as folder:
        try:
            Subject(source, case, options, folder).check()
        except Failure as failure:
            return failure
        except subprocess.TimeoutExpired as expired:
            return Failure("timeout", str(expired))
    return None


def is_valid(source, options):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "random.net")
        with open(path, "w", encoding="ascii") as file:
            file.write(source.text())
        return subprocess.run([options.netc, "check", path], capture_output=True, check=False).returncode == 0


# ---- Reducing --------------------------------------------------------------------------------------------


def binding(statement):
    """Of `name = pipe;` or `input name: shape;` the names, as a pattern, and what follows."""
    left, right = re.fullmatch(r"(?:input )?([^=:]+)[=:](.*)", statement, re.DOTALL).groups()
    return rf"\b({'|'.join(re.findall(r'[a-z0-9_]+', left))})\b", right


def without_unread(source):
    """Drops what nobody reads, and then what only that read."""
    for i, statement in enumerate(source.statements):
        kept = source.statements[:i] + source.statements[i + 1:]
        if not re.search(binding(statement)[0], " ".join(kept + source.outputs + source.sections)):
            return without_unread(random_net.Source(kept, source.outputs, source.sections))
    return source


def without_statement(source, i):
    """Drops `name = other -> ...;`: who reads name reads other."""
    names, pipe = binding(source.statements[i])
    other = re.search(r"\b(v\d+|p\d+[a-d]|image)\b", pipe)
    if not other:
        return None
    rename = lambda line: re.sub(names, other.group(), line)
    kept = source.statements[:i] + source.statements[i + 1:]
    outputs = list(dict.fromkeys(map(rename, source.outputs)))
    return random_net.Source(list(map(rename, kept)), outputs, list(map(rename, source.sections)))


def without_output(source, i):
    return random_net.Source(source.statements, source.outputs[:i] + source.outputs[i + 1:], source.sections)


def without_terms(section):
    """The section that trains with one term of the loss less, each in turn."""
    before, loss, after = re.fullmatch(r"(.*\bloss = )([^;]*)(;.*)", section, re.DOTALL).groups()
    terms, depth = [""], 0
    for sign in re.split(r"([()]| \+ )", loss):
        depth += (sign == "(") - (sign == ")")
        if sign == " + " and depth == 0:
            terms.append("")
        else:
            terms[-1] += sign
    for i in reversed(range(len(terms) if len(terms) > 1 else 0)):
        yield before + " + ".join(terms[:i] + terms[i + 1:]) + after


def with_less(lines):
    """The lines without one stage, branch or argument, each in turn."""
    for i, line in enumerate(lines):
        for pattern in (r" -> \w+(\([^()]*\))?(?=;| ->| \}| \||\))", r"\| [^|}]*(?=\||\})", r", [a-z_]+ = (\[\[.*?\]\]|[\w.]+)"):
            for found in re.finditer(pattern, line):
                yield lines[:i] + [line[:found.start()] + line[found.end():]] + lines[i + 1:]


def with_smaller_numbers(lines):
    """The lines with one integer or size made smaller, each way in turn. Names hold digits too."""
    for i, line in enumerate(lines):
        for found in re.finditer(r"(?:(?<=\dx)|(?<![\w.]))\d+(?![\d.e])", line):
            n = int(found.group())
            for less in sorted({1, n // 2, n - 1} & set(range(1, n))):
                yield lines[:i] + [line[:found.start()] + str(less) + line[found.end():]] + lines[i + 1:]


def smaller(source):
    """Nets with less in them, those that lack most first."""
    statements, outputs, sections = source.statements, source.outputs, source.sections
    for i in reversed(range(len(outputs) if len(outputs) > 1 else 0)):
        yield without_output(source, i)
    for train in without_terms(sections[0]):
        yield random_net.Source(statements, outputs, [train] + sections[1:])
    read = without_unread(source)
    if len(read.statements) < len(statements):
        yield read
    for i in reversed(range(len(statements))):
        shorter = without_statement(source, i)
        if shorter:
            yield shorter
    if len(sections) > 1:
        yield random_net.Source(statements, outputs, sections[:1])
    for less in with_less, with_smaller_numbers:
        for changed in less(statements):
            yield random_net.Source(changed, outputs, sections)
        for changed in less(sections):
            yield random_net.Source(statements, outputs, changed)


def reduce(source, failure, case, options):
    """The smallest net found that fails as `failure` says, with that failure."""
    case = Case(failure.variants or case.variants, case.weights, case.missing)
    attempts = 0
    progress = True
    while progress:
        progress = False
        for candidate in smaller(source):
            if attempts >= options.attempts:
                return source, failure
            if not is_valid(candidate, options):
                continue
            attempts += 1
            found = failure_of(candidate, case, options)
            if found and found.kind == failure.kind:
                source, failure, progress = candidate, found, True
                break
    return source, failure


# ---- The whole -------------------------------------------------------------------------------------------


def missing_samples(source, seed):
    """How short the batches are: by a sample or two, or down to half or a single one. Statistics of few samples are all but signs."""
    if "batchnorm" in source.text():
        return seed % 3
    batch = int(re.search(r"batch = (\d+)", source.sections[0]).group(1))
    return (0, 1, 2, batch // 2, batch - 1)[seed % 5]


def check_net(seed, options):
    """What is wrong with the net of a seed, as text; None if nothing is."""
    source = random_net.generate(seed)
    case = Case(variants(seed, options), seed, missing_samples(source, seed))
    failure = failure_of(source, case, options)
    if failure and failure.kind == "numbers f32":
        # A value within a rounding of a kink takes the other arm in f32: other weights tell that from a defect.
        case.weights = seed + 1000003
        failure = failure_of(source, case, options)
    if not failure:
        return None
    small, reduced = reduce(source, failure, case, options)
    return (f"net {seed}: {failure.kind}\n{failure}\nreduced:\n{small.text()}"
            f"# {case.samples(small)} samples, weights {case.weights}\n{reduced}\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=10 if os.environ.get("NETC_SANITIZE") else NETS, help="how many nets")
    parser.add_argument("-s", "--seed", type=int, default=1, help="the first one's seed; the others count on from it")
    parser.add_argument("--all", action="store_true", help="every compiler, machine and level for every net")
    parser.add_argument("--attempts", type=int, default=300, help="how many smaller nets to try for one that fails")
    options = parser.parse_args()
    options.netc = os.environ["NETC"]
    options.library, options.interpreted = os.environ["NETC_NUMBERS"], os.environ["NETC_INTERPRETED"]
    runtime = os.path.join(os.path.dirname(options.netc), "lib", "netc")
    options.runtime = os.path.join(runtime, "libnetrt.a")
    with open(os.path.join(runtime, "netrt.link"), encoding="ascii") as file:
        options.link = file.read().split()
    unused = random_net.unused_operators(range(1, NETS + 1))
    if unused:
        sys.exit(f"no net from random_net.py uses {', '.join(unused)}")
    options.makers, options.wide = makers(options.netc), has_avx512()
    print(f"made by {', '.join(options.makers)}{'' if options.wide else '; no AVX-512: only for x86-64-v3'}")
    print(f"{options.n} nets from seed {options.seed}; one again: tests/differential/run.sh -n 1 -s SEED", flush=True)
    seeds, failed = range(options.seed, options.seed + options.n), []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, report in enumerate(pool.map(lambda seed: check_net(seed, options), seeds), 1):
            if report:
                failed.append(seeds[done - 1])
                print(f"FAIL: {report}", flush=True)
            if done % 20 == 0:
                print(f"{done} nets, {len(failed)} failed", flush=True)
    print(f"{options.n - len(failed)} of {options.n} nets agree" + (f"; not {failed}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

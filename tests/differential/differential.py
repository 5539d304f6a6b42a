"""Holds compiled nets against the interpreter, on random nets (random_net.py).

For each net: the interpreter in double; machine code by gcc, clang and LLVM for x86-64-v3 and v4, at -O1 and -O3, with 1, 2 and 3
threads, in f32 and f64. All f32 results must be the same bits, all f64 results too, and both must agree with the interpreter. A net
that fails is reduced: statements, branches and arguments are taken away as long as it fails in the same way.
"""
import argparse
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
    """What went wrong: a short kind, which a reduced net must share, and the details."""

    def __init__(self, kind, details):
        super().__init__(details)
        self.kind = kind


def run(command, kind, **more):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False, **more)
    if result.returncode != 0:
        raise Failure(kind, f"{' '.join(command)}: status {result.returncode}\n{result.stdout.decode(errors='replace')}")


class Variant:
    """Who makes the machine code (a C compiler, or "llvm"), for what, at which level, and with how many threads it runs."""

    def __init__(self, maker, march, level, precision, threads):
        self.maker, self.march, self.level, self.precision, self.threads = maker, march, level, precision, threads
        self.name = f"{maker}-{march}-O{level}-{precision}"

    def flags(self):
        backend = "llvm" if self.maker == "llvm" else "c"
        return [f"-O{self.level}", f"-march={self.march}", f"--precision={self.precision}", f"--backend={backend}"]

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
    """All of them, or for a net's number: two in f32 by C compilers and one by LLVM, which differ in machine and level, and one
    or two in f64."""
    narrow, wide = "x86-64-v3", "x86-64-v4" if options.wide else "x86-64-v3"
    gcc = [Variant("gcc", narrow, 3, "f32", (1, 2)), Variant("gcc", wide, 1, "f32", (3,))]
    clang = [Variant("clang-19", wide, 3, "f32", (1, 3)), Variant("clang-19", narrow, 1, "f32", (2,))]
    llvm = [Variant("llvm", wide, 1, "f32", (2,)), Variant("llvm", narrow, 3, "f32", (3,))]
    double = [Variant("gcc", narrow, 1, "f64", (1,)), Variant("clang-19", wide, 3, "f64", (3,)),
              Variant("llvm", wide, 3, "f64", (2,))]
    if options.all:
        wanted = gcc + clang + llvm + double
    else:
        wanted = [gcc[number % 2], clang[number % 2], llvm[number // 2 % 2], double[number % 3], double[2]]
    return [v for i, v in enumerate(wanted) if v.maker in options.makers and v not in wanted[:i]]


class Subject:
    """A net in a folder of its own."""

    def __init__(self, source, options, folder):
        self.source, self.options, self.folder = source, options, folder
        self.path = os.path.join(folder, "random.net")
        with open(self.path, "w", encoding="ascii") as file:
            file.write(source.text())

    def numbers(self, program, out, extra):
        o = self.options
        run([program, "--steps", str(STEPS), "--samples", str(o.samples), "--seed", str(o.weights), *extra, "-o", out], "numbers")

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
            self.numbers(program, files[-1], ["--threads", str(threads)])
        return files

    def check(self):
        reference = os.path.join(self.folder, "interpreted.safetensors")
        self.numbers(self.options.interpreted, reference, [self.path])
        wanted = read(reference)
        with ThreadPoolExecutor(self.options.jobs) as pool:
            files = list(pool.map(self.compute, self.options.variants))
        for precision in ("f32", "f64"):
            same = [f for v, fs in zip(self.options.variants, files) if v.precision == precision for f in fs]
            if not same:
                continue
            self.check_bits(same)
            self.check_numbers(same[0], wanted, precision)

    def check_bits(self, files):
        with open(files[0], "rb") as file:
            first = file.read()
        for path in files[1:]:
            with open(path, "rb") as file:
                if file.read() == first:
                    continue
            a, b = read(files[0]), read(path)
            differing = [name for name in a if a[name].tobytes() != b[name].tobytes()]
            raise Failure("bits", f"{os.path.basename(files[0])} and {os.path.basename(path)} differ in {', '.join(differing)}")

    def check_numbers(self, path, wanted, precision):
        got = read(path)
        if got.keys() != wanted.keys():
            raise Failure("names", f"{sorted(got)} instead of {sorted(wanted)}")
        wrong, scales = [], layer_scales(wanted)
        for name, numbers in wanted.items():
            largest = max(map(abs, numbers))
            error = max(abs(a - b) for a, b in zip(got[name], numbers))
            # Gradients that cancel to nothing keep the rounding of what cancelled, which is of their layer's size.
            if not error <= TOLERANCE[precision] * (largest + 1e-2 * max(1, scales[layer_of(name)])):
                wrong.append(f"{name}: error {error:.3g}, largest {largest:.3g}")
        if wrong:
            raise Failure("numbers " + precision, "\n".join(wrong))


def failure_of(source, options):
    with tempfile.TemporaryDirectory() as folder:
        try:
            Subject(source, options, folder).check()
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


def without_statement(source, i):
    """Drops `name = other -> ...;`: who reads name reads other."""
    found = re.match(r"(v\d+) = .*?\b(v\d+|image)\b", source.statements[i])
    if not found:
        return None
    name, other = found.groups()
    kept = source.statements[:i] + source.statements[i + 1:]
    rename = lambda line: re.sub(rf"\b(t?){name}\b", lambda m: m.group(0) if m.group(1) else other, line)
    outputs = [other if o == name else o for o in source.outputs]
    return random_net.Source([rename(s) for s in kept], list(dict.fromkeys(outputs)), [rename(s) for s in source.sections])


def without_output(source, i):
    """Drops an output and its term of the loss."""
    name = source.outputs[i]
    sections = [re.sub(rf" \+ [^+]*\({name}, \w+\)|(?<== )[^+]*\({name}, \w+\) \+ ", "", s) for s in source.sections]
    return random_net.Source(source.statements, source.outputs[:i] + source.outputs[i + 1:], sections)


def smaller(source):
    for i in reversed(range(len(source.outputs))):
        if len(source.outputs) > 1:
            yield without_output(source, i)
    for i in reversed(range(len(source.statements))):
        shorter = without_statement(source, i)
        if shorter:
            yield shorter
    for i, statement in enumerate(source.statements):
        for pattern in (r" -> \w+(\([^()]*\))?(?=;| ->| \}| \|)", r"\| [^|}]*(?=\||\})", r", [a-z_]+ = (\[\[.*?\]\]|[\w.]+)"):
            for found in re.finditer(pattern, statement):
                changed = list(source.statements)
                changed[i] = statement[:found.start()] + statement[found.end():]
                yield random_net.Source(changed, source.outputs, source.sections)
    if len(source.sections) > 1:
        yield random_net.Source(source.statements, source.outputs, source.sections[:1])


def reduce(source, kind, options):
    attempts = 0
    progress = True
    while progress and attempts < options.attempts:
        progress = False
        for candidate in smaller(source):
            if not is_valid(candidate, options):
                continue
            attempts += 1
            failure = failure_of(candidate, options)
            if failure and failure.kind == kind:
                source, progress = candidate, True
                break
            if attempts >= options.attempts:
                break
    return source


# ---- The whole -------------------------------------------------------------------------------------------


def check_net(seed, options):
    source = random_net.generate(seed)
    batch = int(re.search(r"batch = (\d+)", source.sections[0]).group(1))
    options.samples = max(1, batch - seed % 3)
    options.weights = seed
    options.variants = variants(seed, options)
    failure = failure_of(source, options)
    if failure and failure.kind == "numbers f32":
        # A value within a rounding of a kink takes the other arm in f32: other weights tell that from a defect.
        options.weights = seed + 1000003
        failure = failure_of(source, options)
    if not failure:
        return True
    print(f"FAIL: net {seed}: {failure.kind}\n{failure}\nreducing ...", flush=True)
    small = reduce(source, failure.kind, options)
    print(f"{small.text()}# {options.samples} samples, weights {options.weights}\n{failure_of(small, options)}\n", flush=True)
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=10 if os.environ.get("NETC_SANITIZE") else 200, help="how many nets")
    parser.add_argument("-s", "--seed", type=int, default=1, help="the first one's seed; the others count on from it")
    parser.add_argument("--all", action="store_true", help="every compiler, machine and level for every net")
    parser.add_argument("--attempts", type=int, default=60, help="how many smaller nets to try for one that fails")
    options = parser.parse_args()
    options.netc = os.environ["NETC"]
    options.library, options.interpreted = os.environ["NETC_NUMBERS"], os.environ["NETC_INTERPRETED"]
    runtime = os.path.join(os.path.dirname(options.netc), "lib", "netc")
    options.runtime = os.path.join(runtime, "libnetrt.a")
    with open(os.path.join(runtime, "netrt.link"), encoding="ascii") as file:
        options.link = file.read().split()
    options.jobs = os.cpu_count() or 1
    options.makers, options.wide = makers(options.netc), has_avx512()
    print(f"made by {', '.join(options.makers)}{'' if options.wide else '; no AVX-512: only for x86-64-v3'}")
    print(f"{options.n} nets from seed {options.seed}; one again: tests/differential/run.sh -n 1 -s SEED", flush=True)
    failed = []
    for done, seed in enumerate(range(options.seed, options.seed + options.n), 1):
        if not check_net(seed, options):
            failed.append(seed)
        if done % 20 == 0:
            print(f"{done} nets, {len(failed)} failed", flush=True)
    print(f"{options.n - len(failed)} of {options.n} nets agree" + (f"; not {failed}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

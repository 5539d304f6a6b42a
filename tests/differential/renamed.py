"""Random nets whose layers are called what a compiler might trip over: names that netc makes up for other kernels (c_2, c_backward,
c_inference), words of C, macros of the headers that generated C includes, functions of its library and of the runtime. Whatever layers
are called, a net computes the same bits, with either back end."""
import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import random_net
from differential import Variant, makers, run
from tensor_file import read

SUFFIXES = ("_2", "_3", "_2_2", "_backward", "_backward_2", "_inference", "_inference_2", "_weight", "_weight_gradient",
            "_weight_gradient_2", "_bias_gradient", "_weight_update", "_mean", "_apply", "_steps", "_by_channel", "_buffer", "_axis",
            "_value", "_in_block2")
WORDS = """alignas asm auto bool break case char complex constexpr continue default do double enum errno extern float for goto inline
    int32_t int64_t item linux long main nullptr real register restrict short signed size_t sizeof static static_assert step
    struct switch thread_local typedef typeof uint32_t union unix unsigned vec void volatile while kernels kernel_main
    kernel_memset train_phases evaluate_phases netrt_model netrt_peak netrt_unsupported netrt_cpu_lacks netrt_kernel vec_fma
    vec_fma_buffer vec_tanh vec_exp real_exp bits word_low peak unsupported text features o h w c p q i part tap all out
    abort abs calloc cos div exit exp expf fma fmaf free index log malloc memcmp memcpy memmove memset powi printf qsort
    rand rint round roundf signal sin sqrt sqrtf stdin stdout strlen system tanh time tolower y1 c1 C1 X BN12 llvm_fma dense
    dense1 conv1 loss loss_mse1 loss_mse1_backward loss_cross_entropy1_backward_3 optimizer""".split()


def macros(compiler, include):
    """What the headers of generated C define for the preprocessor to replace wherever it stands."""
    text = '#define NETRT_PRECISION 4\n#define NETRT_VECTOR_LANES 8\n#include "netrt/model.h"\n#include "netrt/vector.h"\n'
    command = [compiler, "-std=c11", "-march=x86-64-v3", "-I", include, "-dM", "-E", "-x", "c", "-"]
    out = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True, text=True).stdout
    found = sorted(name for name in re.findall(r"^#define (\w+) ", out, re.MULTILINE) if not name.startswith("__"))
    # Of those in the compiler's own space, constants of intrinsics and guards of files, some will do.
    return [name for name in found if name[0] != "_"] + [name for name in found if name[0] == "_"][::25]


def labelled(source):
    """The net with a place for a label, @1@ and so on, on every stage that may have one; how many there are."""
    count = 0

    def label(found):
        nonlocal count
        count += 1
        return f"-> @{count}@: {found.group(1)}"

    statements = [s if "{" in s else re.sub(r"-> (?!repeat|residual|split)(\w)", label, s) for s in source.statements]
    return random_net.Source(statements, source.outputs, source.sections), count


def with_labels(text, names):
    return re.sub(r"@(\d+)@", lambda found: names[int(found.group(1)) - 1], text)


def adversarial(count, pool, rng):
    """Names that are each other's with a suffix, or somebody else's."""
    names = []
    while len(names) < count:
        name = rng.choice(names) + rng.choice(SUFFIXES) if names and rng.random() < 0.6 else rng.choice(pool)
        if name not in names:
            names.append(name)
    rng.shuffle(names)
    return names


def numbers(text, variant, options, folder):
    """All that three steps of a net leave, by name."""
    path = os.path.join(folder, "it.net")
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    run([options.netc, *variant.flags(), "-Wno-unused-border", "-c", "-o", path + ".o", path], "netc",
        env={**os.environ, "CC": variant.compiler()})
    run([variant.compiler(), "-o", path + ".exe", path + ".o", options.library, options.runtime, *options.link], "link")
    run([path + ".exe", "--steps", "3", "--by-place", "-o", path + ".numbers"], "numbers")
    return {name: numbers.tobytes() for name, numbers in read(path + ".numbers").items()}


def with_names(tensors, names):
    """Of tensors of plainly called layers what they are with these names: gradient.plain0x.weight is that of names[0]."""
    def rename(tensor):
        parts = tensor.split(".")
        plain = re.fullmatch(r"plain(\d+)x", parts[1]) if len(parts) > 1 else None
        return ".".join([parts[0], names[int(plain.group(1))], *parts[2:]]) if plain else tensor

    return {rename(tensor): numbers for tensor, numbers in tensors.items()}


def compare(template, names, variant, options):
    """What a net says under these names and not under plain ones; None if nothing."""
    plain = [f"plain{i}x" for i in range(len(names))]
    renamed = with_labels(template, names)
    with tempfile.TemporaryDirectory() as folder:
        try:
            # Plain names by the quickest maker: all of them make the same bits (differential.py).
            wanted = with_names(numbers(with_labels(template, plain), options.quickest, options, folder), names)
            found = numbers(renamed, variant, options, folder)
        except Exception as failure:    # whatever it was, the net belongs to it
            return f"{variant.name}: {failure}\n{renamed}"
    wrong = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    return f"{variant.name}: other bits of {', '.join(wrong)}\n{renamed}" if wrong else None


def tower(count):
    """A net with a layer for each of many names."""
    stages = " -> ".join(f"@{i + 1}@: dense(2, frozen = {'true' if i + 1 < count else 'false'})" for i in range(count))
    return (f"net tower {{ input image: 2; output y = image -> {stages}; }}\n"
            "train { loss = mse(y, t); optimizer = sgd(lr = 0.01); batch = 16; epochs = 1; }\n")


def jobs(pool, options):
    """Templates with names and variants: all names at once, then random nets."""
    here = options.makers
    for maker in here:
        yield tower(len(pool)), pool, Variant(maker, "x86-64-v3", 0, "f32", (1,))
    for seed in range(options.seed, options.seed + options.n):
        source, count = labelled(random_net.generate(seed))
        # What a layer draws follows from its name: other names, other numbers.
        if count > 0 and not re.search("dropout|noise", source.text()):
            yield (source.text(), adversarial(count, pool, random.Random(seed)),
                   Variant(here[seed % len(here)], "x86-64-v3", 1, "f32", (1,)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=4 if os.environ.get("NETC_SANITIZE") else 10, help="how many random nets")
    parser.add_argument("-s", "--seed", type=int, default=1, help="the first one's seed")
    options = parser.parse_args()
    options.netc, options.library = os.environ["NETC"], os.environ["NETC_NUMBERS"]
    folder = os.path.join(os.path.dirname(options.netc), "lib", "netc")
    options.runtime = os.path.join(folder, "libnetrt.a")
    with open(os.path.join(folder, "netrt.link"), encoding="ascii") as file:
        options.link = file.read().split()
    options.makers = makers(options.netc)
    options.quickest = Variant("llvm" if "llvm" in options.makers else "gcc", "x86-64-v3", 1, "f32", (1,))
    found = set(WORDS)
    for compiler in options.makers:
        if compiler != "llvm":
            found.update(macros(compiler, os.path.join(folder, "include")))
    pool = sorted(found)
    if "NULL" not in pool or "SIZE_MAX" not in pool:
        sys.exit("the headers' macros were not found")
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        print(f"{len(pool)} names, by {', '.join(options.makers)}; {options.n} nets from seed {options.seed}", flush=True)
        failed = [report for report in workers.map(lambda job: compare(*job, options), jobs(pool, options)) if report]
    for report in failed:
        print(f"FAIL: {report}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

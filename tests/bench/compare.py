#!/usr/bin/env python3
"""Trainers made by netc beside the same nets in PyTorch, on the same processors, in turns.

  tests/bench/compare.py                            lenet5 and mlp, one and two threads, every back end
  tests/bench/compare.py --models lenet5=examples/lenet5.net --threads 1 --rounds 5
  tests/bench/compare.py --self-test                only tests how results are read and summed up; needs no PyTorch

The peer is a script: PEER --threads T --models NAME --configs A,B --modes train --reps N --rep-time S --json FILE. It appends to
FILE one JSON object a configuration with "model", "mode", "threads", "config", "batch", "ms_min" (milliseconds of a step in the
fastest repetition) and "cpu" (processors busy). A model's name means the same net to both: the .net file and the peer's own.

How it is measured. In each round the trainers run one after the other, then the peer; all are pinned to the same processors.
Of one run the fastest part of 0.05 s counts for both sides, since whatever else the machine does only makes a part slower;
of the rounds, the median. Of the peer's configurations the best one counts. "of peak" is the share of the multiply-adds a second
that the trainer's own loop of independent multiply-adds reaches in the same run; the peer's share is taken of the same peak and
with the same number of operations a sample, which leaves out what no framework computes.
"""
import argparse
import collections
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFAULT_PEER = ROOT.parent / "shared" / "peers" / "torch_bench.py"
DEFAULT_MODELS = "lenet5=examples/lenet5.net,mlp=examples/mlp.net"
PEER_REPETITION_SECONDS = 0.05    # as long as a round of the trainers

# Otherwise glibc gives large tensors back to the system after each step, and takes them again page by page.
PEER_TUNABLES = "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=8589934592:glibc.malloc.top_pad=67108864"

# One run: samples a second, samples a step, operations a sample and flop/s of the peak (trainers), processors busy (the peer).
Run = collections.namedtuple("Run", "speed batch flop_per_sample peak busy", defaults=(None, None, None, None))


class Failure(Exception):
    """Ends the program with this message."""


# ---- Reading results ---------------------------------------------------------------------------------------------------


def parse_models(text):
    """'lenet5=a.net,mlp=b.net' as [(name, path)]; a name alone is examples/NAME.net."""
    models = []
    for word in text.split(","):
        name, equals, path = word.partition("=")
        if not name or (equals and not path):
            raise Failure(f"--models: '{word}' is not NAME=FILE.net")
        models.append((name, path or f"examples/{name}.net"))
    return models


def parse_threads(text):
    try:
        threads = [int(word) for word in text.split(",")]
    except ValueError:
        threads = [0]
    if min(threads) < 1:
        raise Failure(f"--threads: '{text}' is not a list of numbers from 1")
    return threads


def parse_trainer(text):
    """The line of JSON that `TRAINER bench --log json` prints."""
    try:
        record = json.loads(text)
        speed, gflops = float(record["samples_per_second"]), float(record["gflops"])
        return Run(speed, record["batch"], gflops * 1e9 / speed, float(record["peak_gflops"]) * 1e9)
    except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise Failure(f"a trainer's bench printed no figures ({error!r}): {text[:200]!r}") from error


def parse_peer(lines, model, threads):
    """{configuration: Run} of the lines that measure training this model with so many threads."""
    runs = {}
    for line in lines:
        try:
            record = json.loads(line)
            if (record["model"], record["mode"], record["threads"]) == (model, "train", threads):
                runs[record["config"]] = Run(record["batch"] / record["ms_min"] * 1e3, record["batch"], busy=record["cpu"])
        except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
            raise Failure(f"the peer wrote a line without figures ({error!r}): {line[:200]!r}") from error
    return runs


def median_speed(runs):
    return statistics.median(run.speed for run in runs)


def best_configuration(runs_of):
    """Of {configuration: [Run]} the one with the highest median."""
    return max(runs_of, key=lambda config: median_speed(runs_of[config]))


def share_of_peak(speed, runs):
    """The share of the peak of `speed` samples a second, with the operations and the peaks of a trainer's runs."""
    return speed * statistics.median(run.flop_per_sample / run.peak for run in runs)


def check_same_batch(model, ours, theirs):
    batches = sorted({run.batch for runs in [*ours.values(), *theirs.values()] for run in runs})
    if len(batches) > 1:
        raise Failure(f"{model}: steps of different sizes cannot be compared: {' and '.join(map(str, batches))} samples")


# ---- Running -----------------------------------------------------------------------------------------------------------


def processors_for(threads, allowed):
    """The last ones: interrupts go to the first more often."""
    if threads > len(allowed):
        raise Failure(f"--threads: {threads} threads, but only {len(allowed)} processors may be used")
    return ",".join(str(cpu) for cpu in sorted(allowed)[-threads:])


def run_command(command, what, **options):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **options)
    except OSError as error:
        raise Failure(f"{what}: cannot run '{command[0]}': {error.strerror}") from error
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Failure(f"{what}: status {done.returncode}: {lines[-1] if lines else 'no message'}")
    return done.stdout


def back_ends(netc):
    for line in run_command([netc, "--version"], "netc").splitlines():
        if line.startswith("back ends: "):
            return line.removeprefix("back ends: ").replace(",", " ").split()
    raise Failure(f"'{netc} --version' names no back ends")


def compile_trainer(options, path, backend, trainer):
    """Seconds that netc takes, the best of three."""
    command = [options.netc, f"--backend={backend}", f"-march={options.march}", path, "-o", trainer]
    seconds = []
    for _ in range(3):
        begin = time.monotonic()
        run_command(command, f"{path}, back end {backend}", cwd=ROOT)
        seconds.append(time.monotonic() - begin)
    return min(seconds)


def run_trainer(options, trainer, threads, processors):
    command = ["taskset", "-c", processors, trainer, "bench", "--log", "json", "--threads", str(threads)]
    return parse_trainer(run_command(command + ["--seconds", str(options.seconds)], "trainer"))


def run_peer(options, model, threads, processors, folder):
    """All configurations in one process. One that PyTorch refuses writes no line: the others still count."""
    results = os.path.join(folder, "peer.jsonl")
    pathlib.Path(results).write_text("", encoding="utf-8")
    repetitions = max(3, round(options.seconds / PEER_REPETITION_SECONDS))
    command = ["taskset", "-c", processors, options.python, str(options.peer), "--threads", str(threads), "--models", model]
    command += ["--configs", options.configs, "--modes", "train", "--json", results]
    command += ["--reps", str(repetitions), "--rep-time", str(PEER_REPETITION_SECONDS)]
    printed = run_command(command, "peer", env={**os.environ, "GLIBC_TUNABLES": PEER_TUNABLES})
    for line in printed.splitlines():
        if "FAILED" in line:
            print(f"note: peer: {line}", file=sys.stderr)
    return parse_peer(pathlib.Path(results).read_text(encoding="utf-8").splitlines(), model, threads)


def measure(options, model, trainers, threads, folder):
    """{back end: [Run]} and {configuration: [Run]} of all rounds."""
    processors = processors_for(threads, os.sched_getaffinity(0))
    ours, theirs = collections.defaultdict(list), collections.defaultdict(list)
    for _ in range(options.rounds):
        for backend, trainer in trainers.items():
            ours[backend].append(run_trainer(options, trainer, threads, processors))
        for config, run in run_peer(options, model, threads, processors, folder).items():
            theirs[config].append(run)
            if run.busy < 0.9 * threads:
                print(f"note: the peer's {config} had {run.busy:.2f} of {threads} processors: the machine is busy", file=sys.stderr)
    if not theirs:
        raise Failure(f"the peer measured nothing for model {model}")
    check_same_batch(model, ours, theirs)
    return ours, theirs


# ---- Reporting ---------------------------------------------------------------------------------------------------------


def rows_of(model, threads, ours, theirs):
    """A row for each back end: model, threads, back end, images/s, of peak, the peer's best, its images/s, of peak, ratio."""
    config = best_configuration(theirs)
    peer = median_speed(theirs[config])
    rows = []
    for backend, runs in ours.items():
        speed = median_speed(runs)
        rows.append((model, threads, backend, speed, share_of_peak(speed, runs), config, peer, share_of_peak(peer, runs),
                     speed / peer))
    return rows


def scaling_of(rows):
    """[(model, who, threads, times one thread)] for each of them that ran with one thread and with more."""
    speed = {}
    for model, threads, backend, ours, _, _, peer, _, _ in rows:
        speed[model, backend, threads] = ours
        speed[model, "PyTorch", threads] = peer
    return [(model, who, threads, value / speed[model, who, 1]) for (model, who, threads), value in speed.items()
            if threads > 1 and (model, who, 1) in speed]


def print_rows(rows):
    print("| model | threads | netc | images/s | of peak | PyTorch's best | images/s | of peak | ratio |")
    print("|---|---|---|---|---|---|---|---|---|")
    for model, threads, backend, speed, share, config, peer, peer_share, ratio in rows:
        print(f"| {model} | {threads} | {backend} | {speed:,.0f} | {share:.0%} | {config} | {peer:,.0f} | {peer_share:.0%} |"
              f" {ratio:.2f} |")
    for model, who, threads, times in scaling_of(rows):
        print(f"{model}, {who}: {threads} threads are {times:.2f} times as fast as one")


def processor_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown processor"


def check_surroundings(options):
    if shutil.which("taskset") is None:
        raise Failure("taskset is not installed (package util-linux): without it threads wander and figures mean little")
    if shutil.which(options.netc) is None:
        raise Failure(f"there is no compiler '{options.netc}': build the release preset, or say --netc PATH")
    if not options.peer.is_file():
        raise Failure(f"there is no peer '{options.peer}': say --peer PATH")
    # Asked of the interpreter that will run the peer, which need not be this one.
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
    if subprocess.run([options.python, "-c", probe], check=False).returncode != 0:
        raise Failure(f"'{options.python}' has no PyTorch: pip install torch, or say --python PATH")


def compare(options):
    models, thread_counts = parse_models(options.models), parse_threads(options.threads)
    check_surroundings(options)
    backends = options.backends.split(",") if options.backends else back_ends(options.netc)
    rows = []
    print(f"{processor_name()}, load {os.getloadavg()[0]:.1f} before")
    with tempfile.TemporaryDirectory() as folder:
        for model, path in models:
            trainers = {}
            for backend in backends:
                trainers[backend] = os.path.join(folder, f"{model}-{backend}")
                seconds = compile_trainer(options, path, backend, trainers[backend])
                print(f"{path}: {seconds:.2f} s to an executable with back end {backend}", flush=True)
            for threads in thread_counts:
                rows += rows_of(model, threads, *measure(options, model, trainers, threads, folder))
    print_rows(rows)


# ---- Tests of this program ---------------------------------------------------------------------------------------------


def trainer_line(speed, gflops, peak):
    return json.dumps({"samples_per_second": speed, "gflops": gflops, "peak_gflops": peak, "batch": 64})


def peer_line(**changes):
    record = {"model": "net", "mode": "train", "threads": 1, "config": "nchw", "batch": 64, "ms": 9.0, "ms_min": 4.0, "cpu": 1.0}
    return json.dumps({**record, **changes})


class SelfTest(unittest.TestCase):
    def test_a_trainers_line_gives_speed_and_operations(self):
        run = parse_trainer(trainer_line(2000, 50, 100))
        self.assertEqual(run, Run(2000, 64, 25e6, 100e9))

    def test_lines_without_figures_are_refused(self):
        for text in ("", "{}", "[1]", '{"samples_per_second": 0, "gflops": 1, "peak_gflops": 1}'):
            self.assertRaises(Failure, parse_trainer, text)
        for text in ("", "{}", "7", peer_line(ms_min=0)):
            self.assertRaises(Failure, parse_peer, [text], "net", 1)

    def test_the_peers_fastest_repetition_counts_and_other_lines_do_not(self):
        lines = [peer_line(), peer_line(config="nhwc", ms_min=2.0), peer_line(mode="infer1", ms_min=0.1),
                 peer_line(threads=2, ms_min=0.1), peer_line(model="other", ms_min=0.1)]
        runs = parse_peer(lines, "net", 1)
        self.assertEqual({config: run.speed for config, run in runs.items()}, {"nchw": 16000, "nhwc": 32000})

    def test_the_best_median_wins_not_the_best_run(self):
        of = lambda *speeds: [Run(speed) for speed in speeds]
        self.assertEqual(best_configuration({"lucky": of(1, 2, 99), "steady": of(5, 6, 7)}), "steady")

    def test_rows_hold_medians_shares_and_ratios(self):
        ours = {"llvm": [Run(speed, 64, 1e6, 1e10) for speed in (900, 6000, 7000)]}
        theirs = {"nchw": [Run(1000)], "nhwc": [Run(2000)]}
        self.assertEqual(rows_of("net", 1, ours, theirs), [("net", 1, "llvm", 6000, 0.6, "nhwc", 2000, 0.2, 3.0)])

    def test_batches_must_agree(self):
        check_same_batch("net", {"c": [Run(1, 64)]}, {"nchw": [Run(2, 64)]})
        self.assertRaisesRegex(Failure, "64 and 128", check_same_batch, "net", {"c": [Run(1, 64)]}, {"nchw": [Run(2, 128)]})

    def test_scaling_needs_one_thread_and_more(self):
        row = lambda model, threads, speed, peer: (model, threads, "c", speed, 0.5, "nchw", peer, 0.1, speed / peer)
        rows = [row("a", 1, 10, 4), row("a", 2, 19, 6), row("b", 2, 5, 1)]
        self.assertEqual(scaling_of(rows), [("a", "c", 2, 1.9), ("a", "PyTorch", 2, 1.5)])

    def test_options_are_read_or_refused(self):
        self.assertEqual(parse_models("a=x.net,b"), [("a", "x.net"), ("b", "examples/b.net")])
        self.assertEqual(parse_threads("1,2"), [1, 2])
        for text in ("=x.net", "a=", "a,,b"):
            self.assertRaises(Failure, parse_models, text)
        for text in ("0", "", "one", "1,"):
            self.assertRaises(Failure, parse_threads, text)

    def test_the_last_processors_are_taken(self):
        self.assertEqual(processors_for(2, {4, 0, 9}), "4,9")
        self.assertRaises(Failure, processors_for, 3, {0, 1})

    def test_what_fails_says_so(self):
        self.assertRaisesRegex(Failure, "what: status 3: why", run_command, ["sh", "-c", "echo why >&2; exit 3"], "what")
        self.assertRaisesRegex(Failure, "cannot run '/no/such'", run_command, ["/no/such"], "what")


def self_test():
    result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromTestCase(SelfTest))
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    netc = ROOT / "build" / "release" / "netc"
    parser.add_argument("--netc", default=str(netc), help="the compiler (default: build/release/netc)")
    parser.add_argument("--peer", type=pathlib.Path, default=DEFAULT_PEER, help="the peer's script")
    parser.add_argument("--python", default=sys.executable, help="the Python that has PyTorch (default: this one)")
    parser.add_argument("--models", default=DEFAULT_MODELS, help=f"NAME=FILE.net,... (default: {DEFAULT_MODELS})")
    parser.add_argument("--backends", default="", help="llvm,c (default: all that netc has)")
    parser.add_argument("--threads", default="1,2", help="numbers of threads (default: 1,2)")
    parser.add_argument("--configs", default="nchw,nhwc,nchw+compile", help="the peer's (default: nchw,nhwc,nchw+compile)")
    parser.add_argument("--march", default="native", help="as netc's -march (default: native)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts (default: 3)")
    parser.add_argument("--seconds", type=float, default=2, help="of each run (default: 2)")
    parser.add_argument("--self-test", action="store_true", help="test this program instead")
    options = parser.parse_args()
    if options.rounds < 1 or not options.seconds > 0:
        parser.error("--rounds and --seconds are at least 1 and above 0")
    return options


def main():
    options = read_options()
    if options.self_test:
        return self_test()
    try:
        compare(options)
    except Failure as failure:
        print(f"compare.py: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

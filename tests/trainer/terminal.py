"""usage: terminal.py TRAINER     runs the trainer by hand on pseudo-terminals; the first line that fails is shown"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

TRAINER = os.path.abspath(sys.argv[1])
PATIENCE = 120    # seconds: a busy machine is no failure
WIPE = "\r\x1b[J"
ANSWER = "finishing the step; once more to stop now"


class Run:
    """A trainer whose standard streams are a terminal of so many columns (0: it does not know)."""

    def __init__(self, columns, *words, term="xterm"):
        self.text = ""
        self.master, slave = pty.openpty()
        self.resize(columns)
        environment = {key: value for key, value in os.environ.items() if key != "TERM"}
        if term is not None:
            environment["TERM"] = term
        self.process = subprocess.Popen([TRAINER, "train", *words], stdin=slave, stdout=slave, stderr=slave, env=environment,
                                        preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
        os.close(slave)

    def resize(self, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self, until=lambda text: False):
        """Reads until the text so far satisfies a condition, or the trainer has ended."""
        end = time.monotonic() + PATIENCE
        while not until(self.text):
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                sys.exit(f"waited for {PATIENCE} s, read {self.text!r}")
            try:
                self.text += os.read(self.master, 65536).decode()
            except OSError:    # the other side is closed
                break
        return self.text

    def type(self, keys):
        os.write(self.master, keys)

    def end(self):
        self.read()
        os.close(self.master)
        return self.process.wait(PATIENCE)

    def drawn(self):
        """The live lines so far, whole ones only."""
        return re.findall(re.escape(WIPE) + "(epoch [^\r\n]*)\r(?!\n)", self.text)


def check(what, good, run=None):
    if not good:
        sys.exit(f"FAIL: {what}" + (f": {run.text!r}" if run else ""))


def wait_for_file(path):
    for _ in range(PATIENCE * 20):
        if os.path.exists(path) and os.path.getsize(path) > 0:
            return
        time.sleep(0.05)
    sys.exit(f"waited for {path}")


def live_lines_fit():
    for columns in 100, 24, 0:
        run = Run(columns, "--epochs", "2", "--set", "mock.pause=0.02", "--out", f"wide{columns}")
        check(f"{columns} columns: the run ends well", run.end() == 0, run)
        check(f"{columns} columns: something is drawn", run.drawn(), run)
        check(f"{columns} columns: nothing wraps", all(len(line) < (columns or 80) for line in run.drawn()), run)
        check(f"{columns} columns: what is cut ends so", columns != 24 or all(line.endswith("...") for line in run.drawn()), run)
        check(f"{columns} columns: epochs stay", re.search(r"\x1b\[Jepoch 2/2  train loss .* val loss .*/s(  waiting \d+%)?\r\n", run.text), run)
    run = Run(100, "--epochs", "1000", "--set", "mock.pause=0.02", "--out", "resized")
    run.read(lambda _: len(run.drawn()) > 1)
    check("a bar", re.match(r"epoch 1/1000 \[[#.]{20}\] \d+\.?\d*/s  loss \d.* accuracy .*  0:\d\d left$", run.drawn()[-1]), run)
    run.resize(30)
    before = len(run.drawn())
    run.read(lambda _: len(run.drawn()) > before + 3)
    check("a narrower window is noticed", all(len(line) < 30 for line in run.drawn()[before + 1:]), run)
    run.type(b"\x03")
    run.end()


def dumb_terminals_get_whole_lines():
    for term in "dumb", "", None:
        run = Run(80, "--epochs", "2", "--set", "mock.pause=0.02", "--out", f"dumb{term}", term=term)
        check(f"TERM={term}: the run ends well", run.end() == 0, run)
        lines = run.text.replace("\r\n", "\n")
        check(f"TERM={term}: nothing is redrawn", "\r" not in lines and "\x1b" not in lines and "left" not in lines, run)
        check(f"TERM={term}: a line an epoch and one for the test", lines.count("\n") == 3, run)


def interrupts_are_answered_at_once():
    run = Run(80, "--epochs", "1", "--set", "mock.pause=2", "--limit", "128", "--seed", "3", "--out", "it's one")
    run.read(lambda _: run.drawn())
    run.type(b"\x03")
    run.read(lambda text: ANSWER in text)
    check("the answer comes before the end of the step", "stopped" not in run.text, run)
    check("status", run.end() == 130, run)
    said = run.text[run.text.index(ANSWER):].replace("\r\n", "\n").replace(WIPE, "")
    check("the answer takes the place of the live line", f"{WIPE}{ANSWER}\r\n" in run.text, run)
    check("where the checkpoint lies", "\ncheckpoint: it's one/last.safetensors\n" in said and os.path.exists("it's one/last.safetensors"), run)
    command = re.search(r"\nto go on: (.*)\n$", said)
    check("how to go on", command is not None, run)
    check("the rest of the command is the same", " --limit 128 --seed 3 --resume --out 'it'\\''s one'" in command[1], run)
    went_on = subprocess.run(["sh", "-c", command[1] + " --quiet"], timeout=PATIENCE)
    check("the command goes on", went_on.returncode == 0, run)

    run = Run(80, "--epochs", "1", "--set", "mock.pause=60", "--out", "two")
    wait_for_file("two/config.json")
    time.sleep(2)    # the step has begun: a run that is stopped before it has no step to finish
    run.type(b"\x03")
    run.read(lambda text: ANSWER in text)
    time.sleep(0.3)
    run.type(b"\x03")
    check("the second ends at once", run.end() == -signal.SIGINT, run)
    check("without a checkpoint", not os.path.exists("two/last.safetensors"), run)


def stop(name, *signals):
    """A run without a terminal that gets these signals in one go: its status, output and what it says."""
    run = subprocess.Popen([TRAINER, "train", "--epochs", "100000", "--set", "mock.pause=0.01", "--log", "json", "--out", name],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_file(f"{name}/metrics.jsonl")
    for number in signals:
        run.send_signal(number)
    out, err = run.communicate(timeout=PATIENCE)
    return run.returncode, out, err


def requests_are_told_in_json():
    # timeout(1) sends its signal twice; a shell whose terminal goes away may send SIGHUP again.
    for name, status, *signals in (("TERM", 143, signal.SIGTERM, signal.SIGTERM), ("HUP", 129, signal.SIGHUP, signal.SIGHUP)):
        got, out, err = stop(name, *signals)
        check(f"{name}: status {status}, found {got}: {err}", got == status)
        check(f"{name}: the answer is a line: {err!r}", err.startswith(ANSWER + f"\nstopped by SIG{name} after "))
        last = json.loads(out.splitlines()[-1])
        check(f"{name}: {last}", last["stopped"] == f"SIG{name}" and last["weights"] == f"{name}/last.safetensors"
              and last["epochs"] >= 1 and last["command"].endswith(f" --resume --out {name}"))
        check(f"{name}: the weights are there", os.path.exists(last["weights"]))
    run = subprocess.Popen(["nohup", TRAINER, "train", "--epochs", "3", "--quiet", "--set", "mock.pause=0.02", "--out", "nohup"],
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for_file("nohup/metrics.jsonl")
    run.send_signal(signal.SIGHUP)
    check("nohup goes on", run.wait(PATIENCE) == 0)


with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    live_lines_fit()
    dumb_terminals_get_whole_lines()
    interrupts_are_answered_at_once()
    requests_are_told_in_json()

"""Follows the hints of the compiler's messages and compiles again.

usage: hints.py NETC FOLDER

Of each test in FOLDER, every message whose hint can be followed without thinking is mended, alone, as the hint says. The message must
be gone and no fault of grammar or of names may stand in its place; where it was the only error, the file must compile.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

FEWEST = 60  # so many hints are followed at least: a change of words must not leave the test without work
NAMES = re.compile(r"E(1..|2..|301|309|401|404|405|407|601|603)$")
PLAIN = re.compile(r"\w+$")


class Message:
    """A message with the text that it is about; `begin` and `end` are places in the text."""

    def __init__(self, fields, text):
        lines = text.splitlines(keepends=True)
        self.text, self.line, self.said, self.code = text, fields.get("line", 0), fields["message"], fields["code"]
        self.severity = fields["severity"]
        starts = [sum(map(len, lines[:n])) for n in range(len(lines) + 1)]
        self.first = starts[self.line - 1] if self.line else 0
        self.begin = self.first + fields["column"] - 1 if self.line else 0
        self.end = starts[fields["end_line"] - 1] + fields["end_column"] - 1 if self.line else 0
        self.span = text[self.begin : self.end]
        self.hint = fields.get("hint") or ""

    def put(self, new, begin=None, end=None):
        begin, end = (self.begin, self.end) if begin is None else (begin, end)
        return self.text[:begin] + new + self.text[end:]

    def put_for(self, pattern, new, around=False, before=False):
        """Replaces the match in this line that begins last before the place, or holds it, or is the first behind it."""
        last = self.text.find("\n", self.first)
        found = list(re.compile(pattern).finditer(self.text, self.first, last if last >= 0 else len(self.text)))
        if around:
            found = [m for m in found if m.start() <= self.begin < m.end()]
        elif before:
            found = [m for m in found if m.start() < self.end][-1:]
        else:
            found = [m for m in found if m.start() >= self.begin]
        return self.put(new, *found[0].span()) if found else None


def word(m, name):
    if PLAIN.match(m.span):
        return m.put(name)
    unknown = m.said.split()[-1]
    return m.put_for(rf"\b{re.escape(unknown)}\b", name)


def size(m, text):
    tuples = m.put_for(r"\([^()]*\)", text, around=True)
    return tuples or (m.put(text) if m.span.startswith("[") else None)


def in_call(m, pattern, new):
    return m.put(re.sub(pattern, lambda _: new, m.span, count=1)) if re.search(pattern, m.span) else None


def keyword(m, name):
    return m.put_for(rf"\b{name}\b", name + "_1", before=True)


def declared(m, statement):
    name = re.match(r"input (\w+)", statement).group(1)
    return re.sub(rf"input {name}\s*:[^;]*;", statement, m.text, count=1)


RULES = [
    (r"did you mean '?(\w+)'?\?", lambda m, x: word(m, x[1])),
    (r"(\S+) is called (\w+) here: (\w+\(.*\))( .*)?$", lambda m, x: m.put_for(rf"\b{x[1]}\b(\([^()]*\))?", x[3])),
    (r"(\S+) is called (\w+) here", lambda m, x: m.put_for(rf"\b{re.escape(x[1])}\b", x[2])),
    (r"without quotes: (\w+)", lambda m, x: in_call(m, rf'"{x[1]}"', x[1])),
    (r"a size is written in one word: (\w+)", lambda m, x: m.put_for(r"\d+(x\d+)?( *x *\d+)+", x[1], around=True)),
    (r"a size is written (\S+|size\(.*\))$", lambda m, x: size(m, x[1])),
    (r"the batch is implicit: (input .*;)", lambda m, x: declared(m, x[1])),
    (r"the batch is implicit: (\S+)$", lambda m, x: size(m, x[1])),
    (r".*it is implicit: (\S+)$", lambda m, x: m.text.replace(m.said.split()[-1], x[1], 1)),
    (r"declare the input as int: (input .*;)", lambda m, x: declared(m, x[1])),
    (r"write '(.*)'$", lambda m, x: m.put(x[1])),
    (r"compile \{ precision = f64; \}", lambda m, x: m.text + x[0] + "\n"),
    (r"add: (train \{.*\})", lambda m, x: m.text + x[1] + "\n"),
    (r"flatten the input first: (.*)", lambda m, x: m.put(x[1])),
    (r"the rows of an image as steps: (.*)", lambda m, x: m.put(x[1])),
    (r"(reshape\(.*\)) makes ", lambda m, x: m.put(x[1] + " -> " + m.span)),
    (r"project (\w+): (.*)", lambda m, x: in_call(m, rf"\b{x[1]}\b", f"({x[1]} -> {x[2]})")),
    (r"a padding of at most (\d+) ", lambda m, x: in_call(m, r"padding = \d+", f"padding = {x[1]}")),
    (r"a kernel of at most (\S+) fits", lambda m, x: in_call(m, r"\d+(x\d+)?(?=[,)] *)(?!, \d)", x[1])),
    (r"train with batch = (\d+) ", lambda m, x: re.sub(r"batch( *)= \d+", rf"batch\1= {x[1]}", m.text)),
    (r"(\w+) takes probabilities", lambda m, x: in_call(m, r"\w+", x[1])),
    (r"give the numbers: (.*)", lambda m, x: m.put_for(r"normalize\([^()]*\)", x[1], around=True)),
    (r"'(\w+)' is a keyword", lambda m, x: keyword(m, x[1])),
    (r"layers are called without '(\w+\.)'", lambda m, x: m.put_for(re.escape(x[1]), "", before=True)),
    (r"axis = 0 over", lambda m, x: in_call(m, r"\w+(\(\))?", m.span.split("(")[0] + "(axis = 0)")),
    (r"comments begin with '#'", lambda m, x: m.put("#")),
    (r"(\w+) compares two: ", lambda m, x: m.put(f"{x[1]}(logits, image)") if "logits" in m.text else None),
]


def follow(m):
    """The text as the hint would have it, or None."""
    for pattern, mend in RULES:
        found = re.match(pattern, m.hint)
        if found:
            return mend(m, found)
    return None


def messages(netc, flags, folder, name, text):
    with tempfile.NamedTemporaryFile("w", suffix=".net", dir=folder, encoding="latin-1") as net:
        net.write(text)
        net.flush()
        run = subprocess.run([netc, *flags, "--error-format=json", net.name], capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1, 2):
        sys.exit(f"{name}: status {run.returncode}: {run.stderr}")
    return [Message(json.loads(line), text) for line in run.stderr.splitlines() if line.startswith("{")]


def judge(before, m, after):
    """What is wrong with what the compiler says after m's hint was followed, or None."""
    errors = [e for e in before if e.severity == "error"]
    if any(e.line == m.line and e.said == m.said for e in after):
        return "says the same again"
    known = {(e.line, e.said) for e in before}
    for e in after:
        if NAMES.match(e.code) and e.line == m.line and abs(e.begin - m.begin) < 3 and (e.line, e.said) not in known:
            return f"now says: {e.said}"
    left = [e.said for e in after if e.severity == "error" and e.code != "E605"]  # a section found may lack settings
    if m.severity == "error" and len(errors) == 1 and left:
        return f"now says: {left[0]}"
    return None


def main():
    netc, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    followed, failed = 0, 0
    with tempfile.TemporaryDirectory() as work:
        for path in sorted(glob.glob(os.path.join(folder, "*.net"))):
            text = open(path, encoding="latin-1").read()  # columns count bytes
            flags = text.splitlines()[0].removeprefix("# netc:").split() if text.startswith("# netc:") else []
            if "include" in text or any(f.startswith("--error-format") for f in flags):
                continue
            before = messages(netc, flags, work, path, text)
            for m in before:
                mended = follow(m) if m.hint and (m.line or m.hint.startswith("add: ")) else None  # else: of the command line
                if mended is None or mended == text:
                    continue
                followed += 1
                fault = judge(before, m, messages(netc, flags, work, path, mended))
                if fault:
                    failed += 1
                    print(f"{path}:{m.line}: {m.said}\n   hint: {m.hint}\n   followed, it {fault}")
    print(f"hints: {followed} followed, {failed} failed")
    if followed < FEWEST:
        print(f"that are fewer than {FEWEST}")
    sys.exit(1 if failed or followed < FEWEST else 0)


if __name__ == "__main__":
    main()

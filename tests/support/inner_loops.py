"""The innermost loops of an assembly file: inner_loops.py FILE.s

One line for each that holds multiply-adds: function, instructions, multiply-adds, moves of vector registers to or from the stack.
Loops are the natural loops of the flow graph, wherever the blocks were laid out.
"""
import re
import sys

if "--help" in sys.argv[1:]:
    print(__doc__)
    sys.exit(0)

STACK = re.compile(r"-?\d*\(%rsp\)")
VECTOR = re.compile(r"%[xyz]mm")
LABEL = re.compile(r"(\.L\w+):")
JUMP = re.compile(r"\s+(j\w+)\s+(\.L\w+)")


def functions(lines):
    """Yields (name, lines) for each function."""
    name, body = None, []
    for line in lines:
        begin = re.match(r"([A-Za-z_][\w.]*):", line)
        if begin:
            name, body = begin.group(1), []
        elif name and line.startswith(".Lfunc_end"):
            yield name, body
            name = None
        elif name and (LABEL.match(line) or re.match(r"\s+[a-z]", line)):
            body.append(line)


def blocks(body):
    """The blocks, as lists of instructions, and for each the blocks that may come next."""
    code, place, ends = [[]], {}, []
    for line in body:
        label = LABEL.match(line)
        if label:
            if code[-1]:
                code.append([])
            place[label.group(1)] = len(code) - 1
        else:
            code[-1].append(line)
            if JUMP.match(line):
                code.append([])
    for i, block in enumerate(code):
        last = block[-1] if block else ""
        jump = JUMP.match(last)
        after = {place[jump.group(2)]} if jump and jump.group(2) in place else set()
        if i + 1 < len(code) and not re.match(r"\s+(jmp|ret)", last):
            after.add(i + 1)
        ends.append(after)
    return code, ends


def dominators(after):
    """For each block the set of those that every way to it passes."""
    count = len(after)
    before = [{i for i in range(count) if j in after[i]} for j in range(count)]
    dominated = [{0}] + [set(range(count)) for _ in range(count - 1)]
    changed = True
    while changed:
        changed = False
        for i in range(1, count):
            common = set.intersection(*(dominated[j] for j in before[i])) if before[i] else set()
            if common | {i} != dominated[i]:
                dominated[i], changed = common | {i}, True
    return dominated, before


def innermost_loops(after):
    """The sets of blocks of the loops that hold no other loop."""
    dominated, before = dominators(after)
    loops = {}
    for tail, targets in enumerate(after):
        for head in targets & dominated[tail]:
            inside = loops.setdefault(head, {head})
            work = [tail]
            while work:
                block = work.pop()
                if block not in inside:
                    inside.add(block)
                    work.extend(before[block])
    return [blocks for head, blocks in loops.items() if not any(h != head and h in blocks for h in loops)]


def main():
    with open(sys.argv[1], encoding="utf-8") as text:
        lines = text.read().splitlines()
    for name, body in functions(lines):
        code, after = blocks(body)
        for loop in innermost_loops(after):
            inside = [line for block in loop for line in code[block]]
            products = sum(bool(re.match(r"\s+vf(n?m)(add|sub)", line)) for line in inside)
            moves = sum(bool(STACK.search(line) and VECTOR.search(line)) for line in inside)
            if products > 0:
                print(name, len(inside), products, moves)


main()

"""Writes IDX files of made-up pictures: pictures.py SHAPE COUNT IMAGES LABELS [CLASSES], SHAPE as in 3x32x32, by default of ten classes.
A picture is the pattern of its class under noise, so that a net has something to learn. The same arguments make the same bytes."""
import random
import struct
import sys

NOISE = 40


def idx(path, sizes, data):
    with open(path, "wb") as file:
        file.write(struct.pack(">BBBB", 0, 0, 8, len(sizes)) + b"".join(struct.pack(">I", n) for n in sizes) + bytes(data))


def main():
    shape, count = [int(n) for n in sys.argv[1].split("x")], int(sys.argv[2])
    classes = int(sys.argv[5]) if len(sys.argv) > 5 else 10
    source, elements = random.Random(1), 1
    for n in shape:
        elements *= n
    patterns = [[source.randrange(256 - NOISE) for _ in range(elements)] for _ in range(classes)]
    labels = [i % classes for i in range(count)]
    idx(sys.argv[3], [count, *shape], [x + source.randrange(NOISE) for label in labels for x in patterns[label]])
    idx(sys.argv[4], [count], labels)


main()

"""Writes IDX files of pictures with a class for each pixel: shapes.py COUNT IMAGES MASKS. A picture is 3x64x64: in front of a noisy
ground, class 0, there are discs, class 1, and squares, class 2, of any colours. The same arguments make the same bytes."""
import random
import struct
import sys

SIDE, NOISE = 64, 30


def idx(path, sizes, data):
    with open(path, "wb") as file:
        file.write(struct.pack(">BBBB", 0, 0, 8, len(sizes)) + b"".join(struct.pack(">I", n) for n in sizes) + bytes(data))


def covers(kind, radius, h, w):
    return h * h + w * w <= radius * radius if kind == 1 else max(abs(h), abs(w)) <= radius


def picture(source):
    ground = [source.randrange(60) for _ in range(3)]
    mask, colour = [0] * SIDE * SIDE, [ground] * SIDE * SIDE
    for _ in range(4):
        kind, radius = source.randint(1, 2), source.randint(5, 11)
        top, left = source.randrange(SIDE), source.randrange(SIDE)
        bright = [source.randint(100, 255 - NOISE) for _ in range(3)]
        for h in range(max(0, top - radius), min(SIDE, top + radius + 1)):
            for w in range(max(0, left - radius), min(SIDE, left + radius + 1)):
                if covers(kind, radius, h - top, w - left):
                    mask[h * SIDE + w], colour[h * SIDE + w] = kind, bright
    return [colour[i][c] + source.randrange(NOISE) for c in range(3) for i in range(SIDE * SIDE)], mask


def main():
    count, source, images, masks = int(sys.argv[1]), random.Random(1), bytearray(), bytearray()
    for _ in range(count):
        image, mask = picture(source)
        images += bytes(image)
        masks += bytes(mask)
    idx(sys.argv[2], [count, 3, SIDE, SIDE], images)
    idx(sys.argv[3], [count, SIDE, SIDE], masks)


main()

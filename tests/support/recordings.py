"""Writes IDX files of recorded digits: recordings.py FOLDER LENGTH PREFIX makes PREFIX-train-signals, PREFIX-train-labels and the same
for test. FOLDER holds WAV files DIGIT_SPEAKER_INDEX.wav of 16 bits, one channel; by the rule of their collection those of index 0 to
4 are for tests. Each is cut or filled up to LENGTH, its loudest sample 127 away from 128, which is silence."""
import array
import os
import struct
import sys
import wave

TEST_INDICES = 5


def samples(path, length):
    with wave.open(path) as file:
        loud = array.array("h", file.readframes(length))
    peak = max(max(loud), -min(loud), 1)
    return bytes(128 + round(127 * s / peak) for s in loud).ljust(length, b"\x80")


def write(path, sizes, data):
    with open(path, "wb") as file:
        file.write(struct.pack(">BBBB", 0, 0, 8, len(sizes)) + b"".join(struct.pack(">I", n) for n in sizes) + data)


def main():
    folder, length, prefix = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    parts = {"train": [], "test": []}
    for name in sorted(os.listdir(folder)):
        digit, _, index = name.removesuffix(".wav").split("_")
        parts["test" if int(index) < TEST_INDICES else "train"].append((int(digit), os.path.join(folder, name)))
    for part, files in parts.items():
        write(f"{prefix}-{part}-signals", [len(files), 1, length], b"".join(samples(path, length) for _, path in files))
        write(f"{prefix}-{part}-labels", [len(files)], bytes(digit for digit, _ in files))


main()

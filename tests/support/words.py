"""Words, and the same words backwards, as IDX files of bytes: words.py FOLDER COUNT. Always the same ones.

A word has 3 to 6 symbols from 1 to 6. It is filled up to 6 with zeros, in front in FOLDER/words, behind in FOLDER/backwards."""
import random
import struct
import sys


def main():
    folder, count, source = sys.argv[1], int(sys.argv[2]), random.Random(1)
    words, backwards = bytearray(), bytearray()
    for _ in range(count):
        word = bytes(source.randint(1, 6) for _ in range(source.randint(3, 6)))
        words += bytes(6 - len(word)) + word
        backwards += word[::-1] + bytes(6 - len(word))
    for name, data in (("words", words), ("backwards", backwards)):
        with open(f"{folder}/{name}", "wb") as file:
            file.write(struct.pack(">BBBB2I", 0, 0, 8, 2, count, 6) + data)


main()

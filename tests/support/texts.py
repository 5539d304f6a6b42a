"""Made-up sentences of three topics as IDX files of bytes: texts.py FOLDER [LENGTH]. Always the same ones.

FOLDER/texts gets train-texts-idx2-ubyte and train-topics-idx1-ubyte with 480 sentences, and test-... with 160 others. The topics share
places and adverbs; only verbs and things tell them apart. A sentence is filled up with zeros to LENGTH bytes (64)."""
import os
import random
import struct
import sys

PLACES = ("in the valley", "at home", "near the harbour", "in town", "on the island", "by the river")
WHEN = ("today", "again", "since monday", "every morning", "at last", "for hours")
TOPICS = (
    (("rain falls", "fog settles", "the wind turns", "snow melts", "a storm passes", "clouds gather"), ("", " slowly", " softly")),
    (("bread rises", "soup simmers", "the oven cools", "rice boils", "butter melts", "a cake burns"), ("", " slowly", " quickly")),
    (("a rook moves", "the queen falls", "white castles", "a pawn waits", "black resigns", "the bishop turns"), ("", " softly", " quickly")),
)


def sentence(source, topic):
    event, how = (source.choice(words) for words in TOPICS[topic])
    parts = [event + how, source.choice(PLACES), source.choice(WHEN)]
    if source.random() < 0.3:
        parts = [parts[2], parts[0], parts[1]]
    return " ".join(parts)


def write(path, dimensions, data):
    with open(path, "wb") as file:
        file.write(struct.pack(">BBBB", 0, 0, 8, len(dimensions)) + struct.pack(f">{len(dimensions)}I", *dimensions) + data)


def main():
    folder, length = os.path.join(sys.argv[1], "texts"), int(sys.argv[2]) if len(sys.argv) > 2 else 64
    os.makedirs(folder, exist_ok=True)
    for part, count, seed in (("train", 480, 1), ("test", 160, 2)):
        source = random.Random(seed)
        topics = bytes(source.randrange(len(TOPICS)) for _ in range(count))
        texts = b"".join(sentence(source, topic).encode()[:length].ljust(length, b"\0") for topic in topics)
        write(os.path.join(folder, f"{part}-texts-idx2-ubyte"), (count, length), texts)
        write(os.path.join(folder, f"{part}-topics-idx1-ubyte"), (count,), topics)


if __name__ == "__main__":
    main()

"""Inputs and results of examples/worked.

    worked.py input NAME.input IMAGES LABELS      writes the numbers as an IDX file of one record, and a label
    worked.py compare NAME.expect PREDICTION      holds the line that `predict` wrote against the wanted outputs, number by number

A file of numbers has a line for each row and an empty line between channels; a line with a name starts an output."""
import json
import struct
import sys


def blocks(path):
    """Name to channels of rows. What stands before any name is called ''."""
    found, name, fresh = {}, "", True
    with open(path, encoding="ascii") as file:
        for line in map(str.split, file):
            if line and line[0][0].isalpha():
                name, fresh = line[0], True
            elif line:
                channels = found.setdefault(name, [])
                if fresh:
                    channels.append([])
                channels[-1].append([int(word) for word in line])
                fresh = False
            else:
                fresh = True
    return found


def flat(channels):
    return [x for rows in channels for row in rows for x in row]


def write_input(path, images, labels):
    channels = blocks(path)[""]
    sizes = [1, len(channels), len(channels[0]), len(channels[0][0])]
    for target, dimensions, data in ((images, sizes, flat(channels)), (labels, [1], [0])):
        with open(target, "wb") as file:
            file.write(struct.pack(">BBBB", 0, 0, 8, len(dimensions)))
            file.write(struct.pack(f">{len(dimensions)}I", *dimensions) + bytes(data))


def compare(path, prediction):
    wanted = {name: flat(channels) for name, channels in blocks(path).items()}
    with open(prediction, encoding="utf-8") as file:
        found = json.loads(file.read())["outputs"]
    if found != wanted:
        sys.exit(f"{path}: wanted {wanted}, found {found}")


if sys.argv[1] == "input":
    write_input(*sys.argv[2:])
else:
    compare(*sys.argv[2:])

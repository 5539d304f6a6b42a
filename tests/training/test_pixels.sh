#!/bin/sh
# A class for each pixel: a small net learns to tell bright squares from their noisy ground, by masks beside the images. Masks of
# another size, and classes that the net does not know, are refused.
. tests/support/trainers.sh

cat >"$work/squares.net" <<'END'
net squares {
    input image: 1x16x16;
    output scores = image -> conv(8, 3x3, padding = same) -> relu -> conv(2, 3x3, padding = same);
}
data {
    train   = idx("images", "masks") -> drop(32);
    test    = idx("images", "masks") -> take(32);
    prepare = scale(1/255);
}
train {
    loss      = cross_entropy(scores, label);
    metrics   = [accuracy];
    optimizer = adam(lr = 0.01);
    batch     = 16;
    epochs    = 10;
}
END

# squares CLASS SIDE: 160 images of 16x16, and masks of SIDE x SIDE that give CLASS to the pixels of a square.
squares() {
    python3 - "$work" "$1" "$2" <<'END'
import random, struct, sys
folder, inside, side, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), 160
source, images, masks = random.Random(1), bytearray(), bytearray()
for _ in range(count):
    top, left, size = source.randrange(10), source.randrange(10), source.randint(3, 6)
    in_square = lambda h, w: top <= h < top + size and left <= w < left + size
    images += bytes(min(255, max(0, int(source.gauss(180 if in_square(h, w) else 70, 30)))) for h in range(16) for w in range(16))
    masks += bytes(inside if in_square(h, w) else 0 for h in range(side) for w in range(side))
for name, data, n in (("images", images, 16), ("masks", masks, side)):
    with open(f"{folder}/{name}", "wb") as file:
        file.write(struct.pack(">BBBB", 0, 0, 8, 3) + struct.pack(">3I", count, n, n) + data)
END
}

compile "$work/squares.net" "$work/squares"
squares 1 16
"$work/squares" train --quiet --data "$work" --out "$work/run" || die "train failed with status $?"
accuracy=$(result "$work/run/metrics.jsonl" test accuracy) || exit 1
at_least "share of the test set's pixels" "$accuracy" 0.97

# refused TEXT: training ends with status 1 and says so.
refused() {
    "$work/squares" train --quiet --data "$work" --out "$work/bad" >"$work/out" 2>&1
    [ $? -eq 1 ] || die "expected status 1: $1"
    grep -q "$1" "$work/out" || die "expected '$1', found: $(cat "$work/out")"
}

squares 2 16
refused 'masks: record 32, element [0-9]*: expected a class of 0 to 1, found 2'
squares 1 15
refused 'masks: expected labels for the input label, 16x16, found 15x15'

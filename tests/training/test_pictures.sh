#!/bin/sh
# The examples that bring no data of their own learn made-up pictures: the loss falls from epoch to epoch. Not on sanitized builds:
# they are slow and the arithmetic is the same.
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

# losses FILE.jsonl: those of the training part, one epoch a line
losses() {
    python3 - "$1" <<'END'
import json, sys
for line in open(sys.argv[1]):
    record = json.loads(line)
    if "train" in record:
        print(record["train"]["loss"])
END
}

# learns EXAMPLE SHAPE RATE: two steps an epoch
learns() {
    echo "== $1"
    python3 tests/support/pictures.py "$2" 32 "$work/images" "$work/labels" || die "no pictures"
    {
        cat "examples/$1.net"
        echo 'data { train = idx("images", "labels"); test = idx("images", "labels"); prepare = scale(1/255); }'
    } >"$work/$1.net"
    compile "$work/$1.net" "$work/$1" --batch=16
    "$work/$1" train --quiet --data "$work" --epochs 4 --set "train.optimizer.lr=$3" --out "$work/run-$1" ||
        die "train failed with status $?"
    losses "$work/run-$1/metrics.jsonl" >"$work/losses" || exit 1
    cat "$work/losses"
    awk 'NR == 1 { first = $1 } END { exit !(NR == 4 && $1 < 0.9 * first) }' "$work/losses" || die "$1 does not learn"
}

learns resnet20 3x32x32 0.05
learns vgg_small 3x32x32 0.01
learns inception3a 192x28x28 0.1

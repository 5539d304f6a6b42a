#!/bin/sh
# The examples learn: the loss falls from epoch to epoch. Those that bring no data of their own learn made-up pictures, those that
# read digits learn some drawn ones; nets for large pictures are compiled for small ones. Not on sanitized builds: they are slow and
# the arithmetic is the same.
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

# falls NAME RATE: the loss of $work/NAME.net
falls() {
    name=$1
    # shellcheck disable=SC2046  # a list of words
    compile "$work/$name.net" "$work/$name" --batch=16 $(small "$name")
    "$work/$name" train --quiet --data "$work" --epochs 4 --set "train.optimizer.lr=$2" --out "$work/run" ||
        die "train failed with status $?"
    losses "$work/run/metrics.jsonl" >"$work/losses" || exit 1
    cat "$work/losses"
    awk 'NR == 1 { first = $1 } END { exit !(NR == 4 && $1 < 0.9 * first) }' "$work/losses" || die "$name does not learn"
    rm -r "${work:?}/run" "${work:?}/$name"
}

# learns EXAMPLE SHAPE RATE: pictures of $classes classes
classes=10
learns() {
    name=$1
    echo "== $name"
    python3 tests/support/pictures.py "$2" 32 "$work/images" "$work/labels" "$classes" || die "no pictures"
    {
        cat "examples/$name.net"
        echo 'data { train = idx("images", "labels"); test = idx("images", "labels"); prepare = scale(1/255); }'
    } >"$work/$name.net"
    falls "$name" "$3"
}

# learns_digits EXAMPLE RATE: as the file prepares its own
learns_digits() {
    echo "== $1"
    sed -E '/ = (idx|digits)\(/s/ = .*/ = digits(320);/' "examples/$1.net" >"$work/$1.net"
    falls "$@"
}

cp -R examples/blocks "$work" || exit 3
learns resnet20 3x32x32 0.05
learns vgg_small 3x32x32 0.01
learns inception3a 192x28x28 0.1
learns mobilenet 3x32x32 0.001
learns resnet50 3x64x64 0.001
learns alexnet_2012 3x67x67 0.01
learns zfnet 3x64x64 0.01
learns vgg16 3x32x32 0.01
learns googlenet 3x80x80 0.01
learns signals 1x8192 0.002
learns gan_generator 64 0.002
classes=2
learns gan_discriminator 1x28x28 0.002
learns_digits lenet5_1998 0.01
learns_digits deep_autoencoder 0.001
learns_digits conv_autoencoder 0.001
learns_digits denoising_autoencoder 0.001
learns_digits neocognitron 0.002

#!/bin/sh
# A net with batch norms learns, `eval` finds again what training measured, and PyTorch takes the weights as they are.
. tests/support/trainers.sh

compile examples/cnn_bn.net "$work/cnn_bn"
"$work/cnn_bn" train --quiet --limit 2000 --epochs 2 --out "$work/run" || die "train failed with status $?"
accuracy=$(result "$work/run/metrics.jsonl" test accuracy) || exit 1
at_least "accuracy on 2000 test images" "$accuracy" 0.93

"$work/cnn_bn" eval --limit 2000 --weights "$work/run/best.safetensors" --log json >"$work/eval" || die "eval failed with status $?"
for name in loss accuracy; do
    trained=$(result "$work/run/metrics.jsonl" test "$name") || exit 1
    found=$(result "$work/eval" test "$name") || exit 1
    [ "$trained" = "$found" ] || die "eval finds a $name of $found, training found $trained"
done

python3 tests/support/pictures.py 1x28x28 40 "$work/images" "$work/labels" || die "no pictures"
"$work/cnn_bn" predict --weights "$work/run/best.safetensors" "$work/images" >"$work/predictions" ||
    die "predict failed with status $?"
python3 tests/training/load_cnn_bn.py "$work/run/best.safetensors" "$work/images" "$work/predictions" ||
    die "PyTorch and netc differ"

# refused LIMIT MESSAGE: so many pictures end in a batch of 1, over which the norm of a vector has no statistics.
refused() {
    if "$work/cnn_bn" train --quiet --limit "$1" --epochs 1 --out "$work/short" 2>"$work/message"; then
        die "a batch of 1 has statistics"
    fi
    grep -q "$2" "$work/message" || die "$(cat "$work/message")"
}
refused 129 'batches of at least 2, but the last of 129 samples in batches of 64 has 1: .*--limit 128'
refused 1 'batches of at least 2, but the part train has 1'
"$work/cnn_bn" train --quiet --limit 128 --epochs 1 --out "$work/short" || die "two whole batches are refused"

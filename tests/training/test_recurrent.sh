#!/bin/sh
# Pictures read row by row: each kind of cell learns the digits, and an epoch leaves the same bits by either back end, for either CPU,
# on any number of threads. Not on sanitized builds: they are slow and the arithmetic is the same.
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

# train NAME THREADS [OPTION...]: trains $work/NAME into $work/run-NAME.
train() {
    name=$1 threads=$2
    shift 2
    "$work/$name" train --quiet --threads "$threads" --out "$work/run-$name" "$@" || die "$cell $name: train failed with status $?"
}

for cell in rnn gru lstm; do
    compile "examples/$cell.net" "$work/$cell"
    train $cell 2
    accuracy=$(result "$work/run-$cell/metrics.jsonl" test accuracy) || exit 1
    at_least "$cell: accuracy on the test set" "$accuracy" 0.85
    rm -r "$work/run-$cell"
    train $cell 1 --epochs 1
    for build in "c 3 --backend=c" "v3 2 -march=x86-64-v3" "other 3 --backend=c -march=test-w4r16"; do
        options=${build#* }
        # shellcheck disable=SC2086  # a list of words
        compile "examples/$cell.net" "$work/${build%% *}" ${options#* }
        train "${build%% *}" "${options%% *}" --epochs 1
        cmp "$work/run-$cell/last.safetensors" "$work/run-${build%% *}/last.safetensors" || die "$cell: $build: other bits"
        rm -r "$work/run-${build%% *}"
    done
done

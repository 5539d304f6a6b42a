#!/bin/sh
# Pictures read row by row: each kind of cell learns the digits, to the same bits by either back end, for either CPU, on any number
# of threads.
. tests/support/trainers.sh

full=1
[ -z "${NETC_SANITIZE:-}" ] || full=0

# train CELL NAME THREADS OPTION...: compiles the example with these options and trains it.
train() {
    cell=$1 name=$2 threads=$3
    shift 3
    compile "examples/$cell.net" "$work/$name" "$@"
    # shellcheck disable=SC2046  # a list of words
    "$work/$name" train --quiet --threads "$threads" $([ $full -eq 1 ] || echo --epochs 1) --out "$work/run-$name" ||
        die "$cell $name: train failed with status $?"
}

for cell in rnn gru lstm; do
    train $cell $cell 1
    [ $full -eq 1 ] || continue
    accuracy=$(result "$work/run-$cell/metrics.jsonl" test accuracy) || exit 1
    at_least "$cell: accuracy on the test set" "$accuracy" 0.85
    for build in "c 3 --backend=c" "v3 2 -march=x86-64-v3" "other 3 --backend=c -march=test-w4r16"; do
        # shellcheck disable=SC2086  # a list of words
        train $cell $build
        cmp "$work/run-$cell/last.safetensors" "$work/run-${build%% *}/last.safetensors" || die "$cell: $build: other bits"
        rm -r "$work/run-${build%% *}"
    done
done

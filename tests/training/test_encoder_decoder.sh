#!/bin/sh
# The encoder and decoder of the examples spell words backwards, to the same bits by either back end, for either CPU, on any number of
# threads. What is ignored is no mistake: a net that is told to leave out all symbols has no loss to show.
. tests/support/trainers.sh

python3 tests/support/words.py "$work" 5000 || die "no words"
epochs=12
[ -z "${NETC_SANITIZE:-}" ] || epochs=1

# train NAME THREADS OPTION...: compiles the example with these options and trains it.
train() {
    name=$1 threads=$2
    shift 2
    compile examples/encoder_decoder.net "$work/$name" "$@"
    "$work/$name" train --quiet --data "$work" --epochs "$epochs" --threads "$threads" --out "$work/run-$name" ||
        die "$name: train failed with status $?"
}

train reference 1
if [ "$epochs" -gt 1 ]; then
    accuracy=$(result "$work/run-reference/metrics.jsonl" test accuracy) || exit 1
    at_least "share of the symbols" "$accuracy" 0.95
    epochs=2
    train short 1
else
    cp -r "$work/run-reference" "$work/run-short"
fi
for build in "v3 2 -march=x86-64-v3" "other 3 --backend=c -march=test-w4r16"; do
    # shellcheck disable=SC2086  # a list of words
    train $build
    cmp "$work/run-short/last.safetensors" "$work/run-${build%% *}/last.safetensors" || die "$build: other bits"
done

# A test part of zeros alone: nothing in it counts.
{
    printf '\0\0\10\2\0\0\23\210\0\0\0\6'
    head -c 30000 /dev/zero
} >"$work/nothing"
sed 's/test  = idx("words", "backwards")/test = idx("words", "nothing")/' examples/encoder_decoder.net >"$work/encoder_decoder.net"
compile "$work/encoder_decoder.net" "$work/nothing.trainer"
"$work/nothing.trainer" eval --data "$work" --weights "$work/run-reference/best.safetensors" >"$work/out" 2>&1
[ $? -eq 1 ] || die "a test part in which nothing counts does not end with status 1"
grep -q 'the test part has no loss: every label in it is ignored' "$work/out" || die "$(cat "$work/out")"

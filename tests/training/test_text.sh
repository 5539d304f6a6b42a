#!/bin/sh
# The text classifier learns the topics of made-up sentences, to the same bits by either back end, for either CPU, on any number of
# threads; bytes that are no characters of its alphabet are refused.
. tests/support/trainers.sh

python3 tests/support/texts.py "$work" || die "no texts"

# train NAME THREADS EPOCHS [OPTION...]: compiles the example with these options and trains it.
train() {
    name=$1 threads=$2 epochs=$3
    shift 3
    compile examples/text_cnn.net "$work/$name" "$@"
    "$work/$name" train --quiet --data "$work" --epochs "$epochs" --threads "$threads" --out "$work/run-$name" ||
        die "$name: train failed with status $?"
}

train first 1 1
for build in "c 3 1 --backend=c" "v3 2 1 -march=x86-64-v3" "other 3 1 --backend=c -march=test-w4r16"; do
    # shellcheck disable=SC2086  # a list of words
    train $build
    cmp "$work/run-first/last.safetensors" "$work/run-${build%% *}/last.safetensors" || die "$build: other bits"
    [ -z "${NETC_SANITIZE:-}" ] || break    # the arithmetic is the same
done
if [ -z "${NETC_SANITIZE:-}" ]; then
    train reference 2 8
    accuracy=$(result "$work/run-reference/metrics.jsonl" test accuracy) || exit 1
    at_least "accuracy on the test set" "$accuracy" 0.95
else
    train reference 2 1
fi

"$work/reference" predict --weights "$work/run-reference/best.safetensors" "$work/texts/test-texts-idx2-ubyte" >"$work/lines" ||
    die "predict failed with status $?"
[ "$(grep -c '"class":' "$work/lines")" -eq 160 ] || die "predict does not answer every text"

# refused COMMAND...: a text that holds the byte 200.
refused() {
    "$@" >"$work/out" 2>&1
    [ $? -eq 1 ] || die "$2: a byte that is no character does not end with status 1"
    grep -q 'record 1, element 2: expected 0 to 127, found 200' "$work/out" || die "$2: $(cat "$work/out")"
}

cd "$work" || exit 3
{
    printf '\0\0\10\2\0\0\0\2\0\0\0\100'
    printf '%064d%02d\310%061d' 0 0 0
} >bad
printf '\0\0\10\1\0\0\0\2\0\0' >topics
refused ./reference predict --weights run-reference/best.safetensors bad
cp bad texts/train-texts-idx2-ubyte
cp topics texts/train-topics-idx1-ubyte
refused ./reference train --quiet --out run-bad

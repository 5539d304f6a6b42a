#!/bin/sh
# The worked examples: nets with given weights, whose results are small enough to be found with a pencil. Every back end and
# precision must find exactly them.
. tests/support/trainers.sh

backends=c
if "$NETC" --version | grep -q '^back ends:.*llvm'; then backends="c llvm"; fi

# The examples have weights and nothing to learn. A run whose loss is 0 whatever they are writes them down as they are.
sections() {
    output=$(sed -n 's/^ *output \([a-z_]*\) .*/\1/p' "$1" | head -n 1)
    echo 'data { train = idx("images", "labels"); }'
    echo "train { loss = mse($output, $output); optimizer = sgd(lr = 0.1); batch = 1; epochs = 1; }"
}

# check NAME OPTION...
check() {
    name=$1
    shift
    compile "$work/$name.net" "$work/$name" -Wno-unused-border "$@"
    "$work/$name" train --quiet --data "$work" --out "$work/run" || die "$name: train failed with status $?"
    "$work/$name" predict --weights "$work/run/last.safetensors" "$work/images" >"$work/prediction" ||
        die "$name: predict failed with status $?"
    python3 tests/training/worked.py compare "examples/worked/$name.expect" "$work/prediction" || die "$name: $*"
    rm -rf "$work/run"
}

for net in examples/worked/*.net; do
    name=$(basename "$net" .net)
    echo "== $net"
    { cat "$net" && sections "$net"; } >"$work/$name.net"
    python3 tests/training/worked.py input "examples/worked/$name.input" "$work/images" "$work/labels" || die "$name: no input"
    for backend in $backends; do
        check "$name" --backend="$backend" --precision=f32
        check "$name" --backend="$backend" --precision=f64
    done
done

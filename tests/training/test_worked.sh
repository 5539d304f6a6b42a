#!/bin/sh
# The worked examples: nets with given weights, whose results and gradients are small enough to be found with a pencil. Each back end
# and precision must find them; that one back end has the bits of the other is shown elsewhere (tests/differential). What has no input
# is about sizes alone, which it asserts itself. Not on sanitized builds: they are slow and the arithmetic is the same.
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

backend=c
if "$NETC" --version | grep -q '^back ends:.*llvm'; then backend=llvm; fi

learns() { grep -q '^train {' "$1"; }

# An example that learns nothing gets a loss that is 0 whatever its weights are: a run writes them down as they are.
sections() {
    echo 'data { train = idx("images", "labels"); }'
    output=$(sed -n 's/^ *output \([a-z_]*\) .*/\1/p' "$1" | head -n 1)
    learns "$1" || echo "train { loss = mse($output, $output); optimizer = sgd(lr = 1); batch = 1; epochs = 1; }"
}

# run RATE: one step, into $work/run-RATE
run() {
    "$work/$name" train --quiet --data "$work" --out "$work/run-$1" --set "train.optimizer.lr=$1" ||
        die "$name: train failed with status $?"
}

# check NAME OPTION...
check() {
    name=$1
    shift
    compile "$work/$name.net" "$work/$name" -Wno-unused-border "$@"
    run 0
    "$work/$name" predict --raw --weights "$work/run-0/last.safetensors" "$work/images" >"$work/prediction" ||
        die "$name: predict failed with status $?"
    python3 tests/training/worked.py compare "examples/worked/$name.expect" "$work/prediction" || die "$name: $*"
    if learns "examples/worked/$name.net"; then
        run 1
        python3 tests/training/worked.py step "examples/worked/$name.expect" "$work/run-0/last.safetensors" \
            "$work/run-1/last.safetensors" "$work/run-1/metrics.jsonl" || die "$name: $*"
    fi
    rm -rf "$work"/run-*
}

for net in examples/worked/*.net; do
    name=$(basename "$net" .net)
    echo "== $net"
    if [ ! -f "examples/worked/$name.input" ]; then
        "$NETC" check -Werror "$net" || die "$name: check failed with status $?"
        continue
    fi
    { cat "$net" && sections "$net"; } >"$work/$name.net"
    python3 tests/training/worked.py input "examples/worked/$name.input" "$work/images" "$work/labels" || die "$name: no input"
    check "$name" --backend=c --precision=f64
    check "$name" --backend=$backend --precision=f32
done

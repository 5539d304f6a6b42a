#!/bin/sh
# LeNet-5 on real data: MNIST and Fashion-MNIST, ten epochs each, from the folders mnist and fashion-mnist of $NETC_DATA.
for set in mnist fashion-mnist; do
    if [ ! -f "${NETC_DATA:-}/$set/train-images-idx3-ubyte.gz" ]; then
        echo "no $set: set NETC_DATA to a folder with $set/train-images-idx3-ubyte.gz and its companions"
        exit 77
    fi
done
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

# reach SET ACCURACY: the net of examples/lenet5.net, its files from SET
reach() {
    sed "s|\"mnist/|\"$1/|g" examples/lenet5.net >"$work/$1.net"
    compile "$work/$1.net" "$work/$1"
    "$work/$1" train --quiet --data "$NETC_DATA" --out "$work/run-$1" || die "$1: train failed with status $?"
    accuracy=$(result "$work/run-$1/metrics.jsonl" test accuracy) || exit 1
    at_least "$1: accuracy on 10000 test images" "$accuracy" "$2"
}
reach mnist 0.986
reach fashion-mnist 0.885

#!/bin/sh
# LeNet-5 on real data: a part of MNIST, which must be in $NETC_DATA/mnist.
if [ ! -f "${NETC_DATA:-}/mnist/train-images-idx3-ubyte.gz" ]; then
    echo "no MNIST: set NETC_DATA to a folder with mnist/train-images-idx3-ubyte.gz and its companions"
    exit 77
fi
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

compile examples/lenet5.net "$work/lenet5"
"$work/lenet5" train --quiet --data "$NETC_DATA/mnist" --limit 10000 --epochs 3 --out "$work/run" || die "train failed with status $?"
accuracy=$(result "$work/run/metrics.jsonl" test accuracy) || exit 1
at_least "accuracy on 10000 test images" "$accuracy" 0.93
